/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus.h>

#include <locale.h>

/* A middleware that looks after the door of a shop: it asks who may come in, lets some wait, and writes down what happens. */

typedef struct { BubusEvent parent_instance; } VisitEvent;
typedef struct { BubusEvent parent_instance; } NightVisitEvent;
typedef struct { BubusEvent parent_instance; } RobberyEvent;

BUBUS_DECLARE_EVENT_TYPE (VisitEvent, visit_event)
BUBUS_DECLARE_EVENT_TYPE (NightVisitEvent, night_visit_event)
BUBUS_DECLARE_EVENT_TYPE (RobberyEvent, robbery_event)
BUBUS_DEFINE_EVENT_TYPE (VisitEvent, visit_event, BUBUS_TYPE_EVENT, BUBUS_NO_FIELDS)
BUBUS_DEFINE_EVENT_TYPE (NightVisitEvent, night_visit_event, visit_event_get_type (), BUBUS_NO_FIELDS)
BUBUS_DEFINE_EVENT_TYPE (RobberyEvent, robbery_event, BUBUS_TYPE_EVENT, BUBUS_NO_FIELDS)

G_DECLARE_FINAL_TYPE (Doorkeeper, doorkeeper, EXAMPLE, DOORKEEPER, GObject)

struct _Doorkeeper
{
  GObject            parent_instance;
  BubusInterception *waiting;
  BubusHold         *hold;
};

/* [observe] */
static void
doorkeeper_event_changed (BubusMiddleware  *middleware,
                          BubusEventBus    *bus,
                          BubusEvent       *event,
                          BubusEventStatus  status)
{
  if (status == BUBUS_EVENT_STATUS_COMPLETED)
    g_print ("  %s is complete\n", bubus_event_get_event_type (event));
}
/* [/observe] */

/* [intercept] */
static gboolean
doorkeeper_intercept (BubusMiddleware    *middleware,
                      BubusEventBus      *bus,
                      BubusEvent         *event,
                      BubusInterception  *interception,
                      GError            **error)
{
  Doorkeeper *self = EXAMPLE_DOORKEEPER (middleware);

  if (G_OBJECT_TYPE (event) == robbery_event_get_type ())
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "Not here");
      return FALSE;
    }

  if (G_OBJECT_TYPE (event) == night_visit_event_get_type ())
    {
      self->waiting = g_object_ref (interception);
      bubus_interception_defer (interception);
    }
  return TRUE;
}
/* [/intercept] */

static void
doorkeeper_middleware_init (BubusMiddlewareInterface *iface)
{
  iface->event_changed = doorkeeper_event_changed;
  iface->intercept = doorkeeper_intercept;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (Doorkeeper, doorkeeper, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, doorkeeper_middleware_init))

static void
doorkeeper_class_init (DoorkeeperClass *klass)
{
}

static void
doorkeeper_init (Doorkeeper *self)
{
}

/* [open] */
static void
doorkeeper_open (Doorkeeper *self)
{
  bubus_interception_resume (self->waiting);
  g_clear_object (&self->waiting);
}
/* [/open] */

static void
dispatch (BubusEventBus *bus,
          GType          type)
{
  g_autoptr (BubusEvent) event = g_object_new (type, NULL);
  g_autoptr (GError) error = NULL;

  if (!bubus_event_bus_dispatch (bus, event, &error))
    g_print ("  %s: %s\n", bubus_event_get_event_type (event), error->message);
}

static void
hold_visit (BubusEventBus *bus,
            Doorkeeper    *self)
{
  g_autoptr (BubusEvent) event = g_object_new (visit_event_get_type (), NULL);

  bubus_event_bus_dispatch (bus, event, NULL);
/* [hold] */
  self->hold = bubus_event_bus_hold_event (bus, event);
/* [/hold] */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_print ("  held, and not complete\n");
  bubus_hold_release (self->hold);
  g_clear_object (&self->hold);
}

static void
run (BubusEventBus *bus)
{
  while (!bubus_event_bus_is_idle (bus))
    g_main_context_iteration (NULL, TRUE);
}

int
main (void)
{
  g_autoptr (BubusEventBus) bus = NULL;
  g_autoptr (Doorkeeper) doorkeeper = g_object_new (doorkeeper_get_type (), NULL);

  setlocale (LC_ALL, "");
  bus = bubus_event_bus_new ("Shop");
  bubus_event_bus_add_middleware (bus, BUBUS_MIDDLEWARE (doorkeeper));

  g_print ("-- refused, delayed and let in\n");
  dispatch (bus, robbery_event_get_type ());
  dispatch (bus, night_visit_event_get_type ());
  dispatch (bus, visit_event_get_type ());
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_print ("-- the door opens\n");
  doorkeeper_open (doorkeeper);
  run (bus);

  g_print ("-- somebody stays\n");
  hold_visit (bus, doorkeeper);
  run (bus);
  return 0;
}
