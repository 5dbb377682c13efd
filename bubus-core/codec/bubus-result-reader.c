/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-result-json-internal.h"

#include "bubus-json-value-internal.h"
#include "bubus-recorded-error-internal.h"

/* Nobody forwards an event over so many buses; it keeps hostile texts from costing quadratic time. */
#define MAX_BUSES 256

/* For what a result does not say about who made it. */
#define UNNAMED_HANDLER "anonymous"
#define UNNAMED_BUS "EventBus"

/* A result on its way from the text to its visit's array. */
typedef struct
{
  BubusHandlerInfo    *handler;
  BubusRestoredResult *restored;
  GValue               value;
  gint64               started_at;
  gint64               completed_at;
  BubusChild          *children;
  BubusResultStatus    status;
} BubusReadResult;

typedef struct
{
  BubusEvent     *event;
  BubusEventType *type;
  BubusJsonPlace  place;
  GPtrArray      *buses;        /* of BubusBusInfo, in order of their first result */
  GArray         *results;      /* of BubusReadResult */
  GHashTable     *handler_ids;  /* of BubusUuid in handler records, when there are several results */
} BubusResultReader;

static void
bubus_read_result_clear (BubusReadResult *self)
{
  g_clear_pointer (&self->handler, _bubus_handler_info_unref);
  g_clear_pointer (&self->restored, g_free);
  g_clear_pointer (&self->children, _bubus_children_free);
  if (G_IS_VALUE (&self->value))
    g_value_unset (&self->value);
}

static void
bubus_result_reader_init (BubusResultReader *self,
                          BubusEvent        *event,
                          const char        *text)
{
  *self = (BubusResultReader) { .event = event, .type = _bubus_event_get_description (event) };
  self->place = (BubusJsonPlace) { text, NULL, BUBUS_ERROR_INVALID_JSON };
  self->buses = g_ptr_array_new_with_free_func ((GDestroyNotify) _bubus_bus_info_unref);
  self->results = g_array_new (FALSE, TRUE, sizeof (BubusReadResult));
  g_array_set_clear_func (self->results, (GDestroyNotify) bubus_read_result_clear);
}

static void
bubus_result_reader_clear (BubusResultReader *self)
{
  g_clear_pointer (&self->handler_ids, g_hash_table_unref);
  g_clear_pointer (&self->results, g_array_unref);
  g_clear_pointer (&self->buses, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BubusResultReader, bubus_result_reader_clear)

static const BubusJsonPlace *
bubus_result_reader_at (BubusResultReader *self,
                        BubusResultKey     key)
{
  self->place.name = _bubus_result_key_names[key];
  return &self->place;
}

static gboolean
bubus_result_reader_complain (BubusResultReader    *self,
                              const BubusJsonSpan  *span,
                              const char           *complaint,
                              GError              **error)
{
  _bubus_json_set_error (error, BUBUS_ERROR_INVALID_JSON, self->place.text, span->start, "%s", complaint);
  return FALSE;
}

/* ---- one result ---- */

static void
bubus_result_reader_append_span (GString             *out,
                                 const char          *name,
                                 const BubusJsonSpan *value)
{
  g_string_append_printf (out, ",\"%s\":", name);
  if (value->start != NULL)
    _bubus_json_span_append (value, out);
  else
    g_string_append (out, "null");
}

static gboolean
bubus_result_reader_is_set (const BubusJsonSpan *span)
{
  return span->start != NULL && span->kind != BUBUS_JSON_KIND_NULL;
}

/* Sorts the members of a result: those that are known into @values, by key, the others into @unknown, as text. */
static void
bubus_result_reader_collect (BubusResultReader    *self,
                             const BubusJsonSpan  *span,
                             BubusJsonSpan         values[BUBUS_N_RESULT_KEYS],
                             GString             **unknown)
{
  BubusJsonScanner scanner;
  BubusJsonSpan name, value;
  int hint = 0;

  _bubus_json_scanner_init_span (&scanner, self->place.text, span);
  _bubus_json_scanner_enter (&scanner, BUBUS_JSON_KIND_OBJECT, NULL);
  while (_bubus_json_scanner_next_member (&scanner, &name, &value, NULL))
    {
      g_autofree char *owned = NULL;
      gsize length;
      const char *text = _bubus_json_span_peek_name (&name, &owned, &length);
      int key = _bubus_json_find_key (_bubus_result_key_names, BUBUS_N_RESULT_KEYS, text, length, hint);

      if (key >= 0)
        {
          values[key] = value;
          hint = key + 1 < BUBUS_N_RESULT_KEYS ? key + 1 : 0;
          continue;
        }
      if (*unknown == NULL)
        *unknown = g_string_new (NULL);
      g_string_append_c (*unknown, ',');
      _bubus_json_span_append (&name, *unknown);
      g_string_append_c (*unknown, ':');
      _bubus_json_span_append (&value, *unknown);
    }
}

/* NULL when the record says everything: then its id follows from the event and the handler. */
static BubusRestoredResult *
bubus_restored_result_new (const BubusUuid *id,
                           const GString   *timeouts,
                           const GString   *unknown)
{
  gsize timeouts_length = timeouts != NULL ? timeouts->len : 0;
  gsize unknown_length = unknown != NULL ? unknown->len : 0;
  BubusRestoredResult *self = g_malloc (sizeof (BubusRestoredResult) + timeouts_length + unknown_length + 1);

  self->id = *id;
  self->timeouts_length = timeouts_length;
  if (timeouts != NULL)
    memcpy (self->text, timeouts->str, timeouts_length);
  if (unknown != NULL)
    memcpy (self->text + timeouts_length, unknown->str, unknown_length);
  self->text[timeouts_length + unknown_length] = '\0';
  return self;
}

static gboolean
bubus_result_reader_restore (BubusResultReader    *self,
                             const BubusJsonSpan   values[BUBUS_N_RESULT_KEYS],
                             const GString        *unknown,
                             BubusReadResult      *result,
                             GError              **error)
{
  const BubusJsonSpan *timeout = &values[BUBUS_RESULT_KEY_HANDLER_TIMEOUT];
  const BubusJsonSpan *slow_timeout = &values[BUBUS_RESULT_KEY_HANDLER_SLOW_TIMEOUT];
  const BubusJsonSpan *id_span = &values[BUBUS_RESULT_KEY_ID];
  g_autoptr (GString) timeouts = NULL;
  BubusEventPrivate *priv = _bubus_event_get_private (self->event);
  BubusUuid id;

  if (bubus_result_reader_is_set (timeout) || bubus_result_reader_is_set (slow_timeout))
    {
      timeouts = g_string_new (NULL);
      bubus_result_reader_append_span (timeouts, "handler_timeout", timeout);
      bubus_result_reader_append_span (timeouts, "handler_slow_timeout", slow_timeout);
    }

  if (!bubus_result_reader_is_set (id_span))
    _bubus_uuid_init_derived (&id, priv->created_at, &priv->id, _bubus_handler_info_get_id (result->handler));
  else if (!_bubus_json_place_read_uuid (bubus_result_reader_at (self, BUBUS_RESULT_KEY_ID), id_span, &id, error))
    return FALSE;

  result->restored = bubus_restored_result_new (&id, timeouts, unknown);
  return TRUE;
}

/* One record for each bus, so that results of one bus come together. */
static BubusBusInfo *
bubus_result_reader_ensure_bus (BubusResultReader    *self,
                                const BubusJsonSpan  *span,
                                const BubusUuid      *id,
                                const char           *name,
                                GError              **error)
{
  BubusBusInfo *bus;

  for (guint i = 0; i < self->buses->len; i++)
    {
      bus = self->buses->pdata[i];
      if (_bubus_uuid_equal (&bus->id, id) && g_str_equal (bus->name, name))
        return bus;
    }

  if (self->buses->len == MAX_BUSES)
    {
      bubus_result_reader_complain (self, span, "there are results of too many buses", error);
      return NULL;
    }
  bus = _bubus_bus_info_new (id, name);
  g_ptr_array_add (self->buses, bus);
  return bus;
}

static BubusBusInfo *
bubus_result_reader_read_bus (BubusResultReader    *self,
                              const BubusJsonSpan  *span,
                              const BubusJsonSpan   values[BUBUS_N_RESULT_KEYS],
                              GError              **error)
{
  const BubusJsonSpan *id_span = &values[BUBUS_RESULT_KEY_EVENTBUS_ID];
  const BubusJsonSpan *name_span = &values[BUBUS_RESULT_KEY_EVENTBUS_NAME];
  g_autofree char *name = NULL;
  BubusUuid id = { { 0 } };

  if (bubus_result_reader_is_set (id_span) &&
      !_bubus_json_place_read_uuid (bubus_result_reader_at (self, BUBUS_RESULT_KEY_EVENTBUS_ID), id_span, &id, error))
    return NULL;
  if (bubus_result_reader_is_set (name_span) &&
      !_bubus_json_place_read_optional_string (bubus_result_reader_at (self, BUBUS_RESULT_KEY_EVENTBUS_NAME),
                                               name_span, &name, error))
    return NULL;
  return bubus_result_reader_ensure_bus (self, span, &id, name != NULL ? name : UNNAMED_BUS, error);
}

static gboolean
bubus_result_reader_read_text (BubusResultReader    *self,
                               const BubusJsonSpan   values[BUBUS_N_RESULT_KEYS],
                               BubusResultKey        key,
                               char                **text,
                               GError              **error)
{
  return values[key].start == NULL ||
         _bubus_json_place_read_optional_string (bubus_result_reader_at (self, key), &values[key], text, error);
}

static gboolean
bubus_result_reader_read_time (BubusResultReader    *self,
                               const BubusJsonSpan   values[BUBUS_N_RESULT_KEYS],
                               BubusResultKey        key,
                               gint64               *time_ns,
                               GError              **error)
{
  return values[key].start == NULL ||
         _bubus_json_place_read_optional_time (bubus_result_reader_at (self, key), &values[key], time_ns, error);
}

/* The id that a result says, or else the one that it is filed under; both must be the same. */
static gboolean
bubus_result_reader_read_handler_id (BubusResultReader    *self,
                                     const BubusJsonSpan  *span,
                                     const BubusJsonSpan  *name,
                                     const BubusJsonSpan  *said,
                                     BubusUuid            *id,
                                     GError              **error)
{
  const BubusJsonPlace *place = bubus_result_reader_at (self, BUBUS_RESULT_KEY_HANDLER_ID);
  gboolean says = bubus_result_reader_is_set (said);
  BubusUuid filed;

  if (says && !_bubus_json_place_read_uuid (place, said, id, error))
    return FALSE;
  if (name != NULL && !_bubus_json_place_read_uuid (place, name, says ? &filed : id, error))
    return FALSE;
  if (!says && name == NULL)
    return bubus_result_reader_complain (self, span, "a result has no “handler_id”", error);
  if (says && name != NULL && !_bubus_uuid_equal (&filed, id))
    return bubus_result_reader_complain (self, said, "“handler_id” is not what the result is named by", error);
  return TRUE;
}

static gboolean
bubus_result_reader_read_handler (BubusResultReader    *self,
                                  const BubusJsonSpan  *span,
                                  const BubusJsonSpan  *name,
                                  const BubusJsonSpan   values[BUBUS_N_RESULT_KEYS],
                                  BubusReadResult      *result,
                                  GError              **error)
{
  g_autofree char *handler_name = NULL, *file_path = NULL, *pattern = NULL;
  BubusBusInfo *bus = bubus_result_reader_read_bus (self, span, values, error);
  gint64 registered_at = 0;
  BubusUuid id;

  if (bus == NULL ||
      !bubus_result_reader_read_handler_id (self, span, name, &values[BUBUS_RESULT_KEY_HANDLER_ID], &id, error) ||
      !bubus_result_reader_read_text (self, values, BUBUS_RESULT_KEY_HANDLER_NAME, &handler_name, error) ||
      !bubus_result_reader_read_text (self, values, BUBUS_RESULT_KEY_HANDLER_FILE_PATH, &file_path, error) ||
      !bubus_result_reader_read_text (self, values, BUBUS_RESULT_KEY_HANDLER_EVENT_PATTERN, &pattern, error) ||
      !bubus_result_reader_read_time (self, values, BUBUS_RESULT_KEY_HANDLER_REGISTERED_AT, &registered_at, error))
    return FALSE;

  result->handler = _bubus_handler_info_new_with_id (bus, handler_name != NULL ? handler_name : UNNAMED_HANDLER,
                                                     pattern != NULL ? pattern
                                                                     : bubus_event_get_event_type (self->event),
                                                     file_path, registered_at, &id);
  return TRUE;
}

static gboolean
bubus_result_reader_read_status (BubusResultReader    *self,
                                 const BubusJsonSpan  *span,
                                 BubusReadResult      *result,
                                 GError              **error)
{
  guint status = BUBUS_RESULT_STATUS_PENDING;

  if (bubus_result_reader_is_set (span) &&
      !_bubus_json_place_read_nick (bubus_result_reader_at (self, BUBUS_RESULT_KEY_STATUS), span,
                                    _bubus_result_status_names, G_N_ELEMENTS (_bubus_result_status_names),
                                    &status, error))
    return FALSE;
  result->status = status;
  return TRUE;
}

/* The value is of the type that the class declares, when it can be that; else of the type that JSON suggests. */
static void
bubus_result_reader_read_value (BubusResultReader   *self,
                                const BubusJsonSpan *span,
                                GValue              *value)
{
  GType type = self->type->result_gtype;

  if (span->start == NULL || span->kind == BUBUS_JSON_KIND_NULL)
    return;

  if (type != G_TYPE_INVALID && _bubus_json_value_has_form (type))
    {
      g_value_init (value, type);
      if (_bubus_json_value_read (bubus_result_reader_at (self, BUBUS_RESULT_KEY_RESULT), span,
                                  self->type->result_variant_type, value, NULL))
        return;
      g_value_unset (value);
    }
  _bubus_json_value_read_plain (span, value);
}

/* A result with an error has failed, and one that has failed has an error, even if that says nothing. */
static gboolean
bubus_result_reader_read_outcome (BubusResultReader    *self,
                                  const BubusJsonSpan   values[BUBUS_N_RESULT_KEYS],
                                  BubusReadResult      *result,
                                  GError              **error)
{
  const BubusJsonSpan *span = &values[BUBUS_RESULT_KEY_ERROR];
  const BubusJsonSpan silence = { "{}", 2, BUBUS_JSON_KIND_OBJECT, 0 };
  GError *failure;

  if (bubus_result_reader_is_set (span))
    result->status = BUBUS_RESULT_STATUS_ERROR;
  else
    span = &silence;

  if (result->status != BUBUS_RESULT_STATUS_ERROR)
    {
      if (result->status == BUBUS_RESULT_STATUS_COMPLETED)
        bubus_result_reader_read_value (self, &values[BUBUS_RESULT_KEY_RESULT], &result->value);
      return TRUE;
    }

  failure = _bubus_recorded_error_read (bubus_result_reader_at (self, BUBUS_RESULT_KEY_ERROR), span, error);
  if (failure != NULL)
    g_value_take_boxed (g_value_init (&result->value, G_TYPE_ERROR), failure);
  return failure != NULL;
}

static gboolean
bubus_result_reader_read_children (BubusResultReader    *self,
                                   const BubusJsonSpan  *span,
                                   BubusReadResult      *result,
                                   GError              **error)
{
  const BubusJsonPlace *place = bubus_result_reader_at (self, BUBUS_RESULT_KEY_EVENT_CHILDREN);
  BubusJsonScanner scanner;
  BubusJsonSpan element;

  if (!bubus_result_reader_is_set (span))
    return TRUE;
  if (span->kind != BUBUS_JSON_KIND_ARRAY)
    return _bubus_json_place_refuse (place, span, "an array of UUIDs", error);

  _bubus_json_scanner_init_span (&scanner, place->text, span);
  _bubus_json_scanner_enter (&scanner, BUBUS_JSON_KIND_ARRAY, NULL);
  while (_bubus_json_scanner_next_element (&scanner, &element, NULL))
    {
      BubusUuid id;

      if (!_bubus_json_place_read_uuid (place, &element, &id, error))
        return FALSE;
      _bubus_children_append (&result->children, &id);
    }
  return TRUE;
}

static gboolean
bubus_result_reader_check_event_id (BubusResultReader    *self,
                                    const BubusJsonSpan  *span,
                                    GError              **error)
{
  BubusUuid id;

  if (!bubus_result_reader_is_set (span))
    return TRUE;
  if (!_bubus_json_place_read_uuid (bubus_result_reader_at (self, BUBUS_RESULT_KEY_EVENT_ID), span, &id, error))
    return FALSE;
  return _bubus_uuid_equal (&id, &_bubus_event_get_private (self->event)->id) ||
         bubus_result_reader_complain (self, span, "the result is of another event", error);
}

/* A handler has one result. */
static gboolean
bubus_result_reader_check_unique (BubusResultReader    *self,
                                  const BubusJsonSpan  *span,
                                  BubusHandlerInfo     *handler,
                                  GError              **error)
{
  if (self->handler_ids == NULL)
    self->handler_ids = g_hash_table_new (_bubus_uuid_hash, _bubus_uuid_equal);
  return g_hash_table_add (self->handler_ids, (gpointer) _bubus_handler_info_get_id (handler)) ||
         bubus_result_reader_complain (self, span, "the handler has a result already", error);
}

static gboolean
bubus_result_reader_fill (BubusResultReader    *self,
                          const BubusJsonSpan  *span,
                          const BubusJsonSpan  *name,
                          BubusReadResult      *result,
                          GError              **error)
{
  BubusJsonSpan values[BUBUS_N_RESULT_KEYS] = { { 0, }, };
  g_autoptr (GString) unknown = NULL;

  bubus_result_reader_collect (self, span, values, &unknown);
  return bubus_result_reader_check_event_id (self, &values[BUBUS_RESULT_KEY_EVENT_ID], error) &&
         bubus_result_reader_read_handler (self, span, name, values, result, error) &&
         bubus_result_reader_check_unique (self, span, result->handler, error) &&
         bubus_result_reader_restore (self, values, unknown, result, error) &&
         bubus_result_reader_read_status (self, &values[BUBUS_RESULT_KEY_STATUS], result, error) &&
         bubus_result_reader_read_time (self, values, BUBUS_RESULT_KEY_STARTED_AT, &result->started_at, error) &&
         bubus_result_reader_read_time (self, values, BUBUS_RESULT_KEY_COMPLETED_AT, &result->completed_at, error) &&
         bubus_result_reader_read_outcome (self, values, result, error) &&
         bubus_result_reader_read_children (self, &values[BUBUS_RESULT_KEY_EVENT_CHILDREN], result, error);
}

/* @name is NULL for the element of an array. */
static gboolean
bubus_result_reader_read_one (BubusResultReader    *self,
                              const BubusJsonSpan  *span,
                              const BubusJsonSpan  *name,
                              GError              **error)
{
  if (span->kind != BUBUS_JSON_KIND_OBJECT)
    return bubus_result_reader_complain (self, span, "a result must be an object", error);

  g_array_set_size (self->results, self->results->len + 1);
  return bubus_result_reader_fill (self, span, name,
                                   &g_array_index (self->results, BubusReadResult, self->results->len - 1), error);
}

/* An object by handler id, or an array (B-1.31). */
static gboolean
bubus_result_reader_read_all (BubusResultReader    *self,
                              const BubusJsonSpan  *span,
                              GError              **error)
{
  BubusJsonScanner scanner;
  BubusJsonSpan name, value;

  _bubus_json_scanner_init_span (&scanner, self->place.text, span);
  _bubus_json_scanner_enter (&scanner, span->kind, NULL);
  if (span->kind == BUBUS_JSON_KIND_OBJECT)
    {
      while (_bubus_json_scanner_next_member (&scanner, &name, &value, NULL))
        if (!bubus_result_reader_read_one (self, &value, &name, error))
          return FALSE;
    }
  else
    {
      while (_bubus_json_scanner_next_element (&scanner, &value, NULL))
        if (!bubus_result_reader_read_one (self, &value, NULL, error))
          return FALSE;
    }
  return TRUE;
}

/* ---- all of them ---- */

static guint
bubus_result_reader_count (BubusResultReader  *self,
                           const BubusBusInfo *bus)
{
  guint n_results = 0;

  for (guint i = 0; i < self->results->len; i++)
    n_results += g_array_index (self->results, BubusReadResult, i).handler->bus == bus;
  return n_results;
}

static void
bubus_read_result_move (BubusReadResult *self,
                        BubusVisit      *visit,
                        guint            index)
{
  BubusEventResult *record = _bubus_visit_init_result (visit, index, self->handler);

  if (self->restored != NULL)
    _bubus_event_set_restored (record, g_steal_pointer (&self->restored));
  record->children = g_steal_pointer (&self->children);
  record->started_at = self->started_at;
  record->completed_at = self->completed_at;
  record->status = self->status;
  record->value = self->value;
  self->value = (GValue) G_VALUE_INIT;
}

/* The visit has no bus: it was in another life, and its label stands in the path that was read. */
static void
bubus_result_reader_restore_visit (BubusResultReader *self,
                                   BubusBusInfo      *bus)
{
  BubusVisit *visit = _bubus_event_add_visit (self->event, bus);
  guint n_moved = 0;

  _bubus_visit_set_state (visit, BUBUS_VISIT_DONE);
  _bubus_visit_allocate_results (visit, bubus_result_reader_count (self, bus));
  for (guint i = 0; i < self->results->len; i++)
    {
      BubusReadResult *result = &g_array_index (self->results, BubusReadResult, i);

      if (result->handler->bus == bus)
        bubus_read_result_move (result, visit, n_moved++);
    }
}

/* Gives the event the results that it had when it was written: one visit for each bus, in order. */
gboolean
_bubus_event_read_results (BubusEvent           *event,
                           const char           *text,
                           const BubusJsonSpan  *span,
                           GError              **error)
{
  g_auto (BubusResultReader) reader;

  bubus_result_reader_init (&reader, event, text);
  if (span->kind != BUBUS_JSON_KIND_OBJECT && span->kind != BUBUS_JSON_KIND_ARRAY)
    {
      reader.place.name = "event_results";
      return _bubus_json_place_refuse (&reader.place, span, "an object, an array or null", error);
    }

  if (!bubus_result_reader_read_all (&reader, span, error))
    return FALSE;
  for (guint i = 0; i < reader.buses->len; i++)
    bubus_result_reader_restore_visit (&reader, reader.buses->pdata[i]);
  return TRUE;
}
