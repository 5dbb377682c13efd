/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "messaging-fixture.h"

/* What callers get in their callbacks: it is used again when nobody keeps it. */

static void
ask_with (Fixture             *fixture,
          const char          *body,
          GAsyncReadyCallback  callback,
          gpointer             data)
{
  g_autoptr (BubusJson) json = bubus_json_new (body, -1, NULL);

  bubus_messenger_request_async (fixture->messenger, "echo", json, -1, NULL, callback, data);
}

static void
keep_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_ptr_array_add (data, g_object_ref (result));
}

/* Those that are kept have their own answers, also when others have come and gone since. */
static void
test_kept (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (GPtrArray) results = g_ptr_array_new_with_free_func (g_object_unref);
  Reply reply;

  consume (fixture, "echo", echo);
  ask_with (fixture, "1", keep_cb, results);
  ask_with (fixture, "2", keep_cb, results);
  settle ();
  for (guint i = 0; i < 3; i++)
    {
      ask (fixture, "echo", "3", &reply);
      settle ();
      assert_reply (&reply, "3");
    }

  g_assert_cmpuint (results->len, ==, 2);
  for (guint i = 0; i < results->len; i++)
    {
      g_autoptr (GObject) source = g_async_result_get_source_object (results->pdata[i]);
      Reply kept = { FALSE, NULL, NULL };

      g_assert_true (source == G_OBJECT (fixture->messenger));
      g_assert_true (g_async_result_get_user_data (results->pdata[i]) == results);
      g_assert_true (g_async_result_is_tagged (results->pdata[i], bubus_messenger_request_async));
      replied_cb (source, results->pdata[i], &kept);
      assert_reply (&kept, i == 0 ? "1" : "2");
    }
}

/* An answer that nobody takes is nobody's, and no callback need be. */
static void
test_ignored (Fixture       *fixture,
              gconstpointer  data)
{
  consume (fixture, "echo", echo);
  consume (fixture, "fail", fail);
  ask_with (fixture, "1", NULL, NULL);
  bubus_messenger_request_async (fixture->messenger, "fail", NULL, -1, NULL, NULL, NULL);
  bubus_messenger_request_async (fixture->messenger, "nowhere", NULL, -1, NULL, NULL, NULL);
  settle ();
  g_assert_cmpstr (fixture->trace->str, ==, "echo");
}

typedef struct
{
  Fixture *fixture;
  guint    n_left;
} Series;

static void
next_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BubusEventResult) answer = NULL;
  Series *series = data;

  answer = bubus_messenger_request_finish (BUBUS_MESSENGER (source), result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (g_value_get_string (bubus_event_result_get_value (answer)), ==, "1");
  if (--series->n_left > 0)
    ask_with (series->fixture, "1", next_cb, series);
}

/* From callback to callback, without end on the stack. */
static void
test_series (Fixture       *fixture,
             gconstpointer  data)
{
  Series series = { fixture, 20000 };

  consume (fixture, "echo", echo);
  ask_with (fixture, "1", next_cb, &series);
  settle ();
  g_assert_cmpuint (series.n_left, ==, 0);
}

/* Who asks while another main context is thread-default is answered there, whatever the answer is. */
static void
test_other_context (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Reply answered, refused;

  consume (fixture, "echo", echo);
  g_main_context_push_thread_default (context);
  ask (fixture, "echo", "1", &answered);
  ask (fixture, "nowhere", "1", &refused);
  g_main_context_pop_thread_default (context);
  settle ();
  g_assert_false (answered.done);
  g_assert_false (refused.done);
  while (g_main_context_iteration (context, FALSE))
    continue;
  assert_reply (&answered, "1");
  assert_refused (&refused, BUBUS_ERROR_NO_HANDLERS, "Nobody is at “nowhere”");
}

static void
publish_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr (BubusEventResult) answer = bubus_messenger_request_finish (BUBUS_MESSENGER (source), result, NULL);

  g_assert_null (answer);
  g_assert_true (bubus_messenger_publish (BUBUS_MESSENGER (source), "given-up", NULL, NULL));
}

/* Time goes on, as a test may have it, while a handler is called. */
static gboolean
run_out_of_time (BubusEvent       *event,
                 BubusInvocation  *invocation,
                 gpointer          data,
                 GError          **error)
{
  bubus_clock_advance (((Fixture *) data)->clock, G_GINT64_CONSTANT (10000000000));
  return TRUE;
}

/* Who is told is no part of the handler that runs: what it dispatches is no child. */
static void
test_set_aside (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (GPtrArray) history = NULL;

  consume (fixture, "time", run_out_of_time);
  consume (fixture, "echo", echo);
  bubus_messenger_set_timeout (fixture->messenger, 10);
  g_assert_true (bubus_messenger_send (fixture->messenger, "time", NULL, NULL));
  ask_with (fixture, "1", publish_cb, NULL);
  settle ();
  history = bubus_event_bus_list_history (fixture->bus);
  g_assert_cmpuint (history->len, ==, 3);
  for (guint i = 0; i < history->len; i++)
    g_assert_null (bubus_event_get_event_parent_id (history->pdata[i]));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  test ("/messaging/requests/kept", test_kept, "R-23: an answer belongs to who has kept its result");
  test ("/messaging/requests/ignored", test_ignored, "R-23: an answer need not be taken");
  test ("/messaging/requests/series", test_series, "R-23: one request after the other");
  test ("/messaging/requests/other-context", test_other_context, "R-21: answers come where they were asked for");
  test ("/messaging/requests/set-aside", test_set_aside, "R-4: who is told is no part of a handler");

  return g_test_run ();
}
