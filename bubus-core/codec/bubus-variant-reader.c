/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-json-value-internal.h"

/* json_gvariant_deserialize() of json-glib is not used: 300 becomes the byte 44 there, -1 an unsigned integer, a
 * string that is no object path a critical; and it does not know where in the text a value stood. */

/* GLib takes variants of 128 levels for normal; of these one is for what the containers hold. */
#define VARIANT_MAX_DEPTH 127

/* Where the reading of one value stands. */
typedef struct
{
  const BubusJsonPlace  *place;
  GError               **error;
  guint                  depth;  /* containers, dictionary entries and variants around the value */
} BubusVariantReader;

static GVariant *bubus_variant_reader_read (BubusVariantReader  *self,
                                            const BubusJsonSpan *span,
                                            const GVariantType  *type);

static GVariant *
bubus_variant_reader_refuse (BubusVariantReader  *self,
                             const BubusJsonSpan *span,
                             const char          *wanted,
                             const GVariantType  *type)
{
  _bubus_json_set_error (self->error, self->place->code, self->place->text, span->start,
                         "“%s” must be %s for the type “%.*s”, but is %s", self->place->name, wanted,
                         (int) g_variant_type_get_string_length (type), g_variant_type_peek_string (type),
                         _bubus_json_kind_get_name (span->kind));
  return NULL;
}

static GVariant *
bubus_variant_new_integer (char    type,
                           guint64 number)
{
  switch (type)
    {
    case 'y':
      return g_variant_new_byte ((guint8) number);
    case 'n':
      return g_variant_new_int16 ((gint16) number);
    case 'q':
      return g_variant_new_uint16 ((guint16) number);
    case 'i':
      return g_variant_new_int32 ((gint32) number);
    case 'h':
      return g_variant_new_handle ((gint32) number);
    case 'u':
      return g_variant_new_uint32 ((guint32) number);
    case 'x':
      return g_variant_new_int64 ((gint64) number);
    default:
      return g_variant_new_uint64 (number);
    }
}

static GVariant *
bubus_variant_reader_read_integer (BubusVariantReader  *self,
                                   const BubusJsonSpan *span,
                                   const GVariantType  *type)
{
  static const struct { char type; gint64 minimum; guint64 maximum; } ranges[] = {
    { 'y', 0, G_MAXUINT8 }, { 'n', G_MININT16, G_MAXINT16 }, { 'q', 0, G_MAXUINT16 },
    { 'i', G_MININT32, G_MAXINT32 }, { 'h', G_MININT32, G_MAXINT32 }, { 'u', 0, G_MAXUINT32 },
    { 'x', G_MININT64, G_MAXINT64 }, { 't', 0, G_MAXUINT64 },
  };
  char letter = *g_variant_type_peek_string (type);
  guint64 number;
  gint64 with_sign;
  guint i = 0;

  while (ranges[i].type != letter)
    i++;

  if (_bubus_json_span_get_uint64 (span, &number))
    {
      if (number <= ranges[i].maximum)
        return bubus_variant_new_integer (letter, number);
    }
  else if (_bubus_json_span_get_int64 (span, &with_sign) && with_sign >= ranges[i].minimum)
    {
      return bubus_variant_new_integer (letter, (guint64) with_sign);
    }
  return bubus_variant_reader_refuse (self, span, "an integer in range", type);
}

static GVariant *
bubus_variant_reader_read_text (BubusVariantReader  *self,
                                const BubusJsonSpan *span,
                                const GVariantType  *type)
{
  g_autofree char *string = _bubus_json_place_dup_string (self->place, span, self->error);

  if (string == NULL)
    return NULL;
  if (g_variant_type_equal (type, G_VARIANT_TYPE_STRING))
    return g_variant_new_take_string (g_steal_pointer (&string));
  if (g_variant_type_equal (type, G_VARIANT_TYPE_OBJECT_PATH))
    return g_variant_is_object_path (string) ? g_variant_new_object_path (string)
                                             : bubus_variant_reader_refuse (self, span, "an object path", type);
  return g_variant_is_signature (string) ? g_variant_new_signature (string)
                                         : bubus_variant_reader_refuse (self, span, "a signature", type);
}

/* The type that a value has by itself. */
static const GVariantType *
bubus_variant_reader_guess (const BubusJsonSpan *span)
{
  guint64 without_sign;
  gint64 with_sign;

  switch (span->kind)
    {
    case BUBUS_JSON_KIND_FALSE:
    case BUBUS_JSON_KIND_TRUE:
      return G_VARIANT_TYPE_BOOLEAN;
    case BUBUS_JSON_KIND_INTEGER:
      if (_bubus_json_span_get_int64 (span, &with_sign))
        return G_VARIANT_TYPE_INT64;
      if (_bubus_json_span_get_uint64 (span, &without_sign))
        return G_VARIANT_TYPE_UINT64;
      return G_VARIANT_TYPE_DOUBLE;
    case BUBUS_JSON_KIND_DOUBLE:
      return G_VARIANT_TYPE_DOUBLE;
    case BUBUS_JSON_KIND_STRING:
      return G_VARIANT_TYPE_STRING;
    case BUBUS_JSON_KIND_ARRAY:
      return G_VARIANT_TYPE ("av");
    case BUBUS_JSON_KIND_OBJECT:
      return G_VARIANT_TYPE_VARDICT;
    case BUBUS_JSON_KIND_NULL:
    default:
      return G_VARIANT_TYPE ("mv");
    }
}

static GVariant *
bubus_variant_reader_read_boxed (BubusVariantReader  *self,
                                 const BubusJsonSpan *span)
{
  GVariant *inner = bubus_variant_reader_read (self, span, bubus_variant_reader_guess (span));

  return inner != NULL ? g_variant_new_variant (inner) : NULL;
}

static GVariant *
bubus_variant_reader_read_maybe (BubusVariantReader  *self,
                                 const BubusJsonSpan *span,
                                 const GVariantType  *type)
{
  const GVariantType *element = g_variant_type_element (type);
  GVariant *inner;

  if (span->kind == BUBUS_JSON_KIND_NULL)
    return g_variant_new_maybe (element, NULL);

  inner = bubus_variant_reader_read (self, span, element);
  return inner != NULL ? g_variant_new_maybe (NULL, inner) : NULL;
}

/* The key of a dictionary entry, from a member's name. */
static GVariant *
bubus_variant_reader_read_member (BubusVariantReader  *self,
                                  const BubusJsonSpan *name,
                                  const BubusJsonSpan *value,
                                  const GVariantType  *type)
{
  g_autoptr (GVariant) key = NULL;
  GVariant *child;

  key = bubus_variant_reader_read_text (self, name, g_variant_type_key (type));
  if (key == NULL)
    return NULL;
  g_variant_ref_sink (key);

  self->depth++;
  child = bubus_variant_reader_read (self, value, g_variant_type_value (type));
  self->depth--;
  return child != NULL ? g_variant_new_dict_entry (key, child) : NULL;
}

/* Adds the members of an object as dictionary entries of @type. */
static gboolean
bubus_variant_reader_add_members (BubusVariantReader  *self,
                                  const BubusJsonSpan *span,
                                  const GVariantType  *type,
                                  GVariantBuilder     *builder)
{
  BubusJsonScanner scanner;
  BubusJsonSpan name, value;

  if (span->kind != BUBUS_JSON_KIND_OBJECT)
    return bubus_variant_reader_refuse (self, span, "an object", type) != NULL;

  _bubus_json_scanner_init_span (&scanner, self->place->text, span);
  _bubus_json_scanner_enter (&scanner, BUBUS_JSON_KIND_OBJECT, NULL);
  while (_bubus_json_scanner_next_member (&scanner, &name, &value, NULL))
    {
      GVariant *entry = bubus_variant_reader_read_member (self, &name, &value, type);

      if (entry == NULL)
        return FALSE;
      g_variant_builder_add_value (builder, entry);
    }
  return TRUE;
}

/* Adds the elements of an array: of one type each, or, when @is_tuple, of @type and those that follow it. */
static gboolean
bubus_variant_reader_add_elements (BubusVariantReader  *self,
                                   const BubusJsonSpan *span,
                                   const GVariantType  *type,
                                   gboolean             is_tuple,
                                   GVariantBuilder     *builder)
{
  BubusJsonScanner scanner;
  BubusJsonSpan element;

  _bubus_json_scanner_init_span (&scanner, self->place->text, span);
  _bubus_json_scanner_enter (&scanner, BUBUS_JSON_KIND_ARRAY, NULL);
  while (_bubus_json_scanner_next_element (&scanner, &element, NULL))
    {
      GVariant *child = type != NULL ? bubus_variant_reader_read (self, &element, type) : NULL;

      if (child == NULL)
        return FALSE;
      g_variant_builder_add_value (builder, child);
      if (is_tuple)
        type = g_variant_type_next (type);
    }
  return !is_tuple || type == NULL;
}

static GVariant *
bubus_variant_reader_read_array (BubusVariantReader  *self,
                                 const BubusJsonSpan *span,
                                 const GVariantType  *type)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (type);
  const GVariantType *element = g_variant_type_element (type);
  gboolean added;

  if (_bubus_variant_is_object (type))
    added = bubus_variant_reader_add_members (self, span, element, &builder);
  else if (span->kind == BUBUS_JSON_KIND_ARRAY)
    added = bubus_variant_reader_add_elements (self, span, element, FALSE, &builder);
  else
    added = bubus_variant_reader_refuse (self, span, "an array", type) != NULL;

  return added ? g_variant_builder_end (&builder) : NULL;
}

static guint
bubus_variant_reader_count (BubusVariantReader  *self,
                            const BubusJsonSpan *span)
{
  BubusJsonScanner scanner;
  BubusJsonSpan element;
  guint n_elements = 0;

  _bubus_json_scanner_init_span (&scanner, self->place->text, span);
  _bubus_json_scanner_enter (&scanner, BUBUS_JSON_KIND_ARRAY, NULL);
  while (_bubus_json_scanner_next_element (&scanner, &element, NULL))
    n_elements++;
  return n_elements;
}

/* Tuples, and dictionary entries that stand alone or have keys that are no text: arrays of a fixed length. */
static GVariant *
bubus_variant_reader_read_tuple (BubusVariantReader  *self,
                                 const BubusJsonSpan *span,
                                 const GVariantType  *type)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (type);

  if (span->kind != BUBUS_JSON_KIND_ARRAY ||
      bubus_variant_reader_count (self, span) != g_variant_type_n_items (type))
    return bubus_variant_reader_refuse (self, span, "an array with one element for each part", type);
  if (!bubus_variant_reader_add_elements (self, span, g_variant_type_first (type), TRUE, &builder))
    return NULL;
  return g_variant_builder_end (&builder);
}

/* A dictionary entry by itself is an object of one member. */
static GVariant *
bubus_variant_reader_read_entry (BubusVariantReader  *self,
                                 const BubusJsonSpan *span,
                                 const GVariantType  *type)
{
  BubusJsonScanner scanner;
  BubusJsonSpan name, value, next;

  if (span->kind != BUBUS_JSON_KIND_OBJECT)
    return bubus_variant_reader_refuse (self, span, "an object with one member", type);

  _bubus_json_scanner_init_span (&scanner, self->place->text, span);
  _bubus_json_scanner_enter (&scanner, BUBUS_JSON_KIND_OBJECT, NULL);
  if (!_bubus_json_scanner_next_member (&scanner, &name, &value, NULL) ||
      _bubus_json_scanner_next_member (&scanner, &next, &next, NULL))
    return bubus_variant_reader_refuse (self, span, "an object with one member", type);
  return bubus_variant_reader_read_member (self, &name, &value, type);
}

static GVariant *
bubus_variant_reader_read_basic (BubusVariantReader  *self,
                                 const BubusJsonSpan *span,
                                 const GVariantType  *type)
{
  double number;

  if (_bubus_variant_is_text (type))
    return bubus_variant_reader_read_text (self, span, type);

  if (g_variant_type_equal (type, G_VARIANT_TYPE_DOUBLE))
    return _bubus_json_span_get_double (span, &number)
           ? g_variant_new_double (number)
           : bubus_variant_reader_refuse (self, span, "a number in the range of a double", type);

  if (g_variant_type_equal (type, G_VARIANT_TYPE_BOOLEAN))
    return span->kind == BUBUS_JSON_KIND_TRUE || span->kind == BUBUS_JSON_KIND_FALSE
           ? g_variant_new_boolean (span->kind == BUBUS_JSON_KIND_TRUE)
           : bubus_variant_reader_refuse (self, span, "a boolean", type);

  return bubus_variant_reader_read_integer (self, span, type);
}

static GVariant *
bubus_variant_reader_read_container (BubusVariantReader  *self,
                                     const BubusJsonSpan *span,
                                     const GVariantType  *type)
{
  if (g_variant_type_is_variant (type))
    return bubus_variant_reader_read_boxed (self, span);
  if (g_variant_type_is_maybe (type))
    return bubus_variant_reader_read_maybe (self, span, type);
  if (g_variant_type_is_array (type))
    return bubus_variant_reader_read_array (self, span, type);
  if (g_variant_type_is_dict_entry (type) && _bubus_variant_is_object (type))
    return bubus_variant_reader_read_entry (self, span, type);
  return bubus_variant_reader_read_tuple (self, span, type);
}

/* Returns a floating reference, or NULL. @type is definite. */
static GVariant *
bubus_variant_reader_read (BubusVariantReader  *self,
                           const BubusJsonSpan *span,
                           const GVariantType  *type)
{
  GVariant *variant;

  if (g_variant_type_is_basic (type))
    return bubus_variant_reader_read_basic (self, span, type);

  if (self->depth >= VARIANT_MAX_DEPTH)
    return bubus_variant_reader_refuse (self, span, "less deep", type);

  self->depth++;
  variant = bubus_variant_reader_read_container (self, span, type);
  self->depth--;
  return variant;
}

/* A type that leaves something open accepts a value of the type that it has by itself, if that fits. */
static const GVariantType *
bubus_variant_reader_settle (BubusVariantReader  *self,
                             const BubusJsonSpan *span,
                             const GVariantType  *type)
{
  const GVariantType *guess;

  if (g_variant_type_is_definite (type))
    return type;

  guess = bubus_variant_reader_guess (span);
  if (g_variant_type_is_subtype_of (guess, type))
    return guess;

  bubus_variant_reader_refuse (self, span, "something else", type);
  return NULL;
}

/* Returns a reference that is not floating. A type of NULL accepts anything. */
GVariant *
_bubus_json_read_variant (const BubusJsonPlace  *place,
                          const BubusJsonSpan   *span,
                          const GVariantType    *type,
                          GError               **error)
{
  BubusVariantReader reader = { .place = place, .error = error };
  GVariant *variant;

  type = bubus_variant_reader_settle (&reader, span, type != NULL ? type : G_VARIANT_TYPE_ANY);
  if (type == NULL)
    return NULL;

  variant = bubus_variant_reader_read (&reader, span, type);
  return variant != NULL ? g_variant_ref_sink (variant) : NULL;
}
