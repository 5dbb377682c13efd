/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "bubus-clock-internal.h"
#include "bubus-error.h"

/* The text form of times (B-1.28). */

#define NS_PER_SECOND    G_GINT64_CONSTANT (1000000000)
#define SECONDS_PER_DAY  86400
#define DAYS_PER_ERA     146097 /* 400 years */
#define DAYS_BEFORE_1970 719468 /* from 1 March of the year 0 */

typedef struct
{
  int year;
  int month;
  int day;
} BubusDate;

/* For days since 1970. Years begin in March here, so that the leap day comes last. After “chrono-Compatible
 * Low-Level Date Algorithms” by Howard Hinnant. */
static inline BubusDate
bubus_date_from_days (gint64 days)
{
  gint64 shifted = days + DAYS_BEFORE_1970;
  gint64 era = (shifted >= 0 ? shifted : shifted - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
  guint day_of_era = (guint) (shifted - era * DAYS_PER_ERA);
  guint year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  guint day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  guint month = (5 * day_of_year + 2) / 153;
  BubusDate date = {
    .year = (int) (year_of_era + era * 400 + (month >= 10)),
    .month = (int) (month < 10 ? month + 3 : month - 9),
    .day = (int) (day_of_year - (153 * month + 2) / 5 + 1),
  };

  return date;
}

/* The inverse, for years after 0. */
static gint64
bubus_date_to_days (BubusDate date)
{
  int year = date.year - (date.month <= 2);
  int month = date.month > 2 ? date.month - 3 : date.month + 9;
  int era = year / 400;
  int year_of_era = year % 400;
  int day_of_year = (153 * month + 2) / 5 + date.day - 1;
  int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

  return (gint64) era * DAYS_PER_ERA + day_of_era - DAYS_BEFORE_1970;
}

static int
bubus_date_get_month_length (BubusDate date)
{
  static const guint8 lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  gboolean leap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0);

  return date.month == 2 && leap ? 29 : lengths[date.month - 1];
}

#define TENS_ROW(tens) tens "0" tens "1" tens "2" tens "3" tens "4" tens "5" tens "6" tens "7" tens "8" tens "9"
static const char digit_pairs[] =
  TENS_ROW ("0") TENS_ROW ("1") TENS_ROW ("2") TENS_ROW ("3") TENS_ROW ("4")
  TENS_ROW ("5") TENS_ROW ("6") TENS_ROW ("7") TENS_ROW ("8") TENS_ROW ("9");

static inline void
bubus_time_put_pair (char  *text,
                     guint  value)
{
  memcpy (text, digit_pairs + 2 * value, 2);
}

static inline void
bubus_time_put_fraction (char  *text,
                         guint  nanoseconds)
{
  guint high = nanoseconds / 100000;
  guint low = nanoseconds % 100000;

  bubus_time_put_pair (text, high / 100);
  bubus_time_put_pair (text + 2, high % 100);
  text[4] = (char) ('0' + low / 10000);
  bubus_time_put_pair (text + 5, low / 100 % 100);
  bubus_time_put_pair (text + 7, low % 100);
}

static inline void
bubus_time_put_date (char      *text,
                     BubusDate  date)
{
  bubus_time_put_pair (text, (guint) date.year / 100);
  bubus_time_put_pair (text + 2, (guint) date.year % 100);
  bubus_time_put_pair (text + 5, (guint) date.month);
  bubus_time_put_pair (text + 8, (guint) date.day);
}

static inline void
bubus_time_put_clock (char  *text,
                      guint  second_of_day)
{
  bubus_time_put_pair (text, second_of_day / 3600);
  bubus_time_put_pair (text + 3, second_of_day / 60 % 60);
  bubus_time_put_pair (text + 6, second_of_day % 60);
}

/* A second that was written. Most times are of a second that was written before: now, or when a handler came. */
typedef struct
{
  gint64 seconds;
  char   text[BUBUS_TIME_TEXT_SIZE];
} BubusSecond;

#define N_SECONDS   8
#define TIME_SHAPE "1970-01-01T00:00:00.000000000Z"

/* Each at the place that its last bits say; 0 is known from the beginning. */
static _Thread_local BubusSecond known_seconds[N_SECONDS] = { { 0, TIME_SHAPE } };

static G_NO_INLINE void
bubus_second_set (BubusSecond *self,
                  gint64       seconds)
{
  gint64 days = seconds / SECONDS_PER_DAY - (seconds % SECONDS_PER_DAY < 0);

  memcpy (self->text, TIME_SHAPE, sizeof self->text);
  bubus_time_put_date (self->text, bubus_date_from_days (days));
  bubus_time_put_clock (self->text + 11, (guint) (seconds - days * SECONDS_PER_DAY));
  self->seconds = seconds;
}

/* Writes bubus_time_to_iso8601() without allocating: 30 characters and the final NUL. Any time will do. */
void
_bubus_time_format (gint64 time_ns,
                    char   buffer[BUBUS_TIME_TEXT_SIZE])
{
  gint64 seconds = time_ns / NS_PER_SECOND - (time_ns % NS_PER_SECOND < 0);
  BubusSecond *second = &known_seconds[(guint64) seconds % N_SECONDS];

  if (G_UNLIKELY (second->seconds != seconds))
    bubus_second_set (second, seconds);
  memcpy (buffer, second->text, BUBUS_TIME_TEXT_SIZE);
  bubus_time_put_fraction (buffer + 20, (guint) ((guint64) time_ns - (guint64) seconds * NS_PER_SECOND));
}

/**
 * bubus_time_to_iso8601:
 * @time_ns: a time in nanoseconds since the Unix epoch
 *
 * Writes a time the way it stands in the wire form of events: `YYYY-MM-DDTHH:MM:SS.fffffffffZ`.
 *
 * That always is 30 characters long, so that texts sort as the times do. May be called from any thread.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
bubus_time_to_iso8601 (gint64 time_ns)
{
  char *text = g_malloc (BUBUS_TIME_TEXT_SIZE);

  _bubus_time_format (time_ns, text);
  return text;
}

/* Reads on until something is wrong; from then on, nothing moves any more. */
typedef struct
{
  const char *at;
  const char *wrong; /* what, or NULL; static */
} BubusTimeReader;

static void
bubus_time_reader_check (BubusTimeReader *self,
                         gboolean         right,
                         const char      *wrong)
{
  if (self->wrong == NULL && !right)
    self->wrong = wrong;
}

static void
bubus_time_reader_expect (BubusTimeReader *self,
                          char             character,
                          const char      *wrong)
{
  bubus_time_reader_check (self, *self->at == character, wrong);
  if (self->wrong == NULL)
    self->at++;
}

static int
bubus_time_reader_read_digit (BubusTimeReader *self)
{
  bubus_time_reader_check (self, g_ascii_isdigit (*self->at), "a digit is missing");
  return self->wrong == NULL ? *self->at++ - '0' : 0;
}

static int
bubus_time_reader_read_number (BubusTimeReader *self,
                               guint            n_digits,
                               int              least,
                               int              greatest,
                               const char      *wrong)
{
  int number = 0;

  for (guint i = 0; i < n_digits; i++)
    number = number * 10 + bubus_time_reader_read_digit (self);
  bubus_time_reader_check (self, number >= least && number <= greatest, wrong);
  return number;
}

static gint64
bubus_time_reader_read_days (BubusTimeReader *self)
{
  BubusDate date = { 2000, 1, 1 };

  date.year = bubus_time_reader_read_number (self, 4, 1991, 2499, "the year must be from 1991 to 2499");
  bubus_time_reader_expect (self, '-', "“-” must follow the year");
  date.month = bubus_time_reader_read_number (self, 2, 1, 12, "the month must be from 01 to 12");
  bubus_time_reader_expect (self, '-', "“-” must follow the month");
  date.day = bubus_time_reader_read_number (self, 2, 1, 31, "the day must be from 01 to 31");
  if (self->wrong != NULL)
    return 0;

  bubus_time_reader_check (self, date.day <= bubus_date_get_month_length (date), "the month has no such day");
  return bubus_date_to_days (date);
}

static int
bubus_time_reader_read_minutes (BubusTimeReader *self)
{
  int hours = bubus_time_reader_read_number (self, 2, 0, 23, "hours must be from 00 to 23");

  bubus_time_reader_expect (self, ':', "“:” must follow the hours");
  return hours * 60 + bubus_time_reader_read_number (self, 2, 0, 59, "minutes must be from 00 to 59");
}

static int
bubus_time_reader_read_seconds (BubusTimeReader *self)
{
  int minutes = bubus_time_reader_read_minutes (self);
  int seconds;

  bubus_time_reader_expect (self, ':', "“:” must follow the minutes");
  seconds = bubus_time_reader_read_number (self, 2, 0, 60, "seconds must be from 00 to 59");
  bubus_time_reader_check (self, seconds != 60, "leap seconds are not accepted");
  return minutes * 60 + seconds;
}

/* One to nine digits, as nanoseconds; nothing at all is 0. */
static int
bubus_time_reader_read_fraction (BubusTimeReader *self)
{
  int nanoseconds = 0;
  int unit = NS_PER_SECOND / 10;

  if (self->wrong != NULL || *self->at != '.')
    return 0;

  self->at++;
  do
    {
      nanoseconds += bubus_time_reader_read_digit (self) * unit;
      unit /= 10;
    }
  while (g_ascii_isdigit (*self->at) && unit > 0);
  bubus_time_reader_check (self, !g_ascii_isdigit (*self->at), "the fraction must not have more than 9 digits");
  return nanoseconds;
}

/* Returns how many seconds the text is ahead of UTC. */
static int
bubus_time_reader_read_offset (BubusTimeReader *self)
{
  char sign = *self->at;

  bubus_time_reader_check (self, sign == 'Z' || sign == '+' || sign == '-',
                           "“Z” or an offset such as “+01:00” must follow the seconds");
  if (self->wrong != NULL)
    return 0;

  self->at++;
  if (sign == 'Z')
    return 0;
  return bubus_time_reader_read_minutes (self) * (sign == '+' ? 60 : -60);
}

static gint64
bubus_time_reader_combine (BubusTimeReader *self,
                           gint64           seconds,
                           int              nanoseconds)
{
  gint64 greatest = (G_MAXINT64 - nanoseconds) / NS_PER_SECOND;

  bubus_time_reader_check (self, seconds <= greatest, "times end on 2262-04-11 at 23:47:16.854775807 UTC");
  return self->wrong == NULL ? seconds * NS_PER_SECOND + nanoseconds : 0;
}

static gint64
bubus_time_reader_read (BubusTimeReader *self)
{
  gint64 seconds = bubus_time_reader_read_days (self) * SECONDS_PER_DAY;
  int nanoseconds;

  bubus_time_reader_expect (self, 'T', "“T” must follow the date");
  seconds += bubus_time_reader_read_seconds (self);
  nanoseconds = bubus_time_reader_read_fraction (self);
  seconds -= bubus_time_reader_read_offset (self);
  bubus_time_reader_expect (self, '\0', "something follows the time");

  return bubus_time_reader_combine (self, seconds, nanoseconds);
}

/* Texts come from outside; what is shown of one is short, and valid UTF-8. */
static void
bubus_time_set_error (GError     **error,
                      const char  *text,
                      const char  *wrong)
{
  gsize length = strnlen (text, 48);
  g_autofree char *shown = g_utf8_make_valid (text, (gssize) length);

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_FAILED, "“%s%s” is not a time: %s",
               shown, text[length] != '\0' ? "…" : "", wrong);
}

/**
 * bubus_time_from_iso8601:
 * @text: a date, `T`, a time with at most nine digits after the point, and `Z` or an offset such as `+01:00`
 * @time_ns: (out) (optional): where to put the time, in nanoseconds since the Unix epoch
 * @error: where to put what is wrong
 *
 * Reads a time from the wire form of an event, or from somewhere less strict.
 *
 * The year must be after 1990 and before 2500. As times are nanoseconds in 64 bits, those after 2262-04-11 cannot
 * be told all the same. Leap seconds are not accepted. @time_ns is not touched if there is an error, which is
 * [error@Bubus.Error.FAILED].
 *
 * May be called from any thread.
 *
 * Returns: whether @text is such a time
 *
 * Since: 1.0
 */
gboolean
bubus_time_from_iso8601 (const char  *text,
                         gint64      *time_ns,
                         GError     **error)
{
  BubusTimeReader reader = { text, NULL };
  gint64 read_ns;

  g_return_val_if_fail (text != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  read_ns = bubus_time_reader_read (&reader);
  if (reader.wrong != NULL)
    {
      bubus_time_set_error (error, text, reader.wrong);
      return FALSE;
    }

  if (time_ns != NULL)
    *time_ns = read_ns;
  return TRUE;
}
