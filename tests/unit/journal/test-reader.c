/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "base/bubus-error.h"
#include "journal/bubus-journal-reader.h"
#include "journal/bubus-replay.h"
#include "journal-fixture.h"

static BubusJournalReader *
make_reader (Fixture *fixture)
{
  g_autoptr (GFile) file = g_file_new_for_path (fixture->path);

  return bubus_journal_reader_new (file);
}

static void
set_text (Fixture    *fixture,
          const char *text)
{
  g_assert_true (g_file_set_contents (fixture->path, text, -1, NULL));
}

/* The types of what is left, with “!” for what is no event. */
static char *
read_types (BubusJournalReader *reader)
{
  GString *types = g_string_new (NULL);

  while (TRUE)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (BubusEvent) event = bubus_journal_reader_next (reader, &error);

      if (event == NULL && error == NULL)
        return g_string_free (types, FALSE);
      if (event == NULL)
        g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_JSON);
      g_string_append_printf (types, "%s ", event != NULL ? bubus_event_get_event_type (event) : "!");
    }
}

static void
assert_types (BubusJournalReader *reader,
              const char         *expected)
{
  g_autofree char *types = read_types (reader);

  g_assert_cmpstr (types, ==, expected);
}

#define ID(digit) "01a1fd50-2db4-746f-a4d6-00000000000" digit

static char *
make_line (const char *type,
           const char *digit,
           const char *seconds,
           const char *more)
{
  return g_strdup_printf ("{\"event_type\":\"%s\",\"event_id\":\"01a1fd50-2db4-746f-a4d6-00000000000%s\","
                          "\"event_created_at\":\"2026-11-21T08:54:%s.000000000Z\"%s}\n", type, digit, seconds, more);
}

static void
set_three (Fixture *fixture)
{
  g_autofree char *first = make_line ("AlphaEvent", "1", "10", ",\"event_status\":\"completed\"");
  g_autofree char *second = make_line ("BetaEvent", "2", "20", ",\"event_parent_id\":\"" ID ("1") "\"");
  g_autofree char *third = make_line ("AlphaBetaEvent", "3", "40", ",\"event_status\":\"completed\"");
  g_autofree char *text = g_strconcat (first, second, third, first, NULL);

  set_text (fixture, text);
}

/* ---- tests ---- */

static void
test_filters (Fixture       *fixture,
              gconstpointer  data)
{
  const struct
  {
    const char *name;
    const char *text;
    gint64      number;
    const char *expected;
  } cases[] = {
    { "type-pattern", "Alpha*", 0, "AlphaEvent AlphaBetaEvent AlphaEvent " },
    { "type-pattern", "BetaEvent", 0, "BetaEvent " },
    { "event-id", ID ("3"), 0, "AlphaBetaEvent " },
    { "parent-id", ID ("1"), 0, "BetaEvent " },
    { "status", "completed", 0, "AlphaEvent AlphaBetaEvent AlphaEvent " },
    { "status", "pending", 0, "BetaEvent " },
    { "since", NULL, G_GINT64_CONSTANT (1795251260000000000), "BetaEvent AlphaBetaEvent " },
    { "until", NULL, G_GINT64_CONSTANT (1795251280000000000), "AlphaEvent BetaEvent AlphaEvent " },
  };

  set_three (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (BubusJournalReader) reader = make_reader (fixture);

      if (cases[i].text != NULL)
        g_object_set (reader, cases[i].name, cases[i].text, NULL);
      else
        g_object_set (reader, cases[i].name, cases[i].number, NULL);
      assert_types (reader, cases[i].expected);
    }
}

/* What editors and other systems put around lines. */
static void
test_marks (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (BubusJournalReader) reader = make_reader (fixture);
  g_autofree char *first = make_line ("FirstEvent", "1", "10", "");
  g_autofree char *second = make_line ("SecondEvent", "2", "20", "");
  g_autofree char *text = g_strconcat ("\xef\xbb\xbf", first, "\r\n \t\n", second, NULL);

  *strrchr (text, '\n') = '\r';
  set_text (fixture, text);
  assert_types (reader, "FirstEvent ");
  g_clear_pointer (&text, g_free);

  g_clear_object (&reader);
  reader = make_reader (fixture);
  first[strlen (first) - 1] = '\r';
  text = g_strconcat ("\xef\xbb\xbf", first, "\n\r\n", second, "\xef\xbb\xbf\n", NULL);
  set_text (fixture, text);
  assert_types (reader, "FirstEvent SecondEvent ! ");
}

static void
test_malformed (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (BubusJournalReader) reader = make_reader (fixture);
  g_autofree char *good = make_line ("GoodEvent", "1", "10", "");
  g_autofree char *text = g_strconcat ("{]\n\n", good, "\xff\xfe\n{\"event_type\":3}\n", good, "{\"event_ty", NULL);
  g_autoptr (GError) error = NULL;

  set_text (fixture, text);
  g_assert_null (bubus_journal_reader_next (reader, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_JSON);
  g_assert_true (g_str_has_prefix (error->message, fixture->path));
  g_assert_nonnull (strstr (error->message, ":1:2: "));
  assert_types (reader, "GoodEvent ! ! GoodEvent ");
  g_assert_cmpuint (bubus_journal_reader_get_line (reader), ==, 6);
  g_assert_true (bubus_journal_reader_is_torn (reader));
}

/* What comes later is read later, and a line only when it is complete. */
static void
test_grows (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (BubusJournalReader) reader = make_reader (fixture);
  g_autofree char *line = make_line ("GoodEvent", "1", "10", "");
  g_autoptr (GFile) file = g_file_new_for_path (fixture->path);
  g_autoptr (GOutputStream) stream = NULL;

  assert_types (reader, "");
  stream = G_OUTPUT_STREAM (g_file_append_to (file, G_FILE_CREATE_NONE, NULL, NULL));
  g_output_stream_write_all (stream, line, 10, NULL, NULL, NULL);
  assert_types (reader, "");
  g_assert_true (bubus_journal_reader_is_torn (reader));
  g_output_stream_write_all (stream, line + 10, strlen (line) - 10, NULL, NULL, NULL);
  assert_types (reader, "GoodEvent ");
  g_assert_false (bubus_journal_reader_is_torn (reader));
  assert_types (reader, "");
}

static void
test_checksums (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (BubusJournalReader) reader = make_reader (fixture);
  g_autoptr (BubusEvent) event = NULL;

  fixture_use (fixture, "checksums", TRUE, NULL);
  dispatch_event (fixture, "PingEvent");
  run_until_idle (fixture->bus);
  fixture_flush (fixture);

  event = bubus_journal_reader_next (reader, NULL);
  g_assert_nonnull (event);
  g_assert_true (bubus_journal_reader_is_checked (reader));
  g_assert_null (strstr (bubus_journal_reader_get_text (reader), "crc32c"));
}

/* ---- replay ---- */

static gboolean
trace_event (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  Fixture *fixture = data;
  gint64 now = bubus_clock_get_time (fixture->clock);

  g_string_append_printf (fixture->trace, "%s@%d ", bubus_event_get_event_type (event),
                          (int) (now / 1000000000 % 1000));
  return TRUE;
}

static BubusReplay *
make_replay (Fixture *fixture)
{
  g_autoptr (BubusJournalReader) reader = make_reader (fixture);

  set_three (fixture);
  bubus_event_bus_on_pattern (fixture->bus, "*", "trace", trace_event, fixture, NULL);
  return bubus_replay_new (reader, fixture->bus);
}

static void
run_replay (Fixture     *fixture,
            BubusReplay *replay)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  bubus_replay_run_async (replay, NULL, store_result, &result);
  g_assert_true (bubus_replay_run_finish (replay, wait_for_result (&result), &error));
  g_assert_no_error (error);
  run_until_idle (fixture->bus);
}

static void
test_at_once (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (BubusReplay) replay = make_replay (fixture);

  run_replay (fixture, replay);
  g_assert_cmpstr (fixture->trace->str, ==, "AlphaEvent@0 BetaEvent@0 AlphaBetaEvent@0 ");
  g_assert_cmpuint (bubus_replay_get_n_events (replay), ==, 3);
}

static void
test_dry_run (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (BubusReplay) replay = make_replay (fixture);

  bubus_replay_set_dry_run (replay, TRUE);
  run_replay (fixture, replay);
  g_assert_cmpstr (fixture->trace->str, ==, "");
  g_assert_cmpuint (bubus_replay_get_n_events (replay), ==, 3);
}

static void
run_pending (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

/* Ten and thirty seconds after the first, at twice the speed. */
static void
test_speed (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (BubusReplay) replay = make_replay (fixture);
  g_autoptr (GAsyncResult) result = NULL;

  bubus_replay_set_speed (replay, 2);
  bubus_replay_run_async (replay, NULL, store_result, &result);
  for (guint i = 0; i < 20; i++)
    {
      run_pending ();
      bubus_clock_advance (fixture->clock, G_GINT64_CONSTANT (1000000000));
    }
  g_assert_true (bubus_replay_run_finish (replay, wait_for_result (&result), NULL));
  g_assert_cmpstr (fixture->trace->str, ==, "AlphaEvent@0 BetaEvent@5 AlphaBetaEvent@15 ");
}

static void
test_cancelled (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (BubusReplay) replay = make_replay (fixture);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  bubus_replay_set_speed (replay, 1);
  bubus_replay_run_async (replay, cancellable, store_result, &result);
  run_pending ();
  g_cancellable_cancel (cancellable);
  g_assert_false (bubus_replay_run_finish (replay, wait_for_result (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr (fixture->trace->str, ==, "AlphaEvent@0 ");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("reader/filters", test_filters, "R-18");
  test ("reader/marks", test_marks, "R-18");
  test ("reader/malformed", test_malformed, "R-18");
  test ("reader/grows", test_grows, "R-19");
  test ("reader/checksums", test_checksums, "R-19");
  test ("replay/at-once", test_at_once, "R-19");
  test ("replay/dry-run", test_dry_run, "R-19");
  test ("replay/speed", test_speed, "R-19");
  test ("replay/cancelled", test_cancelled, "R-19");

  return g_test_run ();
}
