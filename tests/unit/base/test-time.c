/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "base/bubus-clock-internal.h"
#include "base/bubus-error.h"

/* Times as text */

static const struct
{
  gint64      time_ns;
  const char *text;
} texts[] = {
  { 0, "1970-01-01T00:00:00.000000000Z" },
  { 1, "1970-01-01T00:00:00.000000001Z" },
  { -1, "1969-12-31T23:59:59.999999999Z" },
  { -86400 * G_GINT64_CONSTANT (1000000000), "1969-12-31T00:00:00.000000000Z" },
  { G_GINT64_CONSTANT (951782400000000000), "2000-02-29T00:00:00.000000000Z" },
  { G_GINT64_CONSTANT (951868799999999999), "2000-02-29T23:59:59.999999999Z" },
  { G_GINT64_CONSTANT (951868800000000000), "2000-03-01T00:00:00.000000000Z" },
  { G_GINT64_CONSTANT (1735787045678901000), "2025-01-02T03:04:05.678901000Z" },
  { G_GINT64_CONSTANT (1735787045123456789), "2025-01-02T03:04:05.123456789Z" },
  { G_GINT64_CONSTANT (4107542400000000000), "2100-03-01T00:00:00.000000000Z" },
  { G_MAXINT64, "2262-04-11T23:47:16.854775807Z" },
  { G_MININT64, "1677-09-21T00:12:43.145224192Z" },
};

static void
test_clock_format (void)
{
  g_test_summary ("B-1.28: times are written as YYYY-MM-DDTHH:MM:SS.fffffffffZ, always 30 characters");

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *text = bubus_time_to_iso8601 (texts[i].time_ns);
      char buffer[BUBUS_TIME_TEXT_SIZE];

      g_assert_cmpstr (text, ==, texts[i].text);
      _bubus_time_format (texts[i].time_ns, buffer);
      g_assert_cmpstr (buffer, ==, texts[i].text);
      g_assert_cmpuint (strlen (buffer), ==, BUBUS_TIME_TEXT_SIZE - 1);
    }
}

static void
test_clock_format_again (void)
{
  g_test_summary ("A second is remembered for the next time of it, and makes no other one wrong");

  for (guint i = 0; i < 3; i++)
    for (gint64 second = -20; second <= 20; second++)
      {
        g_autofree char *text = bubus_time_to_iso8601 (second * 1000000000 + i);
        g_autofree char *expected = second < 0
          ? g_strdup_printf ("1969-12-31T23:59:%02d.%09dZ", (int) (60 + second), (int) i)
          : g_strdup_printf ("1970-01-01T00:00:%02d.%09dZ", (int) second, (int) i);

        g_assert_cmpstr (text, ==, expected);
      }
}

static void
test_clock_format_random (void)
{
  g_test_summary ("Any day and second is written as GDateTime does it, and read back");

  for (guint i = 0; i < 20000; i++)
    {
      gint64 seconds = (gint64) ((double) g_test_rand_double_range (-9.2e9, 9.2e9));
      gint64 fraction_ns = g_test_rand_int_range (0, 1000000000);
      gint64 time_ns = seconds * 1000000000 + fraction_ns;
      g_autoptr (GDateTime) date_time = g_date_time_new_from_unix_utc (seconds);
      g_autofree char *start = g_date_time_format (date_time, "%Y-%m-%dT%H:%M:%S");
      g_autofree char *expected = g_strdup_printf ("%s.%09dZ", start, (int) fraction_ns);
      g_autofree char *text = bubus_time_to_iso8601 (time_ns);
      gint64 read_ns = 0;

      g_assert_cmpstr (text, ==, expected);
      if (seconds < 700000000)
        continue;
      g_assert_true (bubus_time_from_iso8601 (text, &read_ns, NULL));
      g_assert_cmpint (read_ns, ==, time_ns);
    }
}

static const struct
{
  const char *text;
  const char *canonical;
} readable[] = {
  { "2025-01-02T03:04:05Z", "2025-01-02T03:04:05.000000000Z" },
  { "2025-01-02T03:04:05.6Z", "2025-01-02T03:04:05.600000000Z" },
  { "2025-01-02T03:04:05.06Z", "2025-01-02T03:04:05.060000000Z" },
  { "2025-01-02T03:04:05.678901Z", "2025-01-02T03:04:05.678901000Z" },
  { "2025-01-02T03:04:05.123456789Z", "2025-01-02T03:04:05.123456789Z" },
  { "2025-01-02T03:04:05+00:00", "2025-01-02T03:04:05.000000000Z" },
  { "2025-01-02T03:04:05-00:00", "2025-01-02T03:04:05.000000000Z" },
  { "2025-01-02T03:04:05.5+05:30", "2025-01-01T21:34:05.500000000Z" },
  { "2024-12-31T23:04:05.5-05:30", "2025-01-01T04:34:05.500000000Z" },
  { "2024-02-28T23:59:59.999999999-23:59", "2024-02-29T23:58:59.999999999Z" },
  { "2000-02-29T12:00:00Z", "2000-02-29T12:00:00.000000000Z" },
  { "1991-01-01T00:00:00Z", "1991-01-01T00:00:00.000000000Z" },
  { "1991-01-01T00:00:00+01:00", "1990-12-31T23:00:00.000000000Z" },
  { "2262-04-11T23:47:16.854775807Z", "2262-04-11T23:47:16.854775807Z" },
  { "2262-04-12T00:47:16.854775807+01:00", "2262-04-11T23:47:16.854775807Z" },
};

static void
test_clock_parse (void)
{
  g_test_summary ("B-1.28: fractions of 1 to 9 digits and offsets are read, and become canonical");

  for (guint i = 0; i < G_N_ELEMENTS (readable); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *canonical = NULL;
      gint64 time_ns = 0;

      g_assert_true (bubus_time_from_iso8601 (readable[i].text, &time_ns, &error));
      g_assert_no_error (error);
      canonical = bubus_time_to_iso8601 (time_ns);
      g_assert_cmpstr (canonical, ==, readable[i].canonical);
      g_assert_true (bubus_time_from_iso8601 (readable[i].text, NULL, NULL));
    }
}

static const struct
{
  const char *text;
  const char *message;
} unreadable[] = {
  { "", "“” is not a time: a digit is missing" },
  { "now", "“now” is not a time: a digit is missing" },
  { "2025", "“-” must follow the year" },
  { "2025-1-02T03:04:05Z", "a digit is missing" },
  { "2025-01-02", "“T” must follow the date" },
  { "2025-01-02 03:04:05Z", "“T” must follow the date" },
  { "2025-01-02t03:04:05Z", "“T” must follow the date" },
  { "20250102T030405Z", "“-” must follow the year" },
  { "2025-0102T03:04:05Z", "“-” must follow the month" },
  { "2025-01-02T0304:05Z", "“:” must follow the hours" },
  { "2025-01-02T03:0405Z", "“:” must follow the minutes" },
  { "2025-01-02T03:04Z", "“:” must follow the minutes" },
  { "2025-01-02T03:04:05", "“Z” or an offset" },
  { "2025-01-02T03:04:05z", "“Z” or an offset" },
  { "2025-01-02T03:04:05,5Z", "“Z” or an offset" },
  { "2025-01-02T03:04:05.Z", "a digit is missing" },
  { "2025-01-02T03:04:05.1234567890Z", "more than 9 digits" },
  { "2025-01-02T03:04:05Zulu", "something follows" },
  { "2025-01-02T03:04:05Z ", "something follows" },
  { " 2025-01-02T03:04:05Z", "a digit is missing" },
  { "+2025-01-02T03:04:05Z", "a digit is missing" },
  { "2025-01-02T03:04:05+01", "“:” must follow the hours" },
  { "2025-01-02T03:04:05+0100", "“:” must follow the hours" },
  { "2025-01-02T03:04:05+24:00", "hours must be from 00 to 23" },
  { "2025-01-02T03:04:05+01:60", "minutes must be from 00 to 59" },
  { "1990-12-31T23:59:59Z", "the year must be from 1991 to 2499" },
  { "2500-01-01T00:00:00Z", "the year must be from 1991 to 2499" },
  { "2025-00-02T03:04:05Z", "the month must be from 01 to 12" },
  { "2025-13-02T03:04:05Z", "the month must be from 01 to 12" },
  { "2025-01-00T03:04:05Z", "the day must be from 01 to 31" },
  { "2025-01-32T03:04:05Z", "the day must be from 01 to 31" },
  { "2025-04-31T03:04:05Z", "the month has no such day" },
  { "2025-02-29T03:04:05Z", "the month has no such day" },
  { "2024-02-30T03:04:05Z", "the month has no such day" },
  { "2100-02-29T03:04:05Z", "the month has no such day" },
  { "2025-01-02T24:00:00Z", "hours must be from 00 to 23" },
  { "2025-01-02T03:60:00Z", "minutes must be from 00 to 59" },
  { "2016-12-31T23:59:60Z", "leap seconds" },
  { "2025-01-02T03:04:61Z", "seconds must be from 00 to 59" },
  { "2262-04-11T23:47:16.854775808Z", "times end on 2262-04-11" },
  { "2262-04-11T23:47:16.854775807-00:01", "times end on 2262-04-11" },
  { "2499-12-31T23:59:59Z", "times end on 2262-04-11" },
  { "2025-01-02T03:04:05Z and so on, much longer than any time can be",
    "“2025-01-02T03:04:05Z and so on, much longer than…” is not a time" },
  { "2025\xff", "“2025\xef\xbf\xbd” is not a time" },
};

static void
test_clock_parse_bad (void)
{
  g_test_summary ("B-1.28: what is not such a time is refused, and the message says what is wrong");

  for (guint i = 0; i < G_N_ELEMENTS (unreadable); i++)
    {
      g_autoptr (GError) error = NULL;
      /* In memory of its own, so that a sanitizer sees who reads on behind the end. */
      g_autofree char *text = g_strdup (unreadable[i].text);
      gint64 time_ns = 42;

      g_test_message ("case %u", i);
      g_assert_false (bubus_time_from_iso8601 (text, &time_ns, &error));
      g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_FAILED);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, unreadable[i].message));
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_cmpint (time_ns, ==, 42);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/base/clock/format/vectors", test_clock_format);
  g_test_add_func ("/base/clock/format/again", test_clock_format_again);
  g_test_add_func ("/base/clock/format/random", test_clock_format_random);
  g_test_add_func ("/base/clock/parse/good", test_clock_parse);
  g_test_add_func ("/base/clock/parse/bad", test_clock_parse_bad);

  return g_test_run ();
}
