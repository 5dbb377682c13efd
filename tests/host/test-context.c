/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "host-fixture.h"

/* A middleware that counts what it is told. */

typedef struct
{
  GObject parent_instance;

  guint n_told;
} TestWitness;

typedef GObjectClass TestWitnessClass;

static GType test_witness_get_type (void);

static void
test_witness_event_changed (BubusMiddleware  *middleware,
                            BubusEventBus    *bus,
                            BubusEvent       *event,
                            BubusEventStatus  status)
{
  ((TestWitness *) middleware)->n_told++;
}

static void
test_witness_middleware_iface_init (BubusMiddlewareInterface *iface)
{
  iface->event_changed = test_witness_event_changed;
}

G_DEFINE_TYPE_WITH_CODE (TestWitness, test_witness, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, test_witness_middleware_iface_init))

static void
test_witness_class_init (TestWitnessClass *klass)
{
}

static void
test_witness_init (TestWitness *self)
{
}

static gboolean
test_context_handle (BubusEvent       *event,
                     BubusInvocation  *invocation,
                     gpointer          user_data,
                     GError          **error)
{
  bubus_invocation_return_string (invocation, "extra");
  return TRUE;
}

static void
test_context_count_free (gpointer user_data)
{
  (*(guint *) user_data)++;
}

/* Activates a recorder and borrows its context, which lives on the bus. */
static BubusPluginContext *
test_context_open (HostFixture *fixture)
{
  host_fixture_add_recorder (fixture, "one", "");
  host_fixture_scan (fixture);
  host_fixture_activate (fixture, "one");
  return g_object_get_data (G_OBJECT (fixture->bus), "context");
}

static void
test_context_buses (HostFixture   *fixture,
                    gconstpointer  user_data)
{
  BubusPluginContext *context = test_context_open (fixture);

  g_assert_false (bubus_plugin_context_is_closed (context));
  g_assert_true (bubus_plugin_context_get_bus (context, NULL) == fixture->bus);
  g_assert_true (bubus_plugin_context_get_bus (context, "MainBus") == fixture->bus);
  g_assert_true (bubus_plugin_context_get_bus (context, "OtherBus") == bubus_host_lookup_bus (fixture->host, "OtherBus"));
  g_assert_true (bubus_plugin_context_get_plugin_info (context) == bubus_host_lookup_plugin (fixture->host, "one"));
}

static void
test_context_gives_back (HostFixture   *fixture,
                         gconstpointer  user_data)
{
  BubusPluginContext *context = test_context_open (fixture);
  BubusEventBus *other = bubus_plugin_context_get_bus (context, "OtherBus");
  TestWitness *witness = g_object_new (test_witness_get_type (), NULL);
  g_autofree char *during = NULL;
  g_autofree char *after = NULL;
  guint n_freed = 0;
  guint n_told;

  g_test_summary ("Handlers, forwarding and middleware end with the plugin");

  bubus_plugin_context_on (context, NULL, BUBUS_TYPE_EVENT, "extra", test_context_handle, &n_freed,
                           test_context_count_free);
  bubus_plugin_context_on_pattern (context, other, "Pass*", "passed", test_context_handle, &n_freed,
                                   test_context_count_free);
  g_assert_true (bubus_plugin_context_add_middleware (context, other, BUBUS_MIDDLEWARE (witness)));
  during = host_fixture_ping (fixture, "PassEvent");
  g_assert_cmpstr (during, ==, "extra extra");
  n_told = witness->n_told;
  g_assert_cmpuint (n_told, >, 0);

  host_fixture_deactivate (fixture, "one");
  g_assert_cmpuint (n_freed, ==, 2);
  g_assert_cmpuint (host_fixture_count_handlers (fixture->bus), ==, 0);
  g_assert_cmpuint (host_fixture_count_handlers (other), ==, 0);
  after = host_fixture_ping (fixture, "PassEvent");
  g_assert_cmpstr (after, ==, "");
  g_assert_cmpuint (witness->n_told, ==, n_told);
  g_assert_finalize_object (witness);
}

static void
test_context_early (HostFixture   *fixture,
                    gconstpointer  user_data)
{
  BubusPluginContext *context = test_context_open (fixture);
  TestWitness *witness = g_object_new (test_witness_get_type (), NULL);
  BubusHandler *handler;
  guint n_handlers = host_fixture_count_handlers (fixture->bus);
  guint n_freed = 0;

  g_test_summary ("A plugin may give back early, through the context or not");

  handler = bubus_plugin_context_on (context, NULL, BUBUS_TYPE_EVENT, "extra", test_context_handle, &n_freed,
                                     test_context_count_free);
  g_assert_true (bubus_plugin_context_off (context, handler));
  g_assert_cmpuint (n_freed, ==, 1);
  g_assert_cmpuint (host_fixture_count_handlers (fixture->bus), ==, n_handlers);

  handler = bubus_plugin_context_on (context, NULL, BUBUS_TYPE_EVENT, "extra", test_context_handle, &n_freed,
                                     test_context_count_free);
  g_assert_true (bubus_event_bus_off (fixture->bus, handler));

  g_assert_true (bubus_plugin_context_add_middleware (context, NULL, BUBUS_MIDDLEWARE (witness)));
  g_assert_true (bubus_plugin_context_remove_middleware (context, BUBUS_MIDDLEWARE (witness)));
  g_assert_false (bubus_plugin_context_remove_middleware (context, BUBUS_MIDDLEWARE (witness)));
  g_assert_finalize_object (witness);

  host_fixture_deactivate (fixture, "one");
  g_assert_cmpuint (n_freed, ==, 2);
}

static void
test_context_not_mine (HostFixture   *fixture,
                       gconstpointer  user_data)
{
  BubusPluginContext *context = test_context_open (fixture);
  BubusHandler *handler = bubus_event_bus_on (fixture->bus, BUBUS_TYPE_EVENT, "host's", test_context_handle, NULL, NULL);

  g_test_summary ("A plugin cannot give back what is not its own, and it stays");

  g_assert_false (bubus_plugin_context_off (context, handler));
  host_fixture_deactivate (fixture, "one");
  g_assert_cmpuint (host_fixture_count_handlers (fixture->bus), ==, 1);
}

static void
test_context_closed (HostFixture   *fixture,
                     gconstpointer  user_data)
{
  g_autoptr (BubusPluginContext) context = g_object_ref (test_context_open (fixture));
  BubusEventBus *other = bubus_host_lookup_bus (fixture->host, "OtherBus");
  TestWitness *witness = g_object_new (test_witness_get_type (), NULL);
  BubusHandler *handler = bubus_plugin_context_on (context, NULL, BUBUS_TYPE_EVENT, "extra", test_context_handle, NULL,
                                                   NULL);
  g_autoptr (BubusHandler) kept = g_object_ref (handler);
  guint n_freed = 0;

  g_test_summary ("A closed context does nothing, without complaint");

  host_fixture_deactivate (fixture, "one");
  g_assert_true (bubus_plugin_context_is_closed (context));
  g_assert_null (bubus_plugin_context_get_bus (context, NULL));
  g_assert_null (bubus_plugin_context_get_bus (context, "OtherBus"));
  g_assert_null (bubus_plugin_context_on (context, NULL, BUBUS_TYPE_EVENT, "late", test_context_handle, &n_freed,
                                          test_context_count_free));
  g_assert_null (bubus_plugin_context_on_pattern (context, other, "*", "late", test_context_handle, &n_freed,
                                                  test_context_count_free));
  g_assert_cmpuint (n_freed, ==, 2);
  g_assert_null (bubus_plugin_context_forward (context, NULL, "*", NULL, other));
  g_assert_null (bubus_plugin_context_forward (context, NULL, "*", NULL, NULL));
  g_assert_false (bubus_plugin_context_off (context, kept));
  g_assert_false (bubus_plugin_context_add_middleware (context, NULL, BUBUS_MIDDLEWARE (witness)));
  g_assert_false (bubus_plugin_context_remove_middleware (context, BUBUS_MIDDLEWARE (witness)));
  g_assert_false (bubus_plugin_context_register_event_type (context, BUBUS_TYPE_EVENT));
  g_assert_nonnull (bubus_plugin_context_get_plugin_info (context));
  g_assert_cmpuint (host_fixture_count_handlers (fixture->bus), ==, 0);
  g_assert_finalize_object (witness);
}

static void
test_context_outlives_host (HostFixture   *fixture,
                            gconstpointer  user_data)
{
  g_autoptr (BubusPluginContext) context = g_object_ref (test_context_open (fixture));

  g_test_summary ("A context that is kept does not keep the host");

  g_object_set_data (G_OBJECT (fixture->bus), "context", NULL);
  g_assert_finalize_object (fixture->host);
  g_assert_true (bubus_plugin_context_is_closed (context));
  fixture->host = bubus_host_new (fixture->bus);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  host_fixture_add_test ("/host/context/buses", test_context_buses);
  host_fixture_add_test ("/host/context/gives-back", test_context_gives_back);
  host_fixture_add_test ("/host/context/early", test_context_early);
  host_fixture_add_test ("/host/context/not-mine", test_context_not_mine);
  host_fixture_add_test ("/host/context/closed", test_context_closed);
  host_fixture_add_test ("/host/context/outlives-host", test_context_outlives_host);

  return g_test_run ();
}
