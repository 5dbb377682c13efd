/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tree-fixture.h"

#include <locale.h>

#include "bus/bubus-timeout-tree-private.h"

static void
child_done_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  bubus_invocation_run_finish (BUBUS_INVOCATION (source), result, NULL);
  bubus_invocation_return_nothing (BUBUS_INVOCATION (source));
}

/* @data is the kind of event to await, as a GType. */
static gboolean
await_other (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  g_autoptr (BubusEvent) child = g_object_new (GPOINTER_TO_SIZE (data), "label", "", NULL);

  bubus_invocation_defer (invocation);
  if (!bubus_invocation_dispatch (invocation, NULL, child, error))
    return FALSE;
  bubus_invocation_run_async (invocation, child, NULL, child_done_cb, NULL);
  return TRUE;
}

/* Handlers below each other: the parent awaits the child, and the child's third handler awaits what is slow. */
static void
set_up_family (Timed            *timed,
               BubusInvocation **slowest)
{
  BubusHandler *handler;

  bubus_event_bus_set_event_timeout (timed->base.bus, 0);
  handler = bubus_event_bus_on (timed->base.bus, TYPE_SUM, "parent", await_other, GSIZE_TO_POINTER (TYPE_PING), NULL);
  bubus_handler_set_timeout (handler, 60);
  bubus_event_bus_on (timed->base.bus, TYPE_SUM, "next", answer, NULL, NULL);
  bubus_event_bus_on_pattern (timed->base.bus, "Ping", "fine", answer, (gpointer) "fine", NULL);
  bubus_event_bus_on_pattern (timed->base.bus, "Ping", "bad", fail, (gpointer) "bad", NULL);
  handler = bubus_event_bus_on_pattern (timed->base.bus, "Ping", "child", await_other,
                                        GSIZE_TO_POINTER (TYPE_LOUD_PING), NULL);
  bubus_handler_set_timeout (handler, 2.5);
  bubus_event_bus_on_pattern (timed->base.bus, "LoudPing", "slowest", defer_and_keep, slowest, NULL);
  bubus_event_bus_on_pattern (timed->base.bus, "LoudPing", "last", answer, NULL, NULL);
}

#define EXPIRED "child of “Ping” has not answered after 2.5 seconds"

#define TIMEOUT_TREE \
  RULE \
  "⏱️ TIMEOUT ERROR - Handling took more than 2.5s for Main.child(Ping#)\n" \
  RULE \
  "📣 Sum# 2.500s\n" \
  "    ➡️ Main.parent(#)                                       ⏳ 2.500s/60s\n" \
  "        📣 Ping# 2.500s\n" \
  "            ☑️ Main.fine(#)                                 0.000s ✓\n" \
  "            ❌ Main.bad(#)                                   0.000s ☠️ g-io-error\n" \
  "            ⏰ Main.child(#)                                 ⌛️ 2.500s/2.5s ⬅️ TIMEOUT HERE ⏰\n" \
  "                📣 LoudPing# 2.500s\n" \
  "                    ➡️ Main.slowest(#)                      ⏳ 2.500s ⬅️ INTERRUPTED ✂️\n" \
  "                    🔚 Main.last(#)                          🔜 ⛔️ Cancelled\n" \
  "    🔜 Main.next(#)                                          🔜\n"

static void
keep_records (const char     *log_domain,
              GLogLevelFlags  level,
              const char     *message,
              gpointer        data)
{
  const char *name = (level & G_LOG_LEVEL_MASK) == G_LOG_LEVEL_DEBUG ? "debug" : "message";

  g_string_append_printf (data, "%s: %s\n", name, message);
}

/* Lets the child run out of time, and returns what was logged. */
static char *
expire_child (Timed *timed)
{
  BubusInvocation *slowest = NULL;
  GString *records = g_string_new (NULL);
  g_autoptr (BubusEvent) root = NULL;
  guint id;

  set_up_family (timed, &slowest);
  root = dispatch_sum (timed->base.bus);
  run_pending ();
  id = g_log_set_handler ("Bubus", G_LOG_LEVEL_MASK, keep_records, records);
  bubus_clock_advance (timed->clock, 5 * SECOND / 2);
  g_log_remove_handler ("Bubus", id);
  run_until_idle (timed->base.bus);
  g_clear_object (&slowest);
  return without_ids (g_string_free (records, FALSE));
}

static void
test_timeout_tree (Timed         *timed,
                   gconstpointer  data)
{
  g_autofree char *records = NULL;

  g_log_set_debug_enabled (TRUE);
  records = expire_child (timed);
  g_log_set_debug_enabled (FALSE);
  g_assert_cmpstr (records, ==, "message: " EXPIRED "\ndebug: " TIMEOUT_TREE RULE);
}

/* Who has not asked for it does not pay for it. */
static void
test_no_timeout_tree (Timed         *timed,
                      gconstpointer  data)
{
  g_autofree char *records = expire_child (timed);

  g_assert_cmpstr (records, ==, "message: " EXPIRED "\n");
}

static void
test_timeout_tree_ascii (Timed         *timed,
                         gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (GPtrArray) results = NULL;
  g_autofree char *text = NULL;

  bubus_event_bus_on (timed->base.bus, TYPE_SUM, "slow", defer_and_keep, &kept, NULL);
  event = dispatch_sum (timed->base.bus);
  run_pending ();
  bubus_clock_advance (timed->clock, 3 * SECOND);
  results = bubus_event_list_results (event);

  text = without_ids (_bubus_timeout_tree_format (results->pdata[0], BUBUS_TREE_ASCII));
  g_assert_cmpstr (text, ==,
                   RULE "TIMEOUT ERROR - Handling took more than 60s for Main.slow(Sum#)\n" RULE
                   "* Sum# 3.000s\n"
                   "    [TIME] Main.slow(#)                                     over 3.000s/60s <-- TIMEOUT HERE\n"
                   RULE);
  bubus_invocation_return_int (kept, 1);
  run_until_idle (timed->base.bus);
  g_clear_object (&kept);
}

/* The outcomes of the tree above, as the tree of the events shows them. */
static void
test_fates (Timed         *timed,
            gconstpointer  data)
{
  BubusInvocation *slowest = NULL;
  g_autoptr (BubusEvent) root = NULL;

  set_up_family (timed, &slowest);
  root = dispatch_sum (timed->base.bus);
  run_pending ();
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, EXPIRED);
  bubus_clock_advance (timed->clock, 5 * SECOND / 2);
  g_test_assert_expected_messages ();
  run_until_idle (timed->base.bus);

#define LATER AT " (2.500s)]"
  assert_event_tree (root,
                     "✅ Sum# " LATER "\n"
                     "├── ✅ Main.parent# " LATER " → None\n"
                     "│   └── ✅ Ping# " LATER "\n"
                     "│       ├── ✅ Main.fine# " DONE " → \"fine\"\n"
                     "│       ├── ❌ Main.bad# " DONE " ☠️ g-io-error: bad\n"
                     "│       └── ❌ Main.child# " LATER
                     " ⏱️ Timeout: " EXPIRED "\n"
                     "│           └── ✅ LoudPing# " LATER "\n"
                     "│               ├── 🚫 Main.slowest# " LATER
                     " ☠️ Aborted: Interrupted, because child ran out of time\n"
                     "│               └── 🚫 Main.last# ☠️ Cancelled: What the event was dispatched for is over\n"
                     "└── ✅ Main.next# [22:13:22.500 (0.000000s)] → None\n");
  g_clear_object (&slowest);
}

int
main (int    argc,
      char **argv)
{
  setlocale (LC_ALL, "");
  g_setenv ("TZ", "UTC", TRUE);
  g_test_init (&argc, &argv, NULL);

  timed_test ("/timeout-tree/debug", test_timeout_tree, "B-10.7: from the root down, with icons and markers");
  timed_test ("/timeout-tree/one-record", test_no_timeout_tree, "R-7: the tree is only for those who debug");
  timed_test ("/timeout-tree/ascii", test_timeout_tree_ascii, "B-10.7: in ASCII");
  timed_test ("/timeout-tree/fates", test_fates, "B-10.4, B-10.5: timed out, aborted and cancelled");

  return g_test_run ();
}
