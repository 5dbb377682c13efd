/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "log-middleware.h"

#include <string.h>

#include "log-file.h"
#include "support/plugin-text.h"

/* Writes a line when an event has begun, and one when it is complete. */

#define MAX_NAME 100
#define MAX_MESSAGE 200

struct _LogMiddleware
{
  GObject         parent_instance;

  LogFile        *file;      /* nullable */
  GPatternSpec   *pattern;
  GLogLevelFlags  level;     /* what is less important is not logged */
  gboolean        messages;
};

/* An event, as a line tells of it. */
typedef struct
{
  BubusEvent     *event;
  BubusEventBus  *bus;
  GLogLevelFlags  level;
  GString        *text;
} LogEntry;

/* ---- text ---- */

static void
log_middleware_append_failure (LogMiddleware    *self,
                               LogEntry         *entry,
                               BubusEventResult *result)
{
  const GError *error = bubus_event_result_get_error (result);

  plugin_text_append_safe (entry->text, bubus_event_result_get_handler_name (result), -1, MAX_NAME);
  g_string_append_printf (entry->text, ": %s %d", g_quark_to_string (error->domain), error->code);
  if (!self->messages)
    return;
  g_string_append (entry->text, ": ");
  plugin_text_append_safe (entry->text, error->message, -1, MAX_MESSAGE);
}

/* Says how many handlers there were, and which one has failed first. */
static void
log_middleware_append_results (LogMiddleware *self,
                               LogEntry      *entry)
{
  g_autoptr (GPtrArray) results = bubus_event_list_results (entry->event);
  BubusEventResult *first = NULL;
  guint n_failed = 0;

  for (guint i = results->len; i-- > 0;)
    if (bubus_event_result_get_error (results->pdata[i]) != NULL)
      {
        n_failed++;
        first = results->pdata[i];
      }

  g_string_append_printf (entry->text, ", %u %s", results->len, results->len == 1 ? "handler" : "handlers");
  if (first == NULL)
    return;
  entry->level = G_LOG_LEVEL_WARNING;
  g_string_append_printf (entry->text, ", %u failed (", n_failed);
  log_middleware_append_failure (self, entry, first);
  g_string_append_c (entry->text, ')');
}

static void
log_middleware_describe (LogMiddleware    *self,
                         LogEntry         *entry,
                         BubusEventStatus  status)
{
  gint64 begun_ns = bubus_event_get_event_started_at (entry->event);
  gint64 ended_ns = bubus_event_get_event_completed_at (entry->event);

  plugin_text_append_safe (entry->text, bubus_event_get_event_type (entry->event), -1, MAX_NAME);
  g_string_append_printf (entry->text, "#%s on ", bubus_event_get_event_id (entry->event) + 32);
  plugin_text_append_safe (entry->text, bubus_event_bus_get_label (entry->bus), -1, MAX_NAME);
  if (status != BUBUS_EVENT_STATUS_COMPLETED)
    {
      g_string_append (entry->text, " has begun");
      return;
    }

  g_string_append_printf (entry->text, " took %.3f ms", (ended_ns - begun_ns) / 1e6);
  log_middleware_append_results (self, entry);
}

/* ---- where it goes ---- */

static const char *
log_middleware_name_level (GLogLevelFlags level)
{
  return level == G_LOG_LEVEL_WARNING ? "warning" : level == G_LOG_LEVEL_INFO ? "info" : "debug";
}

static void
log_middleware_write (LogMiddleware    *self,
                      LogEntry         *entry,
                      BubusEventStatus  status)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *time =
    bubus_time_to_iso8601 (status == BUBUS_EVENT_STATUS_COMPLETED
                           ? bubus_event_get_event_completed_at (entry->event)
                           : bubus_event_get_event_started_at (entry->event));

  g_string_append_printf (line, "%s %s %s\n", time, log_middleware_name_level (entry->level), entry->text->str);
  log_file_write (self->file, line->str, line->len);
}

/* A handler that fails is nothing that a program which dies of its warnings should die of. So GLib is told that it is a
 * message, and the journal that it is a warning. */
static void
log_middleware_send (LogEntry *entry)
{
  gboolean failed = entry->level == G_LOG_LEVEL_WARNING;
  const GLogField fields[] = {
    { "MESSAGE", entry->text->str, -1 },
    { "PRIORITY", failed ? "4" : entry->level == G_LOG_LEVEL_INFO ? "6" : "7", -1 },
    { "GLIB_DOMAIN", G_LOG_DOMAIN, -1 },
    { "BUBUS_EVENT_TYPE", bubus_event_get_event_type (entry->event), -1 },
    { "BUBUS_EVENT_ID", bubus_event_get_event_id (entry->event), -1 },
    { "BUBUS_BUS", bubus_event_bus_get_label (entry->bus), -1 },
  };

  g_log_structured_array (failed ? G_LOG_LEVEL_MESSAGE : entry->level, fields, G_N_ELEMENTS (fields));
}

static void
log_middleware_event_changed (BubusMiddleware  *middleware,
                              BubusEventBus    *bus,
                              BubusEvent       *event,
                              BubusEventStatus  status)
{
  LogMiddleware *self = LOG_MIDDLEWARE (middleware);
  g_autoptr (GString) text = NULL;
  LogEntry entry = { event, bus, G_LOG_LEVEL_INFO };

  if (status == BUBUS_EVENT_STATUS_PENDING
      || (status == BUBUS_EVENT_STATUS_STARTED && self->level < G_LOG_LEVEL_DEBUG)
      || !g_pattern_spec_match_string (self->pattern, bubus_event_get_event_type (event)))
    return;

  entry.text = text = g_string_new (NULL);
  if (status == BUBUS_EVENT_STATUS_STARTED)
    entry.level = G_LOG_LEVEL_DEBUG;
  log_middleware_describe (self, &entry, status);
  if (entry.level > self->level)
    return;
  if (self->file != NULL)
    log_middleware_write (self, &entry, status);
  else
    log_middleware_send (&entry);
}

/* ---- the object ---- */

static void
log_middleware_iface_init (BubusMiddlewareInterface *iface)
{
  iface->event_changed = log_middleware_event_changed;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (LogMiddleware, log_middleware, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, log_middleware_iface_init))

static void
log_middleware_finalize (GObject *object)
{
  LogMiddleware *self = LOG_MIDDLEWARE (object);

  g_clear_pointer (&self->file, log_file_free);
  g_clear_pointer (&self->pattern, g_pattern_spec_free);

  G_OBJECT_CLASS (log_middleware_parent_class)->finalize (object);
}

static void
log_middleware_class_init (LogMiddlewareClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = log_middleware_finalize;
}

static void
log_middleware_init (LogMiddleware *self)
{
}

static GLogLevelFlags
log_middleware_parse_level (const char *name)
{
  if (g_str_equal (name, "debug"))
    return G_LOG_LEVEL_DEBUG;
  return g_str_equal (name, "info") ? G_LOG_LEVEL_INFO : G_LOG_LEVEL_WARNING;
}

BubusMiddleware *
log_middleware_new (GVariant  *settings,
                    GError   **error)
{
  g_autoptr (LogMiddleware) self = g_object_new (LOG_TYPE_MIDDLEWARE, NULL);
  const char *file, *level, *pattern;
  gint64 max_size, n_kept;

  g_variant_lookup (settings, "file", "&s", &file);
  g_variant_lookup (settings, "level", "&s", &level);
  g_variant_lookup (settings, "pattern", "&s", &pattern);
  g_variant_lookup (settings, "messages", "b", &self->messages);
  g_variant_lookup (settings, "max-size", "x", &max_size);
  g_variant_lookup (settings, "keep", "x", &n_kept);

  self->level = log_middleware_parse_level (level);
  self->pattern = g_pattern_spec_new (pattern);
  if (*file != '\0')
    self->file = log_file_new (file, max_size, n_kept, error);
  if (*file != '\0' && self->file == NULL)
    return NULL;
  return BUBUS_MIDDLEWARE (g_steal_pointer (&self));
}
