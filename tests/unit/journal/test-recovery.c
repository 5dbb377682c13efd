/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include <glib/gstdio.h>

#include "base/bubus-error.h"
#include "codec/bubus-generic-event.h"
#include "journal/bubus-journal-checksum-private.h"
#include "journal-fixture.h"

static gboolean
trace_event (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  Fixture *fixture = data;

  g_string_append_printf (fixture->trace, "%s:%u ", bubus_event_get_event_type (event),
                          bubus_journal_get_n_retries (fixture->journal, event));
  return TRUE;
}

/* What the file was when the process died. */
static void
crash (Fixture    *fixture,
       const char *text)
{
  g_autoptr (GError) error = NULL;

  fixture_forget_journal (fixture);
  g_file_set_contents (fixture->path, text, -1, &error);
  g_assert_no_error (error);
  g_object_unref (fixture->bus);
  fixture->bus = bubus_event_bus_new ("Bus");
  bubus_event_bus_on_pattern (fixture->bus, "*", "trace", trace_event, fixture, NULL);
  fixture_use (fixture, "recovery", TRUE, NULL);
}

/* Runs events, of which “Slow*” are not complete when the process dies. */
static void
run_and_crash (Fixture     *fixture,
               const char **event_types,
               const char  *appended)
{
  g_autofree char *text = NULL;
  g_autofree char *torn = NULL;

  fixture_use (fixture, "recovery", TRUE, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "Slow*", "never", never_answer, NULL, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "Slow*", "never_2", never_answer, NULL, NULL);
  for (guint i = 0; event_types[i] != NULL; i++)
    dispatch_event (fixture, event_types[i]);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  fixture_flush (fixture);

  text = read_text (fixture->path);
  torn = g_strconcat (text, appended, NULL);
  bubus_event_bus_stop (fixture->bus);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  crash (fixture, torn);
}

static gboolean
recover (Fixture  *fixture,
         guint    *n_recovered,
         GError  **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  gboolean recovered;

  bubus_journal_recover_async (fixture->journal, fixture->bus, NULL, store_result, &result);
  recovered = bubus_journal_recover_finish (fixture->journal, wait_for_result (&result), n_recovered, error);
  run_until_idle (fixture->bus);
  fixture_flush (fixture);
  return recovered;
}

static void
assert_recovers (Fixture *fixture,
                 guint    n)
{
  g_autoptr (GError) error = NULL;
  guint n_recovered;

  g_assert_true (recover (fixture, &n_recovered, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_recovered, ==, n);
  g_assert_cmpuint (bubus_journal_count_unfinished (fixture->journal), ==, 0);
}

static char *
get_id (const char *line)
{
  g_autoptr (BubusEvent) event = parse_line (line);

  return g_strdup (bubus_event_get_event_id (event));
}

/* ---- tests ---- */

static void
test_records (Fixture       *fixture,
              gconstpointer  data)
{
  g_auto (GStrv) lines = NULL;

  fixture_use (fixture, "recovery", TRUE, NULL);
  dispatch_event (fixture, "FirstEvent");
  run_until_idle (fixture->bus);
  fixture_flush (fixture);

  lines = read_lines (fixture->path);
  g_assert_cmpuint (g_strv_length (lines), ==, 3);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (BubusEvent) event = parse_line (lines[i]); /* for others, the checksum is a member */
      gsize length = strlen (lines[i]);

      g_assert_cmpint (bubus_event_get_event_status (event), ==,
                       i == 0 ? BUBUS_EVENT_STATUS_PENDING : BUBUS_EVENT_STATUS_COMPLETED);
      g_assert_cmpint (_bubus_checksum_take (lines[i], &length), ==, BUBUS_CHECKSUM_GOOD);
    }
  g_assert_cmpuint (bubus_journal_count_unfinished (fixture->journal), ==, 0);
}

/* As the processor computes them, if it does: in parts, of which there are more when a text is long. */
static void
check_long_checksums (void)
{
  char text[8000];

  for (gsize i = 0; i < sizeof text; i++)
    text[i] = (char) g_test_rand_int_range (0, 256);
  for (gsize n = 0; n < sizeof text; n += n < 200 ? 1 : (gsize) g_test_rand_int_range (1, 60))
    g_assert_cmphex (_bubus_checksum_compute (text + n % 8, n - n % 8), ==,
                     _bubus_checksum_compute_by_tables (text + n % 8, n - n % 8));
}

/* The check value of the catalogue of CRCs, and lengths that are no multiples of eight. */
static void
test_checksum (Fixture       *fixture,
               gconstpointer  data)
{
  char line[] = "{\"a\":1" BUBUS_CHECKSUM_BLANK "\n";
  gsize length = strlen (line) - 1;

  g_assert_cmphex (_bubus_checksum_compute ("123456789", 9), ==, 0xe3069283);
  g_assert_cmphex (_bubus_checksum_compute ("", 0), ==, 0);
  for (gsize n = 0; n < sizeof line; n++)
    g_assert_cmphex (_bubus_checksum_compute (line, n), ==, _bubus_checksum_compute_by_tables (line, n));
  check_long_checksums ();

  _bubus_checksum_fill (line, strlen (line));
  line[5] = '2';
  g_assert_cmpint (_bubus_checksum_take (line, &length), ==, BUBUS_CHECKSUM_BAD);
  line[5] = '1';
  g_assert_cmpint (_bubus_checksum_take (line, &length), ==, BUBUS_CHECKSUM_GOOD);
  g_assert_cmpmem (line, length, "{\"a\":1}", 7);
  g_assert_cmpint (_bubus_checksum_take (line, &length), ==, BUBUS_CHECKSUM_NONE);
}

static void
test_unfinished (Fixture       *fixture,
                 gconstpointer  data)
{
  const char *events[] = { "QuickEvent", "SlowEvent", "QuickEvent", "SlowerEvent", "SlowestEvent", NULL };

  run_and_crash (fixture, events, "");
  g_string_truncate (fixture->trace, 0);
  assert_recovers (fixture, 4);
  g_assert_cmpstr (fixture->trace->str, ==, "SlowEvent:1 QuickEvent:1 SlowerEvent:1 SlowestEvent:1 ");

  /* Nothing is left for the next life. */
  fixture_forget_journal (fixture);
  fixture_use (fixture, "recovery", TRUE, NULL);
  assert_recovers (fixture, 0);
}

static void
test_same_id (Fixture       *fixture,
              gconstpointer  data)
{
  const char *events[] = { "SlowEvent", NULL };
  g_auto (GStrv) lines = NULL;
  g_autofree char *first = NULL;
  g_autofree char *last = NULL;

  run_and_crash (fixture, events, "");
  assert_recovers (fixture, 1);
  lines = read_lines (fixture->path);
  g_assert_cmpuint (g_strv_length (lines), ==, 4);
  first = get_id (lines[0]);
  last = get_id (lines[2]);
  g_assert_cmpstr (first, ==, last);
  g_assert_null (strstr (lines[0], "journal_retry"));
  g_assert_nonnull (strstr (lines[1], "\"journal_retry\":1"));
  g_assert_nonnull (strstr (lines[2], "\"journal_retry\":1"));
}

static void
test_dies_again (Fixture       *fixture,
                 gconstpointer  data)
{
  const char *events[] = { "SlowEvent", NULL };
  g_auto (GStrv) lines = NULL;
  g_autofree char *text = NULL;

  run_and_crash (fixture, events, "");
  assert_recovers (fixture, 1);

  /* Both times before the completion was written. */
  lines = read_lines (fixture->path);
  text = g_strdup_printf ("%s\n%s\n", lines[0], lines[1]);
  crash (fixture, text);
  g_string_truncate (fixture->trace, 0);
  assert_recovers (fixture, 1);
  g_assert_cmpstr (fixture->trace->str, ==, "SlowEvent:2 ");
}

/* A last line that is not complete was never acknowledged. */
static void
test_torn (Fixture       *fixture,
           gconstpointer  data)
{
  const char *events[] = { "SlowEvent", NULL };
  g_auto (GStrv) lines = NULL;

  run_and_crash (fixture, events, "{\"event_type\":\"TornEv");
  assert_recovers (fixture, 1);
  g_assert_cmpstr (fixture->trace->str, ==, "cut SlowEvent:1 ");
  lines = read_lines (fixture->path);
  g_assert_cmpuint (g_strv_length (lines), ==, 4);
  for (guint i = 0; i < 3; i++)
    g_object_unref (parse_line (lines[i]));
}

/* Only its newline is missing: that is a record. */
static void
test_no_newline (Fixture       *fixture,
                 gconstpointer  data)
{
  const char *events[] = { "SlowEvent", NULL };
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  run_and_crash (fixture, events, "");
  text = read_text (fixture->path);
  text[strlen (text) - 1] = '\0';
  crash (fixture, text);
  assert_recovers (fixture, 1);
  g_assert_cmpstr (fixture->trace->str, ==, "SlowEvent:1 ");
  lines = read_lines (fixture->path);
  g_assert_cmpuint (g_strv_length (lines), ==, 4);
}

/* As an editor of another system leaves it: the lines are the same, and so are their checksums. */
static void
test_marks (Fixture       *fixture,
            gconstpointer  data)
{
  const char *events[] = { "FastEvent", "SlowEvent", NULL };
  g_auto (GStrv) lines = NULL;
  g_autofree char *joined = NULL;
  g_autofree char *text = NULL;

  run_and_crash (fixture, events, "");
  lines = read_lines (fixture->path);
  joined = g_strjoinv ("\r\n", lines);
  text = g_strconcat ("\xef\xbb\xbf", joined, " \r\n", NULL);
  crash (fixture, text);
  assert_recovers (fixture, 1);
  g_assert_cmpstr (fixture->trace->str, ==, "SlowEvent:1 ");
}

/* The original's lines have no status, and are of events that it has handled (B-8.2). */
static void
test_original (Fixture       *fixture,
               gconstpointer  data)
{
  fixture_use (fixture, "recovery", TRUE, NULL);
  crash (fixture, "{\"event_type\":\"AuditEvent\",\"event_schema\":\"__main__.AuditEvent@1.0.0\",\"event_timeout\":300.0,"
                  "\"event_result_type\":null,\"event_id\":\"01a1fd38-ad4d-7e30-827e-238d87f04349\",\"event_path\":[\"Bus\"],"
                  "\"event_parent_id\":null,\"event_created_at\":\"2026-11-21T08:28:32.461913Z\",\"event_processed_at\":null,"
                  "\"line\":\"signup\"}\n");
  assert_recovers (fixture, 0);
  g_assert_cmpstr (fixture->trace->str, ==, "");
}

static void
test_quarantine (Fixture       *fixture,
                 gconstpointer  data)
{
  const char *events[] = { "SlowEvent", NULL };
  g_autofree char *quarantine = g_strconcat (fixture->path, ".quarantine", NULL);
  g_autofree char *text = NULL;
  g_autofree char *damaged = NULL;
  g_auto (GStrv) lines = NULL;

  run_and_crash (fixture, events, "");
  text = read_text (fixture->path);
  damaged = g_strdup_printf ("no event\n\xff\n\n%s", text);
  *strstr (damaged, "\"text\"") = '_';
  crash (fixture, damaged);
  assert_recovers (fixture, 0);
  g_assert_cmpstr (fixture->trace->str, ==, "quarantined quarantined quarantined ");

  lines = read_lines (quarantine);
  g_assert_cmpuint (g_strv_length (lines), ==, 4);
  g_assert_true (g_str_has_prefix (lines[0], "{\"file\":\"journal.jsonl\",\"line\":1,\"offset\":0,"));
  g_assert_nonnull (strstr (lines[0], "\"text\":\"no event\""));
  g_assert_nonnull (strstr (lines[1], "\"base64\":\"/w==\""));
  g_assert_nonnull (strstr (lines[2], "\"line\":4,\"offset\":12,"));
  g_assert_nonnull (strstr (lines[2], "checksum"));

  /* The next life tells it again, and writes it down once. */
  fixture_forget_journal (fixture);
  fixture_use (fixture, "recovery", TRUE, NULL);
  assert_recovers (fixture, 0);
  g_assert_cmpuint (count_lines (quarantine), ==, 3);
}

static char *
make_long_text (void)
{
  return g_strnfill (BUBUS_EVENT_JSON_MAX_SIZE + 1, 'x');
}

/* A line that no recovery could read is none: the event is refused. */
static void
test_long_event (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autofree char *text = make_long_text ();
  g_autoptr (BubusEvent) event = bubus_generic_event_new ("LongEvent", g_variant_new_parsed ("{'text': <%s>}", text));
  g_autoptr (BubusEvent) other = bubus_generic_event_new ("LongEvent", g_variant_new_parsed ("{'text': <%s>}", text));
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  fixture_use (fixture, "recovery", TRUE, "require", TRUE, NULL);
  bubus_journal_dispatch_async (fixture->journal, fixture->bus, event, NULL, store_result, &result);
  g_assert_false (bubus_journal_dispatch_finish (fixture->journal, wait_for_result (&result), &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_FULL);

  g_assert_true (bubus_event_bus_dispatch (fixture->bus, other, NULL));
  run_until_idle (fixture->bus);
  g_clear_error (&error);
  error = bubus_event_dup_drop_reason (other);
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_FULL);
  g_assert_cmpuint (bubus_journal_get_n_written (fixture->journal), ==, 0);
  g_assert_true (g_str_has_prefix (fixture->trace->str, "failed "));
}

static gboolean
answer_at_length (BubusEvent       *event,
                  BubusInvocation  *invocation,
                  gpointer          data,
                  GError          **error)
{
  g_autofree char *text = make_long_text ();

  bubus_invocation_return_string (invocation, text);
  return TRUE;
}

/* The event is complete, and is recorded as that without its results: it does not come again. */
static void
test_long_result (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autofree char *text = NULL;

  fixture_use (fixture, "recovery", TRUE, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "*", "answer", answer_at_length, NULL, NULL);
  dispatch_event (fixture, "FastEvent");
  run_until_idle (fixture->bus);
  fixture_flush (fixture);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpstr (fixture->trace->str, ==, "failed ");
  g_assert_cmpuint (bubus_journal_get_n_failed (fixture->journal), ==, 0);

  text = read_text (fixture->path);
  crash (fixture, text);
  g_string_truncate (fixture->trace, 0);
  assert_recovers (fixture, 0);
  g_assert_cmpstr (fixture->trace->str, ==, "");
}

/* What is too long to be copied is noted with its place, each for itself. */
static void
test_long_lines (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autofree char *quarantine = g_strconcat (fixture->path, ".quarantine", NULL);
  g_autofree char *line = g_strnfill (BUBUS_EVENT_JSON_MAX_SIZE + 100000, 'x');
  g_autofree char *text = g_strconcat (line, "\n", line, "\n", NULL);
  g_autofree char *second = NULL;
  g_auto (GStrv) lines = NULL;

  fixture_use (fixture, "recovery", TRUE, NULL);
  crash (fixture, text);
  assert_recovers (fixture, 0);
  g_assert_cmpstr (fixture->trace->str, ==, "quarantined quarantined ");
  lines = read_lines (quarantine);
  g_assert_cmpuint (g_strv_length (lines), ==, 3);
  second = g_strdup_printf ("\"line\":2,\"offset\":%" G_GSIZE_FORMAT ",", strlen (line) + 1);
  g_assert_nonnull (strstr (lines[1], second));
  g_assert_nonnull (strstr (lines[1], ",\"size\":16877216}"));
}

static void
test_one_owner (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (GFile) file = g_file_new_for_path (fixture->path);
  g_autoptr (BubusJournal) second = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  fixture_use (fixture, "recovery", TRUE, NULL);
  assert_recovers (fixture, 0);
  second = g_object_new (BUBUS_TYPE_JOURNAL, "file", file, "recovery", TRUE, NULL);
  bubus_journal_recover_async (second, fixture->bus, NULL, store_result, &result);
  g_assert_false (bubus_journal_recover_finish (second, wait_for_result (&result), NULL, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_JOURNAL);
}

/* What the bus refuses is not dispatched by the next life. */
static void
test_refused (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (BubusEvent) event = make_event ("RefusedEvent");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  fixture_use (fixture, "recovery", TRUE, NULL);
  bubus_event_bus_stop (fixture->bus);
  bubus_journal_dispatch_async (fixture->journal, fixture->bus, event, NULL, store_result, &result);
  g_assert_false (bubus_journal_dispatch_finish (fixture->journal, wait_for_result (&result), &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  g_assert_cmpuint (bubus_journal_count_unfinished (fixture->journal), ==, 0);

  g_clear_object (&result);
  fixture_forget_journal (fixture);
  g_object_unref (fixture->bus);
  fixture->bus = bubus_event_bus_new ("Bus");
  fixture_use (fixture, "recovery", TRUE, NULL);
  assert_recovers (fixture, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("recovery/records", test_records, "R-19");
  test ("recovery/checksum", test_checksum, "R-19");
  test ("recovery/unfinished", test_unfinished, "R-19");
  test ("recovery/same-id", test_same_id, "R-19");
  test ("recovery/dies-again", test_dies_again, "R-19");
  test ("recovery/torn", test_torn, "R-19");
  test ("recovery/no-newline", test_no_newline, "R-19");
  test ("recovery/marks", test_marks, "R-19");
  test ("recovery/original", test_original, "R-19");
  test ("recovery/quarantine", test_quarantine, "R-19");
  test ("recovery/long-event", test_long_event, "R-19");
  test ("recovery/long-result", test_long_result, "R-19");
  test ("recovery/long-lines", test_long_lines, "R-19");
  test ("recovery/one-owner", test_one_owner, "R-19");
  test ("recovery/refused", test_refused, "R-19");

  return g_test_run ();
}
