/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "base/bubus-clock.h"
#include "base/bubus-error.h"
#include "bus/bubus-event-bus-settings.h"
#include "bus/bubus-event-bus.h"
#include "bus/bubus-middleware.h"
#include "codec/bubus-event-json.h"
#include "codec/bubus-generic-event.h"
#include "middleware/bubus-auto-events.h"
#include "middleware/bubus-authorizer.h"
#include "middleware/bubus-dead-letters.h"
#include "middleware/bubus-debouncer.h"
#include "middleware/bubus-deduplicator.h"
#include "middleware/bubus-rate-limiter.h"
#include "middleware/bubus-throttle.h"
#include "middleware/bubus-upcaster.h"

/* The middleware that comes with the library, on a bus whose handler writes down the texts of all events. */

#define SECOND G_GINT64_CONSTANT (1000000000)

typedef struct
{
  BubusClock    *clock;
  BubusEventBus *bus;
  GObject       *middleware;  /* nullable */
  GString       *trace;
} Fixture;

static gboolean
note (BubusEvent       *event,
      BubusInvocation  *invocation,
      gpointer          data,
      GError          **error)
{
  g_autoptr (BubusJson) text = bubus_generic_event_dup_member (BUBUS_GENERIC_EVENT (event), "text");

  g_string_append_printf (((Fixture *) data)->trace, "%s ", text != NULL ? bubus_json_get_text (text)
                                                                         : bubus_event_get_event_type (event));
  return TRUE;
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_test_summary (data);
  fixture->clock = bubus_clock_new_test (G_GINT64_CONSTANT (1700000000) * SECOND);
  bubus_clock_push_thread_default (fixture->clock);
  fixture->bus = bubus_event_bus_new ("Shop");
  bubus_event_bus_set_event_handler_slow_timeout (fixture->bus, 0);
  fixture->trace = g_string_new (NULL);
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  settle ();
  g_assert_finalize_object (fixture->bus);
  if (fixture->middleware != NULL)
    g_assert_finalize_object (fixture->middleware);
  bubus_clock_pop_thread_default (fixture->clock);
  g_assert_finalize_object (fixture->clock);
  g_string_free (fixture->trace, TRUE);
}

/* Takes over @middleware. */
static void
use (Fixture  *fixture,
     gpointer  middleware)
{
  fixture->middleware = middleware;
  bubus_event_bus_add_middleware (fixture->bus, BUBUS_MIDDLEWARE (middleware));
  bubus_event_bus_on_pattern (fixture->bus, "*", "note", note, fixture, NULL);
}

static BubusEvent *
make (const char *type,
      const char *key,
      const char *text)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  if (key != NULL)
    g_variant_dict_insert (&dict, "key", "s", key);
  if (text != NULL)
    g_variant_dict_insert_value (&dict, "text", g_variant_new_parsed (text));
  return bubus_generic_event_new (type, g_variant_dict_end (&dict));
}

/* What became of it: 0, or the code of the error. */
static int
send (Fixture    *fixture,
      const char *type,
      const char *key,
      const char *text)
{
  g_autoptr (BubusEvent) event = make (type, key, text);
  g_autoptr (GError) error = NULL;

  if (bubus_event_bus_dispatch (fixture->bus, event, &error))
    {
      settle ();
      error = bubus_event_dup_drop_reason (event);
    }
  return error != NULL ? error->code : 0;
}

static void
pass_time (Fixture *fixture,
           double   seconds)
{
  bubus_clock_advance (fixture->clock, (gint64) (seconds * SECOND));
  settle ();
}

static void
assert_trace (Fixture    *fixture,
              const char *expected)
{
  g_assert_cmpstr (fixture->trace->str, ==, expected);
  g_string_truncate (fixture->trace, 0);
}

static guint64
get_number (Fixture    *fixture,
            const char *property)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_UINT64);
  g_object_get_property (fixture->middleware, property, &value);
  return g_value_get_uint64 (&value);
}

/* ---- authorizer ---- */

static gboolean
authorize (BubusEvent     *event,
           BubusEventBus  *bus,
           gpointer        data,
           GError        **error)
{
  if (g_str_equal (bubus_event_get_event_type (event), "Robbery"))
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "not here");
  return g_str_equal (bubus_event_get_event_type (event), "Visit");
}

static void
test_authorizer (Fixture       *fixture,
                 gconstpointer  data)
{
  gboolean released = FALSE;
  g_autoptr (BubusEvent) event = make ("Robbery", NULL, NULL);
  g_autoptr (GError) error = NULL;

  use (fixture, bubus_authorizer_new (authorize, &released, (GDestroyNotify) g_atomic_int_inc));
  g_assert_cmpint (send (fixture, "Visit", NULL, NULL), ==, 0);
  g_assert_cmpint (send (fixture, "Nothing", NULL, NULL), ==, BUBUS_ERROR_DENIED);
  g_assert_false (bubus_event_bus_dispatch (fixture->bus, event, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  g_assert_false (bubus_event_is_sealed (event));
  g_assert_cmpuint (bubus_authorizer_get_n_refused (BUBUS_AUTHORIZER (fixture->middleware)), ==, 2);
  assert_trace (fixture, "Visit ");

  g_assert_finalize_object (g_steal_pointer (&fixture->bus));
  g_assert_finalize_object (g_steal_pointer (&fixture->middleware));
  g_assert_true (released);
  fixture->bus = bubus_event_bus_new ("Empty");
}

/* ---- deduplicator ---- */

static void
test_deduplicator (Fixture       *fixture,
                   gconstpointer  data)
{
  use (fixture, bubus_deduplicator_new ("key", 10));
  g_assert_cmpint (send (fixture, "Order", "a", "1"), ==, 0);
  g_assert_cmpint (send (fixture, "Order", "a", "2"), ==, BUBUS_ERROR_DROPPED);
  g_assert_cmpint (send (fixture, "Order", "b", "3"), ==, 0);
  g_assert_cmpint (send (fixture, "Other", "a", "4"), ==, 0);
  g_assert_cmpint (send (fixture, "Order", NULL, "5"), ==, 0);
  g_assert_cmpint (send (fixture, "Order", NULL, "6"), ==, 0);
  pass_time (fixture, 9.9);
  g_assert_cmpint (send (fixture, "Order", "a", "7"), ==, BUBUS_ERROR_DROPPED);
  pass_time (fixture, 0.1);
  g_assert_cmpint (send (fixture, "Order", "a", "8"), ==, 0);
  g_assert_cmpint (send (fixture, "Order", "a", "9"), ==, BUBUS_ERROR_DROPPED);
  assert_trace (fixture, "1 3 4 5 6 8 ");
  g_assert_cmpuint (get_number (fixture, "n-dropped"), ==, 3);
}

/* The second comes before the first has run. */
static void
test_deduplicator_pending (Fixture       *fixture,
                           gconstpointer  data)
{
  g_autoptr (BubusEvent) first = make ("Order", "a", "1");

  use (fixture, bubus_deduplicator_new ("key", 10));
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, first, NULL));
  g_assert_cmpint (send (fixture, "Order", "a", "2"), ==, BUBUS_ERROR_DROPPED);
  assert_trace (fixture, "1 ");
}

/* What the bus has refused may be tried again. */
static void
test_deduplicator_refused (Fixture       *fixture,
                           gconstpointer  data)
{
  g_autoptr (BubusAuthorizer) authorizer = bubus_authorizer_new (authorize, NULL, NULL);

  use (fixture, bubus_deduplicator_new ("key", 10));
  bubus_event_bus_add_middleware (fixture->bus, BUBUS_MIDDLEWARE (authorizer));
  g_assert_cmpint (send (fixture, "Order", "a", "1"), ==, BUBUS_ERROR_DENIED);
  bubus_event_bus_remove_middleware (fixture->bus, BUBUS_MIDDLEWARE (authorizer));
  g_assert_cmpint (send (fixture, "Order", "a", "2"), ==, 0);
  assert_trace (fixture, "2 ");
}

/* Keys of any size and content; and more of them than are kept. */
static void
test_hostile_keys (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autofree char *long_a = g_strnfill (1000000, 'a');
  g_autofree char *long_b = g_strconcat (long_a, "b", NULL);

  use (fixture, g_object_new (BUBUS_TYPE_DEDUPLICATOR, "key", "key", "window", 10.0, "max-keys", 5, NULL));
  g_assert_cmpint (send (fixture, "Order", long_a, "1"), ==, 0);
  g_assert_cmpint (send (fixture, "Order", long_b, "2"), ==, 0);
  g_assert_cmpint (send (fixture, "Order", long_a, "3"), ==, BUBUS_ERROR_DROPPED);
  g_assert_cmpint (send (fixture, "Order", "", "4"), ==, 0);
  g_assert_cmpint (send (fixture, "Order", "\n", "5"), ==, 0);
  g_assert_cmpint (send (fixture, "Order\n\"", "", "6"), ==, 0);
  g_assert_cmpint (send (fixture, "Order", "", "7"), ==, BUBUS_ERROR_DROPPED);
  for (char key[] = "a"; key[0] < 'f'; key[0]++)
    g_assert_cmpint (send (fixture, "Order", key, NULL), ==, 0);
  g_assert_cmpint (send (fixture, "Order", "", "8"), ==, 0);
  assert_trace (fixture, "1 2 4 5 6 Order Order Order Order Order 8 ");
}

/* ---- debouncer and throttle ---- */

static void
test_debouncer (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (BubusEvent) first = make ("Key", "a", "1");
  g_autoptr (GError) reason = NULL;

  use (fixture, g_object_new (BUBUS_TYPE_DEBOUNCER, "delay", 2.0, "key", "key", NULL));
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, first, NULL));
  pass_time (fixture, 1.5);
  send (fixture, "Key", "a", "2");
  send (fixture, "Key", "b", "3");
  reason = bubus_event_dup_drop_reason (first);
  g_assert_error (reason, BUBUS_ERROR, BUBUS_ERROR_DROPPED);
  pass_time (fixture, 1.5);
  send (fixture, "Key", "a", "4");
  assert_trace (fixture, "");
  pass_time (fixture, 0.5);
  assert_trace (fixture, "3 ");
  pass_time (fixture, 1.5);
  assert_trace (fixture, "4 ");
  pass_time (fixture, 100);
  assert_trace (fixture, "");
  g_assert_cmpuint (get_number (fixture, "n-dropped"), ==, 2);
}

static void
test_throttle (Fixture       *fixture,
               gconstpointer  data)
{
  use (fixture, bubus_throttle_new (2));
  send (fixture, "Key", NULL, "1");
  send (fixture, "Key", NULL, "2");
  send (fixture, "Other", NULL, "3");
  send (fixture, "Key", NULL, "4");
  assert_trace (fixture, "1 3 ");
  pass_time (fixture, 2);
  assert_trace (fixture, "4 ");
  send (fixture, "Key", NULL, "5");
  assert_trace (fixture, "");
  pass_time (fixture, 2);
  assert_trace (fixture, "5 ");
  pass_time (fixture, 2);
  send (fixture, "Key", NULL, "6");
  assert_trace (fixture, "6 ");
  g_assert_cmpuint (get_number (fixture, "n-dropped"), ==, 1);
}

/* Without an interval nothing is kept back, and nothing is lost. */
static void
test_throttle_without_interval (Fixture       *fixture,
                                gconstpointer  data)
{
  use (fixture, bubus_throttle_new (0));
  send (fixture, "Key", NULL, "1");
  send (fixture, "Key", NULL, "2");
  send (fixture, "Key", NULL, "3");
  assert_trace (fixture, "1 2 3 ");
  g_assert_cmpuint (get_number (fixture, "n-dropped"), ==, 0);
}

/* With more keys than are known, the oldest does not wait any longer; and nothing is kept when the time is not over. */
static void
test_debouncer_is_bounded (Fixture       *fixture,
                           gconstpointer  data)
{
  use (fixture, g_object_new (BUBUS_TYPE_DEBOUNCER, "delay", 2.0, "key", "key", "max-keys", 2, NULL));
  send (fixture, "Key", "a", "1");
  send (fixture, "Key", "b", "2");
  assert_trace (fixture, "");
  send (fixture, "Key", "c", "3");
  assert_trace (fixture, "1 ");
  pass_time (fixture, 2);
  assert_trace (fixture, "2 3 ");
}

/* ---- rate limiter ---- */

static void
test_rate_delays (Fixture       *fixture,
                  gconstpointer  data)
{
  use (fixture, bubus_rate_limiter_new (2, 2));
  for (guint i = 1; i <= 5; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      g_assert_cmpint (send (fixture, "Call", NULL, text), ==, 0);
    }
  assert_trace (fixture, "1 2 ");
  g_assert_cmpuint (get_number (fixture, "n-waiting"), ==, 3);
  pass_time (fixture, 0.4);
  assert_trace (fixture, "");
  pass_time (fixture, 0.1);
  assert_trace (fixture, "3 ");
  pass_time (fixture, 1);
  assert_trace (fixture, "4 5 ");
  pass_time (fixture, 100);
  for (guint i = 0; i < 3; i++)
    send (fixture, "Call", NULL, "6");
  assert_trace (fixture, "6 6 ");
  pass_time (fixture, 1);
  assert_trace (fixture, "6 ");
}

static void
test_rate_refuses (Fixture       *fixture,
                   gconstpointer  data)
{
  use (fixture, g_object_new (BUBUS_TYPE_RATE_LIMITER, "rate", 1.0, "burst", 1, "max-waiting", 0, "key", "key", NULL));
  g_assert_cmpint (send (fixture, "Call", "a", "1"), ==, 0);
  g_assert_cmpint (send (fixture, "Call", "a", "2"), ==, BUBUS_ERROR_RATE_LIMITED);
  g_assert_cmpint (send (fixture, "Call", "b", "3"), ==, 0);
  pass_time (fixture, 1);
  g_assert_cmpint (send (fixture, "Call", "a", "4"), ==, 0);
  assert_trace (fixture, "1 3 4 ");
  g_assert_cmpuint (get_number (fixture, "n-refused"), ==, 1);
}

static void
test_rate_stopped (Fixture       *fixture,
                   gconstpointer  data)
{
  use (fixture, bubus_rate_limiter_new (1, 1));
  send (fixture, "Call", NULL, "1");
  send (fixture, "Call", NULL, "2");
  bubus_event_bus_stop (fixture->bus);
  settle ();
  pass_time (fixture, 5);
  assert_trace (fixture, "1 ");
}

/* ---- dead letters ---- */

static gboolean
fail (BubusEvent       *event,
      BubusInvocation  *invocation,
      gpointer          data,
      GError          **error)
{
  g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_FAILED, "no tea");
  return FALSE;
}

static gboolean
keep_letter (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  g_ptr_array_add (data, g_object_ref (event));
  return fail (event, invocation, NULL, error);
}

static void
test_dead_letters (Fixture       *fixture,
                   gconstpointer  data)
{
  BubusEventBus *target = bubus_event_bus_new ("Dead");
  g_autoptr (GPtrArray) letters = g_ptr_array_new_with_free_func (g_object_unref);
  BubusDeadLetters *middleware = bubus_dead_letters_new (target);
  g_autoptr (BubusEvent) unheard = make ("Unheard", "a\"b", NULL);
  g_autoptr (BubusEvent) again = NULL;
  g_autoptr (BubusJson) reason = NULL;
  g_autoptr (GError) error = NULL;

  /* On both buses, and what handles letters fails. */
  fixture->middleware = G_OBJECT (middleware);
  bubus_event_bus_add_middleware (fixture->bus, BUBUS_MIDDLEWARE (middleware));
  bubus_event_bus_add_middleware (target, BUBUS_MIDDLEWARE (middleware));
  bubus_event_bus_on_pattern (target, "*", "keep", keep_letter, letters, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "Tea", "brew", fail, NULL, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "Fine", "note", note, fixture, NULL);
  send (fixture, "Fine", NULL, NULL);
  send (fixture, "Tea", NULL, NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, unheard, NULL));
  settle ();

  g_assert_cmpuint (letters->len, ==, 2);
  g_assert_cmpuint (bubus_dead_letters_get_n_sent (middleware), ==, 2);
  reason = bubus_generic_event_dup_member (letters->pdata[0], "reason");
  g_assert_cmpstr (bubus_json_get_text (reason), ==, "\"brew has failed: no tea\"");
  again = bubus_dead_letters_dup_event (letters->pdata[1], &error);
  g_assert_no_error (error);
  g_assert_cmpstr (bubus_event_get_event_id (again), ==, bubus_event_get_event_id (unheard));
  g_assert_null (bubus_dead_letters_dup_event (unheard, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_EVENT);

  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "*a dead letter is lost*");
  bubus_event_bus_stop (target);
  send (fixture, "Unheard", NULL, NULL);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (bubus_dead_letters_get_n_lost (middleware), ==, 1);
  bubus_event_bus_remove_middleware (target, BUBUS_MIDDLEWARE (middleware));
  g_object_unref (target);
}

/* ---- automatic events ---- */

static gboolean
answer (BubusEvent       *event,
        BubusInvocation  *invocation,
        gpointer          data,
        GError          **error)
{
  bubus_invocation_return_int64 (invocation, 42);
  return TRUE;
}

static gboolean
note_and_fail (BubusEvent       *event,
               BubusInvocation  *invocation,
               gpointer          data,
               GError          **error)
{
  g_string_append_printf (((Fixture *) data)->trace, "%s ", bubus_event_get_event_type (event));
  return fail (event, invocation, NULL, error);
}

static void
test_auto_events (Fixture       *fixture,
                  gconstpointer  data)
{
  BubusHandler *handler;

  fixture->middleware = G_OBJECT (bubus_auto_events_new (BUBUS_AUTO_EVENTS_ERRORS | BUBUS_AUTO_EVENTS_RESULTS
                                                         | BUBUS_AUTO_EVENTS_HANDLERS));
  bubus_event_bus_on_pattern (fixture->bus, "*", "all", note_and_fail, fixture, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "*", "answer", answer, NULL, NULL);
  bubus_event_bus_add_middleware (fixture->bus, BUBUS_MIDDLEWARE (fixture->middleware));
  send (fixture, "Tea", NULL, NULL);
  assert_trace (fixture, "Tea TeaErrorEvent TeaResultEvent ");

  handler = bubus_event_bus_on_pattern (fixture->bus, "Tea", "brew", fail, NULL, NULL);
  bubus_event_bus_off (fixture->bus, handler);
  settle ();
  assert_trace (fixture, "BusHandlerRegisteredEvent BusHandlerUnregisteredEvent ");
}

/* ---- upcaster ---- */

static BubusEvent *
upcast (BubusEvent  *event,
        gpointer     data,
        GError     **error)
{
  g_autoptr (BubusJson) text = bubus_generic_event_dup_member (BUBUS_GENERIC_EVENT (event), "text");
  g_autofree char *grown = g_strdup_printf ("'%s%s'", text != NULL ? bubus_json_get_text (text) : "", (char *) data);

  if (g_str_equal (data, "fail"))
    {
      g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_FAILED, "no way");
      return NULL;
    }
  if (g_str_equal (data, "nothing"))
    return NULL;
  for (char *c = grown; *c != '\0'; c++)
    *c = *c == '"' ? '|' : *c;
  return make ("Order", NULL, grown);
}

static void
add_step (Fixture    *fixture,
          const char *from,
          const char *to,
          const char *mark)
{
  g_assert_true (bubus_upcaster_add_step (BUBUS_UPCASTER (fixture->middleware), "Order", from, to, upcast,
                                          (gpointer) mark, NULL, NULL));
}

static char *
send_version (Fixture    *fixture,
              const char *version)
{
  g_autoptr (BubusEvent) event = make ("Order", NULL, "'x'");
  g_autoptr (GError) error = NULL;

  g_object_set (event, "event-version", version, NULL);
  if (bubus_event_bus_dispatch (fixture->bus, event, &error))
    {
      settle ();
      g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
      return NULL;
    }
  return g_strdup (error->message);
}

static void
test_upcaster (Fixture       *fixture,
               gconstpointer  data)
{
  g_autofree char *missing = NULL;
  g_autofree char *circle = NULL;
  g_autofree char *failed = NULL;
  g_autofree char *nothing = NULL;
  g_autoptr (GError) error = NULL;

  use (fixture, bubus_upcaster_new ());
  add_step (fixture, "1", "2", "a");
  add_step (fixture, "2", "3", "b");
  add_step (fixture, "5", "6", "c");
  add_step (fixture, "6", "5", "d");
  add_step (fixture, "7", "3", "fail");
  add_step (fixture, "8", "3", "nothing");
  bubus_upcaster_expect (BUBUS_UPCASTER (fixture->middleware), "Order", "3");
  g_assert_false (bubus_upcaster_add_step (BUBUS_UPCASTER (fixture->middleware), "Order", "1", "4", upcast, NULL, NULL,
                                           &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_ALREADY_REGISTERED);

  g_assert_null (send_version (fixture, "1"));
  g_assert_null (send_version (fixture, "2"));
  g_assert_null (send_version (fixture, "3"));
  assert_trace (fixture, "\"||x|a|b\" \"|x|b\" \"x\" ");
  missing = send_version (fixture, "4");
  g_assert_cmpstr (missing, ==, "“Order” of version 4 cannot become version 3: nothing leads on from version 4");
  circle = send_version (fixture, "5");
  g_assert_nonnull (strstr (circle, "cannot become version 3: the steps go in a circle through version"));
  failed = send_version (fixture, "7");
  g_assert_cmpstr (failed, ==, "no way");
  nothing = send_version (fixture, "8");
  g_assert_nonnull (strstr (nothing, "has not made a new event"));
  g_assert_cmpint (send (fixture, "Other", NULL, "1"), ==, 0);
  assert_trace (fixture, "1 ");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ready_test(path, function, summary) \
  g_test_add ("/middleware/ready/" path, Fixture, summary, set_up, function, tear_down)
  ready_test ("authorizer", test_authorizer, "B-8.11: what is not allowed is refused without a trace");
  ready_test ("deduplicator", test_deduplicator, "an event is accepted once in a window");
  ready_test ("deduplicator-pending", test_deduplicator_pending, "an event counts from its acceptance on");
  ready_test ("deduplicator-refused", test_deduplicator_refused, "R-12: what was refused leaves no key");
  ready_test ("hostile-keys", test_hostile_keys, "keys of any size, and no more of them than are allowed");
  ready_test ("debouncer", test_debouncer, "the last of a burst passes when it is quiet");
  ready_test ("debouncer-bounded", test_debouncer_is_bounded, "no more keys than are allowed");
  ready_test ("throttle", test_throttle, "the first passes, and the last of each interval");
  ready_test ("throttle/without-interval", test_throttle_without_interval, "an interval of nothing limits nothing");
  ready_test ("rate-delays", test_rate_delays, "a token for each event");
  ready_test ("rate-refuses", test_rate_refuses, "R-12: what is too fast is refused");
  ready_test ("rate-stopped", test_rate_stopped, "R-16: stopping lets go of what waits");
  ready_test ("dead-letters", test_dead_letters, "what nobody handled goes elsewhere, once");
  ready_test ("auto-events", test_auto_events, "B-8.10: events about what happens never feed themselves");
  ready_test ("upcaster", test_upcaster, "B-1.7, B-15.7: events of old versions are converted");

  return g_test_run ();
}
