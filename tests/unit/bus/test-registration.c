/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "base/bubus-clock.h"
#include "base/bubus-error.h"
#include "event/bubus-event-internal.h"

#include <string.h>

static BubusHandler *
on_ping (Fixture *fixture)
{
  return bubus_event_bus_on (fixture->bus, TYPE_PING, "t", trace_label, fixture->trace, NULL);
}

static void
dispatch_and_run (Fixture    *fixture,
                  const char *label)
{
  g_object_unref (dispatch_ping (fixture->bus, label));
  run_until_idle (fixture->bus);
}

static guint
count_handlers (Fixture *fixture)
{
  g_autoptr (GPtrArray) handlers = bubus_event_bus_list_handlers (fixture->bus);

  return handlers->len;
}

/* ---- taking off ---- */

static void
test_off_by_id (Fixture       *fixture,
                gconstpointer  data)
{
  BubusHandler *first = on_ping (fixture);
  g_autofree char *id = g_ascii_strup (bubus_handler_get_id (first), -1);

  on_ping (fixture);
  g_assert_cmpuint (bubus_event_bus_off_by_id (fixture->bus, id), ==, 1);
  g_assert_cmpuint (bubus_event_bus_off_by_id (fixture->bus, id), ==, 0);
  g_assert_cmpuint (bubus_event_bus_off_by_id (fixture->bus, "no id"), ==, 0);
  g_assert_cmpuint (bubus_event_bus_off_by_id (fixture->bus, ""), ==, 0);
  g_assert_cmpuint (count_handlers (fixture), ==, 1);
  dispatch_and_run (fixture, "a");
  g_assert_cmpstr (fixture->trace->str, ==, "a");
}

static void
test_off_by_func (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (GString) other = g_string_new (NULL);

  on_ping (fixture);
  bubus_event_bus_on_pattern (fixture->bus, "*", "u", trace_label, fixture->trace, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "v", trace_label, other, NULL);
  g_assert_cmpuint (bubus_event_bus_off_by_func (fixture->bus, trace_label, NULL), ==, 0);
  g_assert_cmpuint (bubus_event_bus_off_by_func (fixture->bus, trace_label, fixture->trace), ==, 2);
  g_assert_cmpuint (bubus_event_bus_off_by_func (fixture->bus, trace_label, fixture->trace), ==, 0);
  dispatch_and_run (fixture, "a");
  g_assert_cmpstr (fixture->trace->str, ==, "");
  g_assert_cmpstr (other->str, ==, "a");
}

static void
test_off_by_pattern (Fixture       *fixture,
                     gconstpointer  data)
{
  on_ping (fixture);
  bubus_event_bus_on (fixture->bus, TYPE_LOUD_PING, "loud", trace_label, fixture->trace, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "Ping", "name", trace_label, fixture->trace, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "P*", "glob", trace_label, fixture->trace, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "*", "all", trace_label, fixture->trace, NULL);

  g_assert_cmpuint (bubus_event_bus_off_by_pattern (fixture->bus, "Pin*"), ==, 0);
  g_assert_cmpuint (bubus_event_bus_off_by_pattern (fixture->bus, "*"), ==, 1);
  g_assert_cmpuint (bubus_event_bus_off_by_pattern (fixture->bus, "P*"), ==, 1);
  g_assert_cmpuint (bubus_event_bus_off_by_pattern (fixture->bus, "Ping"), ==, 2);
  g_assert_cmpuint (count_handlers (fixture), ==, 1);
}

static void
test_off_by_type (Fixture       *fixture,
                  gconstpointer  data)
{
  on_ping (fixture);
  on_ping (fixture);
  bubus_event_bus_on (fixture->bus, TYPE_LOUD_PING, "loud", trace_label, fixture->trace, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "Ping", "name", trace_label, fixture->trace, NULL);

  g_assert_cmpuint (bubus_event_bus_off_by_type (fixture->bus, BUBUS_TYPE_EVENT), ==, 0);
  g_assert_cmpuint (bubus_event_bus_off_by_type (fixture->bus, TYPE_PING), ==, 2);
  g_assert_cmpuint (count_handlers (fixture), ==, 2);
  g_assert_cmpuint (bubus_event_bus_off_all (fixture->bus), ==, 2);
  g_assert_cmpuint (bubus_event_bus_off_all (fixture->bus), ==, 0);
  dispatch_and_run (fixture, "a");
  g_assert_cmpstr (fixture->trace->str, ==, "");
}

static gboolean
take_all_off (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  *(guint *) data = bubus_event_bus_off_all (bubus_invocation_get_bus (invocation));
  return TRUE;
}

static void
test_selected_handlers_stay (Fixture       *fixture,
                             gconstpointer  data)
{
  guint n_removed = 0;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "off", take_all_off, &n_removed, NULL);
  on_ping (fixture);
  g_object_unref (dispatch_ping (fixture->bus, "a"));
  g_object_unref (dispatch_ping (fixture->bus, "b"));
  run_until_idle (fixture->bus);
  g_assert_cmpuint (n_removed, ==, 2);
  g_assert_cmpstr (fixture->trace->str, ==, "a");
}

/* ---- lists that are kept ---- */

typedef struct
{
  Fixture *fixture;
  char     name;
} Named;

static gboolean
trace_name (BubusEvent       *event,
            BubusInvocation  *invocation,
            gpointer          data,
            GError          **error)
{
  const Named *self = data;

  g_string_append_c (self->fixture->trace, self->name);
  return TRUE;
}

/* However handlers come and go, what runs for an event is what is registered, in order of registration. */
static void
test_lists_follow_registrations (Fixture       *fixture,
                                 gconstpointer  data)
{
  BubusHandler *handlers[26] = { NULL };

  for (guint round = 0; round < 2000; round++)
    {
      guint i = (guint) g_test_rand_int_range (0, G_N_ELEMENTS (handlers));
      g_autoptr (GPtrArray) registered = NULL;
      g_autoptr (GString) expected = g_string_new (NULL);
      g_autoptr (BubusEvent) event = NULL;

      if (handlers[i] != NULL)
        g_assert_true (bubus_event_bus_off (fixture->bus, handlers[i]));
      handlers[i] = handlers[i] != NULL ? NULL
                    : bubus_event_bus_on (fixture->bus, TYPE_PING, ((char[]) { (char) ('a' + i), '\0' }), trace_name,
                                          g_memdup2 (&(Named) { fixture, (char) ('a' + i) }, sizeof (Named)), g_free);

      registered = bubus_event_bus_list_handlers (fixture->bus);
      for (guint j = 0; j < registered->len; j++)
        g_string_append (expected, bubus_handler_get_name (registered->pdata[j]));
      g_string_truncate (fixture->trace, 0);
      event = g_object_new (i % 2 == 0 ? TYPE_PING : TYPE_LOUD_PING, "label", "x", NULL);
      if (i % 3 == 0)
        _bubus_event_set_type_name (event, i % 2 == 0 ? "Named" : "AlsoNamed");
      g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
      run_until_idle (fixture->bus);
      g_assert_cmpstr (fixture->trace->str, ==, expected->str);
    }
}

/* A way to register for LoudPing, and how near it is. */
typedef struct
{
  GType       event_type;  /* or G_TYPE_INVALID */
  const char *pattern;
  int         rank;
} Way;

typedef struct
{
  Named         named;
  BubusHandler *handler;   /* NULL: not registered */
  guint         way;
  int           age;
} Ranked;

static void
list_ways (Way ways[6])
{
  memcpy (ways, (Way[6]) {
    { TYPE_LOUD_PING, NULL, 0 }, { G_TYPE_INVALID, "LoudPing", 0 }, { TYPE_PING, NULL, 1 },
    { BUBUS_TYPE_EVENT, NULL, 2 }, { G_TYPE_INVALID, "Loud*", 3 }, { G_TYPE_INVALID, "*", 4 },
  }, sizeof (Way[6]));
}

static gboolean
ranked_precedes (const Ranked *a,
                 const Ranked *b,
                 const Way    *ways)
{
  int a_priority = bubus_handler_get_priority (a->handler);
  int b_priority = bubus_handler_get_priority (b->handler);

  if (a_priority != b_priority)
    return a_priority > b_priority;
  if (ways[a->way].rank != ways[b->way].rank)
    return ways[a->way].rank < ways[b->way].rank;
  return a->age < b->age;
}

/* The slow way to what should run: each handler after all that precede it. */
static char *
describe_order (const Ranked *all,
                guint         n_all,
                const Way    *ways)
{
  char *text = g_malloc0 (n_all + 1);

  for (guint i = 0; i < n_all; i++)
    {
      guint place = 0;

      for (guint j = 0; all[i].handler != NULL && j < n_all; j++)
        place += all[j].handler != NULL && ranked_precedes (&all[j], &all[i], ways);
      if (all[i].handler != NULL)
        text[place] = all[i].named.name;
    }
  return text;
}

static BubusHandler *
register_way (Fixture   *fixture,
              const Way *way,
              Named     *named)
{
  if (way->event_type != G_TYPE_INVALID)
    return bubus_event_bus_on (fixture->bus, way->event_type, NULL, trace_name, named, NULL);
  return bubus_event_bus_on_pattern (fixture->bus, way->pattern, NULL, trace_name, named, NULL);
}

/* However handlers of all kinds come and go between events, they run in the order that their kinds and priorities say. */
static void
test_lists_keep_order (Fixture       *fixture,
                       gconstpointer  data)
{
  Ranked all[8] = { { { NULL } } };
  Way ways[6];

  list_ways (ways);
  for (int round = 0; round < 3000; round++)
    {
      guint i = (guint) g_test_rand_int_range (0, G_N_ELEMENTS (all));
      g_autofree char *expected = NULL;

      if (all[i].handler != NULL)
        {
          g_assert_true (bubus_event_bus_off (fixture->bus, all[i].handler));
          all[i].handler = NULL;
        }
      else
        {
          all[i] = (Ranked) { { fixture, (char) ('a' + i) }, NULL, (guint) g_test_rand_int_range (0, 6), round };
          all[i].handler = register_way (fixture, &ways[all[i].way], &all[i].named);
          if (round % 5 == 0)
            bubus_handler_set_priority (all[i].handler, g_test_rand_int_range (-1, 2));
        }

      expected = describe_order (all, G_N_ELEMENTS (all), ways);
      g_string_truncate (fixture->trace, 0);
      g_object_unref (dispatch_loud_ping (fixture->bus, "x"));
      run_until_idle (fixture->bus);
      g_assert_cmpstr (fixture->trace->str, ==, expected);
    }
}

/* ---- once ---- */

static void
test_once (Fixture       *fixture,
           gconstpointer  data)
{
  BubusHandler *handler = on_ping (fixture);
  gpointer weak = handler;

  g_object_add_weak_pointer (G_OBJECT (handler), &weak);
  bubus_handler_set_once (handler, TRUE);
  g_object_unref (dispatch_ping (fixture->bus, "a"));
  g_object_unref (dispatch_ping (fixture->bus, "b"));
  g_object_unref (dispatch_ping (fixture->bus, "c"));
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "a");
  g_assert_null (weak);
}

static void
test_once_can_be_undone (Fixture       *fixture,
                         gconstpointer  data)
{
  BubusHandler *handler = on_ping (fixture);

  dispatch_and_run (fixture, "a");
  bubus_handler_set_once (handler, TRUE);
  bubus_handler_set_once (handler, FALSE);
  dispatch_and_run (fixture, "b");
  bubus_handler_set_once (handler, TRUE);
  dispatch_and_run (fixture, "c");
  dispatch_and_run (fixture, "d");
  g_assert_cmpstr (fixture->trace->str, ==, "a b c");
}

/* The parent has been given the handler, so the child that is run in between does not get it. */
static void
test_once_and_queue_jump (Fixture       *fixture,
                          gconstpointer  data)
{
  g_autoptr (BubusEvent) parent = NULL;
  g_autoptr (GPtrArray) results = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "await", run_child_of_parent, (gpointer) "child", NULL);
  bubus_handler_set_once (on_ping (fixture), TRUE);
  parent = dispatch_ping (fixture->bus, "parent");
  run_until_idle (fixture->bus);

  g_assert_cmpstr (fixture->trace->str, ==, "parent");
  results = bubus_event_list_results (parent);
  g_assert_cmpuint (results->len, ==, 2);
  g_assert_cmpint (bubus_event_result_get_status (results->pdata[0]), ==, BUBUS_RESULT_STATUS_COMPLETED);
}

static void
test_once_and_deferred (Fixture       *fixture,
                        gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  BubusHandler *handler = bubus_event_bus_on (fixture->bus, TYPE_PING, "later", defer_and_keep, &kept, NULL);

  bubus_handler_set_once (handler, TRUE);
  g_object_unref (dispatch_ping (fixture->bus, "a"));
  g_object_unref (dispatch_ping (fixture->bus, "b"));
  while (kept == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (count_handlers (fixture), ==, 0);
  bubus_invocation_return_int (kept, 1);
  g_clear_object (&kept);
  run_until_idle (fixture->bus);
}

/* A forwarder that was left out, because the event would go in circles, has not been used. */
static void
test_once_and_loop (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr (BubusEventBus) other = bubus_event_bus_new ("Other");
  BubusHandler *back = bubus_event_bus_forward (other, "*", "back", fixture->bus);

  bubus_handler_set_once (back, TRUE);
  bubus_event_bus_forward (fixture->bus, "*", "there", other);
  dispatch_and_run (fixture, "a");
  g_assert_true (bubus_handler_is_registered (back));
  g_object_unref (dispatch_ping (other, "b"));
  run_until_idle (other);
  run_until_idle (fixture->bus);
  g_assert_cmpuint (bubus_event_bus_off_all (other), ==, 0);
}

/* ---- ties ---- */

static void
test_tie (Fixture       *fixture,
          gconstpointer  data)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  BubusHandler *first = on_ping (fixture);
  BubusHandler *second = on_ping (fixture);
  BubusHandler *third = on_ping (fixture);

  bubus_handler_tie (first, object);
  bubus_handler_tie (second, object);
  g_assert_true (bubus_handler_get_tied (first));
  g_assert_false (bubus_handler_get_tied (third));
  bubus_event_bus_off (fixture->bus, second);
  dispatch_and_run (fixture, "a");
  g_assert_finalize_object (object);

  g_assert_cmpuint (count_handlers (fixture), ==, 1);
  dispatch_and_run (fixture, "b");
  g_assert_cmpstr (fixture->trace->str, ==, "a a b");
}

static void
test_tie_to_disposed (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);

  bubus_handler_tie (on_ping (fixture), object);
  g_object_run_dispose (object);
  g_assert_cmpuint (count_handlers (fixture), ==, 0);

  bubus_handler_tie (on_ping (fixture), object);
  g_assert_cmpuint (count_handlers (fixture), ==, 1);
  g_object_run_dispose (object);
  g_assert_cmpuint (count_handlers (fixture), ==, 0);
}

/* Neither side keeps the other: the object outlives the handler, and then the bus. */
static void
test_tie_outlives (Fixture       *fixture,
                   gconstpointer  data)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  BubusEventBus *bus = bubus_event_bus_new ("Short");
  BubusHandler *handler = bubus_event_bus_on (bus, TYPE_PING, "t", trace_label, fixture->trace, NULL);
  BubusHandler *kept = g_object_ref (bubus_event_bus_on (bus, TYPE_PING, "u", trace_label, fixture->trace, NULL));

  bubus_handler_tie (handler, object);
  bubus_handler_tie (kept, object);
  bubus_event_bus_off (bus, handler);
  g_assert_finalize_object (bus);
  g_assert_finalize_object (object);
  g_assert_finalize_object (kept);
}

/* The destroy function of a handler that is tied may drop the object: it goes from within its own handler's end. */
static void
test_tie_to_own_data (Fixture       *fixture,
                      gconstpointer  data)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  BubusHandler *handler = bubus_event_bus_on (fixture->bus, TYPE_SUM, "t", trace_label, object, g_object_unref);

  bubus_handler_tie (handler, object);
  g_object_add_weak_pointer (object, (gpointer *) &object);
  bubus_event_bus_off (fixture->bus, handler);
  g_assert_null (object);
}

static gboolean
drop_object (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  g_clear_object ((GObject **) data);
  return TRUE;
}

/* It had been selected; but what it works with is gone (against B-3.9, which would call it). */
static void
test_tie_after_selection (Fixture       *fixture,
                          gconstpointer  data)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (GPtrArray) results = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "drop", drop_object, &object, NULL);
  bubus_handler_tie (on_ping (fixture), object);
  event = dispatch_ping (fixture->bus, "a");
  run_until_idle (fixture->bus);

  g_assert_cmpstr (fixture->trace->str, ==, "");
  results = bubus_event_list_results (event);
  g_assert_cmpuint (results->len, ==, 2);
  g_assert_error (bubus_event_result_get_error (results->pdata[1]), BUBUS_ERROR, BUBUS_ERROR_CANCELLED);
}

typedef struct
{
  Fixture  *fixture;
  GObject  *object;
  gboolean  was_there;
} Dropper;

static gboolean
drop_own_object (BubusEvent       *event,
                 BubusInvocation  *invocation,
                 gpointer          data,
                 GError          **error)
{
  Dropper *self = data;
  gpointer weak = self->object;

  g_object_add_weak_pointer (self->object, &weak);
  g_object_unref (self->object);
  self->was_there = weak != NULL;
  if (weak != NULL)
    g_object_remove_weak_pointer (self->object, &weak);
  return TRUE;
}

static void
test_tie_during_call (Fixture       *fixture,
                      gconstpointer  data)
{
  Dropper dropper = { fixture, g_object_new (G_TYPE_OBJECT, NULL), FALSE };
  gpointer weak = dropper.object;

  g_object_add_weak_pointer (dropper.object, &weak);
  bubus_handler_tie (bubus_event_bus_on (fixture->bus, TYPE_PING, "d", drop_own_object, &dropper, NULL),
                     dropper.object);
  dispatch_and_run (fixture, "a");
  g_assert_true (dropper.was_there);
  g_assert_null (weak);
  g_assert_cmpuint (count_handlers (fixture), ==, 0);
}

static gpointer
drop_in_thread (gpointer data)
{
  g_object_unref (data);
  return NULL;
}

/* The object goes in another thread while the bus calls, and is given back wherever that ends. */
static void
test_tie_and_threads (Fixture       *fixture,
                      gconstpointer  data)
{
  for (guint round = 0; round < 200; round++)
    {
      GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
      GThread *thread;

      for (guint i = 0; i < 3; i++)
        bubus_handler_tie (on_ping (fixture), object);
      g_object_unref (dispatch_ping (fixture->bus, "x"));
      thread = g_thread_new ("drop", drop_in_thread, object);
      if (round % 2 == 0)
        bubus_event_bus_off_by_type (fixture->bus, TYPE_PING);
      run_until_idle (fixture->bus);
      g_thread_join (thread);
      g_assert_cmpuint (count_handlers (fixture), ==, 0);
    }
}

static void
test_tie_and_bus_in_threads (Fixture       *fixture,
                             gconstpointer  data)
{
  for (guint round = 0; round < 200; round++)
    {
      GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
      BubusEventBus *bus = bubus_event_bus_new ("Short");
      GThread *thread;

      bubus_handler_tie (bubus_event_bus_on (bus, TYPE_PING, "t", trace_label, fixture->trace, NULL), object);
      thread = g_thread_new ("drop", drop_in_thread, object);
      g_object_unref (bus);
      g_thread_join (thread);
    }
}

/* ---- failures ---- */

static gboolean
fail (BubusEvent       *event,
      BubusInvocation  *invocation,
      gpointer          data,
      GError          **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "%s is busy", ping_get_label (event));
  return FALSE;
}

static void
trace_error (BubusEvent       *event,
             BubusEventResult *result,
             const GError     *error,
             gpointer          data)
{
  g_assert_true (bubus_event_result_get_error (result) == error);
  g_assert_true (bubus_event_result_get_event (result) == event);
  trace (data, "%s:%s:%d", ping_get_label (event), bubus_event_result_get_handler_name (result), error->code);
}

static void
test_error_func (Fixture       *fixture,
                 gconstpointer  data)
{
  BubusHandler *failing = bubus_event_bus_on (fixture->bus, TYPE_PING, "bad", fail, NULL, NULL);
  BubusHandler *good = on_ping (fixture);

  bubus_handler_set_error_func (failing, trace_error, fixture->trace, NULL);
  bubus_handler_set_error_func (good, trace_error, fixture->trace, NULL);
  dispatch_and_run (fixture, "a");
  g_assert_cmpstr (fixture->trace->str, ==, "a:bad:26 a");

  bubus_handler_set_error_func (failing, NULL, NULL, NULL);
  dispatch_and_run (fixture, "b");
  g_assert_cmpstr (fixture->trace->str, ==, "a:bad:26 a b");
}

static void
count_call (gpointer data)
{
  (*(guint *) data)++;
}

static void
ignore_error (BubusEvent       *event,
              BubusEventResult *result,
              const GError     *error,
              gpointer          data)
{
}

static void
test_error_func_is_freed (Fixture       *fixture,
                          gconstpointer  data)
{
  BubusHandler *handler = on_ping (fixture);
  guint n_freed = 0;

  bubus_handler_set_error_func (handler, ignore_error, &n_freed, count_call);
  bubus_handler_set_error_func (handler, ignore_error, &n_freed, count_call);
  g_assert_cmpuint (n_freed, ==, 1);
  bubus_event_bus_off (fixture->bus, handler);
  g_assert_cmpuint (n_freed, ==, 2);
}

static void
test_error_func_and_time_out (Fixture       *fixture,
                              gconstpointer  data)
{
  BubusClock *clock = bubus_clock_new_test (0);
  BubusInvocation *kept = NULL;
  BubusEventBus *bus;
  BubusHandler *handler;
  g_autoptr (BubusEvent) event = NULL;

  bubus_clock_push_thread_default (clock);
  bus = bubus_event_bus_new ("Timed");
  bubus_clock_pop_thread_default (clock);
  handler = bubus_event_bus_on (bus, TYPE_PING, "slow", defer_and_keep, &kept, NULL);
  bubus_handler_set_timeout (handler, 1);
  bubus_handler_set_error_func (handler, trace_error, fixture->trace, NULL);
  event = dispatch_ping (bus, "a");
  while (kept == NULL)
    g_main_context_iteration (NULL, TRUE);

  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "slow of *Ping* has not answered after 1 seconds");
  bubus_clock_advance (clock, G_GINT64_CONSTANT (1000000000));
  run_until_idle (bus);
  g_test_assert_expected_messages ();
  g_assert_cmpstr (fixture->trace->str, ==, "a:slow:9");
  bubus_invocation_return_int (kept, 1);
  g_clear_object (&kept);
  g_clear_object (&event);
  g_assert_finalize_object (bus);
  g_assert_finalize_object (clock);
  g_assert_cmpstr (fixture->trace->str, ==, "a:slow:9");
}

static void
test_error_func_and_stop (Fixture       *fixture,
                          gconstpointer  data)
{
  BubusHandler *handler = on_ping (fixture);

  bubus_handler_set_error_func (handler, trace_error, fixture->trace, NULL);
  g_object_unref (dispatch_ping (fixture->bus, "a"));
  bubus_event_bus_stop (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "a:t:4");
}

/* What the function does is not part of the event, and touches nothing of it. */
static void
dispatch_in_error_func (BubusEvent       *event,
                        BubusEventResult *result,
                        const GError     *error,
                        gpointer          data)
{
  Fixture *fixture = data;
  g_autoptr (BubusEvent) other = NULL;

  bubus_event_bus_off_by_type (fixture->bus, TYPE_PING);
  other = g_object_new (TYPE_SUM, NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, other, NULL));
  g_assert_null (bubus_event_get_event_parent_id (other));
}

static void
test_error_func_is_outside (Fixture       *fixture,
                            gconstpointer  data)
{
  BubusHandler *handler = bubus_event_bus_on (fixture->bus, TYPE_PING, "bad", fail, NULL, NULL);
  g_autoptr (BubusEvent) event = NULL;

  bubus_handler_set_error_func (handler, dispatch_in_error_func, fixture, NULL);
  on_ping (fixture);
  event = dispatch_ping (fixture->bus, "a");
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "a");
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
}

static void
test_error_func_and_tie (Fixture       *fixture,
                         gconstpointer  data)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  BubusHandler *handler;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "drop", drop_object, &object, NULL);
  handler = on_ping (fixture);
  bubus_handler_tie (handler, object);
  bubus_handler_set_error_func (handler, trace_error, fixture->trace, NULL);
  dispatch_and_run (fixture, "a");
  g_assert_cmpstr (fixture->trace->str, ==, "");
}

/* ---- properties ---- */

static void
count_notify_cb (GObject    *object,
                 GParamSpec *pspec,
                 gpointer    user_data)
{
  (*(guint *) user_data)++;
}

static void
test_properties (Fixture       *fixture,
                 gconstpointer  data)
{
  BubusHandler *handler = on_ping (fixture);
  g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);
  gboolean once = TRUE, tied = TRUE;
  guint n_notified = 0;

  g_signal_connect (handler, "notify", G_CALLBACK (count_notify_cb), &n_notified);
  g_object_get (handler, "once", &once, "tied", &tied, NULL);
  g_assert_false (once || tied);
  g_object_set (handler, "once", TRUE, NULL);
  bubus_handler_set_once (handler, 2);
  g_assert_cmpuint (n_notified, ==, 1);
  bubus_handler_tie (handler, object);
  g_assert_cmpuint (n_notified, ==, 2);
  g_object_get (handler, "once", &once, "tied", &tied, NULL);
  g_assert_true (once && tied);
}

/* ---- upstream ---- */

static gboolean
return_data (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  bubus_invocation_return_string (invocation, data);
  return TRUE;
}

static void
test_kinds_of_registration (Fixture       *fixture,
                            gconstpointer  data)
{
  const char *expected[] = { "class", "class again", "name", "all" };
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (GPtrArray) results = NULL;

  bubus_event_bus_on_pattern (fixture->bus, "*", "h", return_data, (gpointer) "all", NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "h", return_data, (gpointer) "class", NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "h", return_data, (gpointer) "class again", NULL);
  bubus_event_bus_on_pattern (fixture->bus, "Ping", "h", return_data, (gpointer) "name", NULL);
  event = dispatch_ping (fixture->bus, "a");
  run_until_idle (fixture->bus);

  results = bubus_event_list_results (event);
  g_assert_cmpuint (results->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < results->len; i++)
    g_assert_cmpstr (g_value_get_string (bubus_event_result_get_value (results->pdata[i])), ==, expected[i]);
}

static void
test_overridden_type (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr (BubusEvent) event = ping_new ("x");

  _bubus_event_set_type_name (event, "Renamed");
  bubus_event_bus_on_pattern (fixture->bus, "Ping", "class name", trace_label, fixture->trace, NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/registration/off-by-id", test_off_by_id, "R-9: off by id, in any case of letters; unknown is none");
  test ("/registration/off-by-func", test_off_by_func, "R-9, B-3.9: off by callback and data, all of them");
  test ("/registration/off-by-pattern", test_off_by_pattern, "R-9, B-3.9: off by pattern, which is compared as text");
  test ("/registration/off-by-type", test_off_by_type, "R-9, test 80: off by class, exactly; and all");
  test ("/registration/selected-handlers-stay", test_selected_handlers_stay, "B-3.9: an event keeps what it has selected");
  test ("/registration/lists-follow", test_lists_follow_registrations, "B-2.7: what runs is what is registered");
  test ("/registration/lists-keep-order", test_lists_keep_order, "R-9: a handler that comes late runs where it belongs");
  test ("/registration/once", test_once, "R-9: once is for the first event only, also when more are queued");
  test ("/registration/once-undone", test_once_can_be_undone, "R-9: once may be set and taken back");
  test ("/registration/once-and-queue-jump", test_once_and_queue_jump, "R-9, B-17.7: once, with a child in between");
  test ("/registration/once-and-deferred", test_once_and_deferred, "R-9: once is off before it answers");
  test ("/registration/once-and-loop", test_once_and_loop, "R-9, R-11: a forwarder that is left out is not used up");
  test ("/registration/tie", test_tie, "R-9: the handler goes with the object");
  test ("/registration/tie-to-disposed", test_tie_to_disposed, "R-9: also when the object is only disposed of");
  test ("/registration/tie-outlives", test_tie_outlives, "R-9: neither keeps the other");
  test ("/registration/tie-to-own-data", test_tie_to_own_data, "R-9: the handler's data may be the object");
  test ("/registration/tie-after-selection", test_tie_after_selection, "R-9: not called without the object");
  test ("/registration/tie-during-call", test_tie_during_call, "R-9: the object is there during the call");
  test ("/registration/tie-and-threads", test_tie_and_threads, "R-9: the object goes in another thread");
  test ("/registration/tie-and-bus-in-threads", test_tie_and_bus_in_threads, "R-9: object and bus go at the same time");
  test ("/registration/error-func", test_error_func, "R-10: a handler's failures are seen, one by one");
  test ("/registration/error-func-is-freed", test_error_func_is_freed, "R-10: its data goes when it is replaced");
  test ("/registration/error-func-and-time-out", test_error_func_and_time_out, "R-7, R-10: a time-out is a failure, once");
  test ("/registration/error-func-and-stop", test_error_func_and_stop, "R-10, R-16: a handler that is not called any more");
  test ("/registration/error-func-is-outside", test_error_func_is_outside, "R-10: it touches nothing");
  test ("/registration/error-func-and-tie", test_error_func_and_tie, "R-9, R-10: not called without the object");
  test ("/registration/properties", test_properties, "the properties tell of changes once");
  test ("/registration/kinds", test_kinds_of_registration, "tests 4 and 6: class, name and all, with results of their own");
  test ("/registration/overridden-type", test_overridden_type, "test 13: a class's name does not match another type");

  return g_test_run ();
}
