/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "base/bubus-error.h"
#include "bus-fixture.h"

/* Events that cause each other without end (B-15.7). */

#define LONG_NAME_PART "AVeryLongNameOfAnEventThatSaysMuch\nMoreThanAnybodyWantsToKnow"

typedef struct
{
  BubusEvent parent_instance;
} Long;

BUBUS_DECLARE_EVENT_TYPE (Long, long)
BUBUS_DEFINE_EVENT_TYPE_WITH_CODE (Long, long, BUBUS_TYPE_EVENT, BUBUS_NO_FIELDS,
                                   bubus_event_class_set_event_type (klass, LONG_NAME_PART LONG_NAME_PART))

static BubusEvent *
make (GType type)
{
  return type == TYPE_PING ? ping_new ("again") : g_object_new (type, NULL);
}

static gboolean
cause (BubusEvent       *event,
       BubusInvocation  *invocation,
       gpointer          data,
       GError          **error)
{
  GType type = GPOINTER_TO_SIZE (data);
  g_autoptr (BubusEvent) child = make (type);

  return bubus_event_bus_dispatch (bubus_invocation_get_bus (invocation), child, error);
}

static BubusHandler *
let_cause (Fixture *fixture,
           GType    type,
           GType    child)
{
  return bubus_event_bus_on (fixture->bus, type, g_type_name (child), cause, GSIZE_TO_POINTER (child), NULL);
}

/* The message of the last event in the history. */
static const char *
run_storm (Fixture *fixture,
           GType    type,
           int      code)
{
  g_autoptr (BubusEvent) event = make (type);
  g_autoptr (GPtrArray) history = NULL;
  const GError *error;

  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  run_until_idle (fixture->bus);
  history = bubus_event_bus_list_history (fixture->bus);
  error = get_only_error (history->pdata[history->len - 1]);
  g_assert_error (error, BUBUS_ERROR, code);
  return strstr (error->message, "end? ") + strlen ("end? ");
}

static void
test_depth_shows_cycle (Fixture       *fixture,
                        gconstpointer  data)
{
  bubus_event_bus_set_max_handler_recursion (fixture->bus, 0);
  bubus_event_bus_set_max_depth (fixture->bus, 7);
  let_cause (fixture, TYPE_PING, TYPE_SUM);
  let_cause (fixture, TYPE_SUM, TYPE_PING);
  g_assert_cmpstr (run_storm (fixture, TYPE_PING, BUBUS_ERROR_TOO_DEEP), ==, "Ping → Sum → Ping");
}

static void
test_recursion_shows_cycle (Fixture       *fixture,
                            gconstpointer  data)
{
  let_cause (fixture, TYPE_PING, TYPE_SUM);
  let_cause (fixture, TYPE_SUM, TYPE_PING);
  g_assert_cmpstr (run_storm (fixture, TYPE_PING, BUBUS_ERROR_RECURSION), ==, "Ping → Sum → Ping");
}

static void
test_self_cycle (Fixture       *fixture,
                 gconstpointer  data)
{
  let_cause (fixture, TYPE_SUM, TYPE_SUM);
  g_assert_cmpstr (run_storm (fixture, TYPE_SUM, BUBUS_ERROR_RECURSION), ==, "Sum → Sum");
}

/* A way of 20 events back to where it began: its ends are shown. */
static gboolean
cause_far (BubusEvent       *event,
           BubusInvocation  *invocation,
           gpointer          data,
           GError          **error)
{
  guint *n_calls = data;
  GType type = ++*n_calls < 20 ? long_get_type () : TYPE_PING;
  g_autoptr (BubusEvent) child = make (type);

  return bubus_event_bus_dispatch (bubus_invocation_get_bus (invocation), child, error);
}

static void
test_message_is_bounded (Fixture       *fixture,
                         gconstpointer  data)
{
  guint n_calls = 0;
  const char *message;

  bubus_event_bus_set_max_handler_recursion (fixture->bus, 0);
  bubus_event_bus_set_max_depth (fixture->bus, 19);
  bubus_event_bus_on_pattern (fixture->bus, "*", "far", cause_far, &n_calls, NULL);
  message = run_storm (fixture, TYPE_PING, BUBUS_ERROR_TOO_DEEP);
  g_assert_true (g_str_has_prefix (message, "Ping → … → AVeryLong"));
  g_assert_true (g_str_has_suffix (message, " → Ping"));
  g_assert_null (strchr (message, '\n'));
  g_assert_cmpuint (strlen (message), <, 600);
}

/* ---- storms without ancestors ---- */

typedef struct
{
  Fixture            *fixture;
  BubusDispatchFlags  flags;
  guint               n_calls;
  guint               most;      /* unfinished at once */
  GError             *error;     /* the first one */
} Storm;

static gboolean
cause_two (BubusEvent       *event,
           BubusInvocation  *invocation,
           gpointer          data,
           GError          **error)
{
  Storm *self = data;

  self->most = MAX (self->most, bubus_event_bus_get_n_pending (self->fixture->bus));
  if (++self->n_calls > 1000)
    return TRUE;
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (BubusEvent) child = ping_new ("again");

      if (!bubus_event_bus_dispatch_with_flags (self->fixture->bus, child, self->flags,
                                                self->error == NULL ? &self->error : NULL))
        return TRUE;
    }
  return TRUE;
}

static void
run_two (Fixture            *fixture,
         BubusDispatchFlags  flags,
         int                 code)
{
  Storm storm = { fixture, flags };
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_set_max_pending (fixture->bus, 30);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "two", cause_two, &storm, NULL);
  event = dispatch_ping (fixture->bus, "root");
  run_until_idle (fixture->bus);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_error (storm.error, BUBUS_ERROR, code);
  g_assert_nonnull (strstr (storm.error->message, "“Main” has 30 unfinished events"));
  g_assert_cmpuint (storm.most, <=, 31);
  g_error_free (storm.error);
}

static void
test_detached_storm (Fixture       *fixture,
                     gconstpointer  data)
{
  run_two (fixture, BUBUS_DISPATCH_DETACHED, BUBUS_ERROR_FULL);
}

static void
test_background_storm (Fixture       *fixture,
                       gconstpointer  data)
{
  bubus_event_bus_set_max_handler_recursion (fixture->bus, 0);
  bubus_event_bus_set_max_depth (fixture->bus, 0);
  run_two (fixture, BUBUS_DISPATCH_BACKGROUND, BUBUS_ERROR_FULL);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/storms/depth", test_depth_shows_cycle, "R-12, B-15.7: the limit of depth shows the cycle");
  test ("/storms/recursion", test_recursion_shows_cycle, "R-12, B-15.7: the limit of recursion shows the cycle");
  test ("/storms/self", test_self_cycle, "R-12: an event that causes its own kind");
  test ("/storms/bounded", test_message_is_bounded, "R-12: the message is a line of bounded length");
  test ("/storms/detached", test_detached_storm, "R-13: roots that cause two roots each find the bus full");
  test ("/storms/background", test_background_storm, "R-13: so do children in the background");

  return g_test_run ();
}
