/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-envelope-reader-internal.h"

#include "bubus-result-json-internal.h"
#include "bubus-result-schema-internal.h"

/* ---- what every event has ---- */

static gboolean
bubus_event_reader_read_id (BubusEventReader  *self,
                            BubusEventKey      key,
                            BubusUuid         *id,
                            GError           **error)
{
  BubusJsonPlace place = _bubus_event_reader_at (self, key);

  return _bubus_json_place_read_uuid (&place, &self->known[key], id, error);
}

static gboolean
bubus_event_reader_read_id_text (BubusEventReader  *self,
                                 BubusEventKey      key,
                                 char             **text,
                                 GError           **error)
{
  BubusUuid id;

  if (!_bubus_event_reader_has (self, key))
    return TRUE;
  if (!bubus_event_reader_read_id (self, key, &id, error))
    return FALSE;
  *text = g_malloc (BUBUS_UUID_TEXT_SIZE);
  _bubus_uuid_format (&id, *text);
  return TRUE;
}

static gboolean
bubus_event_reader_read_time (BubusEventReader  *self,
                              BubusEventKey      key,
                              gint64            *time_ns,
                              GError           **error)
{
  BubusJsonPlace place = _bubus_event_reader_at (self, key);

  return !_bubus_event_reader_has (self, key) ||
         _bubus_json_place_read_optional_time (&place, &self->known[key], time_ns, error);
}

gboolean
_bubus_event_reader_read_identity (BubusEventReader  *self,
                                   GError           **error)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self->event);
  g_autofree char *parent_id = NULL;
  BubusUuid id;

  if (_bubus_event_reader_has (self, BUBUS_EVENT_KEY_ID))
    {
      if (!bubus_event_reader_read_id (self, BUBUS_EVENT_KEY_ID, &id, error))
        return FALSE;
      _bubus_event_set_id (self->event, &id);
    }

  if (!bubus_event_reader_read_id_text (self, BUBUS_EVENT_KEY_PARENT_ID, &parent_id, error))
    return FALSE;
  if (parent_id != NULL)
    _bubus_event_ensure_extras (self->event)->parent_id_text = g_steal_pointer (&parent_id);

  return bubus_event_reader_read_time (self, BUBUS_EVENT_KEY_CREATED_AT, &priv->created_at, error);
}

static void
bubus_event_reader_set_version (BubusEventReader *self,
                                const char       *version)
{
  if (!g_str_equal (version, bubus_event_get_event_version (self->event)))
    _bubus_event_set_version (self->event, version);
}

/* “module.Class@version” of the original (B-1.7). */
static void
bubus_event_reader_read_schema (BubusEventReader *self)
{
  const BubusJsonSpan *span = &self->known[BUBUS_EVENT_KEY_SCHEMA];
  g_autofree char *schema = NULL;
  const char *at;

  if (span->kind != BUBUS_JSON_KIND_STRING || (span->flags & BUBUS_JSON_SPAN_NUL))
    return;
  schema = _bubus_json_span_dup_string (span, NULL);
  at = strrchr (schema, '@');
  if (at != NULL && at[1] != '\0')
    bubus_event_reader_set_version (self, at + 1);
}

static gboolean
bubus_event_reader_read_version (BubusEventReader  *self,
                                 GError           **error)
{
  BubusJsonPlace place = _bubus_event_reader_at (self, BUBUS_EVENT_KEY_VERSION);
  g_autofree char *version = NULL;

  if (!_bubus_event_reader_has (self, BUBUS_EVENT_KEY_VERSION))
    {
      if (_bubus_event_reader_has (self, BUBUS_EVENT_KEY_SCHEMA))
        bubus_event_reader_read_schema (self);
      return TRUE;
    }

  version = _bubus_json_place_dup_string (&place, &self->known[BUBUS_EVENT_KEY_VERSION], error);
  if (version != NULL)
    bubus_event_reader_set_version (self, version);
  return version != NULL;
}

static gboolean
bubus_event_reader_read_duration (BubusEventReader  *self,
                                  BubusEventKey      key,
                                  BubusEventTime     time,
                                  GError           **error)
{
  const BubusJsonSpan *span = &self->known[key];
  BubusJsonPlace place = _bubus_event_reader_at (self, key);
  double seconds;

  if (!_bubus_event_reader_has (self, key))
    return TRUE;
  if (!_bubus_json_span_get_double (span, &seconds) || seconds < 0)
    return _bubus_json_place_refuse (&place, span, "a number of seconds that is not negative, or null", error);
  if (seconds != _bubus_event_get_time (self->event, time))
    _bubus_event_set_time (self->event, time, seconds);
  return TRUE;
}

static gboolean
bubus_event_reader_read_mode (BubusEventReader  *self,
                              BubusEventKey      key,
                              BubusEventMode     mode,
                              GError           **error)
{
  const BubusJsonSpan *span = &self->known[key];
  BubusJsonPlace place = _bubus_event_reader_at (self, key);
  g_autofree char *nick = NULL;
  int value;

  if (!_bubus_event_reader_has (self, key))
    return TRUE;
  nick = _bubus_json_place_dup_string (&place, span, error);
  if (nick == NULL)
    return FALSE;
  value = _bubus_event_mode_from_nick (mode, nick);
  if (value == 0)
    return _bubus_json_place_refuse (&place, span, "a mode of this kind", error);
  if (value != _bubus_event_get_mode (self->event, mode))
    _bubus_event_set_mode (self->event, mode, value);
  return TRUE;
}

static gboolean
bubus_event_reader_read_handling (BubusEventReader  *self,
                                  GError           **error)
{
  return bubus_event_reader_read_duration (self, BUBUS_EVENT_KEY_TIMEOUT, BUBUS_EVENT_TIME_HANDLER, error) &&
         bubus_event_reader_read_duration (self, BUBUS_EVENT_KEY_SLOW_TIMEOUT, BUBUS_EVENT_TIME_SLOW_EVENT, error) &&
         bubus_event_reader_read_duration (self, BUBUS_EVENT_KEY_HANDLER_SLOW_TIMEOUT,
                                           BUBUS_EVENT_TIME_SLOW_HANDLER, error) &&
         bubus_event_reader_read_mode (self, BUBUS_EVENT_KEY_CONCURRENCY, BUBUS_EVENT_MODE_EVENTS, error) &&
         bubus_event_reader_read_mode (self, BUBUS_EVENT_KEY_HANDLER_CONCURRENCY, BUBUS_EVENT_MODE_HANDLERS, error) &&
         bubus_event_reader_read_mode (self, BUBUS_EVENT_KEY_HANDLER_COMPLETION, BUBUS_EVENT_MODE_COMPLETION, error);
}

static gboolean
bubus_event_reader_read_blocking (BubusEventReader  *self,
                                  GError           **error)
{
  const BubusJsonSpan *span = &self->known[BUBUS_EVENT_KEY_BLOCKS_PARENT_COMPLETION];
  BubusJsonPlace place = _bubus_event_reader_at (self, BUBUS_EVENT_KEY_BLOCKS_PARENT_COMPLETION);

  if (!_bubus_event_reader_has (self, BUBUS_EVENT_KEY_BLOCKS_PARENT_COMPLETION) ||
      span->kind == BUBUS_JSON_KIND_FALSE)
    return TRUE;
  if (span->kind != BUBUS_JSON_KIND_TRUE)
    return _bubus_json_place_refuse (&place, span, "a boolean", error);
  _bubus_event_set_flags (_bubus_event_get_private (self->event), BUBUS_EVENT_BLOCKING);
  return TRUE;
}

/* The text that the original wrote, as the schema that says the same (B-1.25). */
static BubusJson *
bubus_event_reader_translate_result_type (const BubusJsonSpan *span)
{
  g_autofree char *text = _bubus_json_span_dup_string (span, NULL);
  const char *schema = _bubus_result_schema_from_python (text);

  return schema != NULL ? _bubus_json_new_trusted (schema, strlen (schema)) : _bubus_json_new_from_span (span);
}

/* The schema of the class need not be kept. */
static gboolean
bubus_event_reader_is_class_schema (BubusEventReader *self,
                                    const BubusJson  *schema)
{
  BubusEventType *type = _bubus_event_get_description (self->event);
  g_autoptr (GString) own = NULL;

  if (type->result_gtype == G_TYPE_INVALID)
    return FALSE;
  own = g_string_new (NULL);
  _bubus_result_schema_append (own, type);
  return g_str_equal (own->str, bubus_json_get_text (schema));
}

static void
bubus_event_reader_read_result_type (BubusEventReader *self)
{
  const BubusJsonSpan *span = &self->known[BUBUS_EVENT_KEY_RESULT_TYPE];
  g_autoptr (BubusJson) schema = NULL;
  BubusEventExtras *extras;
  BubusJsonSpan kept = { .kind = BUBUS_JSON_KIND_OBJECT };

  if (!_bubus_event_reader_has (self, BUBUS_EVENT_KEY_RESULT_TYPE))
    return;

  schema = span->kind == BUBUS_JSON_KIND_STRING ? bubus_event_reader_translate_result_type (span)
                                                : _bubus_json_new_from_span (span);
  if (bubus_event_reader_is_class_schema (self, schema))
    return;

  kept.start = bubus_json_get_text (schema);
  kept.length = bubus_json_get_size (schema);
  extras = _bubus_event_ensure_extras (self->event);
  if (*kept.start == '{')
    extras->result_gtype = _bubus_result_schema_parse (&kept);
  extras->result_type = g_steal_pointer (&schema);
}

static gboolean
bubus_event_reader_read_pending_bus_count (BubusEventReader  *self,
                                           GError           **error)
{
  BubusJsonSpan *span = &self->known[BUBUS_EVENT_KEY_PENDING_BUS_COUNT];
  BubusJsonPlace place = _bubus_event_reader_at (self, BUBUS_EVENT_KEY_PENDING_BUS_COUNT);
  guint64 count = 0;

  if (!self->reset &&
      _bubus_event_reader_has (self, BUBUS_EVENT_KEY_PENDING_BUS_COUNT) &&
      !_bubus_json_span_get_uint64 (span, &count))
    return _bubus_json_place_refuse (&place, span, "a number of buses", error);

  /* None is what an event without a life says by itself; any other number is kept as a member. */
  if (count == 0)
    span->start = NULL;
  return TRUE;
}

gboolean
_bubus_event_reader_read_settings (BubusEventReader  *self,
                                   GError           **error)
{
  if (!bubus_event_reader_read_version (self, error) ||
      !bubus_event_reader_read_handling (self, error) ||
      !bubus_event_reader_read_blocking (self, error) ||
      !bubus_event_reader_read_pending_bus_count (self, error))
    return FALSE;
  bubus_event_reader_read_result_type (self);
  return TRUE;
}

/* ---- what happened to it ---- */

static gboolean
bubus_event_reader_read_path (BubusEventReader  *self,
                              GError           **error)
{
  BubusJsonPlace place = _bubus_event_reader_at (self, BUBUS_EVENT_KEY_PATH);
  g_auto (GStrv) path = NULL;

  if (!_bubus_event_reader_has (self, BUBUS_EVENT_KEY_PATH))
    return TRUE;
  path = _bubus_json_place_dup_strv (&place, &self->known[BUBUS_EVENT_KEY_PATH], error);
  if (path == NULL)
    return FALSE;
  if (path[0] != NULL)
    _bubus_event_ensure_extras (self->event)->path = g_steal_pointer (&path);
  return TRUE;
}

static gboolean
bubus_event_reader_read_emitter (BubusEventReader  *self,
                                 GError           **error)
{
  g_autofree char *handler_id = NULL;

  if (!bubus_event_reader_read_id_text (self, BUBUS_EVENT_KEY_EMITTED_BY_HANDLER_ID, &handler_id, error))
    return FALSE;
  if (handler_id != NULL)
    _bubus_event_ensure_extras (self->event)->emitted_by = g_steal_pointer (&handler_id);
  return TRUE;
}

/* An event without a status has got as far as its times tell (B-1.10). */
static gboolean
bubus_event_reader_read_status (BubusEventReader  *self,
                                GError           **error)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self->event);
  BubusJsonPlace place = _bubus_event_reader_at (self, BUBUS_EVENT_KEY_STATUS);
  guint status = self->completed_at != 0 ? BUBUS_EVENT_STATUS_COMPLETED
                 : priv->started_at != 0 ? BUBUS_EVENT_STATUS_STARTED
                                         : BUBUS_EVENT_STATUS_PENDING;

  if (_bubus_event_reader_has (self, BUBUS_EVENT_KEY_STATUS) &&
      !_bubus_json_place_read_nick (&place, &self->known[BUBUS_EVENT_KEY_STATUS], _bubus_event_status_names,
                                    G_N_ELEMENTS (_bubus_event_status_names), &status, error))
    return FALSE;

  if (status >= BUBUS_EVENT_STATUS_STARTED)
    _bubus_event_set_flags (priv, BUBUS_EVENT_SEALED | BUBUS_EVENT_STARTED);
  if (status == BUBUS_EVENT_STATUS_COMPLETED)
    _bubus_event_complete (self->event, self->completed_at);
  return TRUE;
}

static gboolean
bubus_event_reader_read_times (BubusEventReader  *self,
                               GError           **error)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self->event);
  gint64 processed_at = 0;

  if (!bubus_event_reader_read_time (self, BUBUS_EVENT_KEY_STARTED_AT, &priv->started_at, error) ||
      !bubus_event_reader_read_time (self, BUBUS_EVENT_KEY_COMPLETED_AT, &self->completed_at, error) ||
      !bubus_event_reader_read_time (self, BUBUS_EVENT_KEY_PROCESSED_AT, &processed_at, error))
    return FALSE;

  if (processed_at != 0 && self->completed_at == 0)
    self->completed_at = processed_at;
  if (processed_at != 0 && priv->started_at == 0)
    priv->started_at = processed_at;
  return TRUE;
}

static gboolean
bubus_event_reader_read_results (BubusEventReader  *self,
                                 GError           **error)
{
  return !_bubus_event_reader_has (self, BUBUS_EVENT_KEY_RESULTS) ||
         _bubus_event_read_results (self->event, self->text, &self->known[BUBUS_EVENT_KEY_RESULTS], error);
}

/* The status comes after everything that is read: it seals the event. */
gboolean
_bubus_event_reader_read_life (BubusEventReader  *self,
                               GError           **error)
{
  return bubus_event_reader_read_path (self, error) &&
         bubus_event_reader_read_emitter (self, error) &&
         bubus_event_reader_read_times (self, error) &&
         bubus_event_reader_read_results (self, error) &&
         bubus_event_reader_read_status (self, error);
}
