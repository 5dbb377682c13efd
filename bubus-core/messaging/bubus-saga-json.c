/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-saga-private.h"

#include "base/bubus-error.h"
#include "base/bubus-json-scanner-internal.h"
#include "base/bubus-json-writer-internal.h"
#include "codec/bubus-event-json.h"

/* {"saga": name, "key_property": name, "instances": [{"key", "started_at", "deadline", "events": […]}]} */

static void
bubus_json_append_time (GString    *out,
                        const char *name,
                        gint64      time)
{
  g_autofree char *text = time != 0 ? bubus_time_to_iso8601 (time) : NULL;

  g_string_append_printf (out, ",\"%s\":", name);
  if (text != NULL)
    _bubus_json_append_string (out, text);
  else
    g_string_append (out, "null");
}

static void
bubus_saga_instance_append_json (BubusSagaInstance *self,
                                 GString           *out)
{
  g_string_append (out, "{\"key\":");
  _bubus_json_append_string (out, self->key);
  bubus_json_append_time (out, "started_at", self->started_at);
  bubus_json_append_time (out, "deadline", self->deadline);
  g_string_append (out, ",\"events\":[");
  for (guint i = 0; i < self->events->len; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      bubus_event_append_json (self->events->pdata[i], out);
    }
  g_string_append (out, "]}");
}

/**
 * bubus_saga_to_json:
 * @self: a saga
 *
 * Writes the instances, with their events.
 *
 * Returns: (transfer full): a JSON object for [method@Saga.restore]
 *
 * Since: 1.0
 */
BubusJson *
bubus_saga_to_json (BubusSaga *self)
{
  g_autoptr (GPtrArray) instances = NULL;
  g_autoptr (GString) out = NULL;

  g_return_val_if_fail (BUBUS_IS_SAGA (self), NULL);

  instances = bubus_saga_list_instances (self);
  out = g_string_new ("{\"saga\":");
  _bubus_json_append_string (out, bubus_saga_get_name (self));
  g_string_append (out, ",\"key_property\":");
  _bubus_json_append_string (out, bubus_saga_get_key_property (self));
  g_string_append (out, ",\"instances\":[");
  for (guint i = 0; i < instances->len; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      bubus_saga_instance_append_json (instances->pdata[i], out);
    }
  g_string_append (out, "]}");
  return bubus_json_new (out->str, out->len, NULL);
}

/* ---- reading ---- */

static gboolean
bubus_saga_refuse (GError     **error,
                   const char  *what)
{
  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_JSON, "Not what a saga has written: %s", what);
  return FALSE;
}

/* One member of an object, its value as a span; FALSE when there is none. The text has been checked before. */
static gboolean
bubus_json_find_member (const char          *text,
                        const BubusJsonSpan *object,
                        const char          *wanted,
                        BubusJsonSpan       *value)
{
  BubusJsonScanner scanner;
  BubusJsonSpan name;

  _bubus_json_scanner_init_span (&scanner, text, object);
  if (!_bubus_json_scanner_enter (&scanner, BUBUS_JSON_KIND_OBJECT, NULL))
    return FALSE;
  while (_bubus_json_scanner_next_member (&scanner, &name, value, NULL))
    if (_bubus_json_span_equals (&name, wanted))
      return TRUE;
  return FALSE;
}

static char *
bubus_json_dup_text_member (const char          *text,
                            const BubusJsonSpan *object,
                            const char          *name)
{
  BubusJsonSpan value;

  if (!bubus_json_find_member (text, object, name, &value) || value.kind != BUBUS_JSON_KIND_STRING
      || (value.flags & BUBUS_JSON_SPAN_NUL) != 0)
    return NULL;
  return _bubus_json_span_dup_string (&value, NULL);
}

static gboolean
bubus_json_read_time_member (const char           *text,
                             const BubusJsonSpan  *object,
                             const char           *name,
                             gint64               *time,
                             GError              **error)
{
  g_autofree char *written = NULL;
  BubusJsonSpan value;

  *time = 0;
  if (!bubus_json_find_member (text, object, name, &value))
    return bubus_saga_refuse (error, "an instance without a time");
  if (value.kind == BUBUS_JSON_KIND_NULL)
    return TRUE;

  written = bubus_json_dup_text_member (text, object, name);
  if (written == NULL)
    return bubus_saga_refuse (error, "a time that is no text");
  return bubus_time_from_iso8601 (written, time, error);
}

/* An event that this saga waits for, of the instance's key, of which there is only one. */
static gboolean
bubus_saga_read_event (BubusSaga            *self,
                       BubusSagaInstance    *instance,
                       const BubusJsonSpan  *span,
                       GError              **error)
{
  g_autoptr (BubusEvent) event = bubus_event_new_from_json (span->start, span->length, BUBUS_JSON_NONE, error);
  g_autofree char *key = event != NULL ? _bubus_saga_dup_key (self, event, error) : NULL;
  const char *event_type;

  if (key == NULL)
    return FALSE;

  event_type = bubus_event_get_event_type (event);
  if (!_bubus_saga_has_step (self, event_type))
    return bubus_saga_refuse (error, "an event that is no step");
  if (!g_str_equal (key, instance->key) || bubus_saga_instance_get_event (instance, event_type) != NULL)
    return bubus_saga_refuse (error, "an event that does not belong to its instance");

  g_ptr_array_add (instance->events, g_steal_pointer (&event));
  return TRUE;
}

static gboolean
bubus_saga_read_events (BubusSaga            *self,
                        BubusSagaInstance    *instance,
                        const char           *text,
                        const BubusJsonSpan  *object,
                        GError              **error)
{
  BubusJsonSpan events, event;
  BubusJsonScanner scanner;

  if (!bubus_json_find_member (text, object, "events", &events) || events.kind != BUBUS_JSON_KIND_ARRAY)
    return bubus_saga_refuse (error, "an instance without events");

  _bubus_json_scanner_init_span (&scanner, text, &events);
  if (!_bubus_json_scanner_enter (&scanner, BUBUS_JSON_KIND_ARRAY, error))
    return FALSE;
  while (_bubus_json_scanner_next_element (&scanner, &event, NULL))
    if (!bubus_saga_read_event (self, instance, &event, error))
      return FALSE;
  return TRUE;
}

static BubusSagaInstance *
bubus_saga_read_instance (BubusSaga            *self,
                          const char           *text,
                          const BubusJsonSpan  *object,
                          GError              **error)
{
  g_autoptr (BubusSagaInstance) instance = NULL;
  g_autofree char *key = NULL;
  gint64 started_at, deadline;

  key = object->kind == BUBUS_JSON_KIND_OBJECT ? bubus_json_dup_text_member (text, object, "key") : NULL;
  if (key == NULL)
    {
      bubus_saga_refuse (error, "an instance without a key");
      return NULL;
    }
  if (!bubus_json_read_time_member (text, object, "started_at", &started_at, error)
      || !bubus_json_read_time_member (text, object, "deadline", &deadline, error))
    return NULL;

  instance = _bubus_saga_instance_new (key, started_at, deadline);
  if (!bubus_saga_read_events (self, instance, text, object, error))
    return NULL;
  return g_steal_pointer (&instance);
}

static gboolean
bubus_saga_check_key (BubusSaga   *self,
                      GHashTable  *keys,
                      char        *key,
                      GError     **error)
{
  if (_bubus_saga_find (self, key) == NULL && g_hash_table_add (keys, key))
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_CONFLICT, "The saga “%s” has an instance of “%s” already",
               bubus_saga_get_name (self), key);
  return FALSE;
}

static gboolean
bubus_saga_read_instances (BubusSaga            *self,
                           const char           *text,
                           const BubusJsonSpan  *list,
                           GPtrArray            *instances,
                           GError              **error)
{
  g_autoptr (GHashTable) keys = g_hash_table_new (g_str_hash, g_str_equal);
  BubusJsonScanner scanner;
  BubusJsonSpan object;

  _bubus_json_scanner_init_span (&scanner, text, list);
  if (!_bubus_json_scanner_enter (&scanner, BUBUS_JSON_KIND_ARRAY, error))
    return FALSE;
  while (_bubus_json_scanner_next_element (&scanner, &object, NULL))
    {
      BubusSagaInstance *instance = bubus_saga_read_instance (self, text, &object, error);

      if (instance == NULL)
        return FALSE;
      g_ptr_array_add (instances, instance);
      if (!bubus_saga_check_key (self, keys, instance->key, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * bubus_saga_restore:
 * @self: a saga with the same steps
 * @json: what [method@Saga.to_json] has written
 * @error: (nullable): where to put what is wrong
 *
 * Adds the instances that were written. Those whose time is over by now are aborted presently.
 *
 * Fails with %BUBUS_ERROR_INVALID_JSON when it is something else, or does not fit the steps, and with
 * %BUBUS_ERROR_CONFLICT when there is an instance of a key already. Then nothing is added.
 *
 * Returns: whether all were added
 *
 * Since: 1.0
 */
gboolean
bubus_saga_restore (BubusSaga  *self,
                    BubusJson  *json,
                    GError    **error)
{
  g_autoptr (GPtrArray) instances = NULL;
  BubusJsonScanner scanner;
  BubusJsonSpan document, list;
  const char *text;

  g_return_val_if_fail (BUBUS_IS_SAGA (self), FALSE);
  g_return_val_if_fail (json != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  text = bubus_json_get_text (json);
  _bubus_json_scanner_init (&scanner, text, bubus_json_get_size (json));
  if (!_bubus_json_scanner_read_document (&scanner, &document, error))
    return FALSE;
  if (document.kind != BUBUS_JSON_KIND_OBJECT || !bubus_json_find_member (text, &document, "instances", &list)
      || list.kind != BUBUS_JSON_KIND_ARRAY)
    return bubus_saga_refuse (error, "no instances");

  instances = g_ptr_array_new_with_free_func (g_object_unref);
  if (!bubus_saga_read_instances (self, text, &list, instances, error))
    return FALSE;

  for (guint i = 0; i < instances->len; i++)
    _bubus_saga_adopt (self, instances->pdata[i]);
  return TRUE;
}
