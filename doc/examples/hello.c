/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus.h>

typedef struct
{
  BubusEvent  parent_instance;
  char       *name;
} HelloEvent;

static const BubusField hello_fields[] = {
  BUBUS_FIELD_STRING (HelloEvent, name),
};

BUBUS_DECLARE_EVENT_TYPE (HelloEvent, hello_event)
BUBUS_DEFINE_EVENT_TYPE (HelloEvent, hello_event, BUBUS_TYPE_EVENT, hello_fields)

/* [handler] */
static gboolean
greet (BubusEvent *event, BubusInvocation *invocation, gpointer user_data, GError **error)
{
  g_print ("Hello, %s!\n", ((HelloEvent *) event)->name);
  return TRUE;
}
/* [/handler] */

static void
quit_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_main_loop_quit (user_data);
}

int
main (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("Main");
  g_autoptr (BubusEvent) event = NULL;

  /* [dispatch] */
  event = g_object_new (hello_event_get_type (), "name", "world", NULL);
  bubus_event_bus_on (bus, hello_event_get_type (), "greet", greet, NULL, NULL);
  bubus_event_bus_dispatch (bus, event, NULL);
  bubus_event_wait_async (event, NULL, quit_cb, loop);
  /* [/dispatch] */
  g_main_loop_run (loop);
  return 0;
}
