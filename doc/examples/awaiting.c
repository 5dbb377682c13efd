/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus.h>

#include <locale.h>

/* What happens is printed as it happens. The children of a check-out are a payment, which is handled at once, and a
 * delivery, whose handler answers later. */

typedef struct { BubusEvent parent_instance; } CheckOutEvent;
typedef struct { BubusEvent parent_instance; } PayEvent;
typedef struct { BubusEvent parent_instance; } DeliverEvent;

BUBUS_DECLARE_EVENT_TYPE (CheckOutEvent, check_out_event)
BUBUS_DECLARE_EVENT_TYPE (PayEvent, pay_event)
BUBUS_DECLARE_EVENT_TYPE (DeliverEvent, deliver_event)
BUBUS_DEFINE_EVENT_TYPE (CheckOutEvent, check_out_event, BUBUS_TYPE_EVENT, BUBUS_NO_FIELDS)
BUBUS_DEFINE_EVENT_TYPE (PayEvent, pay_event, BUBUS_TYPE_EVENT, BUBUS_NO_FIELDS)
BUBUS_DEFINE_EVENT_TYPE (DeliverEvent, deliver_event, BUBUS_TYPE_EVENT, BUBUS_NO_FIELDS)

static gboolean
pay (BubusEvent       *event,
     BubusInvocation  *invocation,
     gpointer          user_data,
     GError          **error)
{
  g_print ("  pay\n");
  return TRUE;
}

/* [later] */
static gboolean
deliver_answer (gpointer user_data)
{
  g_print ("  deliver: done\n");
  bubus_invocation_return_string (user_data, "at the door");
  return G_SOURCE_REMOVE;
}

static gboolean
deliver (BubusEvent       *event,
         BubusInvocation  *invocation,
         gpointer          user_data,
         GError          **error)
{
  g_print ("  deliver: on the way\n");
  bubus_invocation_defer (invocation);
  g_timeout_add_full (G_PRIORITY_DEFAULT, 10, deliver_answer, g_object_ref (invocation), g_object_unref);
  return TRUE;
}
/* [/later] */

/* [sync] */
static gboolean
check_out (BubusEvent       *event,
           BubusInvocation  *invocation,
           gpointer          user_data,
           GError          **error)
{
  g_autoptr (BubusEvent) payment = g_object_new (pay_event_get_type (), NULL);

  g_print ("check out\n");
  if (!bubus_invocation_dispatch (invocation, NULL, payment, error)
      || !bubus_invocation_run (invocation, payment, error))
    return FALSE;
  g_print ("check out: paid\n");
  return TRUE;
}
/* [/sync] */

/* [async] */
static void
check_out_delivered_cb (GObject      *source,
                        GAsyncResult *result,
                        gpointer      user_data)
{
  BubusInvocation *invocation = BUBUS_INVOCATION (source);
  g_autoptr (GError) error = NULL;

  if (!bubus_invocation_run_finish (invocation, result, &error))
    {
      bubus_invocation_return_error (invocation, error);
      return;
    }
  g_print ("check out: delivered\n");
  bubus_invocation_return_nothing (invocation);
}

static gboolean
check_out_async (BubusEvent       *event,
                 BubusInvocation  *invocation,
                 gpointer          user_data,
                 GError          **error)
{
  g_autoptr (BubusEvent) delivery = g_object_new (deliver_event_get_type (), NULL);

  g_print ("check out\n");
  if (!bubus_invocation_dispatch (invocation, NULL, delivery, error))
    return FALSE;
  bubus_invocation_defer (invocation);
  bubus_invocation_run_async (invocation, delivery, NULL, check_out_delivered_cb, NULL);
  return TRUE;
}
/* [/async] */

/* [would-block] */
static gboolean
check_out_impatiently (BubusEvent       *event,
                       BubusInvocation  *invocation,
                       gpointer          user_data,
                       GError          **error)
{
  g_autoptr (BubusEvent) delivery = g_object_new (deliver_event_get_type (), NULL);

  g_print ("check out\n");
  return bubus_invocation_dispatch (invocation, NULL, delivery, error)
         && bubus_invocation_run (invocation, delivery, error);
}
/* [/would-block] */

/* Between the check-out and its end another payment waits for its turn. */
static void
play (const char       *title,
      BubusHandlerFunc  handler)
{
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("Shop");
  g_autoptr (BubusEvent) event = g_object_new (check_out_event_get_type (), NULL);
  g_autoptr (BubusEvent) other = g_object_new (pay_event_get_type (), NULL);
  g_autoptr (GPtrArray) results = NULL;
  const GError *error;

  g_print ("-- %s\n", title);
  bubus_event_bus_on (bus, check_out_event_get_type (), "check_out", handler, NULL, NULL);
  bubus_event_bus_on (bus, pay_event_get_type (), "pay", pay, NULL, NULL);
  bubus_event_bus_on (bus, deliver_event_get_type (), "deliver", deliver, NULL, NULL);
  bubus_event_bus_dispatch (bus, event, NULL);
  bubus_event_bus_dispatch (bus, other, NULL);
  while (!bubus_event_bus_is_idle (bus))
    g_main_context_iteration (NULL, TRUE);

  results = bubus_event_list_results (event);
  error = bubus_event_result_get_error (g_ptr_array_index (results, 0));
  if (error != NULL)
    g_print ("failed: %s\n", error->message);
}

int
main (void)
{
  setlocale (LC_ALL, "");
  play ("a synchronous handler", check_out);
  play ("an asynchronous handler", check_out_async);
  play ("a synchronous handler with a child that answers later", check_out_impatiently);
  return 0;
}
