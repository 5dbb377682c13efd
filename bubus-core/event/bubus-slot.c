/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-slot-internal.h"

#include "base/bubus-error.h"
#include "event/bubus-json.h"

#define PROPERTY_FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static const char *
bubus_slot_intern_property_name (const char *member)
{
  g_autofree char *name = g_strdelimit (g_strdup (member), "_", '-');

  return g_intern_string (name);
}

static const char *
bubus_slot_intern_member_name (const char *property)
{
  g_autofree char *name = g_strdelimit (g_strdup (property), "-", '_');

  return g_intern_string (name);
}

static gboolean
bubus_slot_has_range (const BubusField *field)
{
  return field->maximum > field->minimum;
}

#define RANGE(field, type, lowest, highest)                             \
  bubus_slot_has_range (field) ? (type) (field)->minimum : (lowest),    \
  bubus_slot_has_range (field) ? (type) (field)->maximum : (highest),   \
  bubus_slot_has_range (field) && (field)->minimum > 0 ? (type) (field)->minimum : 0

static GParamSpec *
bubus_slot_create_number_pspec (const BubusField *field,
                                const char       *name)
{
  switch ((int) field->kind)
    {
    case BUBUS_FIELD_KIND_INT:
      return g_param_spec_int (name, NULL, NULL, RANGE (field, int, G_MININT, G_MAXINT), PROPERTY_FLAGS);
    case BUBUS_FIELD_KIND_UINT:
      return g_param_spec_uint (name, NULL, NULL, RANGE (field, guint, 0, G_MAXUINT), PROPERTY_FLAGS);
    case BUBUS_FIELD_KIND_INT64:
      return g_param_spec_int64 (name, NULL, NULL, RANGE (field, gint64, G_MININT64, G_MAXINT64), PROPERTY_FLAGS);
    case BUBUS_FIELD_KIND_UINT64:
      return g_param_spec_uint64 (name, NULL, NULL, RANGE (field, guint64, 0, G_MAXUINT64), PROPERTY_FLAGS);
    default:
      return g_param_spec_double (name, NULL, NULL, RANGE (field, double, -G_MAXDOUBLE, G_MAXDOUBLE), PROPERTY_FLAGS);
    }
}

static int
bubus_slot_get_first_enum_value (GType type)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);

  return ((GEnumClass *) klass)->values[0].value;
}

static GParamSpec *
bubus_slot_create_pspec (const BubusField *field,
                         const char       *name)
{
  const char *type_string = field->variant_type != NULL ? field->variant_type : "*";

  switch (field->kind)
    {
    case BUBUS_FIELD_KIND_BOOLEAN:
      return g_param_spec_boolean (name, NULL, NULL, FALSE, PROPERTY_FLAGS);
    case BUBUS_FIELD_KIND_INT:
    case BUBUS_FIELD_KIND_UINT:
    case BUBUS_FIELD_KIND_INT64:
    case BUBUS_FIELD_KIND_UINT64:
    case BUBUS_FIELD_KIND_DOUBLE:
      return bubus_slot_create_number_pspec (field, name);
    case BUBUS_FIELD_KIND_STRING:
      return g_param_spec_string (name, NULL, NULL, NULL, PROPERTY_FLAGS);
    case BUBUS_FIELD_KIND_STRV:
      return g_param_spec_boxed (name, NULL, NULL, G_TYPE_STRV, PROPERTY_FLAGS);
    case BUBUS_FIELD_KIND_VARIANT:
      return g_param_spec_variant (name, NULL, NULL, G_VARIANT_TYPE (type_string), NULL, PROPERTY_FLAGS);
    case BUBUS_FIELD_KIND_JSON:
      return g_param_spec_boxed (name, NULL, NULL, BUBUS_TYPE_JSON, PROPERTY_FLAGS);
    case BUBUS_FIELD_KIND_ENUM:
      return g_param_spec_enum (name, NULL, NULL, field->get_type (),
                                bubus_slot_get_first_enum_value (field->get_type ()), PROPERTY_FLAGS);
    case BUBUS_FIELD_KIND_FLAGS:
      return g_param_spec_flags (name, NULL, NULL, field->get_type (), 0, PROPERTY_FLAGS);
    case BUBUS_FIELD_KIND_BOXED:
      return g_param_spec_boxed (name, NULL, NULL, field->get_type (), PROPERTY_FLAGS);
    case BUBUS_FIELD_KIND_OBJECT:
      return g_param_spec_object (name, NULL, NULL, field->get_type (), PROPERTY_FLAGS);
    default:
      g_assert_not_reached ();
    }
}

void
_bubus_slot_init_from_field (BubusSlot        *self,
                             const BubusField *field)
{
  *self = (BubusSlot) {
    .pspec = bubus_slot_create_pspec (field, bubus_slot_intern_property_name (field->name)),
    .member = g_intern_string (field->name),
    .kind = field->kind,
    .offset = field->offset,
    .optional = field->optional,
    .minimum = field->minimum,
    .maximum = field->maximum,
    .variant_type = field->variant_type != NULL ? g_variant_type_new (field->variant_type) : NULL,
  };
}

void
_bubus_slot_init_from_pspec (BubusSlot  *self,
                             GParamSpec *pspec)
{
  *self = (BubusSlot) {
    .pspec = pspec,
    .member = bubus_slot_intern_member_name (pspec->name),
    .offset = -1,
    .optional = TRUE,
  };
}

/* @value is initialized to the property's type. */
void
_bubus_slot_get_value (const BubusSlot *self,
                       BubusEvent      *event,
                       GValue          *value)
{
  gpointer location;

  if (self->offset < 0)
    {
      g_object_get_property (G_OBJECT (event), self->pspec->name, value);
      return;
    }

  location = _bubus_slot_get_location (self, event);
  switch (self->kind)
    {
    case BUBUS_FIELD_KIND_BOOLEAN:
      g_value_set_boolean (value, *(gboolean *) location);
      break;
    case BUBUS_FIELD_KIND_INT:
      g_value_set_int (value, *(int *) location);
      break;
    case BUBUS_FIELD_KIND_UINT:
      g_value_set_uint (value, *(guint *) location);
      break;
    case BUBUS_FIELD_KIND_INT64:
      g_value_set_int64 (value, *(gint64 *) location);
      break;
    case BUBUS_FIELD_KIND_UINT64:
      g_value_set_uint64 (value, *(guint64 *) location);
      break;
    case BUBUS_FIELD_KIND_DOUBLE:
      g_value_set_double (value, *(double *) location);
      break;
    case BUBUS_FIELD_KIND_STRING:
      g_value_set_string (value, *(char **) location);
      break;
    case BUBUS_FIELD_KIND_VARIANT:
      g_value_set_variant (value, *(GVariant **) location);
      break;
    case BUBUS_FIELD_KIND_ENUM:
      g_value_set_enum (value, *(int *) location);
      break;
    case BUBUS_FIELD_KIND_FLAGS:
      g_value_set_flags (value, *(guint *) location);
      break;
    case BUBUS_FIELD_KIND_STRV:
    case BUBUS_FIELD_KIND_JSON:
    case BUBUS_FIELD_KIND_BOXED:
      g_value_set_boxed (value, *(gpointer *) location);
      break;
    case BUBUS_FIELD_KIND_OBJECT:
      g_value_set_object (value, *(gpointer *) location);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
bubus_slot_set_pointer (const BubusSlot *self,
                        BubusEvent      *event,
                        gpointer         pointer)
{
  _bubus_slot_clear (self, event);
  *(gpointer *) _bubus_slot_get_location (self, event) = pointer;
}

/* @value holds the property's type and has been validated against it. */
void
_bubus_slot_set_value (const BubusSlot *self,
                       BubusEvent      *event,
                       const GValue    *value)
{
  gpointer location;

  if (self->offset < 0)
    {
      g_object_set_property (G_OBJECT (event), self->pspec->name, value);
      return;
    }

  location = _bubus_slot_get_location (self, event);
  switch (self->kind)
    {
    case BUBUS_FIELD_KIND_BOOLEAN:
      *(gboolean *) location = g_value_get_boolean (value);
      break;
    case BUBUS_FIELD_KIND_INT:
      *(int *) location = g_value_get_int (value);
      break;
    case BUBUS_FIELD_KIND_UINT:
      *(guint *) location = g_value_get_uint (value);
      break;
    case BUBUS_FIELD_KIND_INT64:
      *(gint64 *) location = g_value_get_int64 (value);
      break;
    case BUBUS_FIELD_KIND_UINT64:
      *(guint64 *) location = g_value_get_uint64 (value);
      break;
    case BUBUS_FIELD_KIND_DOUBLE:
      *(double *) location = g_value_get_double (value);
      break;
    case BUBUS_FIELD_KIND_ENUM:
      *(int *) location = g_value_get_enum (value);
      break;
    case BUBUS_FIELD_KIND_FLAGS:
      *(guint *) location = g_value_get_flags (value);
      break;
    case BUBUS_FIELD_KIND_STRING:
      bubus_slot_set_pointer (self, event, g_value_dup_string (value));
      break;
    case BUBUS_FIELD_KIND_VARIANT:
      bubus_slot_set_pointer (self, event, g_value_dup_variant (value));
      break;
    case BUBUS_FIELD_KIND_STRV:
    case BUBUS_FIELD_KIND_JSON:
    case BUBUS_FIELD_KIND_BOXED:
      bubus_slot_set_pointer (self, event, g_value_dup_boxed (value));
      break;
    case BUBUS_FIELD_KIND_OBJECT:
      bubus_slot_set_pointer (self, event, g_value_dup_object (value));
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
bubus_slot_free_pointer (const BubusSlot *self,
                         gpointer         pointer)
{
  switch ((int) self->kind)
    {
    case BUBUS_FIELD_KIND_STRING:
      g_free (pointer);
      break;
    case BUBUS_FIELD_KIND_STRV:
      g_strfreev (pointer);
      break;
    case BUBUS_FIELD_KIND_VARIANT:
      g_variant_unref (pointer);
      break;
    case BUBUS_FIELD_KIND_JSON:
      bubus_json_unref (pointer);
      break;
    case BUBUS_FIELD_KIND_BOXED:
      g_boxed_free (self->pspec->value_type, pointer);
      break;
    case BUBUS_FIELD_KIND_OBJECT:
      g_object_unref (pointer);
      break;
    default:
      g_assert_not_reached ();
    }
}

static gboolean
bubus_slot_is_pointer (const BubusSlot *self)
{
  switch (self->kind)
    {
    case BUBUS_FIELD_KIND_STRING:
    case BUBUS_FIELD_KIND_STRV:
    case BUBUS_FIELD_KIND_VARIANT:
    case BUBUS_FIELD_KIND_JSON:
    case BUBUS_FIELD_KIND_BOXED:
    case BUBUS_FIELD_KIND_OBJECT:
      return self->offset >= 0;
    case BUBUS_FIELD_KIND_BOOLEAN:
    case BUBUS_FIELD_KIND_INT:
    case BUBUS_FIELD_KIND_UINT:
    case BUBUS_FIELD_KIND_INT64:
    case BUBUS_FIELD_KIND_UINT64:
    case BUBUS_FIELD_KIND_DOUBLE:
    case BUBUS_FIELD_KIND_ENUM:
    case BUBUS_FIELD_KIND_FLAGS:
    default:
      return FALSE;
    }
}

/* Frees what the member points to, if it points to something. */
void
_bubus_slot_clear (const BubusSlot *self,
                   BubusEvent      *event)
{
  gpointer *location;
  gpointer pointer;

  if (!bubus_slot_is_pointer (self))
    return;

  location = _bubus_slot_get_location (self, event);
  pointer = g_steal_pointer (location);
  if (pointer != NULL)
    bubus_slot_free_pointer (self, pointer);
}

static double
bubus_slot_get_number (const BubusSlot *self,
                       BubusEvent      *event)
{
  gpointer location = _bubus_slot_get_location (self, event);

  switch ((int) self->kind)
    {
    case BUBUS_FIELD_KIND_INT:
      return *(int *) location;
    case BUBUS_FIELD_KIND_UINT:
      return *(guint *) location;
    case BUBUS_FIELD_KIND_INT64:
      return *(gint64 *) location;
    case BUBUS_FIELD_KIND_UINT64:
      return *(guint64 *) location;
    case BUBUS_FIELD_KIND_DOUBLE:
      return *(double *) location;
    default:
      return 0;
    }
}

static gboolean
bubus_slot_validate_range (const BubusSlot *self,
                           BubusEvent      *event,
                           GError         **error)
{
  double number = bubus_slot_get_number (self, event);

  if (number >= self->minimum && number <= self->maximum)
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_EVENT,
               "“%s” of %s must lie between %g and %g, but is %g",
               self->member, G_OBJECT_TYPE_NAME (event), self->minimum, self->maximum, number);
  return FALSE;
}

static gboolean
bubus_slot_validate_pointer (const BubusSlot *self,
                             BubusEvent      *event,
                             GError         **error)
{
  gpointer pointer = *(gpointer *) _bubus_slot_get_location (self, event);

  if (pointer == NULL && !self->optional)
    {
      g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_EVENT,
                   "“%s” of %s is required", self->member, G_OBJECT_TYPE_NAME (event));
      return FALSE;
    }

  if (pointer != NULL && self->variant_type != NULL && !g_variant_is_of_type (pointer, self->variant_type))
    {
      g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_EVENT,
                   "“%s” of %s must have the type %.*s, but has %s", self->member, G_OBJECT_TYPE_NAME (event),
                   (int) g_variant_type_get_string_length (self->variant_type),
                   g_variant_type_peek_string (self->variant_type), g_variant_get_type_string (pointer));
      return FALSE;
    }

  return TRUE;
}

static gboolean
bubus_slot_is_ranged (const BubusSlot *self)
{
  return self->offset >= 0 && self->maximum > self->minimum;
}

/* Whether there are values that are not valid. */
gboolean
_bubus_slot_is_constrained (const BubusSlot *self)
{
  if (bubus_slot_is_pointer (self))
    return !self->optional || self->variant_type != NULL;
  return bubus_slot_is_ranged (self);
}

gboolean
_bubus_slot_validate (const BubusSlot *self,
                      BubusEvent      *event,
                      GError         **error)
{
  if (bubus_slot_is_pointer (self))
    return bubus_slot_validate_pointer (self, event, error);
  if (bubus_slot_is_ranged (self))
    return bubus_slot_validate_range (self, event, error);
  return TRUE;
}
