/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-logger.h"

#include "bus/bubus-event-bus.h"

/**
 * BubusLogger:
 *
 * A middleware that logs every completed event in one line.
 *
 * The line has the event's type and the last four digits of its id, the bus, how long the event took, and how many
 * handlers it had; and, when handlers have failed, the first of them and why. What an event carries is not logged, nor
 * what handlers return.
 *
 * One logger may be added to several buses, in one thread or in many.
 *
 * Since: 1.0
 */

struct _BubusLogger
{
  GObject         parent_instance;

  GLogLevelFlags  level;  /* set once */
};

typedef enum
{
  PROP_LEVEL = 1,
} BubusLoggerProperty;

static GParamSpec *properties[PROP_LEVEL + 1];

static void
bubus_logger_append_failure (GString          *line,
                             BubusEventResult *first,
                             guint             n_failed)
{
  g_string_append_printf (line, ", %u failed (%s: %s)", n_failed, bubus_event_result_get_handler_name (first),
                          bubus_event_result_get_error (first)->message);
}

static void
bubus_logger_append_results (GString    *line,
                             BubusEvent *event)
{
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);
  BubusEventResult *first = NULL;
  guint n_failed = 0;

  for (guint i = 0; i < results->len; i++)
    if (bubus_event_result_get_error (results->pdata[i]) != NULL)
      {
        n_failed++;
        first = first != NULL ? first : results->pdata[i];
      }

  g_string_append_printf (line, "%u %s", results->len, results->len == 1 ? "handler" : "handlers");
  if (first != NULL)
    bubus_logger_append_failure (line, first, n_failed);
}

/* An event of another type than the class may have any text as its type. */
static void
bubus_logger_append_type (GString    *line,
                          BubusEvent *event)
{
  g_autofree char *type = g_strescape (bubus_event_get_event_type (event), "\"\\");

  g_string_append_printf (line, "%s#%s", type, bubus_event_get_event_id (event) + 32);
}

static void
bubus_logger_log (BubusLogger   *self,
                  BubusEventBus *bus,
                  BubusEvent    *event)
{
  g_autoptr (GString) line = g_string_new (NULL);
  gint64 elapsed_ns = bubus_event_get_event_completed_at (event) - bubus_event_get_event_started_at (event);

  bubus_logger_append_type (line, event);
  g_string_append_printf (line, " on %s took %.3f ms: ", bubus_event_bus_get_label (bus), elapsed_ns / 1e6);
  bubus_logger_append_results (line, event);
  g_log (G_LOG_DOMAIN, self->level, "%s", line->str);
}

static void
bubus_logger_event_changed (BubusMiddleware  *middleware,
                            BubusEventBus    *bus,
                            BubusEvent       *event,
                            BubusEventStatus  status)
{
  if (status == BUBUS_EVENT_STATUS_COMPLETED)
    bubus_logger_log (BUBUS_LOGGER (middleware), bus, event);
}

static void
bubus_logger_middleware_init (BubusMiddlewareInterface *iface)
{
  iface->event_changed = bubus_logger_event_changed;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusLogger, bubus_logger, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, bubus_logger_middleware_init))

static void
bubus_logger_get_property (GObject    *object,
                           guint       prop_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  switch ((BubusLoggerProperty) prop_id)
    {
    case PROP_LEVEL:
      g_value_set_uint (value, bubus_logger_get_level (BUBUS_LOGGER (object)));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_logger_set_property (GObject      *object,
                           guint         prop_id,
                           const GValue *value,
                           GParamSpec   *pspec)
{
  switch ((BubusLoggerProperty) prop_id)
    {
    case PROP_LEVEL:
      BUBUS_LOGGER (object)->level = g_value_get_uint (value);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_logger_class_init (BubusLoggerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = bubus_logger_get_property;
  object_class->set_property = bubus_logger_set_property;

  /**
   * BubusLogger:level:
   *
   * The level of the lines, one of [flags@GLib.LogLevelFlags].
   *
   * Since: 1.0
   */
  properties[PROP_LEVEL] =
    g_param_spec_uint ("level", NULL, NULL, 0, G_MAXUINT, G_LOG_LEVEL_INFO,
                       (G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bubus_logger_init (BubusLogger *self)
{
}

/**
 * bubus_logger_new:
 * @level: the level of the lines
 *
 * Makes a logger.
 *
 * Returns: (transfer full): a new logger, to be added to a bus with [method@Bubus.EventBus.add_middleware]
 *
 * Since: 1.0
 */
BubusLogger *
bubus_logger_new (GLogLevelFlags level)
{
  return g_object_new (BUBUS_TYPE_LOGGER, "level", (guint) level, NULL);
}

/**
 * bubus_logger_get_level:
 * @self: a logger
 *
 * Gives the level of the lines.
 *
 * Returns: the level
 *
 * Since: 1.0
 */
GLogLevelFlags
bubus_logger_get_level (BubusLogger *self)
{
  g_return_val_if_fail (BUBUS_IS_LOGGER (self), G_LOG_LEVEL_INFO);

  return self->level;
}
