/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "base/bubus-clock.h"
#include "base/bubus-error.h"
#include "bus/bubus-hold.h"

#include <string.h>

/* ---- a middleware that writes down what it is told, and does what a test says ---- */

typedef struct _Probe Probe;

typedef void (*ProbeEventFunc) (Probe            *self,
                                BubusEventBus    *bus,
                                BubusEvent       *event,
                                BubusEventStatus  status);
typedef gboolean (*ProbeInterceptFunc) (Probe              *self,
                                        BubusEvent         *event,
                                        BubusInterception  *interception,
                                        GError            **error);

struct _Probe
{
  GObject             parent_instance;
  const char         *name;
  GString            *trace;      /* nullable */
  ProbeEventFunc      on_event;   /* nullable */
  ProbeInterceptFunc  intercept;  /* nullable */
  gboolean            holds;      /* events that are about to be complete */
  guint               n_asked;
  BubusInterception  *kept;
  BubusHold          *hold;
  gpointer            data;
  GThread            *thread;
};

G_DECLARE_FINAL_TYPE (Probe, probe, TEST, PROBE, GObject)

static const char *
get_status_name (GType enum_type,
                 int   status)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (enum_type);

  return g_enum_get_value (klass, status)->value_nick;
}

static void
probe_event_changed (BubusMiddleware  *middleware,
                     BubusEventBus    *bus,
                     BubusEvent       *event,
                     BubusEventStatus  status)
{
  Probe *self = (Probe *) middleware;

  g_assert_true (self->thread == g_thread_self ());
  if (self->trace != NULL)
    trace (self->trace, "%s:%s", ping_get_label (event), get_status_name (BUBUS_TYPE_EVENT_STATUS, (int) status));
  if (self->on_event != NULL)
    self->on_event (self, bus, event, status);
}

static void
probe_result_changed (BubusMiddleware   *middleware,
                      BubusEventBus     *bus,
                      BubusEvent        *event,
                      BubusEventResult  *result,
                      BubusResultStatus  status)
{
  Probe *self = (Probe *) middleware;

  if (self->trace != NULL)
    trace (self->trace, "%s.%s:%s", ping_get_label (event), bubus_event_result_get_handler_name (result),
           get_status_name (BUBUS_TYPE_RESULT_STATUS, (int) status));
}

static void
probe_handler_changed (BubusMiddleware *middleware,
                       BubusEventBus   *bus,
                       BubusHandler    *handler,
                       gboolean         registered)
{
  Probe *self = (Probe *) middleware;

  g_assert_true (self->thread == g_thread_self ());
  if (self->trace != NULL)
    trace (self->trace, "%c%s", registered ? '+' : '-', bubus_handler_get_name (handler));
}

static gboolean
probe_intercept (BubusMiddleware    *middleware,
                 BubusEventBus      *bus,
                 BubusEvent         *event,
                 BubusInterception  *interception,
                 GError            **error)
{
  Probe *self = (Probe *) middleware;

  g_assert_true (self->thread == g_thread_self ());
  g_assert_true (bubus_interception_get_bus (interception) == bus);
  g_assert_true (bubus_interception_get_event (interception) == event);
  return self->intercept == NULL || self->intercept (self, event, interception, error);
}

static void
probe_event_completing (BubusMiddleware *middleware,
                        BubusEventBus   *bus,
                        BubusEvent      *event)
{
  Probe *self = (Probe *) middleware;

  g_assert_true (self->thread == g_thread_self ());
  g_assert_cmpint (bubus_event_get_event_status (event), !=, BUBUS_EVENT_STATUS_COMPLETED);
  self->n_asked++;
  if (!self->holds)
    return;
  g_clear_object (&self->hold);
  self->hold = bubus_event_bus_hold_event (bus, event);
}

static void
probe_middleware_init (BubusMiddlewareInterface *iface)
{
  iface->event_changed = probe_event_changed;
  iface->result_changed = probe_result_changed;
  iface->handler_changed = probe_handler_changed;
  iface->intercept = probe_intercept;
  iface->event_completing = probe_event_completing;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (Probe, probe, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, probe_middleware_init))

static void
probe_finalize (GObject *object)
{
  Probe *self = (Probe *) object;

  g_clear_object (&self->kept);
  g_clear_object (&self->hold);
  G_OBJECT_CLASS (probe_parent_class)->finalize (object);
}

static void
probe_class_init (ProbeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = probe_finalize;
}

static void
probe_init (Probe *self)
{
  self->thread = g_thread_self ();
}

/* The bus has the only reference. */
static Probe *
add_probe (BubusEventBus      *bus,
           const char         *name,
           GString            *text,
           ProbeInterceptFunc  intercept)
{
  Probe *self = g_object_new (probe_get_type (), NULL);

  self->name = name;
  self->trace = text;
  self->intercept = intercept;
  bubus_event_bus_add_middleware (bus, BUBUS_MIDDLEWARE (self));
  g_object_unref (self);
  return self;
}

/* What has been kept holds the bus. */
static void
resume_kept (Probe *probe)
{
  bubus_interception_resume (probe->kept);
  g_clear_object (&probe->kept);
}

static BubusHandler *
on_ping (Fixture *fixture)
{
  return bubus_event_bus_on (fixture->bus, TYPE_PING, "t", trace_label, fixture->trace, NULL);
}

static void
iterate (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* ---- observers ---- */

static gboolean
succeed (BubusEvent       *event,
         BubusInvocation  *invocation,
         gpointer          data,
         GError          **error)
{
  return TRUE;
}

static gboolean
fail (BubusEvent       *event,
      BubusInvocation  *invocation,
      gpointer          data,
      GError          **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  return FALSE;
}

static void
test_order (Fixture       *fixture,
            gconstpointer  data)
{
  bubus_event_bus_on (fixture->bus, TYPE_PING, "x", succeed, NULL, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "y", fail, NULL, NULL);
  add_probe (fixture->bus, "probe", fixture->trace, NULL);
  g_object_unref (dispatch_ping (fixture->bus, "a"));
  g_assert_cmpstr (fixture->trace->str, ==, "a:pending");
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==,
                   "a:pending a.x:pending a.y:pending a.x:started a:started a.x:completed a.y:started a.y:error "
                   "a:completed");
}

static void
test_order_without_handlers (Fixture       *fixture,
                             gconstpointer  data)
{
  add_probe (fixture->bus, "probe", fixture->trace, NULL);
  g_object_unref (dispatch_ping (fixture->bus, "a"));
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "a:pending a:completed");
}

static void
test_order_on_time_out (Fixture       *fixture,
                        gconstpointer  data)
{
  BubusClock *clock = bubus_clock_new_test (0);
  BubusInvocation *kept = NULL;
  BubusEventBus *bus;

  bubus_clock_push_thread_default (clock);
  bus = bubus_event_bus_new ("Timed");
  bubus_clock_pop_thread_default (clock);
  bubus_event_bus_set_event_timeout (bus, 1);
  bubus_event_bus_on (bus, TYPE_PING, "slow", defer_and_keep, &kept, NULL);
  add_probe (bus, "probe", fixture->trace, NULL);
  g_object_unref (dispatch_ping (bus, "a"));
  iterate ();

  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "*has not answered*");
  bubus_clock_advance (clock, G_GINT64_CONSTANT (1000000000));
  run_until_idle (bus);
  g_test_assert_expected_messages ();
  bubus_invocation_return_int (kept, 1);
  g_clear_object (&kept);
  iterate ();
  g_assert_cmpstr (fixture->trace->str, ==,
                   "a:pending a.slow:pending a.slow:started a:started a.slow:error a:completed");
  g_assert_finalize_object (bus);
  g_assert_finalize_object (clock);
}

static gpointer
register_in_thread (gpointer data)
{
  bubus_event_bus_on (data, TYPE_PING, "thread", succeed, NULL, NULL);
  return NULL;
}

static void
test_handlers (Fixture       *fixture,
               gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "probe", fixture->trace, NULL);
  BubusHandler *handler = bubus_event_bus_on (fixture->bus, TYPE_PING, "x", succeed, NULL, NULL);

  bubus_event_bus_off (fixture->bus, handler);
  g_assert_cmpstr (fixture->trace->str, ==, "+x -x");

  g_main_context_acquire (NULL);
  g_thread_join (g_thread_new ("register", register_in_thread, fixture->bus));
  g_main_context_release (NULL);
  g_assert_cmpstr (fixture->trace->str, ==, "+x -x");
  iterate ();
  g_assert_cmpstr (fixture->trace->str, ==, "+x -x +thread");
  probe->trace = NULL;
}

static void
dispatch_when_started (Probe            *self,
                       BubusEventBus    *bus,
                       BubusEvent       *event,
                       BubusEventStatus  status)
{
  g_autoptr (BubusEvent) other = NULL;

  if (status != BUBUS_EVENT_STATUS_STARTED || !g_str_equal (ping_get_label (event), "child"))
    return;

  other = dispatch_ping (bus, "other");
  g_assert_null (bubus_event_get_event_parent_id (other));
}

static void
test_hook_is_no_handler (Fixture       *fixture,
                         gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "probe", NULL, NULL);

  probe->on_event = dispatch_when_started;
  bubus_event_bus_on (fixture->bus, TYPE_PING, "run", run_child_of_parent, (gpointer) "child", NULL);
  g_object_unref (dispatch_ping (fixture->bus, "parent"));
  run_until_idle (fixture->bus);
}

static void
remove_itself (Probe            *self,
               BubusEventBus    *bus,
               BubusEvent       *event,
               BubusEventStatus  status)
{
  g_object_ref (self);
  bubus_event_bus_remove_middleware (bus, BUBUS_MIDDLEWARE (self));
  bubus_event_bus_off_all (bus);
  g_object_unref (self);
}

static void
test_hook_removes_itself (Fixture       *fixture,
                          gconstpointer  data)
{
  GString *first = g_string_new (NULL);
  GString *second = g_string_new (NULL);
  Probe *last;

  add_probe (fixture->bus, "first", first, NULL)->on_event = remove_itself;
  last = add_probe (fixture->bus, "second", second, NULL);
  g_object_unref (dispatch_ping (fixture->bus, "a"));
  run_until_idle (fixture->bus);
  g_assert_cmpstr (first->str, ==, "a:pending");
  g_assert_cmpstr (second->str, ==, "a:pending a:completed");
  last->trace = NULL;
  g_string_free (first, TRUE);
  g_string_free (second, TRUE);
}

static void
stop_when_started (Probe            *self,
                   BubusEventBus    *bus,
                   BubusEvent       *event,
                   BubusEventStatus  status)
{
  if (status != BUBUS_EVENT_STATUS_STARTED)
    return;

  bubus_event_bus_stop (bus);
  g_assert_cmpint (bubus_event_get_event_status (self->data), ==, BUBUS_EVENT_STATUS_PENDING);
}

/* The handler that starts is called still, the next one is not; and nothing is failed inside of the hook. */
static void
test_hook_stops_the_bus (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr (BubusEvent) first = NULL;
  g_autoptr (BubusEvent) second = NULL;
  g_autoptr (GPtrArray) results = NULL;
  Probe *probe = add_probe (fixture->bus, "probe", NULL, NULL);

  on_ping (fixture);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "u", trace_label, fixture->trace, NULL);
  probe->on_event = stop_when_started;
  first = dispatch_ping (fixture->bus, "a");
  probe->data = second = dispatch_ping (fixture->bus, "b");
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "a");
  results = bubus_event_list_results (first);
  g_assert_error (bubus_event_result_get_error (results->pdata[1]), BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  g_assert_cmpint (bubus_event_get_event_status (second), ==, BUBUS_EVENT_STATUS_COMPLETED);
}

/* ---- interceptors ---- */

static gboolean
trace_intercepted (Probe              *self,
                   BubusEvent         *event,
                   BubusInterception  *interception,
                   GError            **error)
{
  trace (self->data, "%s(%s)", self->name, ping_get_label (event));
  return TRUE;
}

static gboolean
refuse (Probe              *self,
        BubusEvent         *event,
        BubusInterception  *interception,
        GError            **error)
{
  if (!g_str_equal (ping_get_label (event), "bad"))
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "bad");
  return FALSE;
}

static void
test_intercept_order (Fixture       *fixture,
                      gconstpointer  data)
{
  add_probe (fixture->bus, "first", NULL, trace_intercepted)->data = fixture->trace;
  add_probe (fixture->bus, "second", NULL, trace_intercepted)->data = fixture->trace;
  on_ping (fixture);
  g_object_unref (dispatch_ping (fixture->bus, "a"));
  g_assert_cmpstr (fixture->trace->str, ==, "first(a) second(a)");
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "first(a) second(a) a");
}

static void
test_refused (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (BubusEvent) event = ping_new ("bad");
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) path = NULL;

  add_probe (fixture->bus, "refuse", fixture->trace, refuse);
  add_probe (fixture->bus, "after", NULL, trace_intercepted)->data = fixture->trace;
  g_assert_false (bubus_event_bus_dispatch (fixture->bus, event, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  path = bubus_event_dup_event_path (event);
  g_assert_cmpuint (g_strv_length (path), ==, 0);
  g_assert_false (bubus_event_is_sealed (event));
  g_assert_true (bubus_event_bus_is_idle (fixture->bus));
  g_assert_cmpstr (fixture->trace->str, ==, "");
  g_assert_false (bubus_event_bus_dispatch (fixture->bus, event, NULL));
}

static gboolean
drop_bad (Probe              *self,
          BubusEvent         *event,
          BubusInterception  *interception,
          GError            **error)
{
  g_autoptr (GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "not now");

  if (g_str_equal (ping_get_label (event), "bad"))
    bubus_interception_drop (interception, reason);
  if (g_str_equal (ping_get_label (event), "worse"))
    bubus_interception_drop (interception, NULL);
  return TRUE;
}

static void
keep_error_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  GError **error = user_data;

  g_assert_false (bubus_event_wait_finish (BUBUS_EVENT (source), result, error));
  g_assert_nonnull (*error);
}

static void
test_dropped (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (BubusEvent) bad = NULL;
  g_autoptr (BubusEvent) worse = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) reason = NULL;

  on_ping (fixture);
  add_probe (fixture->bus, "drop", NULL, drop_bad);
  add_probe (fixture->bus, "after", NULL, trace_intercepted)->data = fixture->trace;
  bad = dispatch_ping (fixture->bus, "bad");
  worse = dispatch_ping (fixture->bus, "worse");
  g_assert_cmpint (bubus_event_get_event_status (bad), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_true (bubus_event_bus_is_idle (fixture->bus));
  bubus_event_wait_async (bad, NULL, keep_error_cb, &error);
  iterate ();
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  reason = bubus_event_dup_drop_reason (worse);
  g_assert_error (reason, BUBUS_ERROR, BUBUS_ERROR_DROPPED);
  g_assert_cmpstr (fixture->trace->str, ==, "");
}

static gboolean
defer_held (Probe              *self,
            BubusEvent         *event,
            BubusInterception  *interception,
            GError            **error)
{
  if (!g_str_has_prefix (ping_get_label (event), "held"))
    return TRUE;
  g_assert_null (self->kept);
  self->kept = g_object_ref (interception);
  bubus_interception_defer (interception);
  return TRUE;
}

static void
test_delayed (Fixture       *fixture,
              gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "defer", NULL, defer_held);
  g_autoptr (BubusEvent) held = NULL;

  add_probe (fixture->bus, "after", NULL, trace_intercepted)->data = fixture->trace;
  on_ping (fixture);
  held = dispatch_ping (fixture->bus, "held");
  g_object_unref (dispatch_ping (fixture->bus, "b"));
  g_object_unref (dispatch_ping (fixture->bus, "c"));
  iterate ();
  g_assert_cmpstr (fixture->trace->str, ==, "after(b) after(c) b c");
  g_assert_cmpuint (bubus_event_bus_get_n_pending (fixture->bus), ==, 1);
  g_assert_false (bubus_event_bus_is_idle (fixture->bus));
  g_assert_true (bubus_event_is_sealed (held));
  g_assert_cmpint (bubus_event_get_event_status (held), ==, BUBUS_EVENT_STATUS_PENDING);

  g_string_truncate (fixture->trace, 0);
  g_object_unref (dispatch_ping (fixture->bus, "d"));
  bubus_interception_resume (probe->kept);
  bubus_interception_resume (probe->kept);
  run_until_idle (fixture->bus);
  bubus_interception_resume (probe->kept);
  bubus_interception_drop (probe->kept, NULL);
  g_clear_object (&probe->kept);
  iterate ();
  g_assert_true (g_str_equal (fixture->trace->str, "after(d) after(held) d held")
                 || g_str_equal (fixture->trace->str, "after(d) d after(held) held"));
}

static gpointer
resume_in_thread (gpointer data)
{
  bubus_interception_resume (data);
  g_object_unref (data);
  return NULL;
}

static gboolean
defer_and_resume_elsewhere (Probe              *self,
                            BubusEvent         *event,
                            BubusInterception  *interception,
                            GError            **error)
{
  bubus_interception_defer (interception);
  self->data = g_thread_new ("resume", resume_in_thread, g_object_ref (interception));
  return TRUE;
}

static void
test_resumed_in_thread (Fixture       *fixture,
                        gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "defer", NULL, defer_and_resume_elsewhere);

  on_ping (fixture);
  for (guint i = 0; i < 100; i++)
    {
      g_string_truncate (fixture->trace, 0);
      g_object_unref (dispatch_ping (fixture->bus, "a"));
      run_until_idle (fixture->bus);
      g_thread_join (probe->data);
      g_assert_cmpstr (fixture->trace->str, ==, "a");
    }
}

static gboolean
defer_and_resume (Probe              *self,
                  BubusEvent         *event,
                  BubusInterception  *interception,
                  GError            **error)
{
  bubus_interception_defer (interception);
  bubus_interception_resume (interception);
  return TRUE;
}

static void
test_resumed_at_once (Fixture       *fixture,
                      gconstpointer  data)
{
  add_probe (fixture->bus, "both", NULL, defer_and_resume);
  add_probe (fixture->bus, "after", NULL, trace_intercepted)->data = fixture->trace;
  g_object_unref (dispatch_ping (fixture->bus, "a"));
  g_assert_cmpstr (fixture->trace->str, ==, "after(a)");
  run_until_idle (fixture->bus);
}

static void
test_delayed_counts (Fixture       *fixture,
                     gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "defer", NULL, defer_held);
  g_autoptr (BubusEvent) refused = ping_new ("b");
  g_autoptr (GError) error = NULL;

  bubus_event_bus_set_max_pending (fixture->bus, 1);
  g_object_unref (dispatch_ping (fixture->bus, "held"));
  g_assert_false (bubus_event_bus_dispatch (fixture->bus, refused, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_FULL);
  resume_kept (probe);
  run_until_idle (fixture->bus);
}

static void
test_delayed_and_stop (Fixture       *fixture,
                       gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "defer", NULL, defer_held);
  g_autoptr (BubusEvent) held = NULL;

  on_ping (fixture);
  held = dispatch_ping (fixture->bus, "held");
  bubus_event_bus_stop (fixture->bus);
  g_assert_cmpint (bubus_event_get_event_status (held), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_error (get_only_error (held), BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  g_assert_true (bubus_event_bus_is_idle (fixture->bus));
  resume_kept (probe);
  iterate ();
  g_assert_cmpstr (fixture->trace->str, ==, "");
}

static void
test_delayed_then_dropped (Fixture       *fixture,
                           gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "defer", fixture->trace, defer_held);
  g_autoptr (BubusEvent) held = dispatch_ping (fixture->bus, "held");
  g_autoptr (GError) error = NULL;

  bubus_event_wait_async (held, NULL, keep_error_cb, &error);
  bubus_interception_drop (probe->kept, NULL);
  g_clear_object (&probe->kept);
  run_until_idle (fixture->bus);
  iterate ();
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_DROPPED);
  g_assert_cmpint (bubus_event_get_event_status (held), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpstr (fixture->trace->str, ==, "held:pending held:completed");
}

static gboolean
dispatch_child (BubusEvent       *event,
                BubusInvocation  *invocation,
                gpointer          data,
                GError          **error)
{
  BubusEvent **child = data;

  if (!g_str_equal (ping_get_label (event), "parent"))
    return TRUE;
  *child = ping_new ("held child");
  return bubus_invocation_dispatch (invocation, NULL, *child, error);
}

static void
test_parent_waits_for_delayed (Fixture       *fixture,
                               gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "defer", NULL, defer_held);
  BubusEvent *child = NULL;
  g_autoptr (BubusEvent) parent = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "dispatch", dispatch_child, &child, NULL);
  parent = dispatch_ping (fixture->bus, "parent");
  iterate ();
  g_assert_cmpstr (bubus_event_get_event_parent_id (child), ==, bubus_event_get_event_id (parent));
  g_assert_cmpint (bubus_event_get_event_status (parent), ==, BUBUS_EVENT_STATUS_STARTED);
  resume_kept (probe);
  run_until_idle (fixture->bus);
  g_assert_cmpint (bubus_event_get_event_status (parent), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_object_unref (child);
}

static gboolean
run_delayed_child (BubusEvent       *event,
                   BubusInvocation  *invocation,
                   gpointer          data,
                   GError          **error)
{
  g_autoptr (BubusEvent) child = NULL;
  g_autoptr (GError) blocked = NULL;

  if (!g_str_equal (ping_get_label (event), "parent"))
    return TRUE;
  child = ping_new ("held child");
  g_assert_true (bubus_invocation_dispatch (invocation, NULL, child, NULL));
  g_assert_false (bubus_invocation_run (invocation, child, &blocked));
  g_assert_error (blocked, BUBUS_ERROR, BUBUS_ERROR_WOULD_BLOCK);
  return TRUE;
}

static void
child_is_complete_cb (GObject      *source,
                      GAsyncResult *result,
                      gpointer      user_data)
{
  BubusInvocation *invocation = BUBUS_INVOCATION (source);

  g_assert_true (bubus_invocation_run_finish (invocation, result, NULL));
  bubus_invocation_return_int (invocation, 1);
  g_object_unref (invocation);
}

static gboolean
await_delayed_child (BubusEvent       *event,
                     BubusInvocation  *invocation,
                     gpointer          data,
                     GError          **error)
{
  g_autoptr (BubusEvent) child = NULL;

  if (!g_str_equal (ping_get_label (event), "parent"))
    return TRUE;
  child = ping_new ("held child");
  g_assert_true (bubus_invocation_dispatch (invocation, NULL, child, NULL));
  bubus_invocation_defer (invocation);
  bubus_invocation_run_async (g_object_ref (invocation), child, NULL, child_is_complete_cb, NULL);
  return TRUE;
}

static void
test_awaiting_delayed (Fixture       *fixture,
                       gconstpointer  data)
{
  BubusHandlerFunc funcs[] = { run_delayed_child, await_delayed_child };

  for (guint i = 0; i < G_N_ELEMENTS (funcs); i++)
    {
      Probe *probe = add_probe (fixture->bus, "defer", NULL, defer_held);
      BubusHandler *handler = bubus_event_bus_on (fixture->bus, TYPE_PING, "await", funcs[i], NULL, NULL);
      g_autoptr (BubusEvent) parent = dispatch_ping (fixture->bus, "parent");

      iterate ();
      g_assert_cmpint (bubus_event_get_event_status (parent), ==, BUBUS_EVENT_STATUS_STARTED);
      resume_kept (probe);
      run_until_idle (fixture->bus);
      g_assert_cmpint (bubus_event_get_event_status (parent), ==, BUBUS_EVENT_STATUS_COMPLETED);
      bubus_event_bus_off (fixture->bus, handler);
      bubus_event_bus_remove_middleware (fixture->bus, BUBUS_MIDDLEWARE (probe));
    }
}

/* ---- replacing ---- */

static gboolean
replace_old (Probe              *self,
             BubusEvent         *event,
             BubusInterception  *interception,
             GError            **error)
{
  g_autoptr (BubusEvent) replacement = NULL;

  if (!g_str_equal (ping_get_label (event), "old"))
    return TRUE;
  replacement = ping_new (self->data != NULL ? self->data : "new");
  bubus_interception_replace (interception, replacement);
  return TRUE;
}

static void
test_replaced (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (BubusEvent) old = NULL;
  g_autoptr (BubusEvent) replacement = NULL;
  g_autoptr (GPtrArray) results = NULL;
  BubusInvocation *kept = NULL;

  add_probe (fixture->bus, "replace", NULL, replace_old);
  add_probe (fixture->bus, "after", NULL, trace_intercepted)->data = fixture->trace;
  bubus_event_bus_on (fixture->bus, TYPE_PING, "later", defer_and_keep, &kept, NULL);
  bubus_event_bus_set_max_pending (fixture->bus, 1);
  old = dispatch_ping (fixture->bus, "old");
  g_assert_cmpstr (fixture->trace->str, ==, "after(new)");
  replacement = bubus_event_dup_replacement (old);
  g_assert_cmpstr (ping_get_label (replacement), ==, "new");
  g_assert_cmpstr (bubus_event_get_event_parent_id (replacement), ==, bubus_event_get_event_id (old));
  iterate ();
  g_assert_cmpint (bubus_event_get_event_status (old), !=, BUBUS_EVENT_STATUS_COMPLETED);
  bubus_invocation_return_int (kept, 1);
  g_clear_object (&kept);
  run_until_idle (fixture->bus);
  g_assert_cmpint (bubus_event_get_event_status (old), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpint (bubus_event_get_event_status (replacement), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpint (bubus_event_get_event_completed_at (old), ==, bubus_event_get_event_completed_at (replacement));
  results = bubus_event_list_results (old);
  g_assert_cmpuint (results->len, ==, 0);
}

static void
test_awaiting_replaced (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr (BubusEvent) parent = NULL;
  g_autoptr (GPtrArray) results = NULL;

  add_probe (fixture->bus, "replace", NULL, replace_old);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "run", run_child_of_parent, (gpointer) "old", NULL);
  on_ping (fixture);
  parent = dispatch_ping (fixture->bus, "parent");
  g_object_unref (dispatch_ping (fixture->bus, "next"));
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "new parent next");
  results = bubus_event_list_results (parent);
  g_assert_no_error (bubus_event_result_get_error (results->pdata[0]));
}

static gboolean
replace_with_invalid (Probe              *self,
                      BubusEvent         *event,
                      BubusInterception  *interception,
                      GError            **error)
{
  g_autoptr (BubusEvent) invalid = g_object_new (TYPE_PING, NULL);

  bubus_interception_replace (interception, invalid);
  return TRUE;
}

static void
test_replaced_by_invalid (Fixture       *fixture,
                          gconstpointer  data)
{
  g_autoptr (BubusEvent) event = ping_new ("a");
  g_autoptr (GError) error = NULL;

  add_probe (fixture->bus, "replace", NULL, replace_with_invalid);
  g_assert_false (bubus_event_bus_dispatch (fixture->bus, event, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_EVENT);
  g_assert_false (bubus_event_is_sealed (event));
}

static gboolean
dispatch_again (Probe              *self,
                BubusEvent         *event,
                BubusInterception  *interception,
                GError            **error)
{
  g_autoptr (GError) again = NULL;

  g_assert_false (bubus_event_bus_dispatch (bubus_interception_get_bus (interception), event, &again));
  g_assert_error (again, BUBUS_ERROR, BUBUS_ERROR_WOULD_DEADLOCK);
  return TRUE;
}

static void
test_dispatched_while_intercepted (Fixture       *fixture,
                                   gconstpointer  data)
{
  add_probe (fixture->bus, "again", NULL, dispatch_again);
  on_ping (fixture);
  g_object_unref (dispatch_ping (fixture->bus, "a"));
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "a");
}

static gpointer
dispatch_in_thread (gpointer data)
{
  const char *labels[] = { "a", "bad", "old", "z" };

  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    g_object_unref (dispatch_ping (data, labels[i]));
  return NULL;
}

/* The thread cannot call the middleware: all is accepted, and looked at where the bus lives. */
static void
test_dispatched_in_thread (Fixture       *fixture,
                           gconstpointer  data)
{
  add_probe (fixture->bus, "refuse", fixture->trace, refuse);
  add_probe (fixture->bus, "replace", NULL, replace_old);
  g_main_context_acquire (NULL);
  g_thread_join (g_thread_new ("dispatch", dispatch_in_thread, fixture->bus));
  g_main_context_release (NULL);
  g_assert_cmpuint (bubus_event_bus_get_n_pending (fixture->bus), ==, 4);
  run_until_idle (fixture->bus);
  g_assert_true (g_str_has_prefix (fixture->trace->str, "a:pending bad:pending bad:completed old:pending new:pending"));
  g_assert_nonnull (strstr (fixture->trace->str, "new:completed old:completed"));
  g_assert_true (g_str_has_suffix (fixture->trace->str, "z:completed"));
}

/* ---- holds ---- */

static void
hold_when_started (Probe            *self,
                   BubusEventBus    *bus,
                   BubusEvent       *event,
                   BubusEventStatus  status)
{
  if (status == BUBUS_EVENT_STATUS_STARTED)
    self->hold = bubus_event_bus_hold_event (bus, event);
  if (status == BUBUS_EVENT_STATUS_COMPLETED)
    g_assert_null (bubus_event_bus_hold_event (bus, event));
}

static gpointer
release_in_thread (gpointer data)
{
  bubus_hold_release (data);
  bubus_hold_release (data);
  return NULL;
}

static void
test_hold (Fixture       *fixture,
           gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "hold", NULL, NULL);
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusEvent) never = ping_new ("never");

  g_assert_null (bubus_event_bus_hold_event (fixture->bus, never));
  probe->on_event = hold_when_started;
  on_ping (fixture);
  event = dispatch_ping (fixture->bus, "a");
  iterate ();
  g_assert_cmpstr (fixture->trace->str, ==, "a");
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_STARTED);
  g_assert_false (bubus_event_bus_is_idle (fixture->bus));
  g_thread_join (g_thread_new ("release", release_in_thread, probe->hold));
  g_clear_object (&probe->hold);
  run_until_idle (fixture->bus);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
}

static gboolean
cause_child (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  g_autoptr (BubusEvent) child = ping_new ("child");

  return g_str_equal (ping_get_label (event), "child") || bubus_invocation_dispatch (invocation, NULL, child, error);
}

static void
test_completing (Fixture       *fixture,
                 gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "hold", fixture->trace, NULL);
  g_autoptr (BubusEvent) parent = NULL;

  bubus_event_bus_on_pattern (fixture->bus, "*", "cause", cause_child, NULL, NULL);
  probe->holds = TRUE;
  parent = dispatch_ping (fixture->bus, "parent");
  iterate ();
  g_assert_cmpuint (probe->n_asked, ==, 1);
  g_assert_nonnull (strstr (fixture->trace->str, "child.cause:completed"));
  g_assert_null (strstr (fixture->trace->str, "child:completed"));

  /* What is held again waits again; and the parent is asked for when its child is complete. */
  for (guint i = 2; i <= 3; i++)
    {
      bubus_hold_release (probe->hold);
      iterate ();
      g_assert_cmpuint (probe->n_asked, ==, i);
      g_assert_false (bubus_event_bus_is_idle (fixture->bus));
    }
  probe->holds = FALSE;
  g_clear_object (&probe->hold);
  run_until_idle (fixture->bus);
  g_assert_cmpuint (probe->n_asked, ==, 5);
  g_assert_true (g_str_has_suffix (fixture->trace->str, "child:completed parent:completed"));
}

/* Who holds everything for ever does not keep the bus from stopping. */
static void
test_completing_and_stop (Fixture       *fixture,
                          gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "hold", NULL, NULL);
  g_autoptr (BubusEvent) event = NULL;

  probe->holds = TRUE;
  event = dispatch_ping (fixture->bus, "a");
  iterate ();
  g_assert_false (bubus_event_bus_is_idle (fixture->bus));
  bubus_event_bus_stop (fixture->bus);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_clear_object (&probe->hold);
}

static void
test_hold_is_dropped (Fixture       *fixture,
                      gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "hold", NULL, NULL);

  probe->on_event = hold_when_started;
  on_ping (fixture);
  g_object_unref (dispatch_ping (fixture->bus, "a"));
  iterate ();
  g_assert_false (bubus_event_bus_is_idle (fixture->bus));
  g_clear_object (&probe->hold);
  run_until_idle (fixture->bus);
}

static void
test_hold_and_stop (Fixture       *fixture,
                    gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "hold", NULL, NULL);
  g_autoptr (BubusEvent) event = NULL;

  probe->on_event = hold_when_started;
  on_ping (fixture);
  event = dispatch_ping (fixture->bus, "a");
  iterate ();
  bubus_event_bus_stop (fixture->bus);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  bubus_hold_release (probe->hold);
  g_clear_object (&probe->hold);
}

/* ---- what middleware does, and stops and waits ---- */

static void
test_not_asked_while_draining (Fixture       *fixture,
                               gconstpointer  data)
{
  g_autoptr (BubusEvent) late = ping_new ("late");
  g_autoptr (GError) error = NULL;
  g_autoptr (BubusEvent) event = dispatch_ping (fixture->bus, "a");

  add_probe (fixture->bus, "asked", NULL, trace_intercepted)->data = fixture->trace;
  bubus_event_bus_stop_async (fixture->bus, -1, NULL, NULL, NULL);
  g_assert_false (bubus_event_bus_dispatch (fixture->bus, late, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  g_assert_cmpstr (fixture->trace->str, ==, "");
  run_until_complete (event);
}

typedef struct
{
  BubusEventBus *bus;
  BubusEvent    *event;
} Elsewhere;

static gboolean
dispatch_grandchild_elsewhere (BubusEvent       *event,
                               BubusInvocation  *invocation,
                               gpointer          data,
                               GError          **error)
{
  gboolean is_child = g_str_equal (ping_get_label (event), "child");
  g_autoptr (BubusEvent) child = ping_new (is_child ? "grandchild" : "child");

  return bubus_event_bus_dispatch (is_child ? ((Elsewhere *) data)->bus : bubus_invocation_get_bus (invocation), child,
                                   error);
}

static void
answer_awaited_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (bubus_invocation_run_finish (BUBUS_INVOCATION (source), result, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_DROPPED);
  bubus_invocation_return_nothing (BUBUS_INVOCATION (source));
}

static gboolean
await_elsewhere (BubusEvent       *event,
                 BubusInvocation  *invocation,
                 gpointer          data,
                 GError          **error)
{
  if (!g_str_equal (ping_get_label (event), "waits"))
    return TRUE;

  bubus_invocation_defer (invocation);
  bubus_invocation_run_async (invocation, ((Elsewhere *) data)->event, NULL, answer_awaited_cb, NULL);
  return TRUE;
}

/* The child has its turn after the wait has begun, and its own child is then behind the event that waits. */
static void
test_awaiting_dropped_with_child (Fixture       *fixture,
                                  gconstpointer  data)
{
  g_autoptr (BubusEventBus) first = bubus_event_bus_new ("First");
  g_autoptr (BubusEventBus) second = bubus_event_bus_new ("Second");
  Probe *probe = add_probe (first, "keep", NULL, defer_held);
  g_autoptr (BubusEvent) awaited = dispatch_ping (first, "held");
  Elsewhere elsewhere = { fixture->bus, awaited };
  g_autoptr (BubusEvent) waits = NULL;

  bubus_event_bus_set_time_budget (second, 0);
  bubus_event_bus_on (second, TYPE_PING, "causes", dispatch_grandchild_elsewhere, &elsewhere, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "awaits", await_elsewhere, &elsewhere, NULL);
  g_assert_true (bubus_event_bus_dispatch (second, awaited, NULL));
  g_main_context_iteration (NULL, FALSE);
  waits = dispatch_ping (fixture->bus, "waits");
  run_pending ();
  bubus_interception_drop (probe->kept, NULL);
  g_clear_object (&probe->kept);
  run_pending ();
  g_assert_cmpint (bubus_event_get_event_status (awaited), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpint (bubus_event_get_event_status (waits), ==, BUBUS_EVENT_STATUS_COMPLETED);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/middleware/order", test_order, "B-8.6, test 84: what is told, in the same order each time");
  test ("/middleware/order-without-handlers", test_order_without_handlers, "B-8.7: pending and completed only");
  test ("/middleware/order-on-time-out", test_order_on_time_out, "B-8.6, test 84: monotonic when time is over");
  test ("/middleware/handlers", test_handlers, "B-8.9: handlers that come and go, in the bus's context");
  test ("/middleware/hook-is-no-handler", test_hook_is_no_handler, "R-4: what a hook dispatches is a root");
  test ("/middleware/hook-removes-itself", test_hook_removes_itself, "R-10: the others are told still");
  test ("/middleware/hook-stops-the-bus", test_hook_stops_the_bus, "R-10, R-16: after the hook, and wholly");
  test ("/middleware/intercept-order", test_intercept_order, "B-15.2: interceptors in order, before the event is queued");
  test ("/middleware/refused", test_refused, "R-12: no trace of what an interceptor refuses");
  test ("/middleware/dropped", test_dropped, "B-15.2: no results, and waiters get the reason");
  test ("/middleware/delayed", test_delayed, "B-2.6: the others keep their order, and the delayed one counts");
  test ("/middleware/resumed-in-thread", test_resumed_in_thread, "resumed in any thread, also before it waits");
  test ("/middleware/resumed-at-once", test_resumed_at_once, "resumed before the hook returns: no delay");
  test ("/middleware/delayed-counts", test_delayed_counts, "R-13: a delayed event is unfinished");
  test ("/middleware/delayed-and-stop", test_delayed_and_stop, "R-16: a delayed event fails with the bus");
  test ("/middleware/delayed-then-dropped", test_delayed_then_dropped, "B-17.1: waiters wake with the reason");
  test ("/middleware/parent-waits", test_parent_waits_for_delayed, "R-5: also for a child that is delayed");
  test ("/middleware/awaiting-delayed", test_awaiting_delayed, "R-2: would block, or waits; never hangs");
  test ("/middleware/replaced", test_replaced, "the original is complete when its replacement is");
  test ("/middleware/awaiting-replaced", test_awaiting_replaced, "R-2: the replacement runs in place");
  test ("/middleware/replaced-by-invalid", test_replaced_by_invalid, "R-12: refused without a trace");
  test ("/middleware/dispatched-while-intercepted", test_dispatched_while_intercepted, "R-3: no endless recursion");
  test ("/middleware/dispatched-in-thread", test_dispatched_in_thread, "R-21: looked at where the bus lives");
  test ("/middleware/not-asked-while-draining", test_not_asked_while_draining, "R-12, R-16: nobody sees what is refused");
  test ("/middleware/awaiting-dropped-with-child", test_awaiting_dropped_with_child,
        "R-2: what blocks an awaited event passes the queue, also when a middleware has dropped the event");
  test ("/middleware/hold", test_hold, "complete when the last hold is released, in any thread");
  test ("/middleware/completing", test_completing, "R-5: completion can be put off when all else is done, and parents wait");
  test ("/middleware/completing-and-stop", test_completing_and_stop, "R-16: stopping always finishes");
  test ("/middleware/hold-is-dropped", test_hold_is_dropped, "a hold that nobody has is released");
  test ("/middleware/hold-and-stop", test_hold_and_stop, "R-16: stopping always finishes");

  return g_test_run ();
}
