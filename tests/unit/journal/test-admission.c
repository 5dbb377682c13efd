/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "base/bubus-error.h"
#include "journal-fixture.h"

/* What bubus_journal_dispatch_async() tells, whom, and where. */

static void
use_recovery (Fixture *fixture)
{
  fixture_use (fixture, "recovery", TRUE, "durability", BUBUS_JOURNAL_DURABILITY_BEFORE_ACK, NULL);
}

static void
dispatch_through (Fixture       *fixture,
                  BubusEvent    *event,
                  GCancellable  *cancellable,
                  GAsyncResult **result)
{
  bubus_journal_dispatch_async (fixture->journal, fixture->bus, event, cancellable, store_result, result);
  g_assert_null (*result);
}

/* ---- results ---- */

typedef struct
{
  gpointer  seen;      /* the result, which is gone by now */
  gboolean  attaches;
  gboolean  attached;  /* and the data has not been given back */
} Told;

static void
note_gone (gpointer data)
{
  gboolean *attached = data;

  *attached = FALSE;
}

static void
told_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      data)
{
  Told *told = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GObject) source = g_async_result_get_source_object (result);

  g_assert_true (bubus_journal_dispatch_finish (BUBUS_JOURNAL (object), result, &error));
  g_assert_no_error (error);
  g_assert_true (source == object && g_async_result_get_user_data (result) == data);
  g_assert_true (g_async_result_is_tagged (result, bubus_journal_dispatch_async));
  g_assert_null (g_object_get_data (G_OBJECT (result), "mine"));
  if (told->attaches)
    {
      told->attached = TRUE;
      g_object_set_data_full (G_OBJECT (result), "mine", &told->attached, note_gone);
    }
  told->seen = result;
}

static void
tell_next (Fixture *fixture,
           Told    *told)
{
  g_autoptr (BubusEvent) event = make_event ("TestEvent");

  told->seen = NULL;
  bubus_journal_dispatch_async (fixture->journal, fixture->bus, event, NULL, told_cb, told);
  while (told->seen == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_used_again (Fixture       *fixture,
                 gconstpointer  data)
{
  Told told = { NULL };
  gpointer first;

  use_recovery (fixture);
  tell_next (fixture, &told);
  first = told.seen;
  tell_next (fixture, &told);
  g_assert_true (told.seen == first);

  told.attaches = TRUE;
  tell_next (fixture, &told);
  g_assert_false (told.attached);
  tell_next (fixture, &told);
  run_until_idle (fixture->bus);
}

static void
test_kept (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (BubusEvent) event = make_event ("TestEvent");
  g_autoptr (GAsyncResult) result = NULL;
  Told told = { NULL };

  use_recovery (fixture);
  dispatch_through (fixture, event, NULL, &result);
  wait_for_result (&result);
  for (guint i = 0; i < 3; i++)
    {
      tell_next (fixture, &told);
      g_assert_true (told.seen != result);
      g_assert_true (bubus_journal_dispatch_finish (fixture->journal, result, NULL));
    }
  run_until_idle (fixture->bus);
}

/* ---- refusals ---- */

/* The second time there is nothing to record, and it is told later nevertheless. */
static void
test_twice (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (BubusEvent) event = make_event ("TestEvent");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) again = NULL;

  use_recovery (fixture);
  dispatch_through (fixture, event, NULL, &result);
  g_assert_true (bubus_journal_dispatch_finish (fixture->journal, wait_for_result (&result), NULL));

  dispatch_through (fixture, event, NULL, &again); /* the bus knows it */
  g_assert_true (bubus_journal_dispatch_finish (fixture->journal, wait_for_result (&again), NULL));
  run_until_idle (fixture->bus);
  fixture_flush (fixture);
  g_assert_cmpuint (count_lines (fixture->path), ==, 2);
}

/* Who asks is told, also in languages in which a broken precondition is nobody's business. */
static void
test_not_in_recovery_mode (Fixture       *fixture,
                           gconstpointer  data)
{
  g_autoptr (BubusEvent) event = make_event ("TestEvent");
  g_autoptr (GAsyncResult) dispatched = NULL;
  g_autoptr (GAsyncResult) recovered = NULL;
  g_autoptr (GError) error = NULL;
  guint n_recovered = 1;

  fixture_use (fixture, "durability", BUBUS_JOURNAL_DURABILITY_BEFORE_ACK, NULL);
  dispatch_through (fixture, event, NULL, &dispatched);
  g_assert_false (bubus_journal_dispatch_finish (fixture->journal, wait_for_result (&dispatched), &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_JOURNAL);
  g_clear_error (&error);
  g_assert_false (bubus_event_is_sealed (event));

  bubus_journal_recover_async (fixture->journal, fixture->bus, NULL, store_result, &recovered);
  g_assert_null (recovered);
  g_assert_false (bubus_journal_recover_finish (fixture->journal, wait_for_result (&recovered), &n_recovered, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_JOURNAL);
  g_assert_nonnull (strstr (error->message, "recovery mode"));
  g_assert_cmpuint (n_recovered, ==, 0);
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
}

static void
test_cancelled (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (BubusEvent) event = make_event ("TestEvent");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  use_recovery (fixture);
  dispatch_through (fixture, event, cancellable, &result);
  g_cancellable_cancel (cancellable);
  wait_for_result (&result);
  for (guint i = 0; i < 2; i++)
    {
      g_clear_error (&error);
      g_assert_false (bubus_journal_dispatch_finish (fixture->journal, result, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
  g_assert_cmpuint (bubus_event_bus_get_n_pending (fixture->bus), ==, 0);
  g_assert_cmpuint (bubus_journal_count_unfinished (fixture->journal), ==, 0);
}

/* ---- a bus that is full ---- */

typedef struct
{
  guint n_accepted;
  guint n_refused;
} Count;

static void
count_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      data)
{
  Count *count = data;

  if (bubus_journal_dispatch_finish (BUBUS_JOURNAL (object), result, NULL))
    count->n_accepted++;
  else
    count->n_refused++;
}

static gboolean
trace_type (BubusEvent       *event,
            BubusInvocation  *invocation,
            gpointer          data,
            GError          **error)
{
  GString *trace = data;

  g_string_append_printf (trace, "%s ", bubus_event_get_event_type (event));
  return TRUE;
}

static void
test_full (Fixture       *fixture,
           gconstpointer  data)
{
  const char *names[] = { "A", "B", "C", "D" };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GString) trace = g_string_new (NULL);
  Count count = { 0, 0 };

  use_recovery (fixture);
  bubus_event_bus_on_pattern (fixture->bus, "*", "trace", trace_type, trace, NULL);
  bubus_event_bus_set_max_pending (fixture->bus, 1);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (BubusEvent) event = make_event (names[i]);

      bubus_journal_dispatch_async (fixture->journal, fixture->bus, event, i == 1 ? cancellable : NULL, count_cb,
                                    &count);
    }
  g_cancellable_cancel (cancellable);
  while (count.n_accepted + count.n_refused < G_N_ELEMENTS (names))
    g_main_context_iteration (NULL, TRUE);
  run_until_idle (fixture->bus);

  g_assert_cmpuint (count.n_refused, ==, 1);
  g_assert_cmpstr (trace->str, ==, "A C D ");
  g_assert_cmpuint (bubus_journal_count_unfinished (fixture->journal), ==, 0);
}

/* ---- another main context ---- */

static void
told_elsewhere_cb (GObject      *object,
                   GAsyncResult *result,
                   gpointer      data)
{
  GThread **told_in = data;

  g_assert_true (bubus_journal_dispatch_finish (BUBUS_JOURNAL (object), result, NULL));
  *told_in = g_thread_self ();
}

static gpointer
dispatch_elsewhere (gpointer data)
{
  Fixture *fixture = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (BubusEventBus) bus = NULL;

  g_main_context_push_thread_default (context);
  bus = bubus_event_bus_new ("Elsewhere");
  bubus_event_bus_add_middleware (bus, BUBUS_MIDDLEWARE (fixture->journal));
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (BubusEvent) event = make_event ("TestEvent");
      GThread *told_in = NULL;

      bubus_journal_dispatch_async (fixture->journal, bus, event, NULL, told_elsewhere_cb, &told_in);
      while (told_in == NULL || !bubus_event_bus_is_idle (bus))
        g_main_context_iteration (context, TRUE);
      g_assert_true (told_in == g_thread_self ());
    }
  bubus_event_bus_remove_middleware (bus, BUBUS_MIDDLEWARE (fixture->journal));
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
test_elsewhere (Fixture       *fixture,
                gconstpointer  data)
{
  use_recovery (fixture);
  g_thread_join (g_thread_new ("elsewhere", dispatch_elsewhere, fixture));
  fixture_flush (fixture);
  g_assert_cmpuint (count_lines (fixture->path), ==, 6);
  g_assert_cmpuint (bubus_journal_count_unfinished (fixture->journal), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("admission/used-again", test_used_again, "A result is used again, but not with what somebody attached to it");
  test ("admission/kept", test_kept, "A result that somebody keeps goes on saying the same");
  test ("admission/twice", test_twice, "R-19: an event is recorded once");
  test ("admission/not-in-recovery-mode", test_not_in_recovery_mode, "an error, and no critical");
  test ("admission/cancelled", test_cancelled, "R-19: refused, and not unfinished");
  test ("admission/full", test_full, "R-13: events wait for room in their order");
  test ("admission/elsewhere", test_elsewhere, "R-21: told in the main context of who has asked");

  return g_test_run ();
}
