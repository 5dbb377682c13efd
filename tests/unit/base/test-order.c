/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "base/bubus-error.h"
#include "base/bubus-order-internal.h"

/* Adds names such as "a b", and edges such as "a>b c>b". */
static BubusOrder *
make_order (const char *names,
            const char *edges)
{
  g_auto (GStrv) name_list = g_strsplit (names, " ", -1);
  g_auto (GStrv) edge_list = g_strsplit (edges, " ", -1);
  BubusOrder *order = _bubus_order_new ();

  for (guint i = 0; name_list[i] != NULL; i++)
    _bubus_order_add (order, name_list[i]);
  for (guint i = 0; edge_list[i] != NULL; i++)
    {
      g_auto (GStrv) ends = g_strsplit (edge_list[i], ">", 2);

      _bubus_order_add_edge (order, ends[0], ends[1]);
    }
  return order;
}

static void
assert_sorted (BubusOrder *order,
               const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) sorted = _bubus_order_sort (order, &error);
  g_autofree char *joined = NULL;

  g_assert_no_error (error);
  g_assert_nonnull (sorted);
  joined = g_strjoinv (" ", sorted);
  g_assert_cmpstr (joined, ==, expected);
}

static void
assert_cycle (BubusOrder *order,
              const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) sorted = _bubus_order_sort (order, &error);
  g_autofree char *message = g_strconcat ("There is a cycle: ", expected, NULL);

  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_DEPENDENCY);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_null (sorted);
}

static void
test_order_empty (void)
{
  g_autoptr (BubusOrder) order = _bubus_order_new ();

  g_test_summary ("Nothing added, nothing sorted");

  assert_sorted (order, "");
}

static const struct
{
  const char *names;
  const char *edges;
  const char *expected;
} stable_cases[] = {
  { "a", "", "a" },
  { "c a b", "", "c a b" },
  { "a b c", "c>a", "b c a" },
  { "a b c", "c>b", "a c b" },
  { "a b c d", "c>b", "a c b d" },
  { "a b c d", "d>c c>b b>a", "d c b a" },
  { "a b c d", "a>b a>c b>d c>d", "a b c d" },
  { "d c b a", "a>b a>c b>d c>d", "a c b d" },
  { "a b", "b>a b>a b>a", "b a" },
  { "a b a c b", "", "a b c" },
};

static void
test_order_stable (void)
{
  g_test_summary ("The next name always is the one added first among those for which nothing earlier is missing");

  for (guint i = 0; i < G_N_ELEMENTS (stable_cases); i++)
    {
      g_autoptr (BubusOrder) order = make_order (stable_cases[i].names, stable_cases[i].edges);

      g_test_message ("case %u: %s; %s", i, stable_cases[i].names, stable_cases[i].edges);
      assert_sorted (order, stable_cases[i].expected);
    }
}

static void
test_order_unknown (void)
{
  g_autoptr (BubusOrder) order = make_order ("a b", "x>a b>x x>x y>x x>y");

  g_test_summary ("Edges with names that are not added mean nothing, not even a cycle");

  assert_sorted (order, "a b");
}

static void
test_order_edge_first (void)
{
  g_autoptr (BubusOrder) order = _bubus_order_new ();

  g_test_summary ("Edges count also when they were added before the names; the place is that of adding the name");

  _bubus_order_add_edge (order, "b", "a");
  _bubus_order_add (order, "c");
  _bubus_order_add (order, "a");
  _bubus_order_add (order, "b");
  assert_sorted (order, "c b a");
}

static void
test_order_again (void)
{
  g_autoptr (BubusOrder) order = make_order ("a b", "b>a");

  g_test_summary ("Sorting changes nothing, and can be done again with more names and edges");

  assert_sorted (order, "b a");
  assert_sorted (order, "b a");
  _bubus_order_add (order, "c");
  assert_sorted (order, "b a c");
  _bubus_order_add_edge (order, "a", "b");
  assert_cycle (order, "“a” → “b” → “a”");
}

static const struct
{
  const char *names;
  const char *edges;
  const char *expected;
} cycle_cases[] = {
  { "a", "a>a", "“a” → “a”" },
  { "a b", "a>b b>a", "“a” → “b” → “a”" },
  { "a b c", "a>b b>c c>a", "“a” → “b” → “c” → “a”" },
  { "c b a", "a>b b>c c>a", "“c” → “a” → “b” → “c”" },
  /* Neither what comes before the cycle nor what hangs from it belongs to it. */
  { "x a b y z", "x>a a>b b>a b>y y>z", "“a” → “b” → “a”" },
  { "y a b", "a>b b>a b>y", "“a” → “b” → “a”" },
  /* Of two cycles, one is shown. */
  { "a b c d", "a>b b>a c>d d>c", "“a” → “b” → “a”" },
};

static void
test_order_cycle (void)
{
  g_test_summary ("A cycle is an error that names its members, from the first added one round to it again");

  for (guint i = 0; i < G_N_ELEMENTS (cycle_cases); i++)
    {
      g_autoptr (BubusOrder) order = make_order (cycle_cases[i].names, cycle_cases[i].edges);

      g_test_message ("case %u: %s; %s", i, cycle_cases[i].names, cycle_cases[i].edges);
      assert_cycle (order, cycle_cases[i].expected);
    }
}

#define N_MANY 100000

static void
add_neighbours (BubusOrder *order,
                guint       number)
{
  char name[7], next[7];

  g_snprintf (name, sizeof name, "%06u", number);
  g_snprintf (next, sizeof next, "%06u", number + 1);
  _bubus_order_add_edge (order, name, next);
}

static void
test_order_many (void)
{
  g_autoptr (BubusOrder) order = _bubus_order_new ();
  g_auto (GStrv) sorted = NULL;

  g_test_summary ("A chain of a hundred thousand names, added backwards, is no problem");

  for (guint i = N_MANY; i-- > 0;)
    {
      char name[7];

      g_snprintf (name, sizeof name, "%06u", i);
      _bubus_order_add (order, name);
    }
  for (guint i = 0; i < N_MANY - 1; i++)
    add_neighbours (order, i);

  sorted = _bubus_order_sort (order, NULL);
  g_assert_cmpuint (g_strv_length (sorted), ==, N_MANY);
  for (guint i = 0; i < N_MANY; i++)
    g_assert_cmpuint (g_ascii_strtoull (sorted[i], NULL, 10), ==, i);
}

/* The slow and obvious way: look for the first name that can come next, again and again. */
static char *
sort_slowly (guint         n_names,
             const guint8 *edges)
{
  GString *result = g_string_new (NULL);
  guint64 done = 0;

  for (guint i = 0; i < n_names; i++)
    {
      guint64 blocked = 0;

      for (guint from = 0; from < n_names; from++)
        {
          for (guint to = 0; to < n_names && !(done >> from & 1); to++)
            blocked |= (guint64) edges[from * n_names + to] << to;
        }
      for (guint next = 0; next < n_names; next++)
        {
          if (((done | blocked) >> next & 1) != 0)
            continue;
          done |= G_GUINT64_CONSTANT (1) << next;
          g_string_append_printf (result, "%s%02u", i > 0 ? " " : "", next);
          break;
        }
    }
  return g_string_free (result, FALSE);
}

static void
check_random_order (guint n_names,
                    guint n_edges)
{
  g_autoptr (BubusOrder) order = _bubus_order_new ();
  g_autofree guint8 *edges = g_new0 (guint8, n_names * n_names);
  g_autofree guint *levels = g_new0 (guint, n_names);
  g_autofree char *expected = NULL;

  for (guint i = 0; i < n_names; i++)
    {
      g_autofree char *name = g_strdup_printf ("%02u", i);

      levels[i] = (guint) g_test_rand_int_range (0, 1000);
      _bubus_order_add (order, name);
    }
  for (guint i = 0; i < n_edges; i++)
    {
      guint from = (guint) g_test_rand_int_range (0, (gint32) n_names);
      guint to = (guint) g_test_rand_int_range (0, (gint32) n_names);
      g_autofree char *from_name = g_strdup_printf ("%02u", from);
      g_autofree char *to_name = g_strdup_printf ("%02u", to);

      /* Edges that only go up cannot make a cycle. */
      if (levels[from] >= levels[to])
        continue;
      edges[from * n_names + to] = 1;
      _bubus_order_add_edge (order, from_name, to_name);
    }

  expected = sort_slowly (n_names, edges);
  assert_sorted (order, expected);
}

static void
test_order_random (void)
{
  g_test_summary ("Random orders come out as the obvious algorithm sorts them");

  for (guint i = 0; i < 300; i++)
    check_random_order (1 + i % 60, i);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/base/order/empty", test_order_empty);
  g_test_add_func ("/base/order/stable", test_order_stable);
  g_test_add_func ("/base/order/unknown", test_order_unknown);
  g_test_add_func ("/base/order/edge-first", test_order_edge_first);
  g_test_add_func ("/base/order/again", test_order_again);
  g_test_add_func ("/base/order/cycle", test_order_cycle);
  g_test_add_func ("/base/order/many", test_order_many);
  g_test_add_func ("/base/order/random", test_order_random);

  return g_test_run ();
}
