/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-result-json-internal.h"

#include "base/bubus-clock-internal.h"
#include "base/bubus-json-writer-internal.h"
#include "bubus-json-value-internal.h"
#include "bubus-recorded-error-internal.h"

const char *const _bubus_event_status_names[BUBUS_EVENT_STATUS_COMPLETED + 1] = {
  [BUBUS_EVENT_STATUS_PENDING] = "pending",
  [BUBUS_EVENT_STATUS_STARTED] = "started",
  [BUBUS_EVENT_STATUS_COMPLETED] = "completed",
};

const char *const _bubus_result_status_names[BUBUS_RESULT_STATUS_ERROR + 1] = {
  [BUBUS_RESULT_STATUS_PENDING] = "pending",
  [BUBUS_RESULT_STATUS_STARTED] = "started",
  [BUBUS_RESULT_STATUS_COMPLETED] = "completed",
  [BUBUS_RESULT_STATUS_ERROR] = "error",
};

const char *const _bubus_result_key_names[BUBUS_N_RESULT_KEYS] = {
  [BUBUS_RESULT_KEY_ID] = "id",
  [BUBUS_RESULT_KEY_STATUS] = "status",
  [BUBUS_RESULT_KEY_EVENT_ID] = "event_id",
  [BUBUS_RESULT_KEY_HANDLER_ID] = "handler_id",
  [BUBUS_RESULT_KEY_HANDLER_NAME] = "handler_name",
  [BUBUS_RESULT_KEY_HANDLER_FILE_PATH] = "handler_file_path",
  [BUBUS_RESULT_KEY_HANDLER_TIMEOUT] = "handler_timeout",
  [BUBUS_RESULT_KEY_HANDLER_SLOW_TIMEOUT] = "handler_slow_timeout",
  [BUBUS_RESULT_KEY_HANDLER_REGISTERED_AT] = "handler_registered_at",
  [BUBUS_RESULT_KEY_HANDLER_EVENT_PATTERN] = "handler_event_pattern",
  [BUBUS_RESULT_KEY_EVENTBUS_ID] = "eventbus_id",
  [BUBUS_RESULT_KEY_EVENTBUS_NAME] = "eventbus_name",
  [BUBUS_RESULT_KEY_STARTED_AT] = "started_at",
  [BUBUS_RESULT_KEY_COMPLETED_AT] = "completed_at",
  [BUBUS_RESULT_KEY_RESULT] = "result",
  [BUBUS_RESULT_KEY_ERROR] = "error",
  [BUBUS_RESULT_KEY_EVENT_CHILDREN] = "event_children",
};

/* null for nil. */
void
_bubus_event_append_uuid (GString         *out,
                          const BubusUuid *id)
{
  char text[BUBUS_UUID_TEXT_SIZE + 1];

  if (_bubus_uuid_is_nil (id))
    {
      _bubus_json_append_literal (out, "null");
      return;
    }
  text[0] = '"';
  _bubus_uuid_format (id, text + 1);
  text[sizeof text - 1] = '"';
  _bubus_json_append (out, text, sizeof text);
}

/* The same for an id that is there as text, too. */
static void
bubus_result_append_known_uuid (GString         *out,
                                const BubusUuid *id,
                                const char      *text)
{
  if (_bubus_uuid_is_nil (id))
    {
      _bubus_json_append_literal (out, "null");
      return;
    }
  g_string_append_c (out, '"');
  _bubus_json_append (out, text, BUBUS_UUID_TEXT_SIZE - 1);
  g_string_append_c (out, '"');
}

static void
bubus_result_append_handler_id (BubusHandlerInfo *handler,
                                GString          *out)
{
  const BubusUuid *id = _bubus_handler_info_get_id (handler);

  bubus_result_append_known_uuid (out, id, handler->id_text);
}

/* null for 0. */
void
_bubus_event_append_time (GString *out,
                          gint64   time_ns)
{
  char text[BUBUS_TIME_TEXT_SIZE + 1];

  if (time_ns == 0)
    {
      _bubus_json_append_literal (out, "null");
      return;
    }
  text[0] = '"';
  _bubus_time_format (time_ns, text + 1);
  text[sizeof text - 1] = '"';
  _bubus_json_append (out, text, sizeof text);
}

static void
bubus_result_append_identity (const BubusEventResult *self,
                              const BubusUuid        *event_id,
                              GString                *out)
{
  BubusUuid id;

  _bubus_event_result_get_id ((BubusEventResult *) self, &id);
  _bubus_json_append_literal (out, "{\"id\":");
  _bubus_event_append_uuid (out, &id);
  _bubus_json_append_literal (out, ",\"status\":\"");
  _bubus_json_append_text (out, _bubus_result_status_names[self->status]);
  _bubus_json_append_literal (out, "\",\"event_id\":");
  _bubus_event_append_uuid (out, event_id);
}

static void
bubus_result_append_timeouts (const BubusEventResult *self,
                              GString                *out)
{
  const BubusRestoredResult *restored = _bubus_event_result_get_restored (self);

  if (restored != NULL && restored->timeouts_length > 0)
    _bubus_json_append (out, restored->text, restored->timeouts_length);
  else
    _bubus_json_append_literal (out, ",\"handler_timeout\":null,\"handler_slow_timeout\":null");
}

static void
bubus_result_append_handler (const BubusEventResult *self,
                             GString                *out)
{
  const BubusHandlerInfo *handler = self->handler;

  _bubus_json_append_literal (out, ",\"handler_id\":");
  bubus_result_append_handler_id (self->handler, out);
  _bubus_json_append_literal (out, ",\"handler_name\":");
  _bubus_json_append_string (out, handler->name);
  _bubus_json_append_literal (out, ",\"handler_file_path\":");
  _bubus_json_append_string (out, handler->file_path);
  bubus_result_append_timeouts (self, out);
  _bubus_json_append_literal (out, ",\"handler_registered_at\":");
  _bubus_event_append_time (out, handler->registered_at);
  _bubus_json_append_literal (out, ",\"handler_event_pattern\":");
  _bubus_json_append_string (out, handler->pattern);
  _bubus_json_append_literal (out, ",\"eventbus_id\":");
  bubus_result_append_known_uuid (out, &handler->bus->id, handler->bus->id_text);
  _bubus_json_append_literal (out, ",\"eventbus_name\":");
  _bubus_json_append_string (out, handler->bus->name);
}

/* An event that was returned is named by its id: forwarding results are not values (B-1.32). */
static void
bubus_result_append_value (const GValue *value,
                           GString      *out)
{
  BubusEvent *event = G_VALUE_HOLDS (value, BUBUS_TYPE_EVENT) ? g_value_get_object (value) : NULL;

  if (event != NULL)
    _bubus_event_append_uuid (out, &_bubus_event_get_private (event)->id);
  else
    _bubus_json_value_append (value, out);
}

static void
bubus_result_append_outcome (const BubusEventResult *self,
                             GString                *out)
{
  gboolean failed = self->status == BUBUS_RESULT_STATUS_ERROR;
  const GError *error = failed ? g_value_get_boxed (&self->value) : NULL;

  _bubus_json_append_literal (out, ",\"started_at\":");
  _bubus_event_append_time (out, self->started_at);
  _bubus_json_append_literal (out, ",\"completed_at\":");
  _bubus_event_append_time (out, self->completed_at);

  _bubus_json_append_literal (out, ",\"result\":");
  if (self->status == BUBUS_RESULT_STATUS_COMPLETED && G_IS_VALUE (&self->value))
    bubus_result_append_value (&self->value, out);
  else
    _bubus_json_append_literal (out, "null");

  _bubus_json_append_literal (out, ",\"error\":");
  if (error != NULL)
    _bubus_recorded_error_append (error, out);
  else
    _bubus_json_append_literal (out, "null");
}

static void
bubus_result_append_children (const BubusEventResult *self,
                              BubusEventPrivate      *priv,
                              GString                *out)
{
  BubusChild *child;

  _bubus_json_append_literal (out, ",\"event_children\":[");
  _bubus_event_lock (priv);
  child = _bubus_children_get_first (self->children);
  for (; child != NULL; child = _bubus_children_get_next (self->children, child))
    {
      _bubus_event_append_uuid (out, &child->id);
      if (child != self->children)
        g_string_append_c (out, ',');
    }
  _bubus_event_unlock (priv);
  g_string_append_c (out, ']');
}

/* One result as an object. */
void
_bubus_event_result_append (const BubusEventResult *self,
                            BubusEventPrivate      *priv,
                            GString                *out)
{
  const BubusRestoredResult *restored = _bubus_event_result_get_restored (self);

  bubus_result_append_identity (self, &priv->id, out);
  bubus_result_append_handler (self, out);
  bubus_result_append_outcome (self, out);
  bubus_result_append_children (self, priv, out);
  if (restored != NULL)
    g_string_append (out, restored->text + restored->timeouts_length);
  g_string_append_c (out, '}');
}

static void
bubus_result_append_member (const BubusEventResult *self,
                            BubusEventPrivate      *priv,
                            GString                *out)
{
  bubus_result_append_handler_id (self->handler, out);
  g_string_append_c (out, ':');
  _bubus_event_result_append (self, priv, out);
}

/* The member with all results, and a comma in front of it; nothing when there are none (B-1.27). */
void
_bubus_event_append_results (BubusEvent *event,
                             GString    *out)
{
  BubusEventPrivate *priv = _bubus_event_get_private (event);
  gboolean any = FALSE;

  for (const BubusVisit *visit = &priv->first; visit != NULL; visit = visit->next)
    for (guint i = 0; i < visit->n_results; i++)
      {
        if (any)
          g_string_append_c (out, ',');
        else
          _bubus_json_append_literal (out, ",\"event_results\":{");
        bubus_result_append_member (_bubus_visit_get_result (visit, i), priv, out);
        any = TRUE;
      }
  if (any)
    g_string_append_c (out, '}');
}
