/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-generic-event.h"

#include "base/bubus-json-writer-internal.h"
#include "bubus-json-value-internal.h"
#include "bubus-json-variant.h"
#include "bubus-result-json-internal.h"

/**
 * BubusGenericEvent:
 *
 * An event of any type, for which no class was written.
 *
 * Its payload is a JSON object whose members are kept as they were given, so that nothing is lost when an event of an
 * unknown type is read from JSON and written again. Everything else is as with any [class@Event]; handlers are found
 * by the event's type.
 *
 * Since: 1.0
 */

struct _BubusGenericEvent
{
  BubusEvent parent_instance;
};

G_DEFINE_FINAL_TYPE (BubusGenericEvent, bubus_generic_event, BUBUS_TYPE_EVENT)

static void
bubus_generic_event_class_init (BubusGenericEventClass *klass)
{
}

static void
bubus_generic_event_init (BubusGenericEvent *self)
{
}

/* Names that begin so are about the event itself (B-1.1). */
static gboolean
bubus_generic_event_is_payload_name (const char *name)
{
  return !g_str_has_prefix (name, "event_");
}

static const GArray *
bubus_generic_event_peek_members (BubusGenericEvent *self)
{
  const BubusEventExtras *extras = _bubus_event_get_private (BUBUS_EVENT (self))->extras;

  return extras != NULL ? extras->members : NULL;
}

static const BubusMember *
bubus_generic_event_find (BubusGenericEvent *self,
                          const char        *name)
{
  const GArray *members = bubus_generic_event_peek_members (self);

  for (guint i = 0; members != NULL && i < members->len; i++)
    {
      const BubusMember *member = &g_array_index (members, BubusMember, i);

      if (g_str_equal (member->name, name))
        return member;
    }
  return NULL;
}

static BubusEvent *
bubus_generic_event_create (const char *event_type)
{
  BubusEvent *self = g_object_new (BUBUS_TYPE_GENERIC_EVENT, NULL);

  _bubus_event_set_type_name (self, event_type);
  return self;
}

static gboolean
bubus_generic_event_add_variant (BubusEvent *self,
                                 const char *name,
                                 GVariant   *value)
{
  g_autoptr (BubusJson) json = NULL;

  g_return_val_if_fail (bubus_generic_event_is_payload_name (name), FALSE);

  json = bubus_json_new_from_variant (value);
  _bubus_event_add_member (self, name, json);
  return TRUE;
}

/**
 * bubus_generic_event_new: (constructor)
 * @event_type: the event type
 * @payload: (nullable): the payload, of the type `a{sv}`; when it is floating, it is consumed
 *
 * Makes an event of any type from a dictionary.
 *
 * Values become JSON as with [ctor@Json.new_from_variant]. Names must not begin with `event_`.
 *
 * Returns: (transfer full) (type BubusGenericEvent): the event
 *
 * Since: 1.0
 */
BubusEvent *
bubus_generic_event_new (const char *event_type,
                         GVariant   *payload)
{
  g_autoptr (GVariant) owned = NULL;
  BubusEvent *self;
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_return_val_if_fail (event_type != NULL && *event_type != '\0', NULL);
  g_return_val_if_fail (payload == NULL || g_variant_is_of_type (payload, G_VARIANT_TYPE_VARDICT), NULL);

  self = bubus_generic_event_create (event_type);
  if (payload == NULL)
    return self;

  owned = g_variant_ref_sink (payload);
  g_variant_iter_init (&iter, owned);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    bubus_generic_event_add_variant (self, name, value);
  return self;
}

static gboolean
bubus_generic_event_add_json (BubusEvent           *self,
                              const char           *text,
                              const BubusJsonSpan  *name_span,
                              const BubusJsonSpan  *span,
                              GHashTable           *names,
                              GError              **error)
{
  g_autofree char *name = _bubus_json_span_dup_string (name_span, NULL);
  g_autoptr (BubusJson) value = NULL;

  if (!bubus_generic_event_is_payload_name (name) || g_hash_table_contains (names, name))
    {
      _bubus_json_set_error (error, BUBUS_ERROR_INVALID_EVENT, text, name_span->start,
                             bubus_generic_event_is_payload_name (name)
                             ? "a member of this name is there already"
                             : "names of payload members must not begin with “event_”");
      return FALSE;
    }

  value = _bubus_json_new_from_span (span);
  _bubus_event_add_member (self, name, value);
  g_hash_table_add (names, g_steal_pointer (&name));
  return TRUE;
}

static gboolean
bubus_generic_event_add_members (BubusEvent  *self,
                                 BubusJson   *payload,
                                 GError     **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const char *text = bubus_json_get_text (payload);
  BubusJsonScanner scanner;
  BubusJsonSpan name, value;

  _bubus_json_scanner_init (&scanner, text, bubus_json_get_size (payload));
  if (!_bubus_json_scanner_enter (&scanner, BUBUS_JSON_KIND_OBJECT, error))
    return FALSE;
  while (_bubus_json_scanner_next_member (&scanner, &name, &value, error))
    if (!bubus_generic_event_add_json (self, text, &name, &value, names, error))
      return FALSE;
  return _bubus_json_scanner_finish (&scanner, error);
}

/**
 * bubus_generic_event_new_from_json: (constructor)
 * @event_type: the event type
 * @payload: the payload, an object
 * @error: (nullable): where to put what is wrong
 *
 * Makes an event of any type from a JSON object.
 *
 * Fails with %BUBUS_ERROR_INVALID_JSON when @payload is not an object, and with %BUBUS_ERROR_INVALID_EVENT when a name
 * is there twice or begins with `event_`.
 *
 * Returns: (transfer full) (type BubusGenericEvent): the event, or %NULL
 *
 * Since: 1.0
 */
BubusEvent *
bubus_generic_event_new_from_json (const char  *event_type,
                                   BubusJson   *payload,
                                   GError     **error)
{
  g_autoptr (BubusEvent) self = NULL;

  g_return_val_if_fail (event_type != NULL && *event_type != '\0', NULL);
  g_return_val_if_fail (payload != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = bubus_generic_event_create (event_type);
  return bubus_generic_event_add_members (self, payload, error) ? g_steal_pointer (&self) : NULL;
}

/**
 * bubus_generic_event_dup_payload_json:
 * @self: an event
 *
 * Gives the payload as a JSON object, with its members in the order in which they were given.
 *
 * Returns: (transfer full): the payload
 *
 * Since: 1.0
 */
BubusJson *
bubus_generic_event_dup_payload_json (BubusGenericEvent *self)
{
  g_autoptr (GString) out = NULL;
  const GArray *members;

  g_return_val_if_fail (BUBUS_IS_GENERIC_EVENT (self), NULL);

  out = g_string_new ("{");
  members = bubus_generic_event_peek_members (self);
  for (guint i = 0; members != NULL && i < members->len; i++)
    {
      const BubusMember *member = &g_array_index (members, BubusMember, i);

      if (!bubus_generic_event_is_payload_name (member->name))
        continue;
      if (out->len > 1)
        g_string_append_c (out, ',');
      _bubus_event_append_member (out, member);
    }
  g_string_append_c (out, '}');
  return _bubus_json_new_trusted (out->str, out->len);
}

/**
 * bubus_generic_event_dup_payload:
 * @self: an event
 * @error: (nullable): where to put what is wrong
 *
 * Gives the payload as a dictionary, with values as [method@Json.to_variant] reads them when no type is given.
 *
 * Fails with %BUBUS_ERROR_INVALID_JSON when the payload is deeper than a variant can be, or a text in it contains
 * U+0000.
 *
 * Returns: (transfer full): the payload, of the type `a{sv}`, or %NULL
 *
 * Since: 1.0
 */
GVariant *
bubus_generic_event_dup_payload (BubusGenericEvent  *self,
                                 GError            **error)
{
  g_autoptr (BubusJson) json = NULL;

  g_return_val_if_fail (BUBUS_IS_GENERIC_EVENT (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  json = bubus_generic_event_dup_payload_json (self);
  return bubus_json_to_variant (json, G_VARIANT_TYPE_VARDICT, error);
}

/**
 * bubus_generic_event_dup_member:
 * @self: an event
 * @name: the name of a member
 *
 * Gives one member of the payload.
 *
 * Returns: (transfer full) (nullable): the value, or %NULL when there is no such member
 *
 * Since: 1.0
 */
BubusJson *
bubus_generic_event_dup_member (BubusGenericEvent *self,
                                const char        *name)
{
  const BubusMember *member;

  g_return_val_if_fail (BUBUS_IS_GENERIC_EVENT (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  member = bubus_generic_event_is_payload_name (name) ? bubus_generic_event_find (self, name) : NULL;
  return member != NULL ? bubus_json_ref (member->value) : NULL;
}
