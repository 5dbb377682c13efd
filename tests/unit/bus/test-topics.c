/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include <string.h>

#include "event/bubus-event-internal.h"
#include "event/bubus-pattern-internal.h"

/* patterns of type names and of topics. */
static const struct
{
  const char *pattern;
  const char *matching;      /* separated by spaces */
  const char *not_matching;
} cases[] = {
  { "Order", "Order", "order Orders Orde Order. .Order" },
  { "*", "Order order.placed .. .", "" },
  { "Order*", "Order OrderPlaced Order*", "order MyOrder Order.placed OrderPlaced.late" },
  { "*Order", "Order MyOrder OrderOrder", "Orders my.Order" },
  { "*a*b*", "ab xaxbx aab abb aXbaXb", "a b ba a.b" },
  { "Order?", "Order1 Orderß Order?", "Order Order12 Order." },
  { "?*", "a ab", "a.b" },
  { "order.*", "order.placed order.x order.*", "order order. order.placed.late orders.placed .order.x" },
  { "order.**", "order.placed order.placed.late order.a.b.c.d order.a..b order.", "order orders.placed my.order.x" },
  { "*.placed", "order.placed x.placed", ".placed order.not.placed placed order.placed.late" },
  { "**.placed", "order.placed a.b.placed placed.placed a.placed.placed", "placed a.placed.b" },
  { "order.*.late", "order.placed.late", "order.late order..late order.placed.very.late" },
  { "order.**.late", "order.placed.late order.a.b.late order.late.late", "order.late order.placed" },
  { "a.**.b.**.c", "a.x.b.x.c a.b.b.b.c a.x.y.b.c.c a.x.b.b.b.c.c.c", "a.b.c a.x.b.c a.b.x.c a.x.b.x.d" },
  { "**.*.**", "a.b.c a.b.c.d", "a.b a" },
  { "**", "a a.b a.b.c", "" },
  { "order.p*", "order.placed order.p order.p*", "order.x order. order.placed.p order.p.x" },
  { "order.a**b", "order.ab order.axb", "order.a.b order.a" },
  { "order.***", "order.placed", "order order.a.b order." },
  { "order.?", "order.x order.é", "order. order.xy order order.x.y" },
  { "order..x", "order..x", "order.x order...x" },
};

static void
assert_matches (const char *pattern,
                const char *types,
                gboolean    expected)
{
  g_auto (GStrv) list = g_strsplit (types, " ", -1);

  for (guint i = 0; list[i] != NULL; i++)
    if (*list[i] != '\0' && _bubus_pattern_matches (pattern, list[i]) != expected)
      g_error ("“%s” %s “%s”", pattern, expected ? "does not match" : "matches", list[i]);
}

static void
test_patterns (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      assert_matches (cases[i].pattern, cases[i].matching, TRUE);
      assert_matches (cases[i].pattern, cases[i].not_matching, FALSE);
    }
  g_assert_false (_bubus_pattern_matches ("order.*", ""));
  g_assert_false (_bubus_pattern_matches ("**.x", ""));
  g_assert_true (_bubus_pattern_is_glob ("a?") && _bubus_pattern_is_glob ("**") && _bubus_pattern_is_glob ("a.*"));
  g_assert_false (_bubus_pattern_is_glob ("*") || _bubus_pattern_is_glob ("a.b"));
}

/* A reference that is obviously right, and exponential. */
static gboolean
matches_slowly (const char *pattern,
                const char *text)
{
  const char *next;

  if (*pattern == '\0')
    return *text == '\0';
  if (*pattern == '*')
    return matches_slowly (pattern + 1, text) || (*text != '\0' && *text != '.' && matches_slowly (pattern, text + 1));
  next = text + (*text != '\0');
  return *text != '\0' && (*pattern == *text || (*pattern == '?' && *text != '.')) && matches_slowly (pattern + 1, next);
}

static gboolean
segments_match_slowly (char **pattern,
                       char **text)
{
  if (*pattern == NULL || *text == NULL)
    return *pattern == NULL && *text == NULL;
  if (strcmp (*pattern, "**") == 0)
    return segments_match_slowly (pattern + 1, text + 1) || segments_match_slowly (pattern, text + 1);
  if (**pattern != '\0' && strspn (*pattern, "*") == strlen (*pattern) && **text == '\0')
    return FALSE;
  return matches_slowly (*pattern, *text) && segments_match_slowly (pattern + 1, text + 1);
}

static void
fill_randomly (char       *text,
               const char *alphabet,
               guint       max_length)
{
  guint length = (guint) g_test_rand_int_range (1, (gint32) max_length + 1);

  for (guint i = 0; i < length; i++)
    text[i] = alphabet[g_test_rand_int_range (0, (gint32) strlen (alphabet))];
  text[length] = '\0';
}

/* g_strsplit() makes nothing of "", but one empty segment is meant. */
static char **
split_segments (const char *text)
{
  g_auto (GStrv) segments = g_strsplit (text, ".", -1);

  return segments[0] != NULL ? g_steal_pointer (&segments) : g_strdupv ((char *[]) { (char *) "", NULL });
}

static void
test_patterns_against_reference (void)
{
  for (guint round = 0; round < 20000; round++)
    {
      char pattern[16], type[16];
      g_auto (GStrv) pattern_segments = NULL;
      g_auto (GStrv) type_segments = NULL;
      gboolean expected;

      fill_randomly (pattern, "ab.**?", 9);
      fill_randomly (type, "aab.", 9);
      pattern_segments = split_segments (pattern);
      type_segments = split_segments (type);
      expected = strcmp (pattern, "*") == 0 || segments_match_slowly (pattern_segments, type_segments);
      if (_bubus_pattern_matches (pattern, type) != expected)
        g_error ("“%s” and “%s”", pattern, type);
    }
}

static char *
repeat (const char *part,
        guint       n,
        const char *end)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append (text, part);
  g_string_append (text, end);
  return g_string_free (text, FALSE);
}

/* Each of these takes a matcher that tries every star again longer than the test may run. */
static void
test_hostile_patterns (void)
{
  g_autofree char *stars = repeat ("a*", 2000, "b");
  g_autofree char *letters = repeat ("a", 4000, "");
  g_autofree char *double_stars = repeat ("**.a.", 500, "b");
  g_autofree char *segments = repeat ("a.", 2000, "a");
  g_autofree char *mixed = repeat ("**.*a*a*.", 200, "b");
  g_autofree char *dots = repeat (".", 4000, "");

  g_assert_false (_bubus_pattern_matches (stars, letters));
  g_assert_false (_bubus_pattern_matches (double_stars, segments));
  g_assert_false (_bubus_pattern_matches (mixed, segments));
  g_assert_false (_bubus_pattern_matches (double_stars, dots));
  g_assert_false (_bubus_pattern_matches (dots, segments));
}

/* A question mark takes one character, and never reads beyond a text that ends in the middle of one. */
static void
test_broken_utf8 (void)
{
  g_autofree char *half = g_strdup ("a\xe2\x82");

  g_assert_true (_bubus_pattern_matches ("a?", half));
  g_assert_false (_bubus_pattern_matches ("a??", half));
  g_assert_true (_bubus_pattern_matches ("a?b", "a\xe2\x82\xac" "b"));
  g_assert_true (_bubus_pattern_matches ("a*\x82", half));
  g_assert_true (_bubus_pattern_matches ("?.?", "\xff.\xff"));
}

/* ---- on a bus ---- */

static void
dispatch_topic (Fixture    *fixture,
                const char *topic)
{
  g_autoptr (BubusEvent) event = ping_new (topic);
  g_autoptr (GError) error = NULL;

  _bubus_event_set_type_name (event, topic);
  bubus_event_bus_dispatch (fixture->bus, event, &error);
  g_assert_no_error (error);
  run_until_idle (fixture->bus);
}

static void
test_topics_on_a_bus (Fixture       *fixture,
                      gconstpointer  data)
{
  bubus_event_bus_on_pattern (fixture->bus, "order.*", "one", trace_label, fixture->trace, NULL);

  dispatch_topic (fixture, "order");
  dispatch_topic (fixture, "order.placed");
  dispatch_topic (fixture, "order.placed.late");
  g_assert_cmpstr (fixture->trace->str, ==, "order.placed");

  bubus_event_bus_on_pattern (fixture->bus, "order.**", "many", trace_label, fixture->trace, NULL);
  g_string_truncate (fixture->trace, 0);
  dispatch_topic (fixture, "order");
  dispatch_topic (fixture, "order.placed");
  dispatch_topic (fixture, "order.placed.late");
  g_assert_cmpstr (fixture->trace->str, ==, "order.placed order.placed order.placed.late");
}

/* Globs run between the exact names and what is for everything, in order of registration among themselves. */
static void
test_topics_and_order (Fixture       *fixture,
                       gconstpointer  data)
{
  const char *patterns[] = { "*", "order.**", "order.*", "order.placed" };
  g_autoptr (BubusEvent) event = ping_new ("x");
  g_autoptr (GPtrArray) results = NULL;
  const char *expected[] = { "order.placed", "order.**", "order.*", "*" };

  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++)
    bubus_event_bus_on_pattern (fixture->bus, patterns[i], patterns[i], trace_label, fixture->trace, NULL);
  _bubus_event_set_type_name (event, "order.placed");
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  run_until_idle (fixture->bus);

  results = bubus_event_list_results (event);
  g_assert_cmpuint (results->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < results->len; i++)
    g_assert_cmpstr (bubus_event_result_get_handler_name (results->pdata[i]), ==, expected[i]);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/topics/patterns", test_patterns);
  g_test_add_func ("/topics/patterns-against-reference", test_patterns_against_reference);
  g_test_add_func ("/topics/hostile-patterns", test_hostile_patterns);
  g_test_add_func ("/topics/broken-utf8", test_broken_utf8);
  test ("/topics/on-a-bus", test_topics_on_a_bus, "R-9: a star is one segment, two stars are one or more");
  test ("/topics/order", test_topics_and_order, "R-9: exact names, then globs, then everything");

  return g_test_run ();
}
