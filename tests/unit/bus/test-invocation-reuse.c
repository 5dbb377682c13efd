/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

/* When an invocation is used again, as it matters to bindings. */

/* What a binding has: a reference to each object that it has handed to a function, until it collects its garbage. */
typedef struct
{
  BubusEventBus *bus;
  GHashTable    *wrapped;
  BubusEvent    *child;      /* nullable: to be awaited by the next call */
  GPtrArray     *awaiting;   /* the events that were handled, as their invocations say when the wait is over */
} Binding;

static Binding *
binding_new (BubusEventBus *bus)
{
  Binding *self = g_new0 (Binding, 1);

  self->bus = bus;
  self->wrapped = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  self->awaiting = g_ptr_array_new_with_free_func (g_object_unref);
  return self;
}

static void
binding_free (Binding *self)
{
  g_hash_table_unref (self->wrapped);
  g_ptr_array_unref (self->awaiting);
  g_clear_object (&self->child);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Binding, binding_free)

static gboolean
wrap_invocation (BubusEvent       *event,
                 BubusInvocation  *invocation,
                 gpointer          data,
                 GError          **error)
{
  Binding *self = data;

  g_assert_true (bubus_invocation_get_event (invocation) == event);
  if (!g_hash_table_contains (self->wrapped, invocation))
    g_hash_table_add (self->wrapped, g_object_ref (invocation));
  return TRUE;
}

static gboolean
wrap_and_defer (BubusEvent       *event,
                BubusInvocation  *invocation,
                gpointer          data,
                GError          **error)
{
  bubus_invocation_defer (invocation);
  return wrap_invocation (event, invocation, data, error);
}

static void
awaited_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  Binding *self = data;
  g_autoptr (GError) error = NULL;

  g_assert_true (bubus_invocation_run_finish (BUBUS_INVOCATION (source), result, &error));
  g_assert_no_error (error);
  g_ptr_array_add (self->awaiting, g_object_ref (bubus_invocation_get_event (BUBUS_INVOCATION (source))));
}

/* The garbage is collected while the wait is on, so that only its task has a reference. */
static gboolean
await_and_return (BubusEvent       *event,
                  BubusInvocation  *invocation,
                  gpointer          data,
                  GError          **error)
{
  Binding *self = data;
  g_autoptr (BubusEvent) child = g_steal_pointer (&self->child);

  if (child == NULL)
    return TRUE;

  g_assert_true (bubus_invocation_dispatch_with_flags (invocation, NULL, child, BUBUS_DISPATCH_BACKGROUND, error));
  bubus_invocation_run_async (invocation, child, NULL, awaited_cb, self);
  return TRUE;
}

static BubusHandler *
on_sum (Binding          *binding,
        BubusHandlerFunc  func,
        gboolean          keeps)
{
  BubusHandler *handler = bubus_event_bus_on (binding->bus, TYPE_SUM, "binding", func, binding, NULL);

  bubus_handler_set_keeps_invocation (handler, keeps);
  return handler;
}

static void
handle_sums (Fixture *fixture,
             guint    n_events)
{
  for (guint i = 0; i < n_events; i++)
    g_object_unref (dispatch_sum (fixture->bus));
  run_until_idle (fixture->bus);
}

static void
test_property (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (Binding) binding = binding_new (fixture->bus);
  BubusHandler *handler = bubus_event_bus_on (fixture->bus, TYPE_SUM, "binding", wrap_invocation, binding, NULL);
  gboolean keeps;
  guint n_told = 0;

  g_assert_true (bubus_handler_get_keeps_invocation (handler));
  g_signal_connect_swapped (handler, "notify::keeps-invocation", G_CALLBACK (g_atomic_int_inc), &n_told);
  g_object_set (handler, "keeps-invocation", FALSE, NULL);
  g_object_get (handler, "keeps-invocation", &keeps, NULL);
  g_assert_false (keeps);
  bubus_handler_set_keeps_invocation (handler, FALSE);
  g_assert_cmpuint (n_told, ==, 1);
  bubus_event_bus_off (fixture->bus, handler);
}

static void
test_kept (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (Binding) binding = binding_new (fixture->bus);

  on_sum (binding, wrap_invocation, TRUE);
  handle_sums (fixture, 20);
  g_assert_cmpuint (g_hash_table_size (binding->wrapped), ==, 20);
}

static void
test_let_go (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (Binding) binding = binding_new (fixture->bus);

  on_sum (binding, wrap_invocation, FALSE);
  on_sum (binding, wrap_invocation, FALSE);
  handle_sums (fixture, 20);
  g_assert_cmpuint (g_hash_table_size (binding->wrapped), ==, 1);
}

/* What one handler lets go of, the next may keep. */
static void
test_let_go_and_kept (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr (Binding) letting_go = binding_new (fixture->bus);
  g_autoptr (Binding) keeping = binding_new (fixture->bus);
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (GList) kept = NULL;

  on_sum (letting_go, wrap_invocation, FALSE);
  on_sum (keeping, wrap_invocation, TRUE);
  event = dispatch_sum (fixture->bus);
  run_until_idle (fixture->bus);
  kept = g_hash_table_get_keys (keeping->wrapped);
  g_assert_cmpuint (g_list_length (kept), ==, 1);

  handle_sums (fixture, 20);
  g_assert_cmpuint (g_hash_table_size (keeping->wrapped), ==, 21);
  g_assert_true (bubus_invocation_get_event (kept->data) == event);
  g_assert_true (bubus_invocation_get_bus (kept->data) == fixture->bus);
}

static void
test_let_go_but_deferred (Fixture       *fixture,
                          gconstpointer  data)
{
  g_autoptr (Binding) binding = binding_new (fixture->bus);
  GHashTableIter iter;
  gpointer invocation;

  bubus_event_bus_set_event_concurrency (fixture->bus, BUBUS_EVENT_CONCURRENCY_PARALLEL);
  on_sum (binding, wrap_and_defer, FALSE);
  for (int i = 0; i < 5; i++)
    g_object_unref (dispatch_sum (fixture->bus));
  run_pending ();
  g_assert_cmpuint (g_hash_table_size (binding->wrapped), ==, 5);

  g_hash_table_iter_init (&iter, binding->wrapped);
  while (g_hash_table_iter_next (&iter, &invocation, NULL))
    bubus_invocation_return_nothing (invocation);
  run_until_idle (fixture->bus);
}

static void
test_let_go_but_waiting (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr (Binding) binding = binding_new (fixture->bus);
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusInvocation) kept = NULL;

  bubus_event_bus_set_event_concurrency (fixture->bus, BUBUS_EVENT_CONCURRENCY_PARALLEL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "defer", defer_and_keep, &kept, NULL);
  on_sum (binding, await_and_return, FALSE);
  binding->child = ping_new ("child");
  event = dispatch_sum (fixture->bus);
  run_pending ();
  g_assert_nonnull (kept);
  for (int i = 0; i < 3; i++)
    g_object_unref (dispatch_sum (fixture->bus));
  run_pending ();

  bubus_invocation_return_nothing (kept);
  run_until_idle (fixture->bus);
  while (binding->awaiting->len == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (binding->awaiting->pdata[0] == event);
}

static gboolean
trace_handler_id (BubusEvent       *event,
                  BubusInvocation  *invocation,
                  gpointer          data,
                  GError          **error)
{
  trace (data, "%s", bubus_invocation_get_handler_id (invocation));
  return TRUE;
}

static void
test_handler_id (Fixture       *fixture,
                 gconstpointer  data)
{
  BubusHandler *handler = bubus_event_bus_on (fixture->bus, TYPE_SUM, "id", trace_handler_id, fixture->trace, NULL);

  handle_sums (fixture, 1);
  g_assert_cmpstr (fixture->trace->str, ==, bubus_handler_get_id (handler));
}

static gboolean
attach_data (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  g_assert_null (g_object_get_data (G_OBJECT (invocation), "mine"));
  g_object_set_data (G_OBJECT (invocation), "mine", event);
  return TRUE;
}

static void
test_attached_data (Fixture       *fixture,
                    gconstpointer  data)
{
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "attach", attach_data, NULL, NULL);
  handle_sums (fixture, 3);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/invocation-reuse/property", test_property, "a handler says whether it keeps invocations");
  test ("/invocation-reuse/kept", test_kept, "B-3.31: what somebody has is not used again");
  test ("/invocation-reuse/let-go", test_let_go, "a call costs no object, although a binding has a reference");
  test ("/invocation-reuse/both", test_let_go_and_kept, "B-3.31: each handler speaks for itself");
  test ("/invocation-reuse/deferred", test_let_go_but_deferred, "what is deferred is kept by the bus");
  test ("/invocation-reuse/waiting", test_let_go_but_waiting, "what waits is kept by its task");
  test ("/invocation-reuse/attached-data", test_attached_data, "what was attached to a call does not come with the next");
  test ("/invocation-reuse/handler-id", test_handler_id, "the id of the handler is that of its result");

  return g_test_run ();
}
