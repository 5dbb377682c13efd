/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "event/bubus-event-internal.h"

#include <string.h>

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
  dispatch_and_run (fixture, "b");
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
  test ("/registration/selected-handlers-stay", test_selected_handlers_stay,
        "B-3.9: an event keeps what it has selected");
  test ("/registration/lists-follow", test_lists_follow_registrations, "B-2.7: what runs is what is registered");
  test ("/registration/lists-keep-order", test_lists_keep_order,
        "R-9: a handler that comes late runs where it belongs");
  test ("/registration/properties", test_properties, "the properties tell of changes once");
  test ("/registration/kinds", test_kinds_of_registration,
        "tests 4 and 6: class, name and all, with results of their own");
  test ("/registration/overridden-type", test_overridden_type, "test 13: a class's name does not match another type");

  return g_test_run ();
}
