/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-payload-reader-internal.h"

#include <math.h>

#include "bubus-json-value-internal.h"

static BubusEntry *
bubus_event_reader_take_entry (BubusEventReader *self,
                               const char       *name,
                               guint            *hint)
{
  guint n_entries = self->entries->len;

  for (guint i = 0; i < n_entries; i++)
    {
      guint index = (*hint + i) % n_entries;
      BubusEntry *entry = &g_array_index (self->entries, BubusEntry, index);

      if (strncmp (name, entry->name, entry->length) == 0 && name[entry->length] == '\0')
        {
          entry->taken = TRUE;
          *hint = index + 1;
          return entry;
        }
    }
  return NULL;
}

/* null is the absence of a value. It is also what NaN is written as, which only a member without a range can hold. */
static gboolean
bubus_event_reader_read_null (const BubusSlot *slot,
                              GValue          *value,
                              gboolean        *unset)
{
  gboolean has_range = slot->maximum > slot->minimum;

  if (slot->offset >= 0 && slot->kind == BUBUS_FIELD_KIND_DOUBLE && !has_range)
    {
      g_value_set_double (value, NAN);
      return TRUE;
    }
  /* A property may have a default that is not NULL. */
  if (slot->offset < 0 && (G_VALUE_HOLDS_STRING (value) || G_VALUE_HOLDS (value, G_TYPE_STRV)))
    return TRUE;
  *unset = slot->optional;
  return *unset;
}

static gboolean
bubus_event_reader_check_range (const BubusSlot  *slot,
                                GValue           *value,
                                GError          **error)
{
  if (slot->offset >= 0 || !g_param_value_validate (slot->pspec, value))
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_EVENT, "“%s” is outside of what is accepted", slot->member);
  return FALSE;
}

/* FALSE in @set when the property keeps its default. */
static gboolean
bubus_event_reader_read_value (BubusEventReader  *self,
                               const BubusSlot   *slot,
                               const BubusEntry  *entry,
                               GValue            *value,
                               gboolean          *set,
                               GError           **error)
{
  BubusJsonPlace place = { self->text, slot->member, BUBUS_ERROR_INVALID_EVENT };
  gboolean is_null = entry->value.kind == BUBUS_JSON_KIND_NULL;
  gboolean unset = FALSE;

  g_value_init (value, slot->pspec->value_type);
  if (!(is_null && bubus_event_reader_read_null (slot, value, &unset)) &&
      !_bubus_json_value_read (&place, &entry->value, slot->variant_type, value, error))
    return FALSE;

  *set = !unset;
  if (unset || bubus_event_reader_check_range (slot, value, error))
    return TRUE;
  _bubus_json_prefix_position (error, self->text, entry->value.start);
  return FALSE;
}

static gboolean
bubus_event_reader_read_slot (BubusEventReader  *self,
                              const BubusSlot   *slot,
                              const BubusEntry  *entry,
                              GError           **error)
{
  g_auto (GValue) value = G_VALUE_INIT;
  gboolean set;

  /* Properties that are computed need not be taken over, and those of the construction have been. */
  if (!(slot->pspec->flags & G_PARAM_WRITABLE) || (slot->pspec->flags & G_PARAM_CONSTRUCT_ONLY))
    return TRUE;
  if (!bubus_event_reader_read_value (self, slot, entry, &value, &set, error))
    return FALSE;
  if (!set)
    return TRUE;

  _bubus_slot_set_value (slot, self->event, &value);
  if (_bubus_slot_validate (slot, self->event, error))
    return TRUE;
  _bubus_json_prefix_position (error, self->text, entry->value.start);
  return FALSE;
}

/* What can only be set when the event is made, of its class's @slots; @values has one for each of @names. */
static gboolean
bubus_event_reader_read_arguments (BubusEventReader  *self,
                                   GArray            *slots,
                                   GPtrArray         *names,
                                   GArray            *values,
                                   GError           **error)
{
  guint hint = 0;

  for (guint i = 0; i < slots->len; i++)
    {
      const BubusSlot *slot = &g_array_index (slots, BubusSlot, i);
      const BubusEntry *entry;
      GValue value = G_VALUE_INIT;
      gboolean set;

      if (!(slot->pspec->flags & G_PARAM_CONSTRUCT_ONLY) ||
          (entry = bubus_event_reader_take_entry (self, slot->member, &hint)) == NULL)
        continue;
      if (!bubus_event_reader_read_value (self, slot, entry, &value, &set, error))
        {
          g_value_unset (&value);
          return FALSE;
        }
      if (!set)
        {
          g_value_unset (&value);
          continue;
        }
      g_ptr_array_add (names, (gpointer) slot->pspec->name);
      g_array_append_val (values, value);
    }
  return TRUE;
}

static gboolean
bubus_event_type_takes_arguments (BubusEventType *type)
{
  for (guint i = 0; i < type->slots->len; i++)
    if (g_array_index (type->slots, BubusSlot, i).pspec->flags & G_PARAM_CONSTRUCT_ONLY)
      return TRUE;
  return FALSE;
}

/* Makes the event, of a class that has been registered. */
gboolean
_bubus_event_reader_construct (BubusEventReader  *self,
                               GType              gtype,
                               GError           **error)
{
  BubusEventType *type = _bubus_event_type_peek (gtype);
  g_autoptr (GPtrArray) names = NULL;
  g_autoptr (GArray) values = NULL;

  if (!bubus_event_type_takes_arguments (type))
    {
      self->event = g_object_new (gtype, NULL);
      return TRUE;
    }

  names = g_ptr_array_new ();
  values = g_array_new (FALSE, FALSE, sizeof (GValue));
  g_array_set_clear_func (values, (GDestroyNotify) g_value_unset);
  if (!bubus_event_reader_read_arguments (self, type->slots, names, values, error))
    return FALSE;
  self->event = BUBUS_EVENT (g_object_new_with_properties (gtype, names->len, (const char **) names->pdata,
                                                           (const GValue *) (gpointer) values->data));
  return TRUE;
}

static gboolean
bubus_event_reader_refuse_missing (BubusEventReader  *self,
                                   const BubusSlot   *slot,
                                   GError           **error)
{
  _bubus_json_set_error (error, BUBUS_ERROR_INVALID_EVENT, self->text, self->text,
                         "“%s” of %s is required", slot->member, bubus_event_get_event_type (self->event));
  return FALSE;
}

static gboolean
bubus_event_reader_read_slots (BubusEventReader  *self,
                               GError           **error)
{
  GArray *slots = _bubus_event_get_description (self->event)->slots;
  guint hint = 0;

  for (guint i = 0; i < slots->len; i++)
    {
      const BubusSlot *slot = &g_array_index (slots, BubusSlot, i);
      const BubusEntry *entry = bubus_event_reader_take_entry (self, slot->member, &hint);

      if (entry == NULL && !slot->optional)
        return bubus_event_reader_refuse_missing (self, slot, error);
      if (entry != NULL && !bubus_event_reader_read_slot (self, slot, entry, error))
        return FALSE;
    }
  return TRUE;
}

static void
bubus_event_reader_keep (BubusEventReader    *self,
                         const char          *name,
                         gsize                length,
                         const BubusJsonSpan *value)
{
  _bubus_event_take_member (self->event, g_strndup (name, length), _bubus_json_new_from_span (value));
}

/* Settings of other runtimes first, then what nobody knows. */
static void
bubus_event_reader_keep_members (BubusEventReader *self)
{
  for (int key = 0; key < BUBUS_N_EVENT_KEYS; key++)
    if (_bubus_event_reader_has (self, key) && (_bubus_event_key_is_foreign (key) || key == BUBUS_EVENT_KEY_SCHEMA))
      bubus_event_reader_keep (self, _bubus_event_key_names[key], strlen (_bubus_event_key_names[key]),
                               &self->known[key]);

  for (guint i = 0; i < self->entries->len; i++)
    {
      const BubusEntry *entry = &g_array_index (self->entries, BubusEntry, i);

      if (!entry->taken)
        bubus_event_reader_keep (self, entry->name, entry->length, &entry->value);
    }
}

/* What lies between properties is the class's business. */
static gboolean
bubus_event_reader_validate (BubusEventReader  *self,
                             GError           **error)
{
  BubusEventClass *klass = BUBUS_EVENT_GET_CLASS (self->event);

  if (klass->validate == NULL || klass->validate (self->event, error))
    return TRUE;

  if (error != NULL && *error == NULL)
    g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_EVENT, "%s does not accept the event",
                 G_OBJECT_TYPE_NAME (self->event));
  _bubus_json_prefix_position (error, self->text, self->text);
  return FALSE;
}

gboolean
_bubus_event_reader_read_payload (BubusEventReader  *self,
                                  GError           **error)
{
  if (!bubus_event_reader_read_slots (self, error))
    return FALSE;
  bubus_event_reader_keep_members (self);
  return bubus_event_reader_validate (self, error);
}
