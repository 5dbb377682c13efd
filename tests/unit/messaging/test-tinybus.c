/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "messaging-fixture.h"

#include "bus/bubus-event-bus-state.h"
#include "codec/bubus-json-variant.h"
#include "event/bubus-event-settings.h"

/* What the tests of tinybus show of it, in terms of a messenger. */

static void
assert_addresses (Fixture    *fixture,
                  const char *expected)
{
  g_auto (GStrv) addresses = bubus_messenger_dup_addresses (fixture->messenger);
  g_autofree char *found = g_strjoinv (" ", addresses);

  g_assert_cmpstr (found, ==, expected);
}

static void
test_registration (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  BubusConsumer *consumer;

  assert_addresses (fixture, "");
  consume (fixture, "test.other", echo);
  consumer = bubus_messenger_consumer (fixture->messenger, "test.address", BUBUS_CONSUMER_NONE, echo, fixture, NULL,
                                       &error);
  assert_addresses (fixture, "test.address test.other");
  g_assert_null (bubus_messenger_consumer (fixture->messenger, "test.address", BUBUS_CONSUMER_NONE, echo, fixture,
                                           NULL, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_ALREADY_REGISTERED);
  g_assert_true (bubus_consumer_unregister (consumer));
  assert_addresses (fixture, "test.other");
}

/* A consumer that greets, also when nothing was said. */
static gboolean
greet (BubusEvent       *event,
       BubusInvocation  *invocation,
       gpointer          data,
       GError          **error)
{
  BubusJson *body = bubus_message_get_body (BUBUS_MESSAGE (event));
  g_autofree char *greeting = g_strdup_printf ("Hello, %s", body != NULL ? bubus_json_get_text (body) : "nobody");

  bubus_invocation_return_string (invocation, greeting);
  return TRUE;
}

static void
test_null_body (Fixture       *fixture,
                gconstpointer  data)
{
  Reply reply;

  consume (fixture, "null.address", greet);
  ask (fixture, "null.address", NULL, &reply);
  settle ();
  assert_reply (&reply, "Hello, nobody");
}

#define N_MESSAGES 100

static void
test_message_ids (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (GHashTable) ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < N_MESSAGES; i++)
    {
      g_autoptr (BubusMessage) message = bubus_message_new ("test", NULL);

      g_hash_table_add (ids, g_strdup (bubus_event_get_event_id (BUBUS_EVENT (message))));
    }
  g_assert_cmpuint (g_hash_table_size (ids), ==, N_MESSAGES);
}

static gboolean
count_call (BubusEvent       *event,
            BubusInvocation  *invocation,
            gpointer          data,
            GError          **error)
{
  (*(guint *) data)++;
  return TRUE;
}

/* One that fails changes nothing for the others, nor for who publishes. */
static void
test_many_listeners (Fixture       *fixture,
                     gconstpointer  data)
{
  guint n_calls = 0;

  for (guint i = 0; i < N_MESSAGES; i++)
    bubus_messenger_on (fixture->messenger, "many.listeners", NULL, count_call, &n_calls, NULL);
  bubus_messenger_on (fixture->messenger, "many.listeners", NULL, fail, fixture, NULL);
  bubus_messenger_on (fixture->messenger, "many.listeners", NULL, count_call, &n_calls, NULL);
  g_assert_true (bubus_messenger_publish (fixture->messenger, "many.listeners", NULL, NULL));
  settle ();
  g_assert_cmpuint (n_calls, ==, N_MESSAGES + 1);

  for (guint i = 0; i < 50; i++)
    g_assert_true (bubus_messenger_publish (fixture->messenger, "many.listeners", NULL, NULL));
  settle ();
  g_assert_cmpuint (n_calls, ==, 51 * (N_MESSAGES + 1));
}

static void
test_concurrent_timeouts (Fixture       *fixture,
                          gconstpointer  data)
{
  Reply replies[3];

  bubus_event_bus_set_event_concurrency (fixture->bus, BUBUS_EVENT_CONCURRENCY_PARALLEL);
  bubus_messenger_set_timeout (fixture->messenger, 0.1);
  consume (fixture, "slow.address", keep);
  for (guint i = 0; i < 3; i++)
    ask (fixture, "slow.address", NULL, &replies[i]);
  settle ();
  g_assert_cmpuint (fixture->kept->len, ==, 3);  /* B-12.6: at the same time */
  advance (fixture, 0.1);
  for (guint i = 0; i < 3; i++)
    assert_refused (&replies[i], BUBUS_ERROR_TIMED_OUT, "“slow.address” did not answer within 0.1 s");
}

typedef struct
{
  Fixture *fixture;
  Reply    last;
} Chain;

static void
asked_first_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  g_autoptr (BubusEventResult) answer = bubus_messenger_request_finish (BUBUS_MESSENGER (source), result, NULL);
  g_autoptr (BubusJson) body = bubus_json_new_from_value (bubus_event_result_get_value (answer));
  Chain *chain = data;

  bubus_messenger_request_async (BUBUS_MESSENGER (source), "second.handler", body, -1, NULL, replied_cb, &chain->last);
}

static void
test_chain (Fixture       *fixture,
            gconstpointer  data)
{
  Chain chain = { fixture, { FALSE, NULL, NULL } };

  consume (fixture, "first.handler", greet);
  consume (fixture, "second.handler", greet);
  bubus_messenger_request_async (fixture->messenger, "first.handler", NULL, -1, NULL, asked_first_cb, &chain);
  settle ();
  assert_reply (&chain.last, "Hello, \"Hello, nobody\"");
}

/* The error that the consumer failed with is in the message, as it was. */
static void
test_original_error (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr (BubusMessage) message = bubus_message_new ("failing.address", NULL);
  Reply reply = { FALSE, NULL, NULL };
  g_autoptr (GPtrArray) results = NULL;

  consume (fixture, "failing.address", fail);
  bubus_messenger_request_message_async (fixture->messenger, message, -1, NULL, NULL, replied_cb, &reply);
  settle ();
  assert_refused (&reply, BUBUS_ERROR_RECIPIENT_FAILURE, "“failing.address” failed: the shelf is full");
  results = bubus_event_list_results (BUBUS_EVENT (message));
  g_assert_cmpuint (results->len, ==, 1);
  g_assert_error (bubus_event_result_get_error (results->pdata[0]), G_IO_ERROR, G_IO_ERROR_NO_SPACE);
}

static gboolean
trace_body (BubusEvent       *event,
            BubusInvocation  *invocation,
            gpointer          data,
            GError          **error)
{
  trace (data, "%s", bubus_json_get_text (bubus_message_get_body (BUBUS_MESSAGE (event))));
  return TRUE;
}

static void
test_order (Fixture       *fixture,
            gconstpointer  data)
{
  consume (fixture, "in.order", trace_body);
  for (int i = 1; i <= 5; i++)
    {
      g_autoptr (BubusJson) body = bubus_json_new_from_variant (g_variant_new_int32 (i));

      g_assert_true (bubus_messenger_send (fixture->messenger, "in.order", body, NULL));
    }
  settle ();
  g_assert_cmpstr (fixture->trace->str, ==, "1 2 3 4 5");
}

/* Whoever has a message has the same one, which nobody can change any more. */
static void
test_body_is_fixed (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr (BubusJson) body = bubus_json_new ("1", -1, NULL);
  g_autoptr (BubusMessage) message = bubus_message_new ("in.order", body);

  consume (fixture, "in.order", trace_body);
  g_assert_true (bubus_messenger_send_message (fixture->messenger, message, NULL));
  g_test_expect_message ("Bubus", G_LOG_LEVEL_CRITICAL, "*the event has been dispatched");
  bubus_message_set_body (message, NULL);
  g_test_assert_expected_messages ();
  settle ();
  g_assert_cmpstr (fixture->trace->str, ==, "1");
}

static gboolean
answer_later_cb (gpointer data)
{
  bubus_invocation_return_string (data, "done");
  return G_SOURCE_REMOVE;
}

static gboolean
work (BubusEvent       *event,
      BubusInvocation  *invocation,
      gpointer          data,
      GError          **error)
{
  bubus_invocation_defer (invocation);
  g_idle_add_full (G_PRIORITY_DEFAULT, answer_later_cb, g_object_ref (invocation), g_object_unref);
  return TRUE;
}

static void
test_load (Fixture       *fixture,
           gconstpointer  data)
{
  Reply replies[N_MESSAGES];

  bubus_event_bus_set_event_concurrency (fixture->bus, BUBUS_EVENT_CONCURRENCY_PARALLEL);
  consume (fixture, "test.address", work);
  for (guint batch = 0; batch < 10; batch++)
    {
      for (guint i = 0; i < N_MESSAGES; i++)
        ask (fixture, "test.address", NULL, &replies[i]);
      settle ();
      for (guint i = 0; i < N_MESSAGES; i++)
        assert_reply (&replies[i], "done");
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  test ("/messaging/tinybus/registration", test_registration, "B-12.1, B-12.2: who is at which address");
  test ("/messaging/tinybus/null-body", test_null_body, "B-12.3: a request may say nothing");
  test ("/messaging/tinybus/message-ids", test_message_ids, "B-12.4: every message has an id of its own");
  test ("/messaging/tinybus/many-listeners", test_many_listeners, "B-12.7: many listeners, one of which fails");
  test ("/messaging/tinybus/concurrent-timeouts", test_concurrent_timeouts, "B-12.6: many requests at the same time");
  test ("/messaging/tinybus/chain", test_chain, "B-12.12: an answer may be the next question");
  test ("/messaging/tinybus/original-error", test_original_error, "B-12.3, B-12.12: the consumer's error as it was");
  test ("/messaging/tinybus/order", test_order, "B-12.16: in the order in which one sends");
  test ("/messaging/tinybus/body-is-fixed", test_body_is_fixed, "B-12.15: nobody changes what others get");
  test ("/messaging/tinybus/load", test_load, "B-12.6: a thousand requests, a hundred at a time");

  return g_test_run ();
}
