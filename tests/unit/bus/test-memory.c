/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "history/bubus-memory.h"

#define KILOBYTE 1000

static GString *warnings;

/* Warnings of the library are counted here rather than fatal. */
static GLogWriterOutput
collect_warnings (GLogLevelFlags   level,
                  const GLogField *fields,
                  gsize            n_fields,
                  gpointer         data)
{
  if ((level & G_LOG_LEVEL_WARNING) == 0)
    return g_log_writer_default (level, fields, n_fields, data);

  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE") || g_str_has_prefix (fields[i].key, "BUBUS_"))
      g_string_append_printf (warnings, "%s=%s\n", fields[i].key, (const char *) fields[i].value);
  return G_LOG_WRITER_HANDLED;
}

static guint
count_warnings (void)
{
  guint n_warnings = 0;

  for (const char *at = warnings->str; (at = strstr (at, "MESSAGE=")) != NULL; at++)
    n_warnings++;
  return n_warnings;
}

static void
dispatch_big (BubusEventBus *bus,
              guint          n_events,
              gsize          size)
{
  g_autofree char *label = g_strnfill (size, 's');

  for (guint i = 0; i < n_events; i++)
    {
      g_object_unref (dispatch_ping (bus, label));
      run_until_idle (bus);
    }
}

static gboolean
answer_text (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  g_autofree char *text = g_strnfill (70 * KILOBYTE, 'r');

  bubus_invocation_return_string (invocation, text);
  return TRUE;
}

static void
test_counts (Fixture       *fixture,
             gconstpointer  data)
{
  guint64 others = bubus_get_memory_used ();
  guint64 used;

  g_assert_cmpuint (bubus_event_bus_get_memory_used (fixture->bus), ==, 0);
  g_object_unref (dispatch_ping (fixture->bus, ""));
  used = bubus_event_bus_get_memory_used (fixture->bus);
  g_assert_cmpuint (used, >, sizeof (Ping));
  g_assert_cmpuint (used, <, 1 * KILOBYTE);
  bubus_event_bus_clear (fixture->bus);
  g_assert_cmpuint (bubus_event_bus_get_memory_used (fixture->bus), ==, used);
  run_until_idle (fixture->bus);
  g_assert_cmpuint (bubus_event_bus_get_memory_used (fixture->bus), ==, used);

  dispatch_big (fixture->bus, 10, 100 * KILOBYTE);
  used = bubus_event_bus_get_memory_used (fixture->bus);
  g_assert_cmpuint (used, >, 1000 * KILOBYTE);
  g_assert_cmpuint (used, <, 1010 * KILOBYTE);
  g_assert_cmpuint (bubus_get_memory_used (), ==, others + used);

  bubus_event_bus_on (fixture->bus, TYPE_PING, "text", answer_text, NULL, NULL);
  dispatch_big (fixture->bus, 1, 0);
  g_assert_cmpuint (bubus_event_bus_get_memory_used (fixture->bus), >, used + 70 * KILOBYTE);
  g_assert_cmpuint (bubus_event_bus_get_memory_used (fixture->bus), <, used + 72 * KILOBYTE);
  bubus_event_bus_set_max_history_size (fixture->bus, 0);
  g_assert_cmpuint (bubus_event_bus_get_memory_used (fixture->bus), ==, 0);
  g_assert_cmpuint (bubus_get_memory_used (), ==, others);
}

static void
test_forwarded_counts_once (Fixture       *fixture,
                            gconstpointer  data)
{
  BubusEventBus *other = bubus_event_bus_new ("Other");

  bubus_event_bus_forward (fixture->bus, "*", NULL, other);
  dispatch_big (fixture->bus, 1, 100 * KILOBYTE);
  run_until_idle (other);
  g_assert_cmpuint (bubus_event_bus_get_memory_used (fixture->bus), >, 100 * KILOBYTE);
  g_assert_cmpuint (bubus_event_bus_get_memory_used (other), >, 0);
  g_assert_cmpuint (bubus_event_bus_get_memory_used (other), <, 1 * KILOBYTE);
  g_assert_finalize_object (other);
}

static void
test_warns (Fixture       *fixture,
            gconstpointer  data)
{
  guint64 before = bubus_get_memory_limit ();
  BubusEventBus *small = bubus_event_bus_new ("Small");

  g_assert_cmpuint (before, ==, 50 * 1000 * KILOBYTE);
  bubus_set_memory_limit (1000 * KILOBYTE);
  bubus_event_bus_set_max_history_size (fixture->bus, -1);
  dispatch_big (small, 1, 50 * KILOBYTE);
  dispatch_big (fixture->bus, 9, 100 * KILOBYTE);
  g_assert_cmpuint (count_warnings (), ==, 0);
  dispatch_big (fixture->bus, 8, 100 * KILOBYTE);
  g_assert_cmpuint (count_warnings (), ==, 1);
  g_assert_nonnull (strstr (warnings->str, "“Main#"));
  g_assert_nonnull (strstr (warnings->str, "“Small#"));
  g_assert_nonnull (strstr (warnings->str, "BUBUS_MEMORY_LIMIT=1000000\n"));
  g_assert_true (strstr (warnings->str, "“Main#") < strstr (warnings->str, "“Small#"));
  g_assert_null (strstr (warnings->str, "sss"));

  dispatch_big (fixture->bus, 8, 100 * KILOBYTE);
  g_assert_cmpuint (count_warnings (), ==, 2);
  bubus_event_bus_clear (fixture->bus);
  dispatch_big (fixture->bus, 9, 100 * KILOBYTE);
  g_assert_cmpuint (count_warnings (), ==, 2);
  dispatch_big (fixture->bus, 1, 100 * KILOBYTE);
  g_assert_cmpuint (count_warnings (), ==, 3);

  bubus_set_memory_limit (0);
  dispatch_big (fixture->bus, 30, 100 * KILOBYTE);
  g_assert_cmpuint (count_warnings (), ==, 3);
  bubus_set_memory_limit (before);
  g_assert_finalize_object (small);
}

int
main (int    argc,
      char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  warnings = g_string_new (NULL);
  g_log_set_writer_func (collect_warnings, NULL, NULL);

  test ("/memory/counts", test_counts, "B-7.7: what unfinished and remembered events take is counted");
  test ("/memory/forwarded", test_forwarded_counts_once, "B-7.7: a forwarded event counts once");
  test ("/memory/warns", test_warns, "B-7.7: one warning when the limit is passed, without payload");
  status = g_test_run ();
  g_string_free (warnings, TRUE);
  return status;
}
