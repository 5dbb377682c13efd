/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "stream-fixture.h"

/* Streams between threads and over several buses. */

#define N_PARTS 200

static void
wait_for (int *flag)
{
  while (g_atomic_int_get (flag) == 0)
    g_main_context_iteration (NULL, TRUE);
}

static BubusJson *
new_number (int number)
{
  g_autofree char *text = g_strdup_printf ("%d", number);

  return bubus_json_new (text, -1, NULL);
}

/* ---- a consumer that works in a thread ---- */

typedef struct
{
  BubusMessage    *message;
  BubusInvocation *invocation;
  GThread         *thread;
  int              n_sent;
  GError          *error;
  int              over;     /* atomic */
} Worker;

static void
worker_end (Worker *self)
{
  if (self->error == NULL)
    bubus_invocation_return_nothing (self->invocation);
  g_atomic_int_set (&self->over, 1);
  g_main_context_wakeup (NULL);
}

static gpointer
send_blocking (gpointer data)
{
  Worker *self = data;

  for (int i = 1; i <= N_PARTS && self->error == NULL; i++)
    {
      g_autoptr (BubusJson) part = new_number (i);

      if (bubus_message_send_part (self->message, part, &self->error))
        self->n_sent++;
    }
  worker_end (self);
  return NULL;
}

typedef struct
{
  Worker    *worker;
  GMainLoop *loop;
} Pump;

static void pump_next (Pump *self);

static void
pumped_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  Pump *self = data;

  g_assert_true (g_main_context_is_owner (g_main_loop_get_context (self->loop)));
  if (bubus_message_send_part_finish (BUBUS_MESSAGE (source), result, &self->worker->error))
    self->worker->n_sent++;
  if (self->worker->error != NULL || self->worker->n_sent == N_PARTS)
    g_main_loop_quit (self->loop);
  else
    pump_next (self);
}

static void
pump_next (Pump *self)
{
  g_autoptr (BubusJson) part = new_number (self->worker->n_sent + 1);

  bubus_message_send_part_async (self->worker->message, part, NULL, pumped_cb, self);
}

/* In a main context of its own. */
static gpointer
send_in_context (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Pump pump = { data, g_main_loop_new (context, FALSE) };

  g_main_context_push_thread_default (context);
  pump_next (&pump);
  g_main_loop_run (pump.loop);
  g_main_context_pop_thread_default (context);
  g_main_loop_unref (pump.loop);
  worker_end (data);
  return NULL;
}

static Worker worker;

static gboolean
work_in_thread (BubusEvent       *event,
                BubusInvocation  *invocation,
                gpointer          data,
                GError          **error)
{
  bubus_invocation_defer (invocation);
  worker = (Worker) { g_object_ref (BUBUS_MESSAGE (event)), g_object_ref (invocation), NULL, 0, NULL, 0 };
  worker.thread = g_thread_new ("worker", data, &worker);
  return TRUE;
}

static void
worker_clear (void)
{
  wait_for (&worker.over);
  g_thread_join (worker.thread);
  g_clear_error (&worker.error);
  g_clear_object (&worker.invocation);
  g_clear_object (&worker.message);
}

static Taker *
ask_worker (StreamFixture *fixture,
            GThreadFunc    func)
{
  bubus_messenger_consumer (fixture->base.messenger, "work", BUBUS_CONSUMER_NONE, work_in_thread, func, NULL, NULL);
  return ask_stream (fixture, "work", 4);
}

static void
assert_all_taken (Taker *taker)
{
  g_autoptr (GString) expected = g_string_new (NULL);

  for (int i = 1; i <= N_PARTS; i++)
    g_string_append_printf (expected, "%d ", i);
  g_string_append (expected, "end");
  assert_taken (taker, expected->str);
}

static void
test_worker (StreamFixture *fixture,
             GThreadFunc    func)
{
  g_autoptr (Taker) taker = ask_worker (fixture, func);

  take_all (taker);
  while (bubus_reply_stream_get_state (taker->stream) == BUBUS_REPLY_STREAM_STATE_OPEN
         || !g_str_has_suffix (taker->taken->str, "end"))
    {
      g_assert_cmpuint (bubus_reply_stream_get_n_waiting (taker->stream), <=, 4);
      g_main_context_iteration (NULL, TRUE);
    }
  assert_all_taken (taker);
  worker_clear ();
}

static void
test_blocking_worker (StreamFixture *fixture,
                      gconstpointer  data)
{
  test_worker (fixture, send_blocking);
}

static void
test_worker_context (StreamFixture *fixture,
                     gconstpointer  data)
{
  test_worker (fixture, send_in_context);
}

/* A thread that waits for room wakes up when nobody will make any. */
static void
test_worker_stopped (StreamFixture *fixture,
                     gconstpointer  data)
{
  g_autoptr (Taker) taker = ask_worker (fixture, send_blocking);

  while (bubus_reply_stream_get_n_waiting (taker->stream) < 4)
    g_main_context_iteration (NULL, FALSE);
  bubus_reply_stream_close (taker->stream);
  wait_for (&worker.over);
  g_assert_error (worker.error, BUBUS_ERROR, BUBUS_ERROR_CANCELLED);
  g_assert_cmpint (worker.n_sent, ==, 4);
  worker_clear ();
}

/* ---- who takes is in a thread ---- */

typedef struct
{
  BubusReplyStream *stream;
  GMainLoop        *loop;
  GThread          *main_thread;
  int               sum;
  gboolean          closes;
  int               over;   /* atomic */
} Elsewhere;

static void
elsewhere_taken_cb (GObject      *source,
                    GAsyncResult *result,
                    gpointer      data)
{
  Elsewhere *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (BubusJson) part = NULL;

  g_assert_true (g_thread_self () != self->main_thread);
  part = bubus_reply_stream_next_finish (self->stream, result, &error);
  g_assert_no_error (error);
  if (part != NULL)
    self->sum += g_ascii_strtoll (bubus_json_get_text (part), NULL, 10);
  if (part == NULL || self->closes)
    g_main_loop_quit (self->loop);
  else
    bubus_reply_stream_next_async (self->stream, NULL, elsewhere_taken_cb, self);
}

static gpointer
take_elsewhere (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Elsewhere *self = data;

  self->loop = g_main_loop_new (context, FALSE);
  g_main_context_push_thread_default (context);
  bubus_reply_stream_next_async (self->stream, NULL, elsewhere_taken_cb, self);
  g_main_loop_run (self->loop);
  g_clear_object (&self->stream);
  g_main_context_pop_thread_default (context);
  g_main_loop_unref (self->loop);
  g_atomic_int_set (&self->over, 1);
  g_main_context_wakeup (NULL);
  return NULL;
}

static void
run_elsewhere (StreamFixture *fixture,
               const char    *address,
               Elsewhere     *elsewhere)
{
  g_autoptr (GThread) thread = NULL;

  consume (&fixture->base, address, count);
  elsewhere->stream = bubus_messenger_request_stream (fixture->base.messenger, address, NULL, NULL);
  elsewhere->main_thread = g_thread_self ();
  thread = g_thread_new ("taker", take_elsewhere, elsewhere);
  wait_for (&elsewhere->over);
  g_thread_join (g_steal_pointer (&thread));
  settle ();
}

static void
test_taker (StreamFixture *fixture,
            gconstpointer  data)
{
  Elsewhere elsewhere = { NULL };

  run_elsewhere (fixture, "count-100", &elsewhere);
  g_assert_cmpint (elsewhere.sum, ==, 5050);
}

/* It gives the stream back in its own thread; the consumer is told in that of the bus. */
static void
test_taker_gives_up (StreamFixture *fixture,
                     gconstpointer  data)
{
  Elsewhere elsewhere = { .closes = TRUE };

  run_elsewhere (fixture, "count-0", &elsewhere);
  g_assert_cmpint (elsewhere.sum, ==, 1);
  assert_refused_part (get_sender (fixture), BUBUS_ERROR_CANCELLED, "Nobody wants more of the stream of “count-0”");
}

/* ---- several buses ---- */

static void
test_forwarded (StreamFixture *fixture,
                gconstpointer  data)
{
  BubusEventBus *other = bubus_event_bus_new ("Other");
  g_autoptr (Taker) taker = NULL;

  bubus_event_bus_forward (fixture->base.bus, "*", NULL, other);
  bubus_event_bus_on_pattern (other, "*", "watch", keep, fixture, NULL);
  consume (&fixture->base, "count-3", count);
  taker = ask_stream (fixture, "count-3", 0);
  take_all (taker);

  /* The event is the same on both buses, and complete when both are done with it; parts come once, and at once. */
  assert_taken (taker, "1 2 3");
  g_assert_cmpuint (fixture->base.kept->len, ==, 1);
  bubus_invocation_return_nothing (fixture->base.kept->pdata[0]);
  settle ();
  assert_taken (taker, "1 2 3 end");
  g_ptr_array_set_size (fixture->base.kept, 0);
  bubus_event_bus_stop (other);
  g_clear_pointer (&taker, taker_free);
  g_ptr_array_set_size (fixture->senders, 0);
  bubus_event_bus_off_by_pattern (fixture->base.bus, "*");
  bubus_event_bus_clear (fixture->base.bus);
  g_assert_finalize_object (other);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  stream_test ("/messaging/streams/thread/blocking", test_blocking_worker, "R-21, R-23: sent by a thread that blocks");
  stream_test ("/messaging/streams/thread/context", test_worker_context, "R-21, R-23: sent in another main context");
  stream_test ("/messaging/streams/thread/stopped", test_worker_stopped, "R-23: a thread is not kept waiting");
  stream_test ("/messaging/streams/thread/taker", test_taker, "R-21, R-23: taken in another main context");
  stream_test ("/messaging/streams/thread/given-up", test_taker_gives_up, "R-21, R-23: given up in another thread");
  stream_test ("/messaging/streams/forwarded", test_forwarded, "R-11, R-23: on several buses");

  return g_test_run ();
}
