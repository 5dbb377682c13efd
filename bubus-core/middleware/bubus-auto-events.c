/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-auto-events.h"

#include "base/bubus-json-writer-internal.h"
#include "bus/bubus-event-bus.h"
#include "codec/bubus-generic-event.h"
#include "codec/bubus-json-value-internal.h"

/**
 * BubusAutoEvents:
 *
 * A middleware that makes events of what happens on a bus.
 *
 * When a handler of an `OrderEvent` fails, there is an `OrderEventErrorEvent` with the members `error`, the message,
 * `error_type`, the domain, `handler`, its name, and `source_id`, the id of the event. When it returns a value, there
 * is an `OrderEventResultEvent` with `data`, `handler` and `source_id`; values that have no form in JSON, such as
 * events, are left out. `BusHandlerRegisteredEvent` and `BusHandlerUnregisteredEvent` have the members `handler_id`,
 * `handler`, `pattern` and `bus`.
 *
 * These are events like others, and roots. Handlers of an event whose type ends with `ErrorEvent` or `ResultEvent`, or
 * begins with `BusHandler`, cause no more of them, so that they never feed themselves. Those for which the bus has no
 * room are counted only.
 *
 * It may be added to several buses of one main context.
 *
 * Since: 1.0
 */

struct _BubusAutoEvents
{
  GObject              parent_instance;

  BubusAutoEventFlags  flags;   /* set once */
  guint64              n_lost;
};

typedef enum
{
  PROP_FLAGS = 1,
} BubusAutoEventsProperty;

static GParamSpec *properties[PROP_FLAGS + 1];

G_DEFINE_FLAGS_TYPE (BubusAutoEventFlags, bubus_auto_event_flags,
                     G_DEFINE_ENUM_VALUE (BUBUS_AUTO_EVENTS_NONE, "none"),
                     G_DEFINE_ENUM_VALUE (BUBUS_AUTO_EVENTS_ERRORS, "errors"),
                     G_DEFINE_ENUM_VALUE (BUBUS_AUTO_EVENTS_RESULTS, "results"),
                     G_DEFINE_ENUM_VALUE (BUBUS_AUTO_EVENTS_HANDLERS, "handlers"))

static gboolean
bubus_event_is_automatic (BubusEvent *event)
{
  const char *type = bubus_event_get_event_type (event);

  return g_str_has_suffix (type, "ErrorEvent") || g_str_has_suffix (type, "ResultEvent")
         || g_str_has_prefix (type, "BusHandler");
}

static void
bubus_append_member (GString    *members,
                     const char *name,
                     const char *text)
{
  g_string_append_printf (members, "%c\"%s\":", members->len == 0 ? '{' : ',', name);
  _bubus_json_append_string (members, text);
}

/* @members is an object that is not closed yet. */
static void
bubus_auto_events_dispatch (BubusAutoEvents *self,
                            BubusEventBus   *bus,
                            const char      *type,
                            GString         *members)
{
  g_autoptr (BubusJson) payload = NULL;
  g_autoptr (BubusEvent) event = NULL;

  g_string_append_c (members, '}');
  payload = bubus_json_new (members->str, (gssize) members->len, NULL);
  if (payload != NULL)
    event = bubus_generic_event_new_from_json (type, payload, NULL);
  if (event == NULL || !bubus_event_bus_dispatch (bus, event, NULL))
    self->n_lost++;
}

static void
bubus_auto_events_tell_error (BubusAutoEvents  *self,
                              BubusEventBus    *bus,
                              BubusEvent       *source,
                              BubusEventResult *result)
{
  const GError *error = bubus_event_result_get_error (result);
  g_autofree char *type = g_strconcat (bubus_event_get_event_type (source), "ErrorEvent", NULL);
  g_autoptr (GString) members = g_string_new (NULL);

  bubus_append_member (members, "error", error->message);
  bubus_append_member (members, "error_type", g_quark_to_string (error->domain));
  bubus_append_member (members, "handler", bubus_event_result_get_handler_name (result));
  bubus_append_member (members, "source_id", bubus_event_get_event_id (source));
  bubus_auto_events_dispatch (self, bus, type, members);
}

static gboolean
bubus_value_is_worth_telling (const GValue *value)
{
  return value != NULL && _bubus_json_value_has_form (G_VALUE_TYPE (value))
         && !(g_value_fits_pointer (value) && g_value_peek_pointer (value) == NULL);
}

static void
bubus_auto_events_tell_value (BubusAutoEvents  *self,
                              BubusEventBus    *bus,
                              BubusEvent       *source,
                              BubusEventResult *result)
{
  const GValue *value = bubus_event_result_get_value (result);
  g_autofree char *type = g_strconcat (bubus_event_get_event_type (source), "ResultEvent", NULL);
  g_autoptr (GString) members = g_string_new (NULL);

  if (!bubus_value_is_worth_telling (value))
    return;

  bubus_append_member (members, "handler", bubus_event_result_get_handler_name (result));
  bubus_append_member (members, "source_id", bubus_event_get_event_id (source));
  g_string_append (members, ",\"data\":");
  _bubus_json_value_append (value, members);
  bubus_auto_events_dispatch (self, bus, type, members);
}

static void
bubus_auto_events_result_changed (BubusMiddleware   *middleware,
                                  BubusEventBus     *bus,
                                  BubusEvent        *event,
                                  BubusEventResult  *result,
                                  BubusResultStatus  status)
{
  BubusAutoEvents *self = BUBUS_AUTO_EVENTS (middleware);

  if (bubus_event_is_automatic (event))
    return;
  if (status == BUBUS_RESULT_STATUS_ERROR && (self->flags & BUBUS_AUTO_EVENTS_ERRORS) != 0)
    bubus_auto_events_tell_error (self, bus, event, result);
  if (status == BUBUS_RESULT_STATUS_COMPLETED && (self->flags & BUBUS_AUTO_EVENTS_RESULTS) != 0)
    bubus_auto_events_tell_value (self, bus, event, result);
}

static void
bubus_auto_events_handler_changed (BubusMiddleware *middleware,
                                   BubusEventBus   *bus,
                                   BubusHandler    *handler,
                                   gboolean         registered)
{
  BubusAutoEvents *self = BUBUS_AUTO_EVENTS (middleware);
  g_autoptr (GString) members = NULL;

  if ((self->flags & BUBUS_AUTO_EVENTS_HANDLERS) == 0)
    return;

  members = g_string_new (NULL);
  bubus_append_member (members, "handler_id", bubus_handler_get_id (handler));
  bubus_append_member (members, "handler", bubus_handler_get_name (handler));
  bubus_append_member (members, "pattern", bubus_handler_get_pattern (handler));
  bubus_append_member (members, "bus", bubus_event_bus_get_label (bus));
  bubus_auto_events_dispatch (self, bus, registered ? "BusHandlerRegisteredEvent" : "BusHandlerUnregisteredEvent",
                              members);
}

static void
bubus_auto_events_middleware_init (BubusMiddlewareInterface *iface)
{
  iface->result_changed = bubus_auto_events_result_changed;
  iface->handler_changed = bubus_auto_events_handler_changed;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusAutoEvents, bubus_auto_events, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, bubus_auto_events_middleware_init))

static void
bubus_auto_events_get_property (GObject    *object,
                                guint       prop_id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  switch ((BubusAutoEventsProperty) prop_id)
    {
    case PROP_FLAGS:
      g_value_set_flags (value, BUBUS_AUTO_EVENTS (object)->flags);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_auto_events_set_property (GObject      *object,
                                guint         prop_id,
                                const GValue *value,
                                GParamSpec   *pspec)
{
  switch ((BubusAutoEventsProperty) prop_id)
    {
    case PROP_FLAGS:
      BUBUS_AUTO_EVENTS (object)->flags = g_value_get_flags (value);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_auto_events_class_init (BubusAutoEventsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = bubus_auto_events_get_property;
  object_class->set_property = bubus_auto_events_set_property;

  /**
   * BubusAutoEvents:flags:
   *
   * What becomes an event.
   *
   * Since: 1.0
   */
  properties[PROP_FLAGS] =
    g_param_spec_flags ("flags", NULL, NULL, BUBUS_TYPE_AUTO_EVENT_FLAGS, BUBUS_AUTO_EVENTS_NONE,
                        (G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bubus_auto_events_init (BubusAutoEvents *self)
{
}

/**
 * bubus_auto_events_new:
 * @flags: what becomes an event
 *
 * Makes a middleware that makes events of what happens on a bus.
 *
 * Returns: (transfer full): a new middleware, to be added to a bus with [method@EventBus.add_middleware]
 *
 * Since: 1.0
 */
BubusAutoEvents *
bubus_auto_events_new (BubusAutoEventFlags flags)
{
  return g_object_new (BUBUS_TYPE_AUTO_EVENTS, "flags", flags, NULL);
}

/**
 * bubus_auto_events_get_n_lost:
 * @self: automatic events
 *
 * Says for how many events the bus had no room.
 *
 * Returns: a number of events
 *
 * Since: 1.0
 */
guint64
bubus_auto_events_get_n_lost (BubusAutoEvents *self)
{
  g_return_val_if_fail (BUBUS_IS_AUTO_EVENTS (self), 0);

  return self->n_lost;
}
