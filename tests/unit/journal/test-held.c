/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/bubus-error.h"
#include "bus/bubus-event-wait.h"
#include "journal/bubus-journal-file-private.h"
#include "journal-fixture.h"

/* Completion that waits for the disk. Here the disk stands still as long as its gate is closed. */

static struct
{
  GMutex gate;
  int    n_syncs;     /* atomic, as what follows */
  int    n_failures;  /* that are still to come */
} disk;

static int
disk_sync (int fd)
{
  g_mutex_lock (&disk.gate);
  g_mutex_unlock (&disk.gate);
  if (g_atomic_int_add (&disk.n_failures, -1) > 0)
    {
      errno = EIO;
      return -1;
    }
  g_atomic_int_inc (&disk.n_syncs);
  return 0;
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture_set_up (fixture, data);
  g_atomic_int_set (&disk.n_syncs, 0);
  g_atomic_int_set (&disk.n_failures, 0);
}

static void
run_what_there_is (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static gboolean
answer (BubusEvent       *event,
        BubusInvocation  *invocation,
        gpointer          data,
        GError          **error)
{
  bubus_invocation_return_string (invocation, "done");
  return TRUE;
}

static BubusEvent *
dispatch (Fixture *fixture)
{
  BubusEvent *event = make_event ("Event");

  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  return event;
}

static void
note_syncs (GObject      *object,
            GAsyncResult *result,
            gpointer      data)
{
  *(int *) data = g_atomic_int_get (&disk.n_syncs);
}

/* The record is on the disk before anybody is told, and it says that the event is complete. */
static void
test_order (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusEvent) recorded = NULL;
  g_auto (GStrv) lines = NULL;
  int n_syncs = -1;

  fixture_use (fixture, "durable-completion", TRUE, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "*", "answer", answer, NULL, NULL);
  g_mutex_lock (&disk.gate);
  event = dispatch (fixture);
  bubus_event_wait_async (event, NULL, note_syncs, &n_syncs);
  run_what_there_is ();
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_STARTED);
  g_assert_cmpint (bubus_event_get_event_completed_at (event), ==, 0);
  g_assert_cmpuint (bubus_event_bus_get_n_pending (fixture->bus), ==, 1);
  g_assert_cmpint (n_syncs, ==, -1);
  bubus_clock_advance (fixture->clock, 1000);
  g_mutex_unlock (&disk.gate);
  run_until_idle (fixture->bus);
  while (n_syncs < 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (n_syncs, ==, 1);

  fixture_flush (fixture);
  lines = read_lines (fixture->path);
  g_assert_cmpuint (g_strv_length (lines), ==, 2);
  recorded = parse_line (lines[0]);
  g_assert_cmpint (bubus_event_get_event_status (recorded), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpint (bubus_event_get_event_completed_at (recorded), ==, bubus_event_get_event_completed_at (event));
  g_assert_nonnull (strstr (lines[0], "\"event_pending_bus_count\":0"));
  g_assert_nonnull (strstr (lines[0], "\"result\":\"done\""));
}

/* Events that come together share a sync, and the bus handles them while the disk is busy. */
static void
test_group (Fixture       *fixture,
            gconstpointer  data)
{
  fixture_use (fixture, "durable-completion", TRUE, NULL);
  g_mutex_lock (&disk.gate);
  for (guint i = 0; i < 50; i++)
    dispatch_event (fixture, "Event");
  run_what_there_is ();
  g_assert_cmpuint (bubus_event_bus_get_n_pending (fixture->bus), ==, 50);
  g_mutex_unlock (&disk.gate);
  run_until_idle (fixture->bus);
  g_assert_cmpint (g_atomic_int_get (&disk.n_syncs), <=, 3);
  fixture_flush (fixture);
  g_assert_cmpuint (count_lines (fixture->path), ==, 50);
}

static gboolean
cause (BubusEvent       *event,
       BubusInvocation  *invocation,
       gpointer          data,
       GError          **error)
{
  g_autoptr (BubusEvent) child = make_event ("Child");

  return bubus_invocation_dispatch (invocation, NULL, child, error);
}

/* A parent is complete after its child, and recorded after it. */
static void
test_child (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (BubusEvent) parent = make_event ("Parent");
  g_auto (GStrv) lines = NULL;

  fixture_use (fixture, "durable-completion", TRUE, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "Parent", "cause", cause, NULL, NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, parent, NULL));
  run_until_idle (fixture->bus);
  g_assert_cmpint (bubus_event_get_event_status (parent), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpint (g_atomic_int_get (&disk.n_syncs), ==, 2);
  fixture_flush (fixture);
  lines = read_lines (fixture->path);
  g_assert_cmpuint (g_strv_length (lines), ==, 3);
  g_assert_nonnull (strstr (lines[0], "\"event_type\":\"Child\""));
  g_assert_nonnull (strstr (lines[1], "\"event_type\":\"Parent\""));
}

static gboolean
run_in_place (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  g_autoptr (BubusEvent) child = make_event ("Child");

  return bubus_invocation_dispatch (invocation, NULL, child, error) && bubus_invocation_run (invocation, child, error);
}

/* Nothing in a handler waits for the disk. */
static void
test_in_place (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (BubusEvent) parent = make_event ("Parent");
  g_autoptr (GPtrArray) results = NULL;

  fixture_use (fixture, "durable-completion", TRUE, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "Parent", "run", run_in_place, NULL, NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, parent, NULL));
  run_until_idle (fixture->bus);
  results = bubus_event_list_results (parent);
  g_assert_error (bubus_event_result_get_error (results->pdata[0]), BUBUS_ERROR, BUBUS_ERROR_WOULD_BLOCK);
}

static void
child_ran_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      data)
{
  g_autoptr (BubusInvocation) invocation = BUBUS_INVOCATION (object);
  g_autoptr (GError) error = NULL;

  g_assert_true (bubus_invocation_run_finish (invocation, result, &error));
  g_assert_no_error (error);
  bubus_invocation_return_int (invocation, g_atomic_int_get (&disk.n_syncs));
}

static gboolean
run_and_wait (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  g_autoptr (BubusEvent) child = make_event ("Child");

  if (!bubus_invocation_dispatch (invocation, NULL, child, error))
    return FALSE;
  bubus_invocation_defer (invocation);
  bubus_invocation_run_async (g_object_ref (invocation), child, NULL, child_ran_cb, NULL);
  return TRUE;
}

static void
test_awaited (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (BubusEvent) parent = make_event ("Parent");
  g_autoptr (GPtrArray) results = NULL;

  fixture_use (fixture, "durable-completion", TRUE, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "Parent", "run", run_and_wait, NULL, NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, parent, NULL));
  run_until_idle (fixture->bus);
  results = bubus_event_list_results (parent);
  g_assert_cmpint (g_value_get_int (bubus_event_result_get_value (results->pdata[0])), ==, 1);
}

static BubusEvent *
run_with_failure (Fixture  *fixture,
                  gboolean  require)
{
  g_autoptr (BubusEvent) event = NULL;

  fixture_use (fixture, "durable-completion", TRUE, "require", require, "recovery", FALSE, "retry-limit", 0, NULL);
  g_atomic_int_set (&disk.n_failures, 1);
  g_mutex_lock (&disk.gate);
  event = dispatch (fixture);
  run_what_there_is ();
  g_mutex_unlock (&disk.gate);
  run_until_idle (fixture->bus);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  fixture_flush (fixture);
  g_assert_cmpstr (fixture->trace->str, ==, "failed ");
  return g_steal_pointer (&event);
}

/* A failure of the disk is no fate of an event. */
static void
test_failure (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (BubusEvent) event = run_with_failure (fixture, FALSE);

  g_assert_null (bubus_event_dup_drop_reason (event));
}

/* Unless that is asked for: then who waits is told. */
static void
test_required (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (BubusEvent) event = run_with_failure (fixture, TRUE);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  bubus_event_wait_async (event, NULL, store_result, &result);
  g_assert_false (bubus_event_wait_finish (event, wait_for_result (&result), &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_JOURNAL);
}

static void
test_backlog (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (GError) reason = NULL;

  fixture_use (fixture, "durable-completion", TRUE, "require", TRUE, "max-backlog", G_GUINT64_CONSTANT (10), NULL);
  event = dispatch (fixture);
  run_until_idle (fixture->bus);
  reason = bubus_event_dup_drop_reason (event);
  g_assert_error (reason, BUBUS_ERROR, BUBUS_ERROR_FULL);
  g_assert_cmpuint (bubus_journal_get_n_failed (fixture->journal), ==, 1);
  fixture_flush (fixture);
}

static gboolean
stop_cb (gpointer data)
{
  bubus_event_bus_stop (data);
  return G_SOURCE_REMOVE;
}

/* A stop that waits for no event waits for the disk. */
static void
test_stop (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;
  int n_syncs = -1;

  fixture_use (fixture, "durable-completion", TRUE, NULL);
  g_idle_add_full (G_PRIORITY_HIGH, stop_cb, fixture->bus, NULL);
  event = dispatch (fixture);
  bubus_event_wait_async (event, NULL, note_syncs, &n_syncs);
  while (n_syncs < 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (n_syncs, >=, 1);
  fixture_flush (fixture);
  g_assert_cmpuint (count_lines (fixture->path), ==, 1);
}

static void
test_stop_held (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;

  fixture_use (fixture, "durable-completion", TRUE, NULL);
  g_mutex_lock (&disk.gate);
  event = dispatch (fixture);
  run_what_there_is ();
  g_mutex_unlock (&disk.gate);
  g_assert_cmpint (bubus_event_get_event_status (event), !=, BUBUS_EVENT_STATUS_COMPLETED);
  bubus_event_bus_stop (fixture->bus);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpint (g_atomic_int_get (&disk.n_syncs), >=, 1);
  run_until_idle (fixture->bus);
  fixture_flush (fixture);
  g_assert_cmpuint (count_lines (fixture->path), ==, 1);
}

/* What is added while the event is held is in the record, too. */
static void
test_forwarded (Fixture       *fixture,
                gconstpointer  data)
{
  BubusEventBus *other = bubus_event_bus_new ("Other");
  g_autoptr (BubusEvent) event = NULL;
  g_auto (GStrv) lines = NULL;

  fixture_use (fixture, "durable-completion", TRUE, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "*", "first", answer, NULL, NULL);
  bubus_event_bus_on_pattern (other, "*", "second", answer, NULL, NULL);
  g_mutex_lock (&disk.gate);
  event = dispatch (fixture);
  run_what_there_is ();
  g_assert_true (bubus_event_bus_dispatch (other, event, NULL));
  run_what_there_is ();
  g_mutex_unlock (&disk.gate);
  run_until_idle (fixture->bus);
  fixture_flush (fixture);
  lines = read_lines (fixture->path);
  g_assert_cmpuint (g_strv_length (lines), ==, 3);
  g_assert_null (strstr (lines[0], "\"second\""));
  g_assert_nonnull (strstr (lines[1], "\"second\""));
  g_assert_cmpint (g_atomic_int_get (&disk.n_syncs), ==, 2);
  g_assert_finalize_object (other);
}

#define held_test(path, function, summary) \
  g_test_add ("/journal/held/" path, Fixture, summary, set_up, function, fixture_tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_mutex_init (&disk.gate);
  _bubus_file_calls.sync = disk_sync;

  held_test ("order", test_order, "R-19: completion is told when the disk has it");
  held_test ("group", test_group, "R-19: many events, one sync");
  held_test ("child", test_child, "R-19, B-1.12");
  held_test ("in-place", test_in_place, "R-19");
  held_test ("awaited", test_awaited, "R-19");
  held_test ("failure", test_failure, "R-19: a failure is no fate of an event");
  held_test ("required", test_required, "R-19: unless that is asked for");
  held_test ("backlog", test_backlog, "R-12, R-19");
  held_test ("stop", test_stop, "R-16, R-19");
  held_test ("stop-held", test_stop_held, "R-16, R-19");
  held_test ("forwarded", test_forwarded, "R-19");
  return g_test_run ();
}
