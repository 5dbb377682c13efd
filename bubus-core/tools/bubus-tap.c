/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-tap.h"

struct _BubusTap
{
  GObject       parent_instance;

  BubusTapFunc  func;      /* NULL once stopped */
  gpointer      user_data;
};

static void
bubus_tap_event_changed (BubusMiddleware  *middleware,
                         BubusEventBus    *bus,
                         BubusEvent       *event,
                         BubusEventStatus  status)
{
  BubusTap *self = BUBUS_TAP (middleware);

  if (self->func != NULL)
    self->func (event, status, self->user_data);
}

static void
bubus_tap_middleware_init (BubusMiddlewareInterface *iface)
{
  iface->event_changed = bubus_tap_event_changed;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusTap, bubus_tap, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, bubus_tap_middleware_init))

static void
bubus_tap_class_init (BubusTapClass *klass)
{
}

static void
bubus_tap_init (BubusTap *self)
{
}

BubusTap *
bubus_tap_new (BubusTapFunc func,
               gpointer     user_data)
{
  BubusTap *self = g_object_new (BUBUS_TYPE_TAP, NULL);

  self->func = func;
  self->user_data = user_data;
  return self;
}

/* A bus may live longer than what the function looks at. */
void
bubus_tap_stop (BubusTap *self)
{
  self->func = NULL;
}
