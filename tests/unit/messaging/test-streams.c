/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "stream-fixture.h"

#include "codec/bubus-event-json.h"
#include "codec/bubus-json-variant.h"
#include "event/bubus-event-settings.h"

/* ---- parts ---- */

static void
test_order (StreamFixture *fixture,
            gconstpointer  data)
{
  g_autoptr (Taker) taker = NULL;
  BubusEvent *event;
  g_autofree char *json = NULL;

  consume_stream (fixture, "count-5", count);
  taker = ask_stream (fixture, "count-5", 0);
  g_assert_cmpuint (bubus_reply_stream_get_window (taker->stream), ==, 16);
  g_assert_cmpint (bubus_reply_stream_get_state (taker->stream), ==, BUBUS_REPLY_STREAM_STATE_OPEN);
  take_all (taker);
  assert_taken (taker, "1 2 3 4 5 end");
  g_assert_cmpuint (bubus_reply_stream_get_n_received (taker->stream), ==, 5);
  g_assert_cmpint (bubus_reply_stream_get_state (taker->stream), ==, BUBUS_REPLY_STREAM_STATE_ENDED);
  g_assert_null (bubus_reply_stream_get_error (taker->stream));

  /* The end stays. */
  take_all (taker);
  assert_taken (taker, "1 2 3 4 5 end end");

  /* It was an event like others. */
  event = BUBUS_EVENT (bubus_reply_stream_get_message (taker->stream));
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  json = bubus_event_to_json (event);
  g_assert_nonnull (strstr (json, "\"delivery\":\"stream\""));
}

static void
test_back_pressure (StreamFixture *fixture,
                    gconstpointer  data)
{
  g_autoptr (Taker) taker = NULL;

  consume_stream (fixture, "count-5", count);
  taker = ask_stream (fixture, "count-5", 2);
  settle ();
  g_assert_cmpstr (get_sender (fixture)->sent->str, ==, "1 2");
  g_assert_cmpuint (bubus_reply_stream_get_n_waiting (taker->stream), ==, 2);
  take (taker);
  settle ();
  assert_taken (taker, "1");
  g_assert_cmpstr (get_sender (fixture)->sent->str, ==, "1 2 3");
  g_assert_cmpuint (bubus_reply_stream_get_n_waiting (taker->stream), ==, 2);
  take_all (taker);
  assert_taken (taker, "1 2 3 4 5 end");
}

/* Does not wait for room, and does not answer later. */
static gboolean
send_all_at_once (BubusEvent       *event,
                  BubusInvocation  *invocation,
                  gpointer          data,
                  GError          **error)
{
  for (int i = 1; i <= 5; i++)
    {
      g_autoptr (BubusJson) part = bubus_json_new_from_variant (g_variant_new_int32 (i));

      bubus_message_send_part_async (BUBUS_MESSAGE (event), part, NULL, NULL, NULL);
    }
  return TRUE;
}

static void
test_at_once (StreamFixture *fixture,
              gconstpointer  data)
{
  g_autoptr (Taker) taker = NULL;

  consume_stream (fixture, "all", send_all_at_once);
  taker = ask_stream (fixture, "all", 2);
  settle ();
  g_assert_cmpuint (bubus_reply_stream_get_n_waiting (taker->stream), ==, 5);
  g_assert_cmpint (bubus_reply_stream_get_state (taker->stream), ==, BUBUS_REPLY_STREAM_STATE_ENDED);
  take_all (taker);
  assert_taken (taker, "1 2 3 4 5 end");
}

static gboolean
send_without_waiting (BubusEvent       *event,
                      BubusInvocation  *invocation,
                      gpointer          data,
                      GError          **error)
{
  g_autoptr (GError) full = NULL;

  g_assert_true (bubus_message_send_part (BUBUS_MESSAGE (event), NULL, error));
  g_assert_false (bubus_message_send_part (BUBUS_MESSAGE (event), NULL, &full));
  g_assert_error (full, BUBUS_ERROR, BUBUS_ERROR_WOULD_BLOCK);
  return TRUE;
}

static void
test_would_block (StreamFixture *fixture,
                  gconstpointer  data)
{
  g_autoptr (Taker) taker = NULL;

  consume_stream (fixture, "one", send_without_waiting);
  taker = ask_stream (fixture, "one", 1);
  settle ();
  take_all (taker);
  assert_taken (taker, "null end");
}

static void
test_plain_answer (StreamFixture *fixture,
                   gconstpointer  data)
{
  g_autoptr (BubusJson) body = bubus_json_new ("[1]", -1, NULL);
  g_autoptr (Taker) one = NULL;
  g_autoptr (Taker) none = NULL;

  consume_stream (fixture, "echo", echo);
  one = taker_new (bubus_messenger_request_stream (fixture->base.messenger, "echo", body, NULL));
  none = taker_new (bubus_messenger_request_stream (fixture->base.messenger, "echo", NULL, NULL));
  take_all (one);
  take_all (none);
  assert_taken (one, "\"[1]\" end");
  assert_taken (none, "end");
}

static gboolean
send_to_a_request (BubusEvent       *event,
                   BubusInvocation  *invocation,
                   gpointer          data,
                   GError          **error)
{
  g_assert_false (bubus_message_is_stream (BUBUS_MESSAGE (event)));
  return bubus_message_send_part (BUBUS_MESSAGE (event), NULL, error);
}

static void
test_not_a_stream (StreamFixture *fixture,
                   gconstpointer  data)
{
  Reply reply;

  consume_stream (fixture, "once", send_to_a_request);
  ask (&fixture->base, "once", NULL, &reply);
  settle ();
  assert_refused (&reply, BUBUS_ERROR_RECIPIENT_FAILURE, "“once” failed: Nobody has asked “once” for a stream");
}

static void
test_types (StreamFixture *fixture,
            gconstpointer  data)
{
  g_autoptr (BubusJson) word = bubus_json_new ("\"one\"", -1, NULL);
  g_autoptr (BubusJson) number = bubus_json_new ("1", -1, NULL);
  BubusMessenger *messenger = fixture->base.messenger;
  g_autoptr (GError) error = NULL;
  g_autoptr (Taker) taker = NULL;
  Sender *sender;

  consume_stream (fixture, "count-0", count);
  bubus_messenger_set_reply_type (messenger, "count-0", G_VARIANT_TYPE_INT32);
  g_assert_true (g_variant_type_equal (bubus_messenger_get_reply_type (messenger, "count-0"), G_VARIANT_TYPE_INT32));
  g_assert_null (bubus_messenger_get_reply_type (messenger, "other"));
  taker = ask_stream (fixture, "count-0", 0);
  settle ();
  sender = get_sender (fixture);
  bubus_reply_stream_close (taker->stream);
  settle ();
  g_clear_error (&sender->error);
  g_ptr_array_set_size (fixture->senders, 0);
  g_clear_pointer (&taker, taker_free);

  /* A wrong part is refused where it is sent; the stream goes on. */
  consume_stream (fixture, "typed", keep);
  bubus_messenger_set_reply_type (messenger, "typed", G_VARIANT_TYPE_INT32);
  taker = ask_stream (fixture, "typed", 0);
  settle ();
  g_assert_false (bubus_message_send_part (bubus_reply_stream_get_message (taker->stream), word, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_RESULT_TYPE);
  g_assert_true (g_str_has_prefix (error->message, "A part of “typed” is not of the type “i”: "));
  g_assert_true (bubus_message_send_part (bubus_reply_stream_get_message (taker->stream), number, NULL));
  bubus_invocation_return_nothing (fixture->base.kept->pdata[0]);
  take_all (taker);
  assert_taken (taker, "1 end");
}

/* B-12.5: a plain answer is checked as well. */
static void
test_answer_types (StreamFixture *fixture,
                   gconstpointer  data)
{
  BubusMessenger *messenger = fixture->base.messenger;
  Reply reply;

  consume_stream (fixture, "echo", echo);
  bubus_messenger_set_reply_type (messenger, "echo", G_VARIANT_TYPE_INT32);
  ask (&fixture->base, "echo", "1", &reply);
  settle ();
  assert_refused (&reply, BUBUS_ERROR_RECIPIENT_FAILURE,
                  "“echo” failed: it answered with a gchararray, and answers there are of the type “i”");

  /* Nothing is always accepted, and the right type. */
  ask (&fixture->base, "echo", NULL, &reply);
  settle ();
  assert_reply (&reply, NULL);
  bubus_messenger_set_reply_type (messenger, "echo", G_VARIANT_TYPE_STRING);
  ask (&fixture->base, "echo", "1", &reply);
  settle ();
  assert_reply (&reply, "1");
  bubus_messenger_set_reply_type (messenger, "echo", NULL);
  ask (&fixture->base, "echo", "2", &reply);
  settle ();
  assert_reply (&reply, "2");
}

/* ---- among other events ---- */

static void
test_turns (StreamFixture *fixture,
            gconstpointer  data)
{
  g_autoptr (Taker) taker = NULL;
  Reply before, after;

  consume_stream (fixture, "slow", keep);
  consume_stream (fixture, "count-0", count);
  consume_stream (fixture, "echo", echo);
  ask (&fixture->base, "slow", NULL, &before);
  taker = ask_stream (fixture, "count-0", 2);
  ask (&fixture->base, "echo", "1", &after);
  settle ();

  /* A stream takes its turn as others do, and then lets them pass. */
  g_assert_cmpuint (fixture->senders->len, ==, 0);
  bubus_invocation_return_nothing (fixture->base.kept->pdata[0]);
  settle ();
  assert_reply (&before, NULL);
  g_assert_cmpuint (fixture->senders->len, ==, 1);
  assert_reply (&after, "1");
  g_assert_false (bubus_event_bus_is_idle (fixture->base.bus));
  bubus_reply_stream_close (taker->stream);
  settle ();
  assert_refused_part (get_sender (fixture), BUBUS_ERROR_CANCELLED, "Nobody wants more of the stream of “count-0”");
}

static void
test_global_turn (StreamFixture *fixture,
                  gconstpointer  data)
{
  g_autoptr (Taker) taker = NULL;
  Reply after;

  bubus_event_bus_set_event_concurrency (fixture->base.bus, BUBUS_EVENT_CONCURRENCY_GLOBAL_SERIAL);
  consume_stream (fixture, "count-3", count);
  consume_stream (fixture, "echo", echo);
  taker = ask_stream (fixture, "count-3", 1);
  ask (&fixture->base, "echo", "1", &after);
  settle ();
  assert_reply (&after, "1");
  take_all (taker);
  assert_taken (taker, "1 2 3 end");
}

#define N_STREAMS 50

static void
test_many (StreamFixture *fixture,
           gconstpointer  data)
{
  Taker *takers[N_STREAMS];
  Reply reply;

  consume_stream (fixture, "count-5", count);
  consume_stream (fixture, "echo", echo);
  for (guint i = 0; i < N_STREAMS; i++)
    takers[i] = ask_stream (fixture, "count-5", 1 + i % 3);
  settle ();
  g_assert_cmpuint (fixture->senders->len, ==, N_STREAMS);

  /* All are open, each as far as its window goes; others are handled as before. */
  ask (&fixture->base, "echo", "1", &reply);
  settle ();
  assert_reply (&reply, "1");
  for (guint i = 0; i < N_STREAMS; i++)
    g_assert_cmpuint (bubus_reply_stream_get_n_waiting (takers[i]->stream), ==, 1 + i % 3);
  for (guint round = 0; round < 6; round++)
    for (guint i = 0; i < N_STREAMS; i++)
      take (takers[N_STREAMS - 1 - i]);
  settle ();
  for (guint i = 0; i < N_STREAMS; i++)
    {
      assert_taken (takers[i], "1 2 3 4 5 end");
      taker_free (takers[i]);
    }
}

/* ---- in handlers ---- */

typedef struct
{
  StreamFixture    *fixture;
  BubusInvocation  *invocation;
  BubusReplyStream *stream;
  GString          *taken;
} Inner;

static void inner_taken_cb (GObject      *source,
                            GAsyncResult *result,
                            gpointer      data);

static gboolean
ask_inside (BubusEvent       *event,
            BubusInvocation  *invocation,
            gpointer          data,
            GError          **error)
{
  g_autoptr (BubusMessage) message = bubus_message_new ("count-3", NULL);
  Inner *inner = data;

  inner->invocation = g_object_ref (invocation);
  bubus_invocation_defer (invocation);
  inner->stream = bubus_messenger_request_stream_message (inner->fixture->base.messenger, message, 1, -1, 0,
                                                          invocation, error);
  g_assert_nonnull (inner->stream);
  bubus_reply_stream_next_async (inner->stream, NULL, inner_taken_cb, inner);
  return TRUE;
}

static void
inner_taken_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BubusJson) part = NULL;
  Inner *inner = data;

  part = bubus_reply_stream_next_finish (inner->stream, result, &error);
  g_assert_no_error (error);
  if (part != NULL)
    {
      g_string_append (inner->taken, bubus_json_get_text (part));
      bubus_reply_stream_next_async (inner->stream, NULL, inner_taken_cb, inner);
      return;
    }

  bubus_invocation_return_string (inner->invocation, inner->taken->str);
  g_clear_object (&inner->invocation);
  g_clear_object (&inner->stream);
}

static void
test_in_handler (StreamFixture *fixture,
                 gconstpointer  data)
{
  Inner inner = { fixture, NULL, NULL, g_string_new (NULL) };
  g_autoptr (GPtrArray) history = NULL;
  Reply reply;

  consume_stream (fixture, "count-3", count);
  bubus_messenger_consumer (fixture->base.messenger, "outer", BUBUS_CONSUMER_NONE, ask_inside, &inner, NULL, NULL);
  ask (&fixture->base, "outer", NULL, &reply);
  settle ();
  assert_reply (&reply, "123");

  /* The stream stands in the tree, below who has asked. */
  history = bubus_event_bus_list_history (fixture->base.bus);
  g_assert_cmpuint (history->len, ==, 2);
  for (guint i = 0; i < history->len; i++)
    g_assert_cmpint (bubus_event_get_event_parent_id (history->pdata[i]) != NULL, ==,
                     g_str_equal (bubus_event_get_event_type (history->pdata[i]), "count-3"));
  g_string_free (inner.taken, TRUE);
}

static gboolean
ask_and_leave (BubusEvent       *event,
               BubusInvocation  *invocation,
               gpointer          data,
               GError          **error)
{
  Inner *inner = data;

  inner->stream = bubus_messenger_request_stream (inner->fixture->base.messenger, "count-3", NULL, error);
  return inner->stream != NULL;
}

/* A handler that asks and returns leaves a child behind, which it waits for as for others. */
static void
test_left_by_handler (StreamFixture *fixture,
                      gconstpointer  data)
{
  Inner inner = { fixture, NULL, NULL, NULL };
  g_autoptr (Taker) taker = NULL;
  Reply reply;

  consume_stream (fixture, "count-3", count);
  bubus_messenger_consumer (fixture->base.messenger, "outer", BUBUS_CONSUMER_NONE, ask_and_leave, &inner, NULL, NULL);
  ask (&fixture->base, "outer", NULL, &reply);
  settle ();
  g_assert_cmpuint (fixture->senders->len, ==, 1);
  taker = taker_new (inner.stream);
  take_all (taker);
  assert_taken (taker, "1 2 3 end");
  assert_reply (&reply, NULL);
}

static void
dispatch_taken_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      data)
{
  g_autoptr (BubusJson) part = bubus_reply_stream_next_finish (BUBUS_REPLY_STREAM (source), result, NULL);
  StreamFixture *fixture = data;

  g_assert_true (bubus_messenger_publish (fixture->base.messenger, "taken", part, NULL));
}

/* Who takes a part is no part of the consumer that has just sent it: what it dispatches is no child of the stream. */
static void
test_set_aside (StreamFixture *fixture,
                gconstpointer  data)
{
  g_autoptr (BubusReplyStream) stream = NULL;
  g_autoptr (GPtrArray) history = NULL;

  consume_stream (fixture, "all", send_all_at_once);
  stream = bubus_messenger_request_stream (fixture->base.messenger, "all", NULL, NULL);
  bubus_reply_stream_next_async (stream, NULL, dispatch_taken_cb, fixture);
  settle ();
  history = bubus_event_bus_list_history (fixture->base.bus);
  g_assert_cmpuint (history->len, ==, 2);
  for (guint i = 0; i < history->len; i++)
    g_assert_null (bubus_event_get_event_parent_id (history->pdata[i]));
}

/* One that nobody has asked for, as another language may make it, is of no use, and does no harm. */
static void
test_made_by_hand (StreamFixture *fixture,
                   gconstpointer  data)
{
  BubusReplyStream *stream = g_object_new (BUBUS_TYPE_REPLY_STREAM, NULL);

  g_assert_null (bubus_reply_stream_get_message (stream));
  g_test_expect_message ("Bubus", G_LOG_LEVEL_CRITICAL, "*self->pipe != NULL*");
  g_assert_cmpint (bubus_reply_stream_get_state (stream), ==, BUBUS_REPLY_STREAM_STATE_CLOSED);
  g_test_assert_expected_messages ();
  g_test_expect_message ("Bubus", G_LOG_LEVEL_CRITICAL, "*self->pipe != NULL*");
  bubus_reply_stream_next_async (stream, NULL, NULL, NULL);
  g_test_assert_expected_messages ();
  g_assert_finalize_object (stream);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  stream_test ("/messaging/streams/order", test_order, "R-23: parts come in order, then the end");
  stream_test ("/messaging/streams/back-pressure", test_back_pressure, "R-23, B-12.17: the consumer waits for room");
  stream_test ("/messaging/streams/at-once", test_at_once, "R-23: what is sent before the end is not lost");
  stream_test ("/messaging/streams/would-block", test_would_block, "R-23: nothing blocks the bus");
  stream_test ("/messaging/streams/plain-answer", test_plain_answer, "R-23: an answer is a stream of one part");
  stream_test ("/messaging/streams/not-a-stream", test_not_a_stream, "R-23: a request has one answer");
  stream_test ("/messaging/streams/types", test_types, "R-14, R-23: parts are of the declared type");
  stream_test ("/messaging/streams/answer-types", test_answer_types, "R-14, B-12.5: so are other answers");
  stream_test ("/messaging/streams/turns", test_turns, "R-6, B-12.16: a stream takes its turn, then lets others pass");
  stream_test ("/messaging/streams/global-turn", test_global_turn, "R-6: also on buses that take turns");
  stream_test ("/messaging/streams/many", test_many, "R-23: many streams, each at its own pace");
  stream_test ("/messaging/streams/in-handler", test_in_handler, "R-2, R-4, R-23: inside of a handler");
  stream_test ("/messaging/streams/left-by-handler", test_left_by_handler, "R-5, R-23: left behind by a handler");
  stream_test ("/messaging/streams/set-aside", test_set_aside, "R-4: who takes is no part of who sends");
  stream_test ("/messaging/streams/made-by-hand", test_made_by_hand, "R-23: a stream comes from a request");

  return g_test_run ();
}
