/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sqlite-middleware.h"

#include "sqlite-writer.h"

/* Makes a row of every change. The event may change as soon as the bus goes on, so that it is put into words here. */

struct _SqliteMiddleware
{
  GObject       parent_instance;

  SqliteWriter *writer;    /* nullable */
  GPatternSpec *pattern;
  BubusClock   *clock;
  gboolean      all;       /* changes, and not only those that are the last for an event or a result */
};

static gboolean
sqlite_middleware_wants (SqliteMiddleware *self,
                         BubusEvent       *event,
                         gboolean          last)
{
  return self->writer != NULL && (last || self->all)
         && g_pattern_spec_match_string (self->pattern, bubus_event_get_event_type (event));
}

static void
sqlite_middleware_event_changed (BubusMiddleware  *middleware,
                                 BubusEventBus    *bus,
                                 BubusEvent       *event,
                                 BubusEventStatus  status)
{
  SqliteMiddleware *self = SQLITE_MIDDLEWARE (middleware);

  if (sqlite_middleware_wants (self, event, status == BUBUS_EVENT_STATUS_COMPLETED))
    sqlite_writer_append (self->writer,
                          sqlite_row_new_event (bus, event, status, bubus_clock_get_time (self->clock)));
}

static void
sqlite_middleware_result_changed (BubusMiddleware   *middleware,
                                  BubusEventBus     *bus,
                                  BubusEvent        *event,
                                  BubusEventResult  *result,
                                  BubusResultStatus  status)
{
  SqliteMiddleware *self = SQLITE_MIDDLEWARE (middleware);

  if (sqlite_middleware_wants (self, event, status >= BUBUS_RESULT_STATUS_COMPLETED))
    sqlite_writer_append (self->writer,
                          sqlite_row_new_result (bus, event, result, status, bubus_clock_get_time (self->clock)));
}

static void
sqlite_middleware_iface_init (BubusMiddlewareInterface *iface)
{
  iface->event_changed = sqlite_middleware_event_changed;
  iface->result_changed = sqlite_middleware_result_changed;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (SqliteMiddleware, sqlite_middleware, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, sqlite_middleware_iface_init))

static void
sqlite_middleware_finalize (GObject *object)
{
  SqliteMiddleware *self = SQLITE_MIDDLEWARE (object);

  sqlite_middleware_close (self);
  g_clear_pointer (&self->pattern, g_pattern_spec_free);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sqlite_middleware_parent_class)->finalize (object);
}

static void
sqlite_middleware_class_init (SqliteMiddlewareClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sqlite_middleware_finalize;
}

static void
sqlite_middleware_init (SqliteMiddleware *self)
{
}

static SqliteWriter *
sqlite_middleware_make_writer (GVariant      *settings,
                               GMainContext  *main_context,
                               GError       **error)
{
  SqliteWriterOptions options = { NULL };
  gint64 max_backlog, retry_limit;
  double busy_timeout;
  const char *sync;

  g_variant_lookup (settings, "file", "&s", &options.path);
  g_variant_lookup (settings, "busy-timeout", "d", &busy_timeout);
  g_variant_lookup (settings, "retry-limit", "x", &retry_limit);
  g_variant_lookup (settings, "max-backlog", "x", &max_backlog);
  g_variant_lookup (settings, "sync", "&s", &sync);
  if (*options.path == '\0')
    {
      g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "The plugin “sqlite” needs the setting “file”");
      return NULL;
    }

  options.busy_timeout = busy_timeout * 1000;
  options.retry_limit = retry_limit;
  options.max_backlog = max_backlog;
  options.full = g_str_equal (sync, "full");
  return sqlite_writer_new (&options, main_context, error);
}

SqliteMiddleware *
sqlite_middleware_new (GVariant      *settings,
                       GMainContext  *main_context,
                       GError       **error)
{
  g_autoptr (SqliteMiddleware) self = g_object_new (SQLITE_TYPE_MIDDLEWARE, NULL);
  const char *pattern, *changes;

  g_variant_lookup (settings, "pattern", "&s", &pattern);
  g_variant_lookup (settings, "changes", "&s", &changes);
  self->pattern = g_pattern_spec_new (pattern);
  self->all = g_str_equal (changes, "all");
  self->clock = bubus_clock_ref_thread_default ();
  self->writer = sqlite_middleware_make_writer (settings, main_context, error);
  return self->writer != NULL ? g_steal_pointer (&self) : NULL;
}

/* Waits until everything is written; what is told after that is not. */
void
sqlite_middleware_close (SqliteMiddleware *self)
{
  g_clear_pointer (&self->writer, sqlite_writer_close);
}
