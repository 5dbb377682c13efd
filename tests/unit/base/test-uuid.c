/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bubus-clock-internal.h"
#include "base/bubus-uuid-internal.h"

#define NAMESPACE_DNS "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
#define TIME_NS       (G_GINT64_CONSTANT (1645557742000) * 1000000) /* of the example in RFC 9562, A.6 */

static BubusUuid
parse (const char *text)
{
  BubusUuid uuid;

  g_assert_true (_bubus_uuid_parse (&uuid, text));
  return uuid;
}

static void
assert_text (const BubusUuid *uuid,
             const char      *expected)
{
  char text[BUBUS_UUID_TEXT_SIZE];

  _bubus_uuid_format (uuid, text);
  g_assert_cmpstr (text, ==, expected);
}

static void
assert_is_v7 (const BubusUuid *uuid)
{
  g_assert_cmphex (uuid->bytes[6] >> 4, ==, 7);
  g_assert_cmphex (uuid->bytes[8] >> 6, ==, 2);
}

static int
compare (const BubusUuid *a,
         const BubusUuid *b)
{
  return memcmp (a, b, sizeof *a);
}

static int
compare_data (gconstpointer a,
              gconstpointer b,
              gpointer      data)
{
  return compare (a, b);
}

static void
assert_all_differ (BubusUuid *uuids,
                   guint      n_uuids)
{
  g_qsort_with_data (uuids, (int) n_uuids, sizeof *uuids, compare_data, NULL);
  for (guint i = 1; i < n_uuids; i++)
    g_assert_cmpint (compare (&uuids[i - 1], &uuids[i]), <, 0);
}

static void
test_uuid_v7_layout (void)
{
  BubusUuid uuid;
  char text[BUBUS_UUID_TEXT_SIZE];

  g_test_summary ("B-1.3: RFC 9562, 48 bits of Unix milliseconds first, then the version and the fraction");

  /* The example of RFC 9562, A.6, is 017f22e2-79b0-7cc3-98c4-dc0c0c07398f. */
  _bubus_uuid_init_v7 (&uuid, TIME_NS);
  assert_is_v7 (&uuid);
  _bubus_uuid_format (&uuid, text);
  g_assert_true (g_str_has_prefix (text, "017f22e2-79b0-7000-80"));

  /* Half a millisecond is half of 12 bits; 1 ns before the next millisecond, 20 bits are all but full. */
  _bubus_uuid_init_v7 (&uuid, TIME_NS + 500000);
  _bubus_uuid_format (&uuid, text);
  g_assert_true (g_str_has_prefix (text, "017f22e2-79b0-7800-80"));
  _bubus_uuid_init_v7 (&uuid, TIME_NS + 999999);
  assert_is_v7 (&uuid);
  g_assert_cmphex (uuid.bytes[5], ==, 0xb0);
  g_assert_cmphex (uuid.bytes[7], ==, 0xff);
}

static void
test_uuid_v7_limits (void)
{
  BubusUuid uuid;
  char text[BUBUS_UUID_TEXT_SIZE];

  g_test_summary ("Times before 1970 count as 1970, and the greatest time fits");

  _bubus_uuid_init_v7 (&uuid, G_MININT64);
  assert_is_v7 (&uuid);
  _bubus_uuid_format (&uuid, text);
  g_assert_true (g_str_has_prefix (text, "00000000-0000-7000-"));

  _bubus_uuid_init_v7 (&uuid, G_MAXINT64);
  assert_is_v7 (&uuid);
  _bubus_uuid_format (&uuid, text);
  g_assert_true (g_str_has_prefix (text, "08637bd0-5af6-7"));
}

#define N_MANY 1000000

static void
check_many (gboolean standing)
{
  BubusUuid previous = { { 0 } };
  BubusUuid uuid;

  for (guint i = 0; i < N_MANY; i++)
    {
      _bubus_uuid_init_v7 (&uuid, standing ? TIME_NS : _bubus_clock_now_real ());
      if (G_UNLIKELY (compare (&previous, &uuid) >= 0))
        g_error ("id %u is not greater than the one before", i);
      previous = uuid;
    }
}

static void
test_uuid_v7_order (void)
{
  g_test_summary ("B-1.3: a million ids differ and sort in the order of making");

  check_many (FALSE);
}

static void
test_uuid_v7_order_standing (void)
{
  g_test_summary ("Ids sort in the order of making also while the clock stands still");

  check_many (TRUE);
}

static void
test_uuid_v7_order_by_time (void)
{
  BubusUuid later;
  BubusUuid earlier;

  g_test_summary ("Ids sort by their times to the nanosecond, in whatever order they were made");

  for (guint i = 1; i < 10000; i++)
    {
      gint64 time_ns = TIME_NS + g_test_rand_int_range (0, 2000000);

      _bubus_uuid_init_v7 (&later, time_ns);
      _bubus_uuid_init_v7 (&earlier, time_ns - 1);
      g_assert_cmpint (compare (&earlier, &later), <, 0);
    }
}

static void
test_uuid_v7_random (void)
{
  guint counts[64] = { 0 };
  BubusUuid uuid;
  guint64 low;

  g_test_summary ("Each of the random bits is set about half the time when the time moves");

  for (guint i = 0; i < 10000; i++)
    {
      _bubus_uuid_init_v7 (&uuid, TIME_NS + i * 1000000);
      memcpy (&low, uuid.bytes + 8, sizeof low);
      low = GUINT64_FROM_BE (low);
      for (guint bit = 0; bit < 64; bit++)
        counts[bit] += low >> bit & 1;
    }

  /* Ten standard deviations. */
  for (guint bit = 0; bit < 53; bit++)
    {
      g_assert_cmpuint (counts[bit], >, 4500);
      g_assert_cmpuint (counts[bit], <, 5500);
    }
  g_assert_cmpuint (counts[53], ==, 0);
}

#define N_THREADS    4
#define N_PER_THREAD 25000

static gpointer
make_ids_cb (gpointer data)
{
  BubusUuid *uuids = data;

  for (guint i = 0; i < N_PER_THREAD; i++)
    _bubus_uuid_init_v7 (&uuids[i], TIME_NS);
  return NULL;
}

static void
test_uuid_v7_threads (void)
{
  g_autofree BubusUuid *uuids = g_new0 (BubusUuid, N_THREADS * N_PER_THREAD);
  GThread *threads[N_THREADS];

  g_test_summary ("Ids of several threads differ even when all have the same time");

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("ids", make_ids_cb, uuids + i * N_PER_THREAD);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);

  assert_all_differ (uuids, N_THREADS * N_PER_THREAD);
}

#define N_FORKED 100

static void
make_ids_in_child (int        fd,
                   BubusUuid *uuids)
{
  for (guint i = 0; i < N_FORKED; i++)
    _bubus_uuid_init_v7 (&uuids[i], TIME_NS);

  /* Less than a pipe holds, so it is written at once. */
  _exit (write (fd, uuids, N_FORKED * sizeof *uuids) == N_FORKED * sizeof *uuids ? 0 : 1);
}

static void
fork_and_make_ids (BubusUuid *uuids)
{
  int fds[2];
  int status;
  pid_t child;

  g_assert_cmpint (pipe (fds), ==, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    make_ids_in_child (fds[1], uuids);

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpint (read (fds[0], uuids, N_FORKED * sizeof *uuids), ==, N_FORKED * sizeof *uuids);
  close (fds[0]);
  close (fds[1]);
}

static void
test_uuid_v7_fork (void)
{
  BubusUuid uuids[3 * N_FORKED];

  g_test_summary ("Forked processes repeat neither the ids of their parent nor those of each other");

  _bubus_uuid_init_v7 (&uuids[0], TIME_NS);
  fork_and_make_ids (uuids);
  fork_and_make_ids (uuids + N_FORKED);
  for (guint i = 2 * N_FORKED; i < 3 * N_FORKED; i++)
    _bubus_uuid_init_v7 (&uuids[i], TIME_NS);

  assert_all_differ (uuids, G_N_ELEMENTS (uuids));
}

static void
assert_v5 (const char *name_space,
           const char *name,
           const char *expected)
{
  BubusUuid name_space_id = parse (name_space);
  BubusUuid uuid;

  _bubus_uuid_init_v5 (&uuid, &name_space_id, name);
  assert_text (&uuid, expected);
}

static void
test_uuid_v5 (void)
{
  g_test_summary ("Version 5 gives the id of RFC 9562, A.4");

  assert_v5 (NAMESPACE_DNS, "www.example.com", "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

static void
test_uuid_v5_handler (void)
{
  g_test_summary ("B-3.6: the namespace of handler ids, and the id of the reference handler");

  assert_v5 (NAMESPACE_DNS, "abxbus-handler", "98dc1aae-798a-597c-8b2e-2c0511f4a81a");
  assert_v5 ("98dc1aae-798a-597c-8b2e-2c0511f4a81a",
             "018f8e40-1234-7000-8000-000000001234|pkg.module.handler|~/project/app.py:123"
             "|2025-01-02T03:04:05.678901000Z|StandaloneEvent",
             "19ea9fe8-cfbe-541e-8a35-2579e4e9efff");
}

static void
test_uuid_derived (void)
{
  BubusUuid first = parse ("018f8e40-1234-7000-8000-000000001234");
  BubusUuid second = parse ("19ea9fe8-cfbe-541e-8a35-2579e4e9efff");
  BubusUuid uuid;
  BubusUuid other;

  g_test_summary ("A derived id has the shape of version 7 and follows from the time and both ids");

  _bubus_uuid_init_derived (&uuid, TIME_NS, &first, &second);
  assert_is_v7 (&uuid);
  /* The same on every machine and in every run. */
  assert_text (&uuid, "017f22e2-79b0-7000-8003-81b6601da913");
  _bubus_uuid_init_derived (&other, TIME_NS, &first, &second);
  g_assert_true (_bubus_uuid_equal (&uuid, &other));

  _bubus_uuid_init_derived (&other, TIME_NS + 1, &first, &second);
  g_assert_cmpint (compare (&uuid, &other), <, 0);
  _bubus_uuid_init_derived (&other, TIME_NS, &second, &first);
  g_assert_false (_bubus_uuid_equal (&uuid, &other));
}

static void
test_uuid_derived_many (void)
{
  g_autofree BubusUuid *uuids = g_new0 (BubusUuid, 20000);
  BubusUuid counter = { { 0 } };
  BubusUuid fixed = parse ("18ea9fe8-cfbe-541e-8a35-2579e4e9efff");

  g_test_summary ("Ids derived from ids that differ in a few bits, first or second, differ");

  for (guint i = 0; i < 10000; i++)
    {
      counter.bytes[0] = counter.bytes[14] = (guint8) (i / 256);
      counter.bytes[9] = (guint8) i;
      _bubus_uuid_init_derived (&uuids[2 * i], TIME_NS, &counter, &fixed);
      _bubus_uuid_init_derived (&uuids[2 * i + 1], TIME_NS, &fixed, &counter);
    }
  assert_all_differ (uuids, 20000);
}

static void
test_uuid_parse (void)
{
  const guint8 expected[16] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
                                0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10 };
  BubusUuid uuid = parse ("01234567-89ab-cdef-fedc-ba9876543210");

  g_test_summary ("B-1.2: ids of any version and in any case are read, and written in lower case");

  g_assert_cmpmem (uuid.bytes, sizeof uuid.bytes, expected, sizeof expected);
  uuid = parse ("01234567-89AB-cDEF-FEDC-BA9876543210");
  assert_text (&uuid, "01234567-89ab-cdef-fedc-ba9876543210");
  uuid = parse ("ffffffff-ffff-ffff-ffff-ffffffffffff");
  assert_text (&uuid, "ffffffff-ffff-ffff-ffff-ffffffffffff");
}

static const char *bad_texts[] = {
  "",
  "-",
  "0",
  "01234567",
  "01234567-89ab-cdef-fedc-ba987654321",
  "01234567-89ab-cdef-fedc-ba98765432100",
  "01234567-89ab-cdef-fedc-ba9876543210 ",
  " 01234567-89ab-cdef-fedc-ba9876543210",
  "{01234567-89ab-cdef-fedc-ba9876543210}",
  "urn:uuid:01234567-89ab-cdef-fedc-ba9876543210",
  "0123456789abcdeffedcba9876543210",
  "0123456-789ab-cdef-fedc-ba9876543210",
  "01234567+89ab-cdef-fedc-ba9876543210",
  "01234567-89ab-cdef-fedc-ba987654321g",
  "01234567-89ab-cdef-fedc-ba987654321\xc3",
  "0x234567-89ab-cdef-fedc-ba9876543210",
  "01234567--9ab-cdef-fedc-ba9876543210",
};

static void
test_uuid_parse_bad (void)
{
  BubusUuid uuid = parse ("01234567-89ab-cdef-fedc-ba9876543210");

  g_test_summary ("B-1.2: nothing but the canonical form is read, and what is refused changes nothing");

  for (guint i = 0; i < G_N_ELEMENTS (bad_texts); i++)
    {
      /* In memory of its own, so that a sanitizer sees who reads on behind the end. */
      g_autofree char *text = g_strdup (bad_texts[i]);
      g_autofree char *shown = g_strescape (text, NULL);

      g_test_message ("%s", shown);
      g_assert_false (_bubus_uuid_parse (&uuid, text));
    }
  assert_text (&uuid, "01234567-89ab-cdef-fedc-ba9876543210");
}

static void
test_uuid_round_trip (void)
{
  char text[BUBUS_UUID_TEXT_SIZE];

  g_test_summary ("Reading what was written gives the same id");

  for (guint i = 0; i < 10000; i++)
    {
      BubusUuid uuid;
      BubusUuid again;

      for (guint j = 0; j < sizeof uuid.bytes; j++)
        uuid.bytes[j] = (guint8) g_test_rand_int ();
      _bubus_uuid_format (&uuid, text);
      g_assert_cmpuint (strlen (text), ==, BUBUS_UUID_TEXT_SIZE - 1);
      again = parse (text);
      g_assert_true (_bubus_uuid_equal (&uuid, &again));
    }
}

static void
test_uuid_nil (void)
{
  BubusUuid uuid = parse ("00000000-0000-0000-0000-000000000000");

  g_test_summary ("Only the id of zeros is nil");

  g_assert_true (_bubus_uuid_is_nil (&uuid));
  for (guint i = 0; i < sizeof uuid.bytes; i++)
    {
      uuid.bytes[i] = 1;
      g_assert_false (_bubus_uuid_is_nil (&uuid));
      uuid.bytes[i] = 0;
    }
}

static void
test_uuid_hash (void)
{
  g_autoptr (GHashTable) hashes = g_hash_table_new (NULL, NULL);
  BubusUuid uuid;

  g_test_summary ("Equal ids have equal hashes, and those of ten thousand others hardly ever meet");

  for (guint i = 0; i < 10000; i++)
    {
      _bubus_uuid_init_v7 (&uuid, TIME_NS);
      g_hash_table_add (hashes, GUINT_TO_POINTER (_bubus_uuid_hash (&uuid)));
    }
  g_assert_cmpuint (g_hash_table_size (hashes), >, 9990);

  uuid = parse ("01234567-89ab-cdef-fedc-ba9876543210");
  g_assert_cmpuint (_bubus_uuid_hash (&uuid), ==, _bubus_uuid_hash (&(BubusUuid) { {
    0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10 } }));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/base/uuid/v7/layout", test_uuid_v7_layout);
  g_test_add_func ("/base/uuid/v7/limits", test_uuid_v7_limits);
  g_test_add_func ("/base/uuid/v7/order", test_uuid_v7_order);
  g_test_add_func ("/base/uuid/v7/order-standing", test_uuid_v7_order_standing);
  g_test_add_func ("/base/uuid/v7/order-by-time", test_uuid_v7_order_by_time);
  g_test_add_func ("/base/uuid/v7/random", test_uuid_v7_random);
  g_test_add_func ("/base/uuid/v7/threads", test_uuid_v7_threads);
  g_test_add_func ("/base/uuid/v7/fork", test_uuid_v7_fork);
  g_test_add_func ("/base/uuid/v5/rfc", test_uuid_v5);
  g_test_add_func ("/base/uuid/v5/handler", test_uuid_v5_handler);
  g_test_add_func ("/base/uuid/derived/shape", test_uuid_derived);
  g_test_add_func ("/base/uuid/derived/many", test_uuid_derived_many);
  g_test_add_func ("/base/uuid/parse/good", test_uuid_parse);
  g_test_add_func ("/base/uuid/parse/bad", test_uuid_parse_bad);
  g_test_add_func ("/base/uuid/round-trip", test_uuid_round_trip);
  g_test_add_func ("/base/uuid/nil", test_uuid_nil);
  g_test_add_func ("/base/uuid/hash", test_uuid_hash);

  return g_test_run ();
}
