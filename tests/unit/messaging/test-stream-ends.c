/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "stream-fixture.h"

/* How streams end that are not simply done, and who is told. */

static void
test_consumer_fails (StreamFixture *fixture,
                     gconstpointer  data)
{
  g_autoptr (Taker) taker = NULL;

  consume_stream (fixture, "fail-2", count);
  taker = ask_stream (fixture, "fail-2", 0);
  settle ();
  take_all (taker);
  g_assert_cmpstr (taker->taken->str, ==, "1 2");
  assert_stream_error (taker, BUBUS_ERROR_RECIPIENT_FAILURE, "“fail-2” failed: the shelf is full");
  take_all (taker);
  assert_stream_error (taker, BUBUS_ERROR_RECIPIENT_FAILURE, "“fail-2” failed: the shelf is full");
}

static void
test_nobody (StreamFixture *fixture,
             gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Taker) taker = NULL;
  BubusConsumer *consumer;

  g_assert_null (bubus_messenger_request_stream (fixture->base.messenger, "nowhere", NULL, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_NO_HANDLERS);

  consumer = bubus_messenger_consumer (fixture->base.messenger, "gone-1", BUBUS_CONSUMER_NONE, count, fixture, NULL,
                                       NULL);
  taker = ask_stream (fixture, "gone-1", 0);
  g_assert_true (bubus_consumer_unregister (consumer));
  take_all (taker);
  assert_stream_error (taker, BUBUS_ERROR_NO_HANDLERS, "Nobody is at “gone-1” any more");
}

static void
assert_consumer_was_stopped (StreamFixture *fixture,
                             BubusEvent    *event,
                             int            code)
{
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);

  g_assert_true (g_cancellable_is_cancelled (bubus_invocation_get_cancellable (get_sender (fixture)->invocation)));
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpuint (results->len, ==, 1);
  g_assert_error (bubus_event_result_get_error (results->pdata[0]), BUBUS_ERROR, code);
}

static void
test_close (StreamFixture *fixture,
            gconstpointer  data)
{
  g_autoptr (Taker) taker = NULL;

  consume_stream (fixture, "count-0", count);
  taker = ask_stream (fixture, "count-0", 2);
  settle ();
  take (taker);
  settle ();
  bubus_reply_stream_close (taker->stream);
  bubus_reply_stream_close (taker->stream);
  settle ();
  assert_refused_part (get_sender (fixture), BUBUS_ERROR_CANCELLED, "Nobody wants more of the stream of “count-0”");
  assert_consumer_was_stopped (fixture, BUBUS_EVENT (bubus_reply_stream_get_message (taker->stream)),
                               BUBUS_ERROR_CANCELLED);
  g_assert_cmpint (bubus_reply_stream_get_state (taker->stream), ==, BUBUS_REPLY_STREAM_STATE_CLOSED);
  g_assert_cmpuint (bubus_reply_stream_get_n_waiting (taker->stream), ==, 0);
  take_all (taker);
  assert_taken (taker, "1 end");
}

/* Who waits for a part is not kept waiting, and a message whose turn has not come is not delivered. */
static void
test_close_early (StreamFixture *fixture,
                  gconstpointer  data)
{
  g_autoptr (Taker) taker = NULL;

  consume_stream (fixture, "count-1", count);
  taker = ask_stream (fixture, "count-1", 0);
  take (taker);
  bubus_reply_stream_close (taker->stream);
  settle ();
  assert_taken (taker, "end");
  g_assert_cmpuint (fixture->senders->len, ==, 0);
}

static void
test_forgotten (StreamFixture *fixture,
                gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;
  Taker *taker;

  consume_stream (fixture, "count-0", count);
  taker = ask_stream (fixture, "count-0", 2);
  event = g_object_ref (BUBUS_EVENT (bubus_reply_stream_get_message (taker->stream)));
  settle ();
  taker_free (taker);
  settle ();
  assert_refused_part (get_sender (fixture), BUBUS_ERROR_CANCELLED, "Nobody wants more of the stream of “count-0”");
  assert_consumer_was_stopped (fixture, event, BUBUS_ERROR_CANCELLED);
}

static void
test_idle_limit (StreamFixture *fixture,
                 gconstpointer  data)
{
  g_autoptr (Taker) taker = NULL;
  const char *message = "In the stream of “count-0” nothing was sent or taken for 3 s";

  consume_stream (fixture, "count-0", count);
  taker = ask_stream_limited (fixture, "count-0", 3, 0);
  settle ();

  /* Parts that move begin it anew. */
  for (int i = 0; i < 4; i++)
    {
      advance (&fixture->base, 2);
      take (taker);
      settle ();
    }
  assert_taken (taker, "1 2 3 4");
  advance (&fixture->base, 2.9);
  g_assert_cmpint (bubus_reply_stream_get_state (taker->stream), ==, BUBUS_REPLY_STREAM_STATE_OPEN);
  advance (&fixture->base, 0.2);
  assert_refused_part (get_sender (fixture), BUBUS_ERROR_TIMED_OUT, message);
  assert_consumer_was_stopped (fixture, BUBUS_EVENT (bubus_reply_stream_get_message (taker->stream)),
                               BUBUS_ERROR_TIMED_OUT);

  /* What was sent before is not lost. */
  take_all (taker);
  g_assert_cmpstr (taker->taken->str, ==, "1 2 3 4 5 6");
  assert_stream_error (taker, BUBUS_ERROR_TIMED_OUT, message);
}

static void
test_total_limit (StreamFixture *fixture,
                  gconstpointer  data)
{
  g_autoptr (Taker) taker = NULL;

  consume_stream (fixture, "count-0", count);
  taker = ask_stream_limited (fixture, "count-0", 3, 5);
  take (taker);
  settle ();
  for (int i = 0; i < 2; i++)
    {
      advance (&fixture->base, 2);
      take (taker);
      settle ();
    }
  advance (&fixture->base, 0.9);
  g_assert_cmpint (bubus_reply_stream_get_state (taker->stream), ==, BUBUS_REPLY_STREAM_STATE_OPEN);
  advance (&fixture->base, 0.1);
  take_all (taker);
  g_assert_cmpstr (taker->taken->str, ==, "1 2 3 4 5");
  assert_stream_error (taker, BUBUS_ERROR_TIMED_OUT, "The stream of “count-0” did not end within 5 s");
  assert_refused_part (get_sender (fixture), BUBUS_ERROR_TIMED_OUT, "The stream of “count-0” did not end within 5 s");
}

/* The limit of the messenger is that of an idle stream; one without limits outlives that of handlers. */
static void
test_default_limits (StreamFixture *fixture,
                     gconstpointer  data)
{
  g_autoptr (Taker) limited = NULL;
  g_autoptr (Taker) endless = NULL;

  consume_stream (fixture, "limited", keep);
  consume_stream (fixture, "endless", keep);
  bubus_messenger_set_timeout (fixture->base.messenger, 7);
  limited = ask_stream (fixture, "limited", 0);
  endless = ask_stream_limited (fixture, "endless", 0, 0);
  settle ();
  advance (&fixture->base, 7);
  take_all (limited);
  assert_stream_error (limited, BUBUS_ERROR_TIMED_OUT, "In the stream of “limited” nothing was sent or taken for 7 s");
  advance (&fixture->base, 1e6);
  g_assert_cmpint (bubus_reply_stream_get_state (endless->stream), ==, BUBUS_REPLY_STREAM_STATE_OPEN);
  bubus_invocation_return_nothing (fixture->base.kept->pdata[1]);
  take_all (endless);
  assert_taken (endless, "end");
}

static void
test_limit_in_queue (StreamFixture *fixture,
                     gconstpointer  data)
{
  g_autoptr (Taker) taker = NULL;
  Reply reply;

  consume_stream (fixture, "slow", keep);
  consume_stream (fixture, "count-1", count);
  ask (&fixture->base, "slow", NULL, &reply);
  taker = ask_stream_limited (fixture, "count-1", 3, 0);
  settle ();
  advance (&fixture->base, 3);
  take_all (taker);
  assert_stream_error (taker, BUBUS_ERROR_TIMED_OUT, "In the stream of “count-1” nothing was sent or taken for 3 s");
  bubus_invocation_return_nothing (fixture->base.kept->pdata[0]);
  settle ();
  assert_reply (&reply, NULL);
  g_assert_cmpuint (fixture->senders->len, ==, 0);
}

static void
test_stopped (StreamFixture *fixture,
              gconstpointer  data)
{
  g_autoptr (Taker) taker = NULL;

  consume_stream (fixture, "count-0", count);
  taker = ask_stream (fixture, "count-0", 2);
  settle ();
  bubus_event_bus_stop (fixture->base.bus);
  settle ();
  take_all (taker);
  g_assert_cmpstr (taker->taken->str, ==, "1 2");
  assert_stream_error (taker, BUBUS_ERROR_STOPPED, "The bus has been stopped");
  assert_refused_part (get_sender (fixture), BUBUS_ERROR_STOPPED, "The bus has been stopped");
  g_assert_null (bubus_messenger_request_stream (fixture->base.messenger, "count-0", NULL, &taker->error));
  assert_stream_error (taker, BUBUS_ERROR_STOPPED, taker->error->message);
}

static void
test_late_part (StreamFixture *fixture,
                gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Taker) taker = NULL;

  consume_stream (fixture, "count-1", count);
  taker = ask_stream (fixture, "count-1", 0);
  take_all (taker);
  g_assert_false (bubus_message_send_part (bubus_reply_stream_get_message (taker->stream), NULL, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "The stream of “count-1” has ended");
  assert_taken (taker, "1 end");
}

/* ---- giving up one wait ---- */

static void
cancelled_take_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      data)
{
  g_assert_null (bubus_reply_stream_next_finish (BUBUS_REPLY_STREAM (source), result, data));
}

static void
cancelled_send_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      data)
{
  g_assert_false (bubus_message_send_part_finish (BUBUS_MESSAGE (source), result, data));
}

static void
test_cancelled_waits (StreamFixture *fixture,
                      gconstpointer  data)
{
  g_autoptr (GCancellable) take_no_more = g_cancellable_new ();
  g_autoptr (GCancellable) send_no_more = g_cancellable_new ();
  g_autoptr (GError) take_error = NULL;
  g_autoptr (GError) send_error = NULL;
  g_autoptr (Taker) taker = NULL;
  BubusMessage *message;

  consume_stream (fixture, "kept", keep);
  taker = ask_stream (fixture, "kept", 1);
  message = bubus_reply_stream_get_message (taker->stream);
  bubus_reply_stream_next_async (taker->stream, take_no_more, cancelled_take_cb, &take_error);
  settle ();
  g_cancellable_cancel (take_no_more);
  settle ();
  g_assert_error (take_error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  /* No part is lost with the one, or sent with the other. */
  bubus_message_send_part_async (message, NULL, NULL, NULL, NULL);
  bubus_message_send_part_async (message, NULL, send_no_more, cancelled_send_cb, &send_error);
  settle ();
  g_assert_no_error (send_error);
  g_cancellable_cancel (send_no_more);
  settle ();
  g_assert_error (send_error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  bubus_invocation_return_nothing (fixture->base.kept->pdata[0]);
  take_all (taker);
  assert_taken (taker, "null end");

  /* One that is cancelled already does nothing at all. */
  g_clear_error (&take_error);
  bubus_reply_stream_next_async (taker->stream, take_no_more, cancelled_take_cb, &take_error);
  settle ();
  g_assert_error (take_error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static gboolean
close_while_called (BubusEvent       *event,
                    BubusInvocation  *invocation,
                    gpointer          data,
                    GError          **error)
{
  StreamFixture *fixture = data;
  Sender *sender = sender_new (event, invocation);

  g_ptr_array_add (fixture->senders, sender);
  bubus_reply_stream_close (g_object_get_data (G_OBJECT (event), "stream"));
  send_next (sender);
  return TRUE;
}

static void
test_close_inside (StreamFixture *fixture,
                   gconstpointer  data)
{
  g_autoptr (Taker) taker = NULL;
  BubusMessage *message;

  consume_stream (fixture, "closing", close_while_called);
  taker = ask_stream (fixture, "closing", 0);
  message = bubus_reply_stream_get_message (taker->stream);
  g_object_set_data (G_OBJECT (message), "stream", taker->stream);
  settle ();
  assert_refused_part (get_sender (fixture), BUBUS_ERROR_CANCELLED, "Nobody wants more of the stream of “closing”");
  assert_consumer_was_stopped (fixture, BUBUS_EVENT (message), BUBUS_ERROR_CANCELLED);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  stream_test ("/messaging/stream-ends/consumer-fails", test_consumer_fails, "R-23: a failure comes after what was sent");
  stream_test ("/messaging/stream-ends/nobody", test_nobody, "R-23, B-12.11: nobody is there, or any more");
  stream_test ("/messaging/stream-ends/close", test_close, "R-23: a stream that nobody wants ends the consumer's work");
  stream_test ("/messaging/stream-ends/close/early", test_close_early, "R-23: or is not begun");
  stream_test ("/messaging/stream-ends/close/inside", test_close_inside, "R-23: also while the consumer is called");
  stream_test ("/messaging/stream-ends/forgotten", test_forgotten, "R-23: as does one that nobody has any more");
  stream_test ("/messaging/stream-ends/idle-limit", test_idle_limit, "R-23, B-12.10: a limit for when nothing moves");
  stream_test ("/messaging/stream-ends/total-limit", test_total_limit, "R-23, B-12.10: a limit for the whole");
  stream_test ("/messaging/stream-ends/default-limits", test_default_limits, "R-7, R-23: which limits hold");
  stream_test ("/messaging/stream-ends/limit-in-queue", test_limit_in_queue, "What nobody waits for is not delivered");
  stream_test ("/messaging/stream-ends/stopped", test_stopped, "R-16, R-23: both sides are told when the bus stops");
  stream_test ("/messaging/stream-ends/late-part", test_late_part, "R-23: nothing comes after the end");
  stream_test ("/messaging/stream-ends/cancelled-waits", test_cancelled_waits, "R-23: a wait can be given up alone");

  return g_test_run ();
}
