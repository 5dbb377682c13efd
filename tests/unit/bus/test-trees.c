/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tree-fixture.h"

#include "tree/bubus-tree-text-internal.h"

static void
assert_bus_tree (BubusEventBus  *bus,
                 BubusTreeFlags  flags,
                 const char     *expected)
{
  g_autofree char *text = without_ids (bubus_event_bus_format_tree (bus, flags));

  g_assert_cmpstr (text, ==, expected);
}

static guint
count (const char *text,
       const char *part)
{
  guint n = 0;

  for (text = strstr (text, part); text != NULL; text = strstr (text + 1, part))
    n++;
  return n;
}

/* @data is the bus to dispatch on. */
static gboolean
cause_pings (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  g_object_unref (dispatch_ping (data, "first"));
  g_object_unref (dispatch_ping (data, "second"));
  return TRUE;
}

/* ---- a bus ---- */

static void
test_empty (Timed         *timed,
            gconstpointer  data)
{
  assert_bus_tree (timed->base.bus, BUBUS_TREE_NONE,
                   "📊 Event History Tree for Main 🟢 (⏳ 0 | ▶️ 0 | ✅ 0 | 👂 0)\n"
                   RULE "(No events in history)\n" RULE);
  bubus_event_bus_stop (timed->base.bus);
  assert_bus_tree (timed->base.bus, BUBUS_TREE_NONE,
                   "📊 Event History Tree for Main 🔴 (⏳ 0 | ▶️ 0 | ✅ 0 | 👂 0)\n"
                   RULE "(No events in history)\n" RULE);
  assert_bus_tree (timed->base.bus, BUBUS_TREE_ASCII,
                   "Event History Tree for Main (stopped: 0 pending, 0 started, 0 completed; 0 handlers)\n"
                   RULE "(No events in history)\n" RULE);
}

static void
test_roots (Timed         *timed,
            gconstpointer  data)
{
  g_autoptr (BubusEvent) sum = NULL;
  g_autoptr (BubusEvent) ping = NULL;

  bubus_event_bus_on (timed->base.bus, TYPE_SUM, "cause", cause_pings, timed->base.bus, NULL);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "answer", answer, (gpointer) "pong", NULL);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "fail", fail, (gpointer) "too much", NULL);
  sum = dispatch_sum (timed->base.bus);
  bubus_clock_advance (timed->clock, SECOND);
  ping = dispatch_ping (timed->base.bus, "secret");
  run_until_idle (timed->base.bus);

#define PING(space) \
  space "├── ✅ Main.answer# [22:13:21.000 (0.000000s)] → \"pong\"\n" \
  space "└── ❌ Main.fail# [22:13:21.000 (0.000000s)] ☠️ g-io-error: too much\n"

  assert_bus_tree (timed->base.bus, BUBUS_TREE_NONE,
                   "📊 Event History Tree for Main 🟢 (⏳ 0 | ▶️ 0 | ✅ 4 | 👂 3)\n" RULE
                   "├── ✅ Sum# [22:13:21.000 (0.000000s)]\n"
                   "│   └── ✅ Main.cause# [22:13:21.000 (0.000000s)] → None\n"
                   "│       ├── ✅ Ping# [22:13:21.000 (0.000000s)]\n"
                   PING ("│       │   ")
                   "│       └── ✅ Ping# [22:13:21.000 (0.000000s)]\n"
                   PING ("│           ")
                   "└── ✅ Ping# [22:13:21.000 (0.000000s)]\n"
                   PING ("    ")
                   RULE);
  assert_bus_tree (timed->base.bus, BUBUS_TREE_ASCII,
                   "Event History Tree for Main (running: 0 pending, 0 started, 4 completed; 3 handlers)\n" RULE
                   "|-- [ok] Sum# [22:13:21.000 (0.000000s)]\n"
                   "|   `-- [ok] Main.cause# [22:13:21.000 (0.000000s)] -> None\n"
                   "|       |-- [ok] Ping# [22:13:21.000 (0.000000s)]\n"
                   "|       |   |-- [ok] Main.answer# [22:13:21.000 (0.000000s)] -> \"pong\"\n"
                   "|       |   `-- [fail] Main.fail# [22:13:21.000 (0.000000s)] !! g-io-error: too much\n"
                   "|       `-- [ok] Ping# [22:13:21.000 (0.000000s)]\n"
                   "|           |-- [ok] Main.answer# [22:13:21.000 (0.000000s)] -> \"pong\"\n"
                   "|           `-- [fail] Main.fail# [22:13:21.000 (0.000000s)] !! g-io-error: too much\n"
                   "`-- [ok] Ping# [22:13:21.000 (0.000000s)]\n"
                   "    |-- [ok] Main.answer# [22:13:21.000 (0.000000s)] -> \"pong\"\n"
                   "    `-- [fail] Main.fail# [22:13:21.000 (0.000000s)] !! g-io-error: too much\n"
                   RULE);
}

static void
test_unfinished (Timed         *timed,
                 gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) running = NULL;
  g_autoptr (BubusEvent) waiting = NULL;

  bubus_event_bus_on (timed->base.bus, TYPE_SUM, "later", defer_and_keep, &kept, NULL);
  bubus_event_bus_on (timed->base.bus, TYPE_SUM, "answer", answer, NULL, NULL);
  running = dispatch_sum (timed->base.bus);
  waiting = dispatch_ping (timed->base.bus, "waiting");
  run_pending ();

  assert_bus_tree (timed->base.bus, BUBUS_TREE_NONE,
                   "📊 Event History Tree for Main 🟢 (⏳ 1 | ▶️ 1 | ✅ 0 | 👂 2)\n" RULE
                   "├── 🏃 Sum# " AT "]\n"
                   "│   ├── 🏃 Main.later# " AT "]\n"
                   "│   └── ⏳ Main.answer#\n"
                   "└── ⏳ Ping# " AT "]\n" RULE);

  bubus_clock_advance (timed->clock, 1500000000);
  bubus_invocation_return_int (kept, 7);
  run_until_idle (timed->base.bus);
  assert_event_tree (running,
                     "✅ Sum# " AT " (1.500s)]\n"
                     "├── ✅ Main.later# " AT " (1.500s)] → 7\n"
                     "└── ✅ Main.answer# [22:13:21.500 (0.000000s)] → None\n");
  g_clear_object (&kept);
}

static void
test_forwarded (Timed         *timed,
                gconstpointer  data)
{
  BubusEventBus *other = bubus_event_bus_new ("Other");
  g_autoptr (BubusEvent) sum = NULL;

  bubus_event_bus_on (timed->base.bus, TYPE_SUM, "cause", cause_pings, timed->base.bus, NULL);
  bubus_event_bus_forward (timed->base.bus, "Ping", NULL, other);
  bubus_event_bus_forward (other, "Ping", "back", timed->base.bus);
  bubus_event_bus_on (other, TYPE_PING, "answer", answer, (gpointer) "pong", NULL);
  sum = dispatch_sum (timed->base.bus);
  run_until_complete (sum);
  run_until_idle (other);

#define FORWARDED_PING(space) \
  space "├── ✅ Main.forward_to_Other# " DONE " → None\n" \
  space "└── ✅ Other.answer# " DONE " → \"pong\"\n"

  assert_event_tree (sum,
                     "✅ Sum# " DONE "\n"
                     "└── ✅ Main.cause# " DONE " → None\n"
                     "    ├── ✅ Ping# " DONE "\n"
                     FORWARDED_PING ("    │   ")
                     "    └── ✅ Ping# " DONE "\n"
                     FORWARDED_PING ("        "));

  /* The other bus does not know the parent: for it both are roots. */
  assert_bus_tree (other, BUBUS_TREE_NONE,
                   "📊 Event History Tree for Other 🟢 (⏳ 0 | ▶️ 0 | ✅ 2 | 👂 2)\n" RULE
                   "├── ✅ Ping# " DONE "\n"
                   FORWARDED_PING ("│   ")
                   "└── ✅ Ping# " DONE "\n"
                   FORWARDED_PING ("    ")
                   RULE);
  g_assert_finalize_object (other);
}

/* A parent completes after its children, so to forget it is to raise the limit in between. */
static void
test_forgotten_parent (Timed         *timed,
                       gconstpointer  data)
{
  g_autoptr (BubusEvent) orphan = ping_new ("orphan");
  g_autoptr (BubusEvent) sum = NULL;

  bubus_event_bus_on (timed->base.bus, TYPE_SUM, "cause", cause_pings, timed->base.bus, NULL);
  sum = dispatch_sum (timed->base.bus);
  run_until_idle (timed->base.bus);
  bubus_event_bus_set_max_history_size (timed->base.bus, 1);
  g_object_set (orphan, "event-parent-id", bubus_event_get_event_id (sum), NULL);
  g_assert_true (bubus_event_bus_dispatch (timed->base.bus, orphan, NULL));
  run_until_idle (timed->base.bus);

  assert_bus_tree (timed->base.bus, BUBUS_TREE_NONE,
                   "📊 Event History Tree for Main 🟢 (⏳ 0 | ▶️ 0 | ✅ 1 | 👂 1)\n" RULE
                   "└── ✅ Ping# " DONE "\n" RULE);
  assert_event_tree (sum, "✅ Sum# " DONE "\n└── ✅ Main.cause# " DONE " → None\n");
}

/* Only the child says who the parent is; no handler of it does. */
static void
test_child_by_id (Timed         *timed,
                  gconstpointer  data)
{
  g_autoptr (BubusEvent) child = ping_new ("child");
  g_autoptr (BubusEvent) sum = NULL;

  bubus_event_bus_on (timed->base.bus, TYPE_SUM, "answer", answer, NULL, NULL);
  sum = dispatch_sum (timed->base.bus);
  g_object_set (child, "event-parent-id", bubus_event_get_event_id (sum), NULL);
  g_assert_true (bubus_event_bus_dispatch (timed->base.bus, child, NULL));
  run_until_idle (timed->base.bus);

  assert_bus_tree (timed->base.bus, BUBUS_TREE_NONE,
                   "📊 Event History Tree for Main 🟢 (⏳ 0 | ▶️ 0 | ✅ 2 | 👂 1)\n" RULE
                   "└── ✅ Sum# " DONE "\n"
                   "    ├── ✅ Main.answer# " DONE " → None\n"
                   "    └── ✅ Ping# " DONE "\n" RULE);
}

static void
test_cycle (Timed         *timed,
            gconstpointer  data)
{
  static const char *const ids[] = { "018f8e40-1234-7000-8000-00000000000a", "018f8e40-1234-7000-8000-00000000000b" };

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (BubusEvent) event = g_object_new (TYPE_PING, "label", "", "event-id", ids[i],
                                                   "event-parent-id", ids[1 - i], NULL);

      g_assert_true (bubus_event_bus_dispatch (timed->base.bus, event, NULL));
    }
  run_until_idle (timed->base.bus);

  assert_bus_tree (timed->base.bus, BUBUS_TREE_NONE,
                   "📊 Event History Tree for Main 🟢 (⏳ 0 | ▶️ 0 | ✅ 2 | 👂 0)\n" RULE
                   "└── ✅ Ping# " DONE "\n"
                   "    └── ✅ Ping# " DONE "\n" RULE);
}

/* ---- size ---- */

static gboolean
cause_until (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  int number = ((Sum *) event)->number;
  g_autoptr (BubusEvent) child = NULL;

  if (number == 0)
    return TRUE;
  child = g_object_new (TYPE_SUM, "number", number - 1, NULL);
  return bubus_invocation_dispatch (invocation, NULL, child, error);
}

static void
test_deep (Timed         *timed,
           gconstpointer  data)
{
  g_autoptr (BubusEvent) root = g_object_new (TYPE_SUM, "number", 249, NULL);
  g_autofree char *of_bus = NULL;
  g_autofree char *of_event = NULL;

  bubus_event_bus_set_max_depth (timed->base.bus, 0);
  bubus_event_bus_set_max_handler_recursion (timed->base.bus, 0);
  bubus_event_bus_set_max_history_size (timed->base.bus, -1);
  bubus_event_bus_on (timed->base.bus, TYPE_SUM, "cause", cause_until, NULL, NULL);
  g_assert_true (bubus_event_bus_dispatch (timed->base.bus, root, NULL));
  run_until_complete (root);

  of_bus = bubus_event_bus_format_tree (timed->base.bus, BUBUS_TREE_NONE);
  g_assert_cmpuint (count (of_bus, "✅ Sum#"), ==, 250);
  g_assert_cmpuint (count (of_bus, "Main.cause#"), ==, 250);
  g_assert_cmpuint (count (of_bus, "(see below)\n"), ==, 2);
  g_assert_cmpuint (count (of_bus, "\n├── ✅ Sum#"), ==, 2);
  g_assert_cmpuint (count (of_bus, "\n└── ✅ Sum#"), ==, 1);

  of_event = bubus_event_format_tree (root, BUBUS_TREE_NONE);
  g_assert_cmpuint (count (of_event, "✅ Sum#"), ==, 250);
  g_assert_cmpuint (count (of_event, "\n✅ Sum#"), ==, 2);
}

/* 64 below each other, which is what a bus allows by default, are one tree. */
static void
test_depth_limit (Timed         *timed,
                  gconstpointer  data)
{
  g_autoptr (BubusEvent) root = g_object_new (TYPE_SUM, "number", 64, NULL);
  g_autofree char *text = NULL;

  bubus_event_bus_set_max_handler_recursion (timed->base.bus, 0);
  bubus_event_bus_set_max_history_size (timed->base.bus, -1);
  bubus_event_bus_on (timed->base.bus, TYPE_SUM, "cause", cause_until, NULL, NULL);
  g_assert_true (bubus_event_bus_dispatch (timed->base.bus, root, NULL));
  run_until_complete (root);

  text = bubus_event_format_tree (root, BUBUS_TREE_NONE);
  g_assert_cmpuint (count (text, "✅ Sum#"), ==, 65);
  g_assert_cmpuint (count (text, "see below"), ==, 0);
}

static gboolean
cause_many (BubusEvent       *event,
            BubusInvocation  *invocation,
            gpointer          data,
            GError          **error)
{
  for (guint i = 0; i < 10000; i++)
    g_object_unref (dispatch_ping (data, "one of many"));
  return TRUE;
}

static void
test_wide (Timed         *timed,
           gconstpointer  data)
{
  g_autoptr (BubusEvent) root = NULL;
  g_autofree char *text = NULL;

  bubus_event_bus_set_max_pending (timed->base.bus, 0);
  bubus_event_bus_set_max_history_size (timed->base.bus, -1);
  bubus_event_bus_on (timed->base.bus, TYPE_SUM, "cause", cause_many, timed->base.bus, NULL);
  root = dispatch_sum (timed->base.bus);
  run_until_complete (root);

  text = bubus_event_bus_format_tree (timed->base.bus, BUBUS_TREE_NONE);
  g_assert_cmpuint (count (text, "\n        ├── ✅ Ping#"), ==, 9999);
  g_assert_cmpuint (count (text, "\n        └── ✅ Ping#"), ==, 1);
}

/* ---- what others have written ---- */

static void
test_hostile_names (Timed         *timed,
                    gconstpointer  data)
{
  BubusEventBus *bus = bubus_event_bus_new ("Bus\n\033[31m");
  g_autoptr (BubusEvent) event = NULL;
  g_autofree char *ascii = NULL;

  bubus_event_bus_on (bus, TYPE_PING, "évil\r\342\200\256", answer, (gpointer) "a\"b\\\n\tü🚚", NULL);
  bubus_event_bus_on (bus, TYPE_PING, "fail", fail, (gpointer) "line\nline\302\233", NULL);
  event = dispatch_ping (bus, "x");
  run_until_complete (event);

  assert_bus_tree (bus, BUBUS_TREE_NONE,
                   "📊 Event History Tree for Bus\\u000a\\u001b[31m 🟢 (⏳ 0 | ▶️ 0 | ✅ 1 | 👂 2)\n" RULE
                   "└── ✅ Ping# " DONE "\n"
                   "    ├── ✅ Bus\\u000a\\u001b[31m.évil\\u000d\\u202e# " DONE " → \"a\\\"b\\\\\\u000a\\u0009ü🚚\"\n"
                   "    └── ❌ Bus\\u000a\\u001b[31m.fail# " DONE " ☠️ g-io-error: line line\\u009b\n" RULE);

  ascii = bubus_event_format_tree (event, BUBUS_TREE_ASCII);
  g_assert_true (g_str_is_ascii (ascii));
  g_assert_nonnull (strstr (ascii, ".\\u00e9vil\\u000d\\u202e#"));
  g_assert_nonnull (strstr (ascii, "\\u00fc\\U0001f69a\"\n"));
  g_assert_finalize_object (bus);
}

static void
test_long_texts (Timed         *timed,
                 gconstpointer  data)
{
  g_autofree char *long_text = g_strnfill (1000, 'x');
  g_autofree char *cut = g_strdup_printf (" → \"%.*s...\"\n", BUBUS_TREE_MAX_CHARACTERS, long_text);
  g_autofree char *text = NULL;
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (timed->base.bus, TYPE_PING, "answer", answer, long_text, NULL);
  event = dispatch_ping (timed->base.bus, "x");
  run_until_idle (timed->base.bus);
  text = bubus_event_format_tree (event, BUBUS_TREE_NONE);
  g_assert_true (g_str_has_suffix (text, cut));
}

static void
test_colours (Timed         *timed,
              gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;
  g_autofree char *text = NULL;

  bubus_event_bus_on (timed->base.bus, TYPE_PING, "fail", fail, (gpointer) "no", NULL);
  event = dispatch_ping (timed->base.bus, "x");
  run_until_idle (timed->base.bus);

  text = without_ids (bubus_event_format_tree (event, BUBUS_TREE_ASCII | BUBUS_TREE_COLOR));
  g_assert_cmpstr (text, ==,
                   "[ok] \033[1mPing#\033[0m \033[2m" DONE "\033[0m\n"
                   "`-- [fail] Main.fail# \033[2m" DONE "\033[0m \033[31m!! g-io-error: no\033[0m\n");
}

static void
test_line (Timed         *timed,
           gconstpointer  data)
{
  g_autoptr (BubusEvent) event = ping_new ("secret");
  g_autofree char *before = without_ids (bubus_event_format_line (event, BUBUS_TREE_NONE));
  g_autofree char *after = NULL;

  g_assert_cmpstr (before, ==, "⏳ Ping# " AT "]");
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "answer", answer, (gpointer) "pong", NULL);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "fail", fail, (gpointer) "no", NULL);
  g_assert_true (bubus_event_bus_dispatch (timed->base.bus, event, NULL));
  run_until_idle (timed->base.bus);
  after = without_ids (bubus_event_format_line (event, BUBUS_TREE_NONE));
  g_assert_cmpstr (after, ==, "✅ Ping# " DONE "  Main.answer → \"pong\"; Main.fail ☠️ g-io-error: no");
}

static void
test_log (Timed         *timed,
          gconstpointer  data)
{
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "*Event History Tree for Main*(No events in history)\n===*=");
  bubus_event_bus_log_tree (timed->base.bus);
  g_test_assert_expected_messages ();
}

int
main (int    argc,
      char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  g_test_init (&argc, &argv, NULL);

  timed_test ("/trees/empty", test_empty, "B-10.1, B-10.5: a bus without events, running and stopped");
  timed_test ("/trees/roots", test_roots, "B-10.1 to B-10.4, B-10.6: several roots, children, errors; no payload");
  timed_test ("/trees/unfinished", test_unfinished, "B-10.3, B-10.5: running and pending handlers and events");
  timed_test ("/trees/forwarded", test_forwarded, "B-10.4: each event once, under the handler that dispatched it");
  timed_test ("/trees/forgotten-parent", test_forgotten_parent, "B-10.1: an event whose parent was evicted is a root");
  timed_test ("/trees/child-by-id", test_child_by_id, "B-10.4: children of no handler come after the handlers");
  timed_test ("/trees/cycle", test_cycle, "B-10.4: events that name each other as parents are shown once");
  timed_test ("/trees/deep", test_deep, "what is too deep is shown further down");
  timed_test ("/trees/depth-limit", test_depth_limit, "R-12: the default depth of a bus is one tree");
  timed_test ("/trees/wide", test_wide, "ten thousand children");
  timed_test ("/trees/hostile-names", test_hostile_names, "R-17: what others have written does not steer the terminal");
  timed_test ("/trees/long-texts", test_long_texts, "results are cut");
  timed_test ("/trees/colours", test_colours, "colours when they are asked for");
  timed_test ("/trees/line", test_line, "an event in one line");
  timed_test ("/trees/log", test_log, "B-10.1: the tree is one record");

  return g_test_run ();
}
