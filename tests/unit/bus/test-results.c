/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "base/bubus-error.h"
#include "bus/bubus-results-wait.h"

/* ---- handlers that return what they are told ---- */

static gboolean
answer (BubusEvent       *event,
        BubusInvocation  *invocation,
        gpointer          data,
        GError          **error)
{
  bubus_invocation_return_value (invocation, data);
  return TRUE;
}

static gboolean
answer_error (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  bubus_invocation_return_error (invocation, data);
  return TRUE;
}

static gboolean
answer_nothing (BubusEvent       *event,
                BubusInvocation  *invocation,
                gpointer          data,
                GError          **error)
{
  return TRUE;
}

static void
free_value (gpointer value)
{
  g_value_unset (value);
  g_free (value);
}

/* Gives a value to be set. */
static GValue *
on_value (BubusEventBus *bus,
          const char    *name,
          GType          type)
{
  GValue *value = g_new0 (GValue, 1);

  g_value_init (value, type);
  bubus_event_bus_on (bus, TYPE_PING, name, answer, value, free_value);
  return value;
}

static void
on_string (BubusEventBus *bus,
           const char    *name,
           const char    *string)
{
  g_value_set_string (on_value (bus, name, G_TYPE_STRING), string);
}

static void
on_variant (BubusEventBus *bus,
            const char    *name,
            const char    *text)
{
  g_value_take_variant (on_value (bus, name, G_TYPE_VARIANT), g_variant_ref_sink (g_variant_new_parsed (text)));
}

static void
on_json (BubusEventBus *bus,
         const char    *name,
         const char    *text)
{
  BubusJson *json = bubus_json_new (text, -1, NULL);

  g_assert_nonnull (json);
  g_value_take_boxed (on_value (bus, name, BUBUS_TYPE_JSON), json);
}

static void
on_error (BubusEventBus *bus,
          const char    *name,
          int            code,
          const char    *message)
{
  bubus_event_bus_on (bus, TYPE_PING, name, answer_error, g_error_new_literal (BUBUS_ERROR, code, message),
                      (GDestroyNotify) g_error_free);
}

static void
on_nothing (BubusEventBus *bus,
            const char    *name)
{
  bubus_event_bus_on (bus, TYPE_PING, name, answer_nothing, NULL, NULL);
}

static BubusResults *
ask (BubusEventBus *bus)
{
  g_autoptr (BubusEvent) event = dispatch_ping (bus, "ask");

  run_until_idle (bus);
  return bubus_results_new (event);
}

/* ---- looking at them ---- */

static void
assert_value (const GValue *value,
              const char   *expected)
{
  g_autofree char *text = NULL;

  g_assert_nonnull (value);
  text = g_strdup_value_contents (value);
  g_assert_cmpstr (text, ==, expected);
}

static void
assert_list (BubusResults *results,
             const char   *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GList) values = bubus_results_list (results, &error);

  g_assert_no_error (error);
  for (GList *link = values; link != NULL; link = link->next)
    trace (text, "%s", g_value_get_string (link->data));
  g_assert_cmpstr (text->str, ==, expected);
}

#define assert_raises(results, function, code)                       \
  G_STMT_START                                                       \
  {                                                                  \
    g_autoptr (GError) raised = NULL;                                \
    g_assert_null (bubus_results_##function (results, &raised));     \
    g_assert_error (raised, BUBUS_ERROR, code);                      \
  }                                                                  \
  G_STMT_END

#define assert_raises_everywhere(results, code)         \
  G_STMT_START                                          \
  {                                                     \
    assert_raises (results, get_first, code);           \
    assert_raises (results, list, code);                \
    assert_raises (results, filter, code);              \
    assert_raises (results, by_handler_id, code);       \
    assert_raises (results, by_handler_name, code);     \
    assert_raises (results, flat_list, code);           \
    assert_raises (results, flat_json_list, code);      \
  }                                                     \
  G_STMT_END

static void
assert_variant (GVariant   *variant,
                const char *expected)
{
  g_autofree char *text = NULL;

  g_assert_nonnull (variant);
  text = g_variant_print (variant, TRUE);
  g_assert_cmpstr (text, ==, expected);
  g_variant_unref (variant);
}

static void
assert_json (BubusJson  *json,
             const char *expected)
{
  g_assert_nonnull (json);
  g_assert_cmpstr (bubus_json_get_text (json), ==, expected);
  bubus_json_unref (json);
}

/* ---- gathering ---- */

static void
test_unfinished (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (BubusEvent) event = dispatch_ping (fixture->bus, "ask");
  g_autoptr (BubusResults) results = bubus_results_new (event);

  assert_raises_everywhere (results, BUBUS_ERROR_WOULD_BLOCK);
  assert_raises (results, flat_dict, BUBUS_ERROR_WOULD_BLOCK);
  assert_raises (results, flat_json_dict, BUBUS_ERROR_WOULD_BLOCK);
}

static void
test_options (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (BubusEvent) event = ping_new ("ask");
  g_autoptr (BubusResults) results = bubus_results_new (event);
  g_autoptr (BubusEvent) same = NULL;
  gboolean any, none, conflicts;
  double timeout;

  g_object_get (results, "event", &same, "timeout", &timeout, "raise-if-any", &any, "raise-if-none", &none,
                "raise-if-conflicts", &conflicts, NULL);
  g_assert_true (same == event);
  g_assert_true (any && none && conflicts);
  g_assert_cmpfloat (timeout, <, 0);

  g_object_set (results, "timeout", 2.5, "raise-if-any", FALSE, "raise-if-none", FALSE, "raise-if-conflicts", FALSE,
                NULL);
  g_assert_cmpfloat (bubus_results_get_timeout (results), ==, 2.5);
  g_assert_false (bubus_results_get_raise_if_any (results));
  g_assert_false (bubus_results_get_raise_if_none (results));
  g_assert_false (bubus_results_get_raise_if_conflicts (results));
}

static void
test_values (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (BubusResults) results = NULL;
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (GHashTable) by_id = NULL;
  g_autoptr (GHashTable) by_name = NULL;
  g_autofree char *id = NULL;

  on_nothing (fixture->bus, "silent");
  on_string (fixture->bus, "first", "one");
  on_string (fixture->bus, "null", NULL);
  g_value_set_int (on_value (fixture->bus, "zero", G_TYPE_INT), 0);
  results = ask (fixture->bus);

  assert_value (bubus_results_get_first (results, NULL), "\"one\"");
  records = bubus_results_filter (results, NULL);
  g_assert_cmpuint (records->len, ==, 2);
  g_assert_cmpstr (bubus_event_result_get_handler_name (records->pdata[1]), ==, "zero");

  by_name = bubus_results_by_handler_name (results, NULL);
  g_assert_cmpuint (g_hash_table_size (by_name), ==, 2);
  assert_value (g_hash_table_lookup (by_name, "zero"), "0");

  by_id = bubus_results_by_handler_id (results, NULL);
  g_assert_cmpuint (g_hash_table_size (by_id), ==, 2);
  id = bubus_event_result_dup_handler_id (records->pdata[0]);
  assert_value (g_hash_table_lookup (by_id, id), "\"one\"");
}

static void
test_order (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (BubusInvocation) slow = NULL;
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusResults) results = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "slow", defer_and_keep, &slow, NULL);
  on_string (fixture->bus, "fast", "fast");
  event = dispatch_ping (fixture->bus, "ask");
  while (slow == NULL)
    g_main_context_iteration (NULL, TRUE);
  bubus_invocation_return_string (slow, "slow");
  run_until_idle (fixture->bus);

  results = bubus_results_new (event);
  assert_list (results, "slow fast");
}

static void
test_first_error (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (BubusResults) results = NULL;
  g_autoptr (GError) error = NULL;

  on_string (fixture->bus, "good", "value");
  on_error (fixture->bus, "bad", BUBUS_ERROR_FULL, "no room");
  on_error (fixture->bus, "worse", BUBUS_ERROR_FAILED, "broken");
  on_error (fixture->bus, "worst", BUBUS_ERROR_FAILED, "gone");
  results = ask (fixture->bus);

  assert_raises_everywhere (results, BUBUS_ERROR_FULL);
  assert_raises (results, flat_dict, BUBUS_ERROR_FULL);
  g_assert_null (bubus_results_get_first (results, &error));
  g_assert_cmpstr (error->message, ==, "no room (and 2 more handlers have failed)");

  bubus_results_set_raise_if_any (results, FALSE);
  assert_list (results, "value");
}

static void
test_only_error (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (BubusResults) results = NULL;
  g_autoptr (GError) error = NULL;

  on_error (fixture->bus, "bad", BUBUS_ERROR_FULL, "no room");
  results = ask (fixture->bus);
  g_assert_null (bubus_results_get_first (results, &error));
  g_assert_cmpstr (error->message, ==, "no room");

  bubus_results_set_raise_if_any (results, FALSE);
  assert_raises_everywhere (results, BUBUS_ERROR_NO_RESULT);
  bubus_results_set_raise_if_none (results, FALSE);
  g_clear_error (&error);
  g_assert_null (bubus_results_get_first (results, &error));
  g_assert_no_error (error);
  assert_list (results, "");
}

static void
test_given_up (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (BubusResults) won = NULL;
  g_autoptr (BubusResults) lost = NULL;

  on_error (fixture->bus, "loser", BUBUS_ERROR_ABORTED, "interrupted");
  on_error (fixture->bus, "late", BUBUS_ERROR_CANCELLED, "never ran");
  lost = ask (fixture->bus);
  assert_raises_everywhere (lost, BUBUS_ERROR_ABORTED);

  on_string (fixture->bus, "winner", "value");
  won = ask (fixture->bus);
  assert_list (won, "value");
}

static void
test_none (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (BubusResults) results = NULL;

  on_nothing (fixture->bus, "silent");
  results = ask (fixture->bus);
  assert_raises_everywhere (results, BUBUS_ERROR_NO_RESULT);
  assert_variant (bubus_results_flat_dict (results, NULL), "@a{sv} {}");
  assert_json (bubus_results_flat_json_dict (results, NULL), "{}");

  bubus_results_set_raise_if_none (results, TRUE);
  assert_raises (results, flat_dict, BUBUS_ERROR_NO_RESULT);
  assert_raises (results, flat_json_dict, BUBUS_ERROR_NO_RESULT);

  bubus_results_set_raise_if_none (results, FALSE);
  assert_variant (bubus_results_flat_list (results, NULL), "@av []");
  assert_json (bubus_results_flat_json_list (results, NULL), "[]");
}

static void
test_events_are_no_values (Fixture       *fixture,
                           gconstpointer  data)
{
  g_autoptr (BubusEventBus) other = bubus_event_bus_new ("Other");
  g_autoptr (BubusResults) results = NULL;

  g_value_take_object (on_value (fixture->bus, "event", BUBUS_TYPE_EVENT), ping_new ("other"));
  bubus_event_bus_forward (fixture->bus, "*", NULL, other);
  on_string (fixture->bus, "value", "value");
  results = ask (fixture->bus);
  run_until_idle (other);
  assert_list (results, "value");
}

static void
test_buses_in_order (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr (BubusEventBus) second = bubus_event_bus_new ("Second");
  g_autoptr (BubusEventBus) third = bubus_event_bus_new ("Third");
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusResults) results = NULL;

  bubus_event_bus_forward (fixture->bus, "*", NULL, second);
  bubus_event_bus_forward (second, "*", NULL, third);
  on_variant (fixture->bus, "main", "['a', 'b']");
  on_variant (second, "second", "['c']");
  on_variant (third, "third", "['d']");
  event = dispatch_ping (fixture->bus, "ask");
  run_until_complete (event);
  run_until_idle (second);
  run_until_idle (third);

  results = bubus_results_new (event);
  assert_variant (bubus_results_flat_list (results, NULL), "[<'a'>, <'b'>, <'c'>, <'d'>]");
}

/* ---- filters ---- */

static gboolean
include_not_b (BubusEventResult  *result,
               gpointer           data,
               GError           **error)
{
  trace (data, "%s", bubus_event_result_get_handler_name (result));
  return !g_str_equal (bubus_event_result_get_handler_name (result), "b");
}

static gboolean
include_fails (BubusEventResult  *result,
               gpointer           data,
               GError           **error)
{
  g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_FAILED, "cannot say");
  return FALSE;
}

static void
count_free (gpointer data)
{
  ++*(guint *) data;
}

static void
test_include (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (BubusResults) results = NULL;
  g_autoptr (GPtrArray) records = NULL;
  guint n_freed = 0;

  on_string (fixture->bus, "a", "A");
  on_string (fixture->bus, "b", "B");
  on_string (fixture->bus, "c", "C");
  on_nothing (fixture->bus, "d");
  on_error (fixture->bus, "e", BUBUS_ERROR_FAILED, "broken");
  results = ask (fixture->bus);
  bubus_results_set_raise_if_any (results, FALSE);

  bubus_results_set_include (results, include_not_b, fixture->trace, NULL);
  assert_list (results, "A C");
  g_assert_cmpstr (fixture->trace->str, ==, "a b c");

  g_string_truncate (fixture->trace, 0);
  records = bubus_results_filter (results, NULL);
  g_assert_cmpuint (records->len, ==, 4);
  g_assert_cmpstr (fixture->trace->str, ==, "a b c d e");

  bubus_results_set_include (results, include_fails, &n_freed, count_free);
  assert_raises_everywhere (results, BUBUS_ERROR_FAILED);
  bubus_results_set_include (results, NULL, NULL, NULL);
  g_assert_cmpuint (n_freed, ==, 1);
  assert_list (results, "A B C");
}

static void
test_include_is_not_about_errors (Fixture       *fixture,
                                  gconstpointer  data)
{
  g_autoptr (BubusResults) results = NULL;

  on_string (fixture->bus, "a", "A");
  on_error (fixture->bus, "b", BUBUS_ERROR_FULL, "no room");
  results = ask (fixture->bus);
  bubus_results_set_include (results, include_not_b, fixture->trace, NULL);
  assert_raises (results, list, BUBUS_ERROR_FULL);
}

static void
test_equal_names (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (BubusResults) results = NULL;
  g_autoptr (GHashTable) by_name = NULL;
  g_autoptr (GHashTable) by_id = NULL;
  g_autoptr (GError) error = NULL;

  on_string (fixture->bus, "twin", "A");
  on_string (fixture->bus, "twin", "B");
  results = ask (fixture->bus);

  g_assert_null (bubus_results_by_handler_name (results, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_CONFLICT);
  g_assert_nonnull (strstr (error->message, "“twin”"));
  by_id = bubus_results_by_handler_id (results, NULL);
  g_assert_cmpuint (g_hash_table_size (by_id), ==, 2);

  bubus_results_set_raise_if_conflicts (results, FALSE);
  by_name = bubus_results_by_handler_name (results, NULL);
  assert_value (g_hash_table_lookup (by_name, "twin"), "\"B\"");
}

/* ---- merging ---- */

static void
test_flat_dict (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (BubusResults) results = NULL;

  on_variant (fixture->bus, "user", "{'port': <8080>, 'debug': <true>}");
  on_variant (fixture->bus, "none", "@a{sv} {}");
  on_string (fixture->bus, "text", "no dictionary");
  on_variant (fixture->bus, "numbers", "{1: 'one'}");
  on_variant (fixture->bus, "list", "['no dictionary']");
  on_variant (fixture->bus, "names", "{'host': 'localhost'}");
  results = ask (fixture->bus);
  assert_variant (bubus_results_flat_dict (results, NULL),
                  "{'port': <8080>, 'debug': <true>, 'host': <'localhost'>}");
}

static void
test_flat_dict_conflict (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr (BubusResults) results = NULL;
  g_autoptr (GError) error = NULL;

  on_variant (fixture->bus, "user", "{'debug': <true>, 'port': <8080>}");
  on_variant (fixture->bus, "system", "{'timeout': <30>, 'debug': <false>}");
  results = ask (fixture->bus);

  g_assert_null (bubus_results_flat_dict (results, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_CONFLICT);
  g_assert_cmpstr (error->message, ==, "user and system both return a value for “debug”");

  bubus_results_set_raise_if_conflicts (results, FALSE);
  assert_variant (bubus_results_flat_dict (results, NULL), "{'debug': <false>, 'port': <8080>, 'timeout': <30>}");
}

static void
test_flat_json (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (BubusResults) results = NULL;
  g_autoptr (GError) error = NULL;

  on_json (fixture->bus, "user", "{ \"a\\\"b\": [1, 2.50], \"x\": 1, \"x\": 2 }");
  on_json (fixture->bus, "none", "{}");
  on_json (fixture->bus, "list", "[ 1, {\"x\": 2} ]");
  on_json (fixture->bus, "empty", "[]");
  on_json (fixture->bus, "more", "[\"]\"]");
  on_json (fixture->bus, "text", "\"text\"");
  results = ask (fixture->bus);
  assert_json (bubus_results_flat_json_dict (results, NULL), "{\"a\\\"b\":[1,2.50],\"x\":2}");
  assert_json (bubus_results_flat_json_list (results, NULL), "[1,{\"x\":2},\"]\"]");
  g_clear_object (&results);

  on_json (fixture->bus, "again", "{\"x\":null}");
  results = ask (fixture->bus);
  g_assert_null (bubus_results_flat_json_dict (results, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_CONFLICT);
  g_assert_cmpstr (error->message, ==, "user and again both return a value for “x”");
  bubus_results_set_raise_if_conflicts (results, FALSE);
  assert_json (bubus_results_flat_json_dict (results, NULL), "{\"a\\\"b\":[1,2.50],\"x\":null}");
}

static void
test_flat_list (Fixture       *fixture,
                gconstpointer  data)
{
  const char *const strings[] = { "c", "d", NULL };
  g_autoptr (BubusResults) results = NULL;

  on_variant (fixture->bus, "strings", "['a', 'b']");
  on_variant (fixture->bus, "bytes", "b'bytes'");
  on_variant (fixture->bus, "dict", "{'x': <1>}");
  on_variant (fixture->bus, "tuple", "(1, 2)");
  on_variant (fixture->bus, "variants", "[<1>, <'two'>]");
  g_value_set_boxed (on_value (fixture->bus, "strv", G_TYPE_STRV), strings);
  results = ask (fixture->bus);
  assert_variant (bubus_results_flat_list (results, NULL), "[<'a'>, <'b'>, <1>, <'two'>, <'c'>, <'d'>]");
}

static void
test_variants_and_json_do_not_mix (Fixture       *fixture,
                                   gconstpointer  data)
{
  g_autoptr (BubusResults) results = NULL;
  g_autoptr (GError) error = NULL;

  on_variant (fixture->bus, "variant", "{'x': <1>}");
  on_json (fixture->bus, "json", "{\"y\":2}");
  results = ask (fixture->bus);
  g_assert_null (bubus_results_flat_dict (results, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_CONFLICT);
  g_assert_cmpstr (error->message, ==, "json returned a JSON object, which flat_json_dict merges");
  assert_raises (results, flat_json_dict, BUBUS_ERROR_CONFLICT);

  bubus_results_set_raise_if_conflicts (results, FALSE);
  assert_variant (bubus_results_flat_dict (results, NULL), "{'x': <1>}");
  assert_json (bubus_results_flat_json_dict (results, NULL), "{\"y\":2}");
}

/* ---- waiting ---- */

typedef struct
{
  Timed     base;
  gboolean  done;
  GError   *error;
} Waiting;

static void
waiting_set_up (Waiting       *waiting,
                gconstpointer  data)
{
  timed_set_up (&waiting->base, data);
}

static void
waiting_tear_down (Waiting       *waiting,
                   gconstpointer  data)
{
  g_clear_error (&waiting->error);
  timed_tear_down (&waiting->base, data);
}

#define waiting_test(path, function, summary) \
  g_test_add (path, Waiting, summary, waiting_set_up, function, waiting_tear_down)

static void
results_waited_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      data)
{
  Waiting *waiting = data;

  g_clear_error (&waiting->error);
  waiting->done = bubus_results_wait_finish (BUBUS_RESULTS (source), result, &waiting->error);
  g_assert_true (waiting->done == (waiting->error == NULL));
}

static void
event_waited_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      data)
{
  Waiting *waiting = data;

  g_clear_error (&waiting->error);
  waiting->done = bubus_event_wait_for_finish (BUBUS_EVENT (source), result, &waiting->error);
  g_assert_true (waiting->done == (waiting->error == NULL));
}

static void
test_wait (Waiting         *waiting,
           gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusResults) results = NULL;

  on_string (waiting->base.base.bus, "handler", "value");
  event = dispatch_ping (waiting->base.base.bus, "ask");
  results = bubus_results_new (event);
  bubus_results_set_timeout (results, 5);
  bubus_results_wait_async (results, NULL, results_waited_cb, waiting);
  g_assert_false (waiting->done);
  run_pending ();
  g_assert_true (waiting->done);
  assert_list (results, "value");
  bubus_clock_advance (waiting->base.clock, 10 * SECOND);
}

static void
test_wait_times_out (Waiting         *waiting,
                     gconstpointer  data)
{
  g_autoptr (BubusInvocation) invocation = NULL;
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusResults) results = NULL;

  bubus_event_bus_on (waiting->base.base.bus, TYPE_PING, "slow", defer_and_keep, &invocation, NULL);
  event = dispatch_ping (waiting->base.base.bus, "ask");
  results = bubus_results_new (event);
  bubus_results_set_timeout (results, 5);
  bubus_results_wait_async (results, NULL, results_waited_cb, waiting);
  run_pending ();
  bubus_clock_advance (waiting->base.clock, 5 * SECOND - 1);
  run_pending ();
  g_assert_no_error (waiting->error);

  bubus_clock_advance (waiting->base.clock, 1);
  run_pending ();
  g_assert_error (waiting->error, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_STARTED);
  g_assert_false (g_cancellable_is_cancelled (bubus_invocation_get_cancellable (invocation)));

  bubus_invocation_return_string (invocation, "late");
  run_until_complete (event);
  assert_list (results, "late");
}

static void
test_wait_for (Waiting         *waiting,
               gconstpointer  data)
{
  g_autoptr (BubusInvocation) invocation = NULL;
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (waiting->base.base.bus, TYPE_PING, "slow", defer_and_keep, &invocation, NULL);
  event = dispatch_ping (waiting->base.base.bus, "ask");
  bubus_event_wait_for_async (event, 0, NULL, event_waited_cb, waiting);
  run_pending ();
  g_assert_null (waiting->error);
  bubus_clock_advance (waiting->base.clock, 0);
  run_pending ();
  g_assert_error (waiting->error, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);

  bubus_event_wait_for_async (event, G_MAXDOUBLE, NULL, event_waited_cb, waiting);
  bubus_clock_advance (waiting->base.clock, 30 * SECOND);
  run_pending ();
  bubus_invocation_return_nothing (invocation);
  run_pending ();
  g_assert_true (waiting->done);

  waiting->done = FALSE;
  bubus_event_wait_for_async (event, 0, NULL, event_waited_cb, waiting);
  run_pending ();
  g_assert_true (waiting->done);
}

static void
test_wait_for_is_cancelled (Waiting         *waiting,
                            gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (BubusInvocation) invocation = NULL;
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (waiting->base.base.bus, TYPE_PING, "slow", defer_and_keep, &invocation, NULL);
  event = dispatch_ping (waiting->base.base.bus, "ask");
  bubus_event_wait_for_async (event, 5, cancellable, event_waited_cb, waiting);
  run_pending ();
  g_cancellable_cancel (cancellable);
  run_pending ();
  g_assert_error (waiting->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  bubus_clock_advance (waiting->base.clock, 10 * SECOND);
  run_pending ();
  g_assert_error (waiting->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  bubus_invocation_return_nothing (invocation);
}

static void
test_wait_undispatched (Waiting         *waiting,
                        gconstpointer  data)
{
  g_autoptr (BubusEvent) event = ping_new ("ask");
  g_autoptr (BubusResults) results = bubus_results_new (event);

  bubus_results_wait_async (results, NULL, results_waited_cb, waiting);
  run_pending ();
  g_assert_error (waiting->error, BUBUS_ERROR, BUBUS_ERROR_NOT_DISPATCHED);
}

/* In a handler: the child's results, without a turn of the main loop. */
static gboolean
ask_in_place (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  g_autoptr (BubusEvent) child = dispatch_ping (bubus_invocation_get_bus (invocation), "child");
  g_autoptr (BubusResults) results = bubus_results_new (child);
  const GValue *value;

  if (!bubus_invocation_run (invocation, child, error))
    return FALSE;
  value = bubus_results_get_first (results, error);
  if (value == NULL)
    return FALSE;
  trace (data, "%s", g_value_get_string (value));
  return TRUE;
}

static void
test_in_handler (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (BubusEvent) parent = g_object_new (TYPE_SUM, NULL);

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", ask_in_place, fixture->trace, NULL);
  on_string (fixture->bus, "child", "value");
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, parent, NULL));
  run_until_idle (fixture->bus);
  g_assert_no_error (get_only_error (parent));
  g_assert_cmpstr (fixture->trace->str, ==, "value");
}

static void
child_waited_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      data)
{
  g_autoptr (BubusInvocation) invocation = data;
  g_autoptr (GError) error = NULL;
  const GValue *value;

  bubus_results_wait_finish (BUBUS_RESULTS (source), result, &error);
  g_assert_no_error (error);
  value = bubus_results_get_first (BUBUS_RESULTS (source), &error);
  g_assert_no_error (error);
  bubus_invocation_return_int (invocation, atoi (g_value_get_string (value)));
}

static gboolean
ask_and_defer (BubusEvent       *event,
               BubusInvocation  *invocation,
               gpointer          data,
               GError          **error)
{
  g_autoptr (BubusEvent) child = dispatch_ping (bubus_invocation_get_bus (invocation), "child");
  g_autoptr (BubusResults) results = bubus_results_new (child);

  bubus_invocation_defer (invocation);
  bubus_results_wait_async (results, NULL, child_waited_cb, g_object_ref (invocation));
  g_assert_cmpint (bubus_event_get_event_status (child), ==, BUBUS_EVENT_STATUS_COMPLETED);
  return TRUE;
}

static void
test_in_deferred_handler (Fixture       *fixture,
                          gconstpointer  data)
{
  g_autoptr (BubusEvent) parent = g_object_new (TYPE_SUM, NULL);
  g_autoptr (BubusResults) results = bubus_results_new (parent);

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", ask_and_defer, fixture->trace, NULL);
  on_string (fixture->bus, "child", "42");
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, parent, NULL));
  g_object_unref (dispatch_ping (fixture->bus, "other"));
  run_until_idle (fixture->bus);
  assert_value (bubus_results_get_first (results, NULL), "42");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/results/unfinished", test_unfinished, "R-14: gathering from an unfinished event would block");
  test ("/results/options", test_options, "R-14: the README's defaults, and properties to change them");
  test ("/results/values", test_values,
        "B-5.14, B-5.17, B-5.19, B-5.22: what is null is no value, what is falsy is one");
  test ("/results/order", test_order, "B-5.17, B-5.18: handler order, whenever they finish");
  test ("/results/first-error", test_first_error, "R-14, B-5.15: the first error in handler order, and how many more");
  test ("/results/only-error", test_only_error,
        "B-5.15, B-5.23: raise_if_any goes before raise_if_none; both can be off");
  test ("/results/given-up", test_given_up, "R-14: who lost is no error when somebody won");
  test ("/results/none", test_none, "B-5.15: nothing is an error, but not for a dictionary unless it is asked for");
  test ("/results/events", test_events_are_no_values, "R-11, B-5.14: events and forwarding are no values");
  test ("/results/buses", test_buses_in_order, "14.24: results of all buses in the order of the path");
  test ("/results/include", test_include, "B-5.15, B-5.22: a filter is asked once for each");
  test ("/results/include-errors", test_include_is_not_about_errors, "B-5.16: errors count over all handlers");
  test ("/results/equal-names", test_equal_names, "R-14, 14.21: equal names are reported; ids keep them apart");
  test ("/results/flat-dict", test_flat_dict, "B-5.20, 14.22: dictionaries are merged, all else is skipped");
  test ("/results/flat-dict-conflict", test_flat_dict_conflict, "B-5.20: a conflict names the key and the handlers");
  test ("/results/flat-json", test_flat_json, "B-5.20, B-5.21: the same for JSON");
  test ("/results/flat-list", test_flat_list, "B-5.21, 14.23: lists are joined, all else is skipped");
  test ("/results/kinds", test_variants_and_json_do_not_mix, "R-14: nothing is lost silently");

  waiting_test ("/results/wait", test_wait, "B-5.24: waiting until the event is complete");
  waiting_test ("/results/wait-times-out", test_wait_times_out, "14.60: the limit is the caller's, the event goes on");
  waiting_test ("/results/wait-for", test_wait_for, "R-14: a limit for a plain wait");
  waiting_test ("/results/wait-for-cancelled", test_wait_for_is_cancelled, "R-14: a wait ends once");
  waiting_test ("/results/wait-undispatched", test_wait_undispatched, "R-3: no wait without end");
  test ("/results/in-handler", test_in_handler, "R-3, B-13.16: results inside of a handler");
  test ("/results/in-deferred-handler", test_in_deferred_handler, "R-2: inside of a handler the event runs in place");

  return g_test_run ();
}
