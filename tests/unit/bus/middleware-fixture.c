/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "middleware-fixture.h"

static const char *
get_status_name (GType enum_type,
                 int   status)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (enum_type);

  return g_enum_get_value (klass, status)->value_nick;
}

static void
probe_event_changed (BubusMiddleware  *middleware,
                     BubusEventBus    *bus,
                     BubusEvent       *event,
                     BubusEventStatus  status)
{
  Probe *self = (Probe *) middleware;

  g_assert_true (self->thread == g_thread_self ());
  if (self->trace != NULL)
    trace (self->trace, "%s:%s", ping_get_label (event), get_status_name (BUBUS_TYPE_EVENT_STATUS, (int) status));
  if (self->on_event != NULL)
    self->on_event (self, bus, event, status);
}

static void
probe_result_changed (BubusMiddleware   *middleware,
                      BubusEventBus     *bus,
                      BubusEvent        *event,
                      BubusEventResult  *result,
                      BubusResultStatus  status)
{
  Probe *self = (Probe *) middleware;

  if (self->trace != NULL)
    trace (self->trace, "%s.%s:%s", ping_get_label (event), bubus_event_result_get_handler_name (result),
           get_status_name (BUBUS_TYPE_RESULT_STATUS, (int) status));
}

static void
probe_handler_changed (BubusMiddleware *middleware,
                       BubusEventBus   *bus,
                       BubusHandler    *handler,
                       gboolean         registered)
{
  Probe *self = (Probe *) middleware;

  g_assert_true (self->thread == g_thread_self ());
  if (self->trace != NULL)
    trace (self->trace, "%c%s", registered ? '+' : '-', bubus_handler_get_name (handler));
}

static gboolean
probe_intercept (BubusMiddleware    *middleware,
                 BubusEventBus      *bus,
                 BubusEvent         *event,
                 BubusInterception  *interception,
                 GError            **error)
{
  Probe *self = (Probe *) middleware;

  g_assert_true (self->thread == g_thread_self ());
  g_assert_true (bubus_interception_get_bus (interception) == bus);
  g_assert_true (bubus_interception_get_event (interception) == event);
  return self->intercept == NULL || self->intercept (self, event, interception, error);
}

/* It may use the bus to say what it is for. */
static gboolean
probe_intercepts (BubusMiddleware *middleware)
{
  Probe *self = (Probe *) middleware;

  return self->idle_bus == NULL || bubus_event_bus_is_idle (self->idle_bus);
}

static void
probe_event_completing (BubusMiddleware *middleware,
                        BubusEventBus   *bus,
                        BubusEvent      *event)
{
  Probe *self = (Probe *) middleware;

  g_assert_true (self->thread == g_thread_self ());
  g_assert_cmpint (bubus_event_get_event_status (event), !=, BUBUS_EVENT_STATUS_COMPLETED);
  self->n_asked++;
  if (!self->holds)
    return;
  g_clear_object (&self->hold);
  self->hold = bubus_event_bus_hold_event (bus, event);
}

static void
probe_middleware_init (BubusMiddlewareInterface *iface)
{
  iface->event_changed = probe_event_changed;
  iface->result_changed = probe_result_changed;
  iface->handler_changed = probe_handler_changed;
  iface->intercept = probe_intercept;
  iface->intercepts = probe_intercepts;
  iface->defers_completion = probe_intercepts;
  iface->event_completing = probe_event_completing;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (Probe, probe, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, probe_middleware_init))

static void
probe_finalize (GObject *object)
{
  Probe *self = (Probe *) object;

  g_clear_object (&self->kept);
  g_clear_object (&self->hold);
  G_OBJECT_CLASS (probe_parent_class)->finalize (object);
}

static void
probe_class_init (ProbeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = probe_finalize;
}

static void
probe_init (Probe *self)
{
  self->thread = g_thread_self ();
}

/* The bus has the only reference. */
Probe *
add_probe (BubusEventBus      *bus,
           const char         *name,
           GString            *text,
           ProbeInterceptFunc  intercept)
{
  Probe *self = g_object_new (probe_get_type (), NULL);

  self->name = name;
  self->trace = text;
  self->intercept = intercept;
  bubus_event_bus_add_middleware (bus, BUBUS_MIDDLEWARE (self));
  g_object_unref (self);
  return self;
}

gboolean
trace_intercepted (Probe              *self,
                   BubusEvent         *event,
                   BubusInterception  *interception,
                   GError            **error)
{
  trace (self->data, "%s(%s)", self->name, ping_get_label (event));
  return TRUE;
}

gboolean
refuse (Probe              *self,
        BubusEvent         *event,
        BubusInterception  *interception,
        GError            **error)
{
  if (!g_str_equal (ping_get_label (event), "bad"))
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "bad");
  return FALSE;
}
