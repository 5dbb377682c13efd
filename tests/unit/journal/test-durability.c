/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/bubus-error.h"
#include "journal/bubus-journal-file-private.h"
#include "journal-fixture.h"

/* A system that is worse than this one. It is changed only while no journal writes. */
static struct
{
  gsize    max_write;     /* bytes at once; 0: any */
  int      write_error;
  int      sync_error;
  int      n_failures;    /* that are still to come; atomic */
  int      after;         /* writes that succeed before; atomic */
  int      n_writes;      /* atomic, as what follows */
  int      n_syncs;
  GMutex   gate;
} bad;

static gboolean
bad_luck (void)
{
  if (g_atomic_int_add (&bad.after, -1) > 0)
    return FALSE;
  return g_atomic_int_add (&bad.n_failures, -1) > 0;
}

static gssize
bad_write (int           fd,
           gconstpointer data,
           gsize         length)
{
  g_atomic_int_inc (&bad.n_writes);
  g_mutex_lock (&bad.gate);
  g_mutex_unlock (&bad.gate);
  if (bad.write_error != 0 && bad_luck ())
    {
      errno = bad.write_error;
      return -1;
    }
  return write (fd, data, bad.max_write > 0 ? MIN (bad.max_write, length) : length);
}

/* Counts last: a test that sees the count may change what has been looked at before. */
static int
bad_sync (int fd)
{
  int error = bad.sync_error != 0 && bad_luck () ? bad.sync_error : 0;

  g_atomic_int_inc (&bad.n_syncs);
  errno = error;
  return error != 0 ? -1 : 0;
}

static void
be_good (void)
{
  bad.max_write = 0;
  bad.write_error = bad.sync_error = 0;
  bad.n_failures = bad.after = bad.n_writes = bad.n_syncs = 0;
}

static void
dispatch_many (Fixture *fixture,
               guint    n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("Event%u", i);

      dispatch_event (fixture, name);
    }
  run_until_idle (fixture->bus);
}

static void
assert_events (Fixture *fixture,
               guint    n)
{
  g_auto (GStrv) lines = read_lines (fixture->path);

  g_assert_cmpuint (g_strv_length (lines), ==, n + 1);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (BubusEvent) event = parse_line (lines[i]);
      g_autofree char *name = g_strdup_printf ("Event%u", i);

      g_assert_cmpstr (bubus_event_get_event_type (event), ==, name);
    }
}

/* ---- tests ---- */

static void
test_short_writes (Fixture       *fixture,
                   gconstpointer  data)
{
  bad.max_write = 7;
  fixture_use (fixture, NULL);
  dispatch_many (fixture, 20);
  g_assert_true (bubus_journal_flush (fixture->journal, NULL));
  assert_events (fixture, 20);
  g_assert_cmpuint (bubus_journal_get_n_written (fixture->journal), ==, 20);
  be_good ();
}

/* In the middle of a line the disk is full: the lines before it stay, the piece goes, the rest comes later, once. */
static void
test_full_disk (Fixture       *fixture,
                gconstpointer  data)
{
  g_autofree char *before = NULL;

  bad.max_write = 1000;
  bad.write_error = ENOSPC;
  bad.after = 3;
  bad.n_failures = 2;
  fixture_use (fixture, "retry-limit", 10, "retry-delay", 2.0, NULL);
  g_mutex_lock (&bad.gate);
  dispatch_many (fixture, 20);
  g_mutex_unlock (&bad.gate);

  while (fixture->trace->len == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (bubus_journal_is_failing (fixture->journal));
  before = read_text (fixture->path);
  g_assert_true (before[0] == '\0' || g_str_has_suffix (before, "\n"));

  /* Nobody asks before the time has come; twice the time for the second one. */
  bubus_clock_advance (fixture->clock, G_GINT64_CONSTANT (2000000000));
  while (g_atomic_int_get (&bad.n_failures) > 0)
    g_main_context_iteration (NULL, FALSE);
  while (bubus_journal_is_failing (fixture->journal))
    {
      bubus_clock_advance (fixture->clock, G_GINT64_CONSTANT (1000000000));
      g_main_context_iteration (NULL, FALSE);
    }
  fixture_flush (fixture);
  assert_events (fixture, 20);
  g_assert_cmpuint (bubus_journal_get_n_written (fixture->journal), ==, 20);
  g_assert_cmpuint (bubus_journal_get_n_failed (fixture->journal), ==, 0);
  g_assert_cmpstr (fixture->trace->str, ==, "failed ");
  be_good ();
}

static void
test_failing_property (Fixture       *fixture,
                       gconstpointer  data)
{
  guint n_notifications = 0;

  bad.write_error = EIO;
  bad.n_failures = 1;
  fixture_use (fixture, "retry-limit", 3, NULL);
  g_signal_connect_swapped (fixture->journal, "notify::failing", G_CALLBACK (g_atomic_int_inc), &n_notifications);
  dispatch_many (fixture, 1);
  g_assert_false (bubus_journal_flush (fixture->journal, NULL));
  while (n_notifications == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (bubus_journal_is_failing (fixture->journal));

  g_assert_true (bubus_journal_flush (fixture->journal, NULL));
  while (n_notifications == 1)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (bubus_journal_is_failing (fixture->journal));
  assert_events (fixture, 1);
  be_good ();
}

static void
test_given_up (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  bad.write_error = EIO;
  bad.n_failures = G_MAXINT;
  fixture_use (fixture, "retry-limit", 2, NULL);
  dispatch_many (fixture, 5);
  for (guint i = 0; i < 3; i++)
    {
      g_clear_error (&error);
      g_assert_false (bubus_journal_flush (fixture->journal, &error));
      g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_JOURNAL);
    }
  g_assert_cmpuint (bubus_journal_get_n_failed (fixture->journal), ==, 5);
  g_assert_cmpuint (bubus_journal_get_n_written (fixture->journal), ==, 0);
  fixture_flush (fixture);
  g_assert_cmpstr (fixture->trace->str, ==, "failed ");
  be_good ();
}

/* What was not synchronized is written again, and stands there once. */
static void
test_failed_sync (Fixture       *fixture,
                  gconstpointer  data)
{
  bad.sync_error = EIO;
  bad.n_failures = 1;
  fixture_use (fixture, "durability", BUBUS_JOURNAL_DURABILITY_BEFORE_ACK, NULL);
  dispatch_many (fixture, 5);
  bubus_journal_flush (fixture->journal, NULL);
  g_assert_true (bubus_journal_flush (fixture->journal, NULL));
  assert_events (fixture, 5);
  g_assert_cmpuint (bubus_journal_get_n_written (fixture->journal), ==, 5);
  be_good ();
}

/* Many events share a sync. */
static void
test_group_commit (Fixture       *fixture,
                   gconstpointer  data)
{
  fixture_use (fixture, "durability", BUBUS_JOURNAL_DURABILITY_BEFORE_ACK, NULL);
  g_mutex_lock (&bad.gate);
  dispatch_many (fixture, 1000);
  g_mutex_unlock (&bad.gate);
  g_assert_true (bubus_journal_flush (fixture->journal, NULL));
  assert_events (fixture, 1000);
  g_assert_cmpint (g_atomic_int_get (&bad.n_syncs), <, 100);
  be_good ();
}

static void
test_periodic (Fixture       *fixture,
               gconstpointer  data)
{
  fixture_use (fixture, "durability", BUBUS_JOURNAL_DURABILITY_PERIODIC, "sync-interval", 5.0, NULL);
  dispatch_many (fixture, 5);
  while (bubus_journal_get_n_written (fixture->journal) < 5)
    g_thread_yield ();
  g_assert_cmpint (g_atomic_int_get (&bad.n_syncs), ==, 0);

  /* The timeout is armed by the journal's thread, in its own time. */
  while (g_atomic_int_get (&bad.n_syncs) == 0)
    {
      bubus_clock_advance (fixture->clock, G_GINT64_CONSTANT (1000000000));
      g_main_context_iteration (NULL, FALSE);
    }
  be_good ();
}

/* The disk stands still: the bus does not, and what has no room is counted. */
static void
test_backlog (Fixture       *fixture,
              gconstpointer  data)
{
  guint n_lost;

  fixture_use (fixture, "max-backlog", G_GUINT64_CONSTANT (20000), NULL);
  g_mutex_lock (&bad.gate);
  dispatch_many (fixture, 100);
  g_assert_true (bubus_journal_is_congested (fixture->journal));
  n_lost = bubus_journal_get_n_failed (fixture->journal);
  g_assert_cmpuint (n_lost, >, 50);
  g_assert_cmpuint (n_lost, <, 100);
  g_mutex_unlock (&bad.gate);

  fixture_flush (fixture);
  g_assert_false (bubus_journal_is_congested (fixture->journal));
  g_assert_cmpuint (bubus_journal_get_n_written (fixture->journal), ==, 100 - n_lost);
  g_assert_cmpstr (fixture->trace->str, ==, "failed ");
  assert_events (fixture, 100 - n_lost);
  be_good ();
}

static void
test_flush_async (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  fixture_use (fixture, NULL);
  dispatch_many (fixture, 3);
  bubus_journal_flush_async (fixture->journal, NULL, store_result, &result);
  g_assert_true (bubus_journal_flush_finish (fixture->journal, wait_for_result (&result), &error));
  g_assert_no_error (error);
  assert_events (fixture, 3);
  g_assert_cmpint (g_atomic_int_get (&bad.n_syncs), ==, 1);
  be_good ();
}

static gboolean
dispatch_through (Fixture  *fixture,
                  GError  **error)
{
  g_autoptr (BubusEvent) event = make_event ("Event0");
  g_autoptr (GAsyncResult) result = NULL;

  bubus_journal_dispatch_async (fixture->journal, fixture->bus, event, NULL, store_result, &result);
  return bubus_journal_dispatch_finish (fixture->journal, wait_for_result (&result), error);
}

/* An acknowledged event is on the disk, and it is there before it is dispatched. */
static void
test_acknowledged (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) lines = NULL;

  fixture_use (fixture, "recovery", TRUE, "durability", BUBUS_JOURNAL_DURABILITY_BEFORE_ACK, NULL);
  g_assert_true (dispatch_through (fixture, &error));
  g_assert_no_error (error);
  lines = read_lines (fixture->path);
  g_assert_nonnull (strstr (lines[0], "\"event_status\":\"pending\""));
  g_assert_cmpint (g_atomic_int_get (&bad.n_syncs), >, 0);
  run_until_idle (fixture->bus);
  be_good ();
}

static void
test_required (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  bad.write_error = EIO;
  bad.n_failures = 1;
  fixture_use (fixture, "recovery", TRUE, "require", TRUE, "retry-limit", 0, NULL);
  g_assert_false (dispatch_through (fixture, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_JOURNAL);
  g_assert_cmpuint (bubus_event_bus_get_n_pending (fixture->bus), ==, 0);
  g_assert_cmpuint (bubus_journal_count_unfinished (fixture->journal), ==, 0);
  be_good ();
}

/* A failure is no fate of an event unless that was asked for. */
static void
test_not_required (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  bad.write_error = EIO;
  bad.n_failures = 1;
  fixture_use (fixture, "recovery", TRUE, "retry-limit", 0, NULL);
  g_assert_true (dispatch_through (fixture, &error));
  g_assert_no_error (error);
  run_until_idle (fixture->bus);
  fixture_flush (fixture);
  g_assert_cmpstr (fixture->trace->str, ==, "failed ");
  be_good ();
}

/* ---- on the bus itself ---- */

static gboolean
note_run (BubusEvent       *event,
          BubusInvocation  *invocation,
          gpointer          data,
          GError          **error)
{
  *(int *) data = g_atomic_int_get (&bad.n_syncs);
  return TRUE;
}

/* A plain dispatch: the handlers run when the disk has the record, and 20 events share a sync. */
static void
test_gate (Fixture       *fixture,
           gconstpointer  data)
{
  int n_syncs = -1;

  fixture_use (fixture, "recovery", TRUE, "durability", BUBUS_JOURNAL_DURABILITY_BEFORE_ACK, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "*", "note", note_run, &n_syncs, NULL);
  g_mutex_lock (&bad.gate);
  for (guint i = 0; i < 20; i++)
    dispatch_event (fixture, "Event");
  for (guint i = 0; i < 10; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (n_syncs, ==, -1);
  g_assert_cmpuint (bubus_event_bus_get_n_pending (fixture->bus), ==, 20);
  g_mutex_unlock (&bad.gate);
  run_until_idle (fixture->bus);
  g_assert_cmpint (n_syncs, >=, 1);
  g_assert_cmpint (n_syncs, <=, 3);
  be_good ();
}

static BubusEvent *
run_gated_event (Fixture  *fixture,
                 gboolean  require)
{
  BubusEvent *event = make_event ("Event");

  bad.write_error = EIO;
  bad.n_failures = 1;
  fixture_use (fixture, "recovery", TRUE, "durability", BUBUS_JOURNAL_DURABILITY_BEFORE_ACK, "require", require,
               "retry-limit", 0, NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  run_until_idle (fixture->bus);
  be_good ();
  return event;
}

/* The event has no results, and says why. */
static void
test_gate_required (Fixture       *fixture,
                    gconstpointer  data)
{
  int n_syncs = -1;
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (GError) reason = NULL;

  bubus_event_bus_on_pattern (fixture->bus, "*", "note", note_run, &n_syncs, NULL);
  event = run_gated_event (fixture, TRUE);
  reason = bubus_event_dup_drop_reason (event);
  g_assert_error (reason, BUBUS_ERROR, BUBUS_ERROR_JOURNAL);
  g_assert_cmpint (n_syncs, ==, -1);
  g_assert_cmpuint (bubus_journal_count_unfinished (fixture->journal), ==, 0);
}

static void
test_gate_not_required (Fixture       *fixture,
                        gconstpointer  data)
{
  int n_syncs = -1;
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on_pattern (fixture->bus, "*", "note", note_run, &n_syncs, NULL);
  event = run_gated_event (fixture, FALSE);
  g_assert_cmpint (n_syncs, >=, 0);
  fixture_flush (fixture);
  g_assert_cmpstr (fixture->trace->str, ==, "failed ");
}

static void
test_gate_backlog (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (BubusEvent) event = make_event ("Event");
  g_autoptr (GError) reason = NULL;

  fixture_use (fixture, "recovery", TRUE, "require", TRUE, "max-backlog", G_GUINT64_CONSTANT (10), NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  run_until_idle (fixture->bus);
  reason = bubus_event_dup_drop_reason (event);
  g_assert_error (reason, BUBUS_ERROR, BUBUS_ERROR_FULL);
  fixture_flush (fixture);
}

/* The bus stops while the disk is slow: nothing is left behind. */
static void
test_gate_stop (Fixture       *fixture,
                gconstpointer  data)
{
  fixture_use (fixture, "recovery", TRUE, "durability", BUBUS_JOURNAL_DURABILITY_BEFORE_ACK, NULL);
  g_mutex_lock (&bad.gate);
  dispatch_event (fixture, "Event");
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  bubus_event_bus_stop (fixture->bus);
  g_mutex_unlock (&bad.gate);
  run_until_idle (fixture->bus);
  fixture_flush (fixture);
  g_assert_cmpuint (bubus_journal_count_unfinished (fixture->journal), ==, 0);
  be_good ();
}

static gpointer
dispatch_in_thread (gpointer data)
{
  dispatch_event (data, "Event");
  return NULL;
}

static void
test_gate_thread (Fixture       *fixture,
                  gconstpointer  data)
{
  int n_syncs = -1;
  gboolean owned = g_main_context_acquire (NULL);

  fixture_use (fixture, "recovery", TRUE, "durability", BUBUS_JOURNAL_DURABILITY_BEFORE_ACK, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "*", "note", note_run, &n_syncs, NULL);
  g_assert_true (owned);
  g_thread_join (g_thread_new ("dispatcher", dispatch_in_thread, fixture));
  g_main_context_release (NULL);
  run_until_idle (fixture->bus);
  g_assert_cmpint (n_syncs, >=, 1);
  be_good ();
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_mutex_init (&bad.gate);
  _bubus_file_calls.write = bad_write;
  _bubus_file_calls.sync = bad_sync;

  test ("durability/short-writes", test_short_writes, "R-19");
  test ("durability/full-disk", test_full_disk, "R-19");
  test ("durability/failing-property", test_failing_property, "R-19");
  test ("durability/given-up", test_given_up, "R-19");
  test ("durability/failed-sync", test_failed_sync, "R-19");
  test ("durability/group-commit", test_group_commit, "R-19");
  test ("durability/periodic", test_periodic, "R-19");
  test ("durability/backlog", test_backlog, "R-19");
  test ("durability/flush-async", test_flush_async, "R-19");
  test ("durability/acknowledged", test_acknowledged, "R-19");
  test ("durability/required", test_required, "R-19");
  test ("durability/not-required", test_not_required, "R-19");
  test ("durability/gate", test_gate, "R-19: handlers run when the acceptance is durable");
  test ("durability/gate-required", test_gate_required, "R-12, R-19: an event that cannot be recorded says why");
  test ("durability/gate-not-required", test_gate_not_required, "R-19");
  test ("durability/gate-backlog", test_gate_backlog, "R-12, R-19");
  test ("durability/gate-stop", test_gate_stop, "R-16, R-19");
  test ("durability/gate-thread", test_gate_thread, "R-19, R-21");

  return g_test_run ();
}
