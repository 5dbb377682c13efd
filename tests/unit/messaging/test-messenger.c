/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "messaging-fixture.h"

#include "codec/bubus-event-json.h"

static void
test_request (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (GPtrArray) history = NULL;
  g_autofree char *json = NULL;
  Reply reply;

  consume (fixture, "greeting", echo);
  ask (fixture, "greeting", "\"World\"", &reply);
  g_assert_false (reply.done);
  settle ();
  assert_reply (&reply, "\"World\"");

  /* It is an event like others. */
  history = bubus_event_bus_list_history (fixture->bus);
  g_assert_cmpuint (history->len, ==, 1);
  g_assert_cmpstr (bubus_event_get_event_type (history->pdata[0]), ==, "greeting");
  json = bubus_event_to_json (history->pdata[0]);
  g_assert_nonnull (strstr (json, "\"body\":\"World\""));
  g_assert_nonnull (strstr (json, "\"delivery\":\"request\""));

  ask (fixture, "greeting", NULL, &reply);
  settle ();
  assert_reply (&reply, NULL);
}

static void
test_no_handlers (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (GPtrArray) history = NULL;
  g_autoptr (GError) error = NULL;
  Reply reply;

  ask (fixture, "nowhere", NULL, &reply);
  settle ();
  assert_refused (&reply, BUBUS_ERROR_NO_HANDLERS, "Nobody is at “nowhere”");
  g_assert_false (bubus_messenger_send (fixture->messenger, "nowhere", NULL, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_NO_HANDLERS);
  g_clear_error (&error);
  g_assert_true (bubus_messenger_publish (fixture->messenger, "nowhere", NULL, &error));
  settle ();

  history = bubus_event_bus_list_history (fixture->bus);
  g_assert_cmpuint (history->len, ==, 1);
}

static void
test_recipient_failure (Fixture       *fixture,
                        gconstpointer  data)
{
  Reply reply;

  consume (fixture, "store", fail);
  ask (fixture, "store", NULL, &reply);
  settle ();
  assert_refused (&reply, BUBUS_ERROR_RECIPIENT_FAILURE, "“store” failed: the shelf is full");
}

static void
test_timeout (Fixture       *fixture,
              gconstpointer  data)
{
  Reply reply, patient;

  consume (fixture, "slow", keep);
  bubus_messenger_set_timeout (fixture->messenger, 2);
  ask (fixture, "slow", NULL, &reply);
  settle ();
  advance (fixture, 1.9);
  g_assert_false (reply.done);
  advance (fixture, 0.1);
  assert_refused (&reply, BUBUS_ERROR_TIMED_OUT, "“slow” did not answer within 2 s");

  /* The consumer is told, and its late answer dropped. */
  g_assert_true (g_cancellable_is_cancelled (bubus_invocation_get_cancellable (fixture->kept->pdata[0])));
  bubus_invocation_return_string (fixture->kept->pdata[0], "late");
  settle ();

  /* The next is not concerned. */
  ask (fixture, "slow", NULL, &patient);
  settle ();
  advance (fixture, 1);
  bubus_invocation_return_string (fixture->kept->pdata[1], "in time");
  settle ();
  assert_reply (&patient, "in time");
  advance (fixture, 100);
}

/* Requests whose turn does not come in time are not delivered; each has its own time. */
static void
test_timeout_in_queue (Fixture       *fixture,
                       gconstpointer  data)
{
  Reply replies[3] = { { FALSE, NULL, NULL }, { FALSE, NULL, NULL }, { FALSE, NULL, NULL } };
  static const double timeouts[] = { 0, 3, 1 };

  consume (fixture, "slow", keep);
  consume (fixture, "echo", echo);
  for (guint i = 0; i < 3; i++)
    bubus_messenger_request_async (fixture->messenger, i == 0 ? "slow" : "echo", NULL, timeouts[i], NULL, replied_cb,
                                   &replies[i]);
  settle ();
  advance (fixture, 1);
  assert_refused (&replies[2], BUBUS_ERROR_TIMED_OUT, "“echo” did not answer within 1 s");
  g_assert_false (replies[1].done);
  advance (fixture, 2);
  assert_refused (&replies[1], BUBUS_ERROR_TIMED_OUT, "“echo” did not answer within 3 s");

  bubus_invocation_return_string (fixture->kept->pdata[0], "at last");
  settle ();
  assert_reply (&replies[0], "at last");
  g_assert_cmpstr (fixture->trace->str, ==, "");
}

static void
test_cancel (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Reply reply = { FALSE, NULL, NULL };

  consume (fixture, "slow", keep);
  bubus_messenger_request_async (fixture->messenger, "slow", NULL, -1, cancellable, replied_cb, &reply);
  settle ();
  g_cancellable_cancel (cancellable);
  settle ();
  g_assert_true (reply.done);
  g_assert_error (reply.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&reply.error);
  bubus_invocation_return_nothing (fixture->kept->pdata[0]);
  settle ();
}

static void
test_stop (Fixture       *fixture,
           gconstpointer  data)
{
  Reply running, waiting;

  consume (fixture, "slow", keep);
  ask (fixture, "slow", NULL, &running);
  ask (fixture, "slow", NULL, &waiting);
  settle ();
  bubus_event_bus_stop (fixture->bus);
  settle ();
  g_assert_true (running.done);
  g_assert_error (running.error, BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  g_assert_true (waiting.done);
  g_assert_nonnull (waiting.error);
  g_clear_error (&running.error);
  g_clear_error (&waiting.error);

  ask (fixture, "slow", NULL, &waiting);
  settle ();
  g_assert_error (waiting.error, BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  g_clear_error (&waiting.error);
}

static void
test_exclusive (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BubusConsumer) first = NULL;
  BubusConsumer *second;
  Reply reply;

  first = bubus_messenger_consumer (fixture->messenger, "one", BUBUS_CONSUMER_NONE, fail, fixture, NULL, &error);
  g_object_ref (first);
  g_assert_no_error (error);
  g_assert_null (bubus_messenger_consumer (fixture->messenger, "one", BUBUS_CONSUMER_SHARED, echo, fixture, NULL,
                                           &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_ALREADY_REGISTERED);
  g_clear_error (&error);

  /* A stale handle takes nobody else off (against B-12.2). */
  g_assert_true (bubus_consumer_unregister (first));
  g_assert_false (bubus_consumer_is_registered (first));
  second = bubus_messenger_consumer (fixture->messenger, "one", BUBUS_CONSUMER_NONE, echo, fixture, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (bubus_consumer_unregister (first));
  g_assert_true (bubus_consumer_is_registered (second));
  g_assert_cmpstr (bubus_consumer_get_address (first), ==, "one");
  ask (fixture, "one", "1", &reply);
  settle ();
  assert_reply (&reply, "1");

  /* Who waits for its turn when the last has gone. */
  ask (fixture, "one", "1", &reply);
  g_assert_true (bubus_consumer_unregister (second));
  settle ();
  assert_refused (&reply, BUBUS_ERROR_NO_HANDLERS, "Nobody is at “one” any more");
}

static void
test_round_robin (Fixture       *fixture,
                  gconstpointer  data)
{
  BubusConsumer *first;

  first = bubus_messenger_consumer (fixture->messenger, "turn", BUBUS_CONSUMER_SHARED, say_a, fixture, NULL, NULL);
  bubus_messenger_consumer (fixture->messenger, "turn", BUBUS_CONSUMER_SHARED, say_b, fixture, NULL, NULL);
  for (guint i = 0; i < 3; i++)
    g_assert_true (bubus_messenger_send (fixture->messenger, "turn", NULL, NULL));
  settle ();
  g_assert_cmpstr (fixture->trace->str, ==, "a b a");

  bubus_consumer_unregister (first);
  for (guint i = 0; i < 2; i++)
    g_assert_true (bubus_messenger_send (fixture->messenger, "turn", NULL, NULL));
  settle ();
  g_assert_cmpstr (fixture->trace->str, ==, "a b a b b");
}

static void
test_publish (Fixture       *fixture,
              gconstpointer  data)
{
  BubusHandler *off;

  consume (fixture, "user.created", say_a);
  bubus_messenger_on (fixture->messenger, "user.created", NULL, fail, fixture, NULL);
  bubus_messenger_on (fixture->messenger, "user.*", NULL, echo, fixture, NULL);
  off = bubus_messenger_on (fixture->messenger, "*", NULL, say_b, fixture, NULL);

  /* Published to those who listen, whether or not one of them fails; not to the consumer, nor the other way round. */
  g_assert_true (bubus_messenger_publish (fixture->messenger, "user.created", NULL, NULL));
  settle ();
  g_assert_cmpstr (fixture->trace->str, ==, "user.created b");
  g_assert_true (bubus_messenger_send (fixture->messenger, "user.created", NULL, NULL));
  settle ();
  g_assert_cmpstr (fixture->trace->str, ==, "user.created b a");
  g_assert_true (bubus_event_bus_off (fixture->bus, off));
  g_assert_true (bubus_messenger_publish (fixture->messenger, "user.created", NULL, NULL));
  settle ();
  g_assert_cmpstr (fixture->trace->str, ==, "user.created b a user.created");
}

static gboolean
stamp (BubusMessage  *message,
       gpointer       data,
       GError       **error)
{
  g_autoptr (BubusJson) body = bubus_json_new ("\"changed\"", -1, NULL);

  trace (data, "out");
  bubus_message_set_header (message, "Stamp", "yes");
  bubus_message_set_body (message, body);
  return TRUE;
}

static gboolean
guard (BubusMessage  *message,
       gpointer       data,
       GError       **error)
{
  trace (data, "in");
  if (bubus_message_get_header (message, "stamp") != NULL)
    return TRUE;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "no stamp");
  return FALSE;
}

static gboolean
refuse (BubusMessage  *message,
        gpointer       data,
        GError       **error)
{
  return FALSE;
}

static void
test_interceptors (Fixture       *fixture,
                   gconstpointer  data)
{
  guint in, out, nothing;
  g_autoptr (GPtrArray) history = NULL;
  Reply reply;

  consume (fixture, "echo", echo);
  out = bubus_messenger_add_interceptor (fixture->messenger, BUBUS_DIRECTION_OUTBOUND, stamp, fixture, NULL);
  in = bubus_messenger_add_interceptor (fixture->messenger, BUBUS_DIRECTION_INBOUND, guard, fixture, NULL);
  ask (fixture, "echo", "1", &reply);
  settle ();
  assert_reply (&reply, "\"changed\"");
  g_assert_cmpstr (fixture->trace->str, ==, "out in echo");

  /* Stopped inbound: the consumer is not called, and who has asked is told. */
  g_assert_true (bubus_messenger_remove_interceptor (fixture->messenger, out));
  g_assert_false (bubus_messenger_remove_interceptor (fixture->messenger, out));
  ask (fixture, "echo", "1", &reply);
  settle ();
  assert_refused (&reply, BUBUS_ERROR_RECIPIENT_FAILURE, "“echo” failed: no stamp");
  g_assert_true (bubus_messenger_remove_interceptor (fixture->messenger, in));

  /* Stopped outbound: no trace on the bus. */
  nothing = bubus_messenger_add_interceptor (fixture->messenger, BUBUS_DIRECTION_OUTBOUND, refuse, fixture, NULL);
  ask (fixture, "echo", "1", &reply);
  settle ();
  assert_refused (&reply, BUBUS_ERROR_FAILED, "The message to “echo” was stopped without a reason");
  g_assert_true (bubus_messenger_remove_interceptor (fixture->messenger, nothing));
  history = bubus_event_bus_list_history (fixture->bus);
  g_assert_cmpuint (history->len, ==, 2);
}

static gboolean
answer_with_headers (BubusEvent       *event,
                     BubusInvocation  *invocation,
                     gpointer          data,
                     GError          **error)
{
  BubusMessage *message = BUBUS_MESSAGE (event);

  bubus_message_set_reply_header (message, "Age", "1");
  bubus_message_set_reply_header (message, "age", "2");
  bubus_message_set_reply_header (message, "Gone", "x");
  bubus_message_set_reply_header (message, "gone", NULL);
  return TRUE;
}

static void
test_reply_headers (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr (BubusMessage) message = bubus_message_new ("here", NULL);
  Reply reply = { FALSE, NULL, NULL };

  consume (fixture, "here", answer_with_headers);
  bubus_message_set_header (message, "Age", "0");
  bubus_messenger_request_message_async (fixture->messenger, message, -1, NULL, NULL, replied_cb, &reply);
  settle ();
  g_assert_true (reply.done);
  g_assert_no_error (reply.error);
  g_assert_cmpstr (bubus_message_get_reply_header (message, "AGE"), ==, "2");
  g_assert_null (bubus_message_get_reply_header (message, "Gone"));
  g_assert_null (bubus_message_get_reply_header (message, "Other"));
  g_assert_cmpstr (bubus_message_get_header (message, "age"), ==, "0");
  g_free (reply.answer);
}

static void
test_headers (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (BubusMessage) message = bubus_message_new ("address", NULL);

  g_assert_null (bubus_message_get_header (message, "a"));
  bubus_message_set_header (message, "Accept", "tea");
  bubus_message_set_header (message, "b", "2");
  bubus_message_set_header (message, "ACCEPT", "coffee");
  g_assert_cmpstr (bubus_message_get_header (message, "accept"), ==, "coffee");
  bubus_message_set_header (message, "B", NULL);
  g_assert_null (bubus_message_get_header (message, "b"));
}

/* One message is sent once. */
static void
test_once (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (BubusMessage) message = bubus_message_new ("echo", NULL);
  g_autoptr (GError) error = NULL;

  consume (fixture, "echo", echo);
  g_assert_true (bubus_messenger_send_message (fixture->messenger, message, NULL));
  g_assert_false (bubus_messenger_send_message (fixture->messenger, message, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_FAILED);
  settle ();
}

/* A messenger that goes takes its consumers and listeners along, also those whose messages wait. */
static void
test_messenger_goes (Fixture       *fixture,
                     gconstpointer  data)
{
  BubusMessenger *messenger = bubus_messenger_new (fixture->bus);
  g_autoptr (BubusConsumer) consumer = NULL;
  g_autoptr (GPtrArray) handlers = NULL;

  consumer = bubus_messenger_consumer (messenger, "gone", BUBUS_CONSUMER_NONE, echo, fixture, NULL, NULL);
  g_object_ref (consumer);
  bubus_messenger_on (messenger, "gone", NULL, echo, fixture, NULL);
  g_assert_true (bubus_messenger_send (messenger, "gone", NULL, NULL));
  g_assert_true (bubus_messenger_publish (messenger, "gone", NULL, NULL));
  g_assert_finalize_object (messenger);
  settle ();
  g_assert_cmpstr (fixture->trace->str, ==, "");
  g_assert_false (bubus_consumer_unregister (consumer));
  handlers = bubus_event_bus_list_handlers (fixture->bus);
  g_assert_cmpuint (handlers->len, ==, 0);
}

/* Two messengers on one bus are two worlds. */
static void
test_two_messengers (Fixture       *fixture,
                     gconstpointer  data)
{
  BubusMessenger *other = bubus_messenger_new (fixture->bus);
  Reply reply;

  consume (fixture, "echo", say_a);
  bubus_messenger_consumer (other, "echo", BUBUS_CONSUMER_NONE, say_b, fixture, NULL, NULL);
  ask (fixture, "echo", NULL, &reply);
  settle ();
  assert_reply (&reply, NULL);
  g_assert_cmpstr (fixture->trace->str, ==, "a");
  g_assert_finalize_object (other);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/messaging/messenger/request", test_request, "B-12.3: a request gets what the consumer returns");
  test ("/messaging/messenger/no-handlers", test_no_handlers, "B-12.3, B-12.11: nobody there is known at once");
  test ("/messaging/messenger/recipient-failure", test_recipient_failure,
        "R-23, B-12.13: failures are answered at once");
  test ("/messaging/messenger/timeout", test_timeout, "B-12.3, B-12.10: a time limit; late answers are dropped");
  test ("/messaging/messenger/timeout-in-queue", test_timeout_in_queue, "What nobody waits for is not delivered");
  test ("/messaging/messenger/cancel", test_cancel, "A request can be given up");
  test ("/messaging/messenger/stop", test_stop, "R-16: who waits for an answer is told when the bus stops");
  test ("/messaging/messenger/exclusive", test_exclusive, "B-12.2: one consumer at an address, unregistered by handle");
  test ("/messaging/messenger/round-robin", test_round_robin, "B-12.8, B-12.9, B-12.20: they take turns");
  test ("/messaging/messenger/publish", test_publish, "B-12.7: everybody who listens, each on its own");
  test ("/messaging/messenger/interceptors", test_interceptors, "B-12.18: interceptors out and in");
  test ("/messaging/messenger/headers", test_headers, "B-12.14: names of headers have no case");
  test ("/messaging/messenger/reply-headers", test_reply_headers, "R-23, B-12.14: an answer has headers of its own");
  test ("/messaging/messenger/once", test_once, "One message is sent once");
  test ("/messaging/messenger/messenger-goes", test_messenger_goes, "B-12.19: a messenger that goes takes all along");
  test ("/messaging/messenger/two-messengers", test_two_messengers, "Addresses belong to one messenger");

  return g_test_run ();
}
