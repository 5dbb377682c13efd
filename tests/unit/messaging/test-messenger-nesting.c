/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "messaging-fixture.h"

static gboolean
ask_in_place (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  Fixture *fixture = data;
  g_autoptr (BubusMessage) message = bubus_message_new_from_variant ("inner", g_variant_new_int32 (7));
  g_autoptr (BubusEventResult) answer = NULL;

  trace (fixture, "outer");
  answer = bubus_messenger_request_in_place (fixture->messenger, message, invocation, error);
  if (answer == NULL)
    return FALSE;
  trace (fixture, "answered");
  bubus_invocation_return_value (invocation, bubus_event_result_get_value (answer));
  return TRUE;
}

static void
test_in_place (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (GPtrArray) history = NULL;
  Reply reply, other;

  consume (fixture, "outer", ask_in_place);
  consume (fixture, "inner", echo);
  consume (fixture, "other", say_b);
  ask (fixture, "outer", NULL, &reply);
  ask (fixture, "other", NULL, &other);
  settle ();
  assert_reply (&reply, "7");
  assert_reply (&other, NULL);
  g_assert_cmpstr (fixture->trace->str, ==, "outer inner answered b");

  /* The inner message is a child of the outer one. */
  history = bubus_event_bus_list_history (fixture->bus);
  g_assert_cmpuint (history->len, ==, 3);
  for (guint i = 0; i < history->len; i++)
    if (g_str_equal (bubus_event_get_event_type (history->pdata[i]), "inner"))
      g_assert_nonnull (bubus_event_get_event_parent_id (history->pdata[i]));
}

static void
test_in_place_would_block (Fixture       *fixture,
                           gconstpointer  data)
{
  Reply reply;

  consume (fixture, "outer", ask_in_place);
  consume (fixture, "inner", keep);
  ask (fixture, "outer", NULL, &reply);
  settle ();
  g_assert_false (reply.done);  /* the inner message still blocks the outer one */
  bubus_invocation_return_nothing (fixture->kept->pdata[0]);
  settle ();
  g_assert_error (reply.error, BUBUS_ERROR, BUBUS_ERROR_RECIPIENT_FAILURE);
  g_clear_error (&reply.error);
}

static void
pass_on_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr (BubusInvocation) invocation = data;
  g_autoptr (BubusEventResult) answer = NULL;
  g_autoptr (GError) error = NULL;

  answer = bubus_messenger_request_finish (BUBUS_MESSENGER (source), result, &error);
  if (answer == NULL)
    bubus_invocation_return_error (invocation, error);
  else
    bubus_invocation_return_value (invocation, bubus_event_result_get_value (answer));
}

static gboolean
ask_at_once (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  Fixture *fixture = data;
  g_autoptr (BubusJson) body = bubus_json_new ("1", -1, NULL);

  bubus_invocation_defer (invocation);
  bubus_messenger_request_async (fixture->messenger, "inner", body, -1, NULL, pass_on_cb, g_object_ref (invocation));
  return TRUE;
}

static gboolean
ask_later_cb (gpointer data)
{
  Fixture *fixture = data;
  BubusInvocation *invocation = fixture->kept->pdata[0];
  g_autoptr (BubusMessage) message = bubus_message_new_from_variant ("inner", g_variant_new_int32 (2));

  bubus_messenger_request_message_async (fixture->messenger, message, -1, invocation, NULL, pass_on_cb,
                                         g_object_ref (invocation));
  return G_SOURCE_REMOVE;
}

static gboolean
ask_later (BubusEvent       *event,
           BubusInvocation  *invocation,
           gpointer          data,
           GError          **error)
{
  g_idle_add (ask_later_cb, data);
  return keep (event, invocation, data, error);
}

/* On a serial bus, from a consumer that answers later. */
static void
test_from_deferred (Fixture       *fixture,
                    gconstpointer  data)
{
  Reply at_once, later;

  consume (fixture, "at-once", ask_at_once);
  consume (fixture, "later", ask_later);
  consume (fixture, "inner", echo);
  ask (fixture, "at-once", NULL, &at_once);
  ask (fixture, "later", NULL, &later);
  settle ();
  assert_reply (&at_once, "1");
  assert_reply (&later, "2");
}

static gboolean
publish_later_cb (gpointer data)
{
  Fixture *fixture = data;
  g_autoptr (BubusInvocation) invocation = g_object_ref (fixture->kept->pdata[0]);
  g_autoptr (BubusMessage) news = bubus_message_new_from_variant ("news", g_variant_new_int32 (3));
  g_autoptr (BubusMessage) nobody = bubus_message_new ("nobody", NULL);
  g_autoptr (BubusEvent) parent = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (bubus_messenger_dispatch_message (fixture->messenger, news, BUBUS_DELIVERY_PUBLISH, invocation,
                                                   &error));
  g_assert_no_error (error);
  parent = bubus_event_ref_parent (BUBUS_EVENT (news));
  g_assert_true (parent == bubus_invocation_get_event (invocation));

  g_assert_false (bubus_messenger_dispatch_message (fixture->messenger, nobody, BUBUS_DELIVERY_SEND, invocation,
                                                    &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_NO_HANDLERS);
  bubus_invocation_return_nothing (invocation);
  return G_SOURCE_REMOVE;
}

static gboolean
publish_later (BubusEvent       *event,
               BubusInvocation  *invocation,
               gpointer          data,
               GError          **error)
{
  g_idle_add (publish_later_cb, data);
  return keep (event, invocation, data, error);
}

static void
test_dispatch_deferred (Fixture       *fixture,
                        gconstpointer  data)
{
  Reply reply;

  consume (fixture, "later", publish_later);
  bubus_messenger_on (fixture->messenger, "news", NULL, echo, fixture, NULL);
  ask (fixture, "later", NULL, &reply);
  settle ();
  assert_reply (&reply, NULL);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/messaging/messenger/in-place", test_in_place, "R-2: a request inside a consumer runs in place");
  test ("/messaging/messenger/in-place-would-block", test_in_place_would_block, "R-2: and says so if that cannot be");
  test ("/messaging/messenger/from-deferred", test_from_deferred, "R-2, R-3: a deferred consumer can ask");
  test ("/messaging/messenger/dispatch-deferred", test_dispatch_deferred, "R-4: what it says is its child");

  return g_test_run ();
}
