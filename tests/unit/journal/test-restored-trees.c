/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus/bubus-event-bus-tree.h"
#include "codec/bubus-event-json.h"

/* Trees of events that were read from JSON: there are no handlers, only what is written about them. */

#define PARENT_ID "018f8e40-1234-7000-8000-00000000aaaa"
#define FIRST_ID "018f8e40-1234-7000-8000-00000000bbb1"
#define SECOND_ID "018f8e40-1234-7000-8000-00000000bbb2"
#define BUS_ID "018f8e40-1234-7000-8000-00000000eeee"
#define HANDLER_ID "28536f9b-4031-5f53-827f-98c24c1b1111"
#define OTHER_HANDLER_ID "28536f9b-4031-5f53-827f-98c24c1b2222"

#define RULE "================================================================================\n"

#define TIMES(status, minute, second) \
  "\"event_created_at\":\"2026-01-02T03:00:00.000000000Z\",\"event_status\":\"" status "\"," \
  "\"event_started_at\":\"2026-01-02T03:" minute ":00.000000000Z\"," \
  "\"event_completed_at\":\"2026-01-02T03:" minute ":0" second ".000000000Z\","

#define RESULT(handler_id, name, outcome, children) \
  "\"" handler_id "\":{\"handler_id\":\"" handler_id "\",\"handler_name\":\"" name "\"," \
  "\"event_id\":\"" PARENT_ID "\"," \
  "\"eventbus_name\":\"Old\",\"eventbus_id\":\"" BUS_ID "\",\"started_at\":\"2026-01-02T03:04:00.000000000Z\"," \
  "\"completed_at\":\"2026-01-02T03:04:01.000000000Z\"," outcome ",\"event_children\":[" children "]}"

static const char parent_text[] =
  "{\"event_type\":\"ParentEvent\",\"event_id\":\"" PARENT_ID "\"," TIMES ("completed", "04", "2")
  "\"secret\":\"payload\",\"event_results\":{"
  RESULT (HANDLER_ID, "listed", "\"status\":\"completed\",\"result\":{\"secret\":1}", "\"" FIRST_ID "\"") ","
  RESULT (OTHER_HANDLER_ID, "named",
          "\"status\":\"error\",\"error\":{\"type\":\"ValueError\",\"message\":\"no\\nway\"}", "")
  "}}";

/* The parent's record has the first child; of the second, only the child itself knows. */
static const char *const child_texts[] = {
  "{\"event_type\":\"FirstEvent\",\"event_id\":\"" FIRST_ID "\",\"event_parent_id\":\"" PARENT_ID "\","
  "\"event_created_at\":\"2026-01-02T03:00:01.000000000Z\"}",
  "{\"event_type\":\"SecondEvent\",\"event_id\":\"" SECOND_ID "\",\"event_parent_id\":\"" PARENT_ID "\","
  "\"event_emitted_by_handler_id\":\"" OTHER_HANDLER_ID "\","
  "\"event_created_at\":\"2026-01-02T03:00:02.000000000Z\"}",
};

static BubusEvent *
read_event (const char *text)
{
  g_autoptr (GError) error = NULL;
  BubusEvent *event = bubus_event_new_from_json (text, -1, BUBUS_JSON_NONE, &error);

  g_assert_no_error (error);
  return event;
}

static void
test_event (void)
{
  g_autoptr (BubusEvent) parent = read_event (parent_text);
  g_autofree char *text = bubus_event_format_tree (parent, BUBUS_TREE_NONE);

  g_assert_cmpstr (text, ==,
                   "✅ ParentEvent#aaaa [03:04:00.000 (2.000s)]\n"
                   "├── ✅ Old.listed#1111 [03:04:00.000 (1.000s)] → dict(1 items)\n"
                   "└── ❌ Old.named#2222 [03:04:00.000 (1.000s)] ☠️ BubusRecordedError: no way\n");
}

static void
test_bus (void)
{
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("New");
  g_autoptr (BubusEvent) parent = read_event (parent_text);
  g_autofree char *text = NULL;

  g_assert_true (bubus_event_bus_dispatch (bus, parent, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (child_texts); i++)
    {
      g_autoptr (BubusEvent) child = read_event (child_texts[i]);

      g_assert_true (bubus_event_bus_dispatch (bus, child, NULL));
    }

  text = bubus_event_bus_format_tree (bus, BUBUS_TREE_NONE);
  g_assert_cmpstr (text, ==,
                   "📊 Event History Tree for New 🟢 (⏳ 2 | ▶️ 0 | ✅ 1 | 👂 0)\n" RULE
                   "└── ✅ ParentEvent#aaaa [03:04:00.000 (2.000s)]\n"
                   "    ├── ✅ Old.listed#1111 [03:04:00.000 (1.000s)] → dict(1 items)\n"
                   "    │   └── ⏳ FirstEvent#bbb1 [03:00:01.000]\n"
                   "    └── ❌ Old.named#2222 [03:04:00.000 (1.000s)] ☠️ BubusRecordedError: no way\n"
                   "        └── ⏳ SecondEvent#bbb2 [03:00:02.000]\n" RULE);
  bubus_event_bus_stop (bus);
}

int
main (int    argc,
      char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  g_test_init (&argc, &argv, NULL);

  /* B-10.4, B-10.6: results without live handlers */
  g_test_add_func ("/restored-trees/event", test_event);
  /* B-1.32, B-10.4: children are ids in their parent's results, or say themselves where they come from */
  g_test_add_func ("/restored-trees/bus", test_bus);

  return g_test_run ();
}
