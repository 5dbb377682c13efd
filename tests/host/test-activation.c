/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "host-fixture.h"

static void
test_activation_once (HostFixture   *fixture,
                      gconstpointer  user_data)
{
  g_autofree char *before = NULL;
  g_autofree char *during = NULL;
  g_autofree char *after = NULL;

  g_test_summary ("A plugin works from its activation to its deactivation");

  host_fixture_add_recorder (fixture, "one", "");
  host_fixture_scan (fixture);
  before = host_fixture_ping (fixture, "PingEvent");
  g_assert_cmpstr (before, ==, "");

  host_fixture_activate (fixture, "one");
  host_fixture_assert_log (fixture, "+one");
  during = host_fixture_ping (fixture, "PingEvent");
  g_assert_cmpstr (during, ==, "one");

  host_fixture_deactivate (fixture, "one");
  host_fixture_assert_log (fixture, "-one ~one");
  after = host_fixture_ping (fixture, "PingEvent");
  g_assert_cmpstr (after, ==, "");
}

static void
test_activation_minimal (HostFixture   *fixture,
                         gconstpointer  user_data)
{
  g_autofree char *answer = NULL;

  g_test_summary ("The plugin in the documentation works");

  host_fixture_add_plugin (fixture, "minimal", "minimal", "");
  host_fixture_scan (fixture);
  host_fixture_activate (fixture, "minimal");
  answer = host_fixture_ping (fixture, "HelloEvent");
  g_assert_cmpstr (answer, ==, "hello");
}

static void
test_activation_twice (HostFixture   *fixture,
                       gconstpointer  user_data)
{
  g_test_summary ("Activating what is active, and deactivating what is not, does nothing");

  host_fixture_add_recorder (fixture, "one", "");
  host_fixture_scan (fixture);
  bubus_host_deactivate_plugin (fixture->host, "one", NULL);
  host_fixture_assert_state (fixture, "one", BUBUS_PLUGIN_STATE_RESOLVED);
  host_fixture_activate (fixture, "one");
  host_fixture_activate (fixture, "one");
  host_fixture_assert_log (fixture, "+one");
}

static void
test_activation_again (HostFixture   *fixture,
                       gconstpointer  user_data)
{
  g_test_summary ("A plugin can come and go many times");

  host_fixture_add_recorder (fixture, "one", "");
  host_fixture_scan (fixture);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *answer = NULL;

      host_fixture_activate (fixture, "one");
      answer = host_fixture_ping (fixture, "PingEvent");
      g_assert_cmpstr (answer, ==, "one");
      host_fixture_deactivate (fixture, "one");
      host_fixture_assert_log (fixture, "+one -one ~one");
      host_fixture_scan (fixture);
    }
}

static void
test_activation_unknown (HostFixture   *fixture,
                         gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (bubus_host_activate_plugin (fixture->host, "nobody", &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_NOT_FOUND);
  host_fixture_assert_contains (error->message, "“nobody”");
  g_clear_error (&error);
  g_assert_false (bubus_host_deactivate_plugin (fixture->host, "nobody", &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_NOT_FOUND);

  host_fixture_add_recorder (fixture, "one", "");
  host_fixture_scan (fixture);
  host_fixture_activate (fixture, "one");
  g_assert_false (bubus_host_deactivate_plugin (fixture->host, "nobody", NULL));
  host_fixture_assert_state (fixture, "one", BUBUS_PLUGIN_STATE_ACTIVE);
}

static void
test_activation_order (HostFixture   *fixture,
                       gconstpointer  user_data)
{
  g_test_summary ("What is needed comes first and goes last");

  host_fixture_add_recorder (fixture, "d", "b;c");
  host_fixture_add_recorder (fixture, "c", "a");
  host_fixture_add_recorder (fixture, "b", "a");
  host_fixture_add_recorder (fixture, "a", "");
  host_fixture_add_recorder (fixture, "e", "");
  host_fixture_scan (fixture);

  host_fixture_activate (fixture, "e");
  host_fixture_activate (fixture, "d");
  host_fixture_assert_log (fixture, "+e +a +b +c +d");
  host_fixture_deactivate (fixture, "b");
  host_fixture_assert_log (fixture, "-d ~d -b ~b");
  host_fixture_assert_state (fixture, "d", BUBUS_PLUGIN_STATE_UNLOADED);
  host_fixture_assert_state (fixture, "c", BUBUS_PLUGIN_STATE_ACTIVE);

  g_assert_true (bubus_host_deactivate_all (fixture->host, NULL));
  host_fixture_assert_log (fixture, "-c ~c -a ~a -e ~e");
}

static void
test_activation_with_host (HostFixture   *fixture,
                           gconstpointer  user_data)
{
  g_test_summary ("The end of the host is the end of its plugins");

  host_fixture_add_recorder (fixture, "b", "a");
  host_fixture_add_recorder (fixture, "a", "");
  host_fixture_scan (fixture);
  host_fixture_activate (fixture, "b");
  host_fixture_assert_log (fixture, "+a +b");
  g_object_set_data (G_OBJECT (fixture->bus), "context", NULL);
  g_assert_finalize_object (fixture->host);
  host_fixture_assert_log (fixture, "-b ~b -a ~a");
  fixture->host = bubus_host_new (fixture->bus);
}

static void
test_activation_missing (HostFixture   *fixture,
                         gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) chain = NULL;

  g_test_summary ("A dependency that is missing is named, with the way to it");

  host_fixture_add_recorder (fixture, "a", "b");
  host_fixture_add_recorder (fixture, "b", "c;nowhere");
  host_fixture_add_recorder (fixture, "c", "");
  host_fixture_scan (fixture);
  host_fixture_assert_state (fixture, "b", BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_state (fixture, "a", BUBUS_PLUGIN_STATE_SKIPPED);

  error = host_fixture_fail_activation (fixture, "b", BUBUS_ERROR, BUBUS_ERROR_PLUGIN_DEPENDENCY,
                                        BUBUS_PLUGIN_STATE_FAILED);
  g_assert_cmpstr (error->message, ==,
                   "Failed to activate “b”: “b” needs “nowhere”, which is nowhere in the search path");
  chain = host_fixture_fail_activation (fixture, "a", BUBUS_ERROR, BUBUS_ERROR_PLUGIN_DEPENDENCY,
                                        BUBUS_PLUGIN_STATE_SKIPPED);
  g_assert_cmpstr (chain->message, ==,
                   "Failed to activate “a”: failed to activate “b” (needed by “a”): "
                   "“b” needs “nowhere”, which is nowhere in the search path");
  host_fixture_assert_log (fixture, "");
  host_fixture_assert_state (fixture, "c", BUBUS_PLUGIN_STATE_RESOLVED);
}

static void
test_activation_cycle (HostFixture   *fixture,
                       gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) outside = NULL;
  g_autoptr (GError) self = NULL;

  g_test_summary ("A cycle is named; what only leads to it is skipped");

  host_fixture_add_recorder (fixture, "outside", "a");
  host_fixture_add_recorder (fixture, "a", "b");
  host_fixture_add_recorder (fixture, "b", "c");
  host_fixture_add_recorder (fixture, "c", "a");
  host_fixture_add_recorder (fixture, "self", "self");
  host_fixture_scan (fixture);
  host_fixture_assert_state (fixture, "c", BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_state (fixture, "outside", BUBUS_PLUGIN_STATE_SKIPPED);

  error = host_fixture_fail_activation (fixture, "a", BUBUS_ERROR, BUBUS_ERROR_PLUGIN_DEPENDENCY,
                                        BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_contains (error->message, "“a” → “c” → “b” → “a”");
  outside = host_fixture_fail_activation (fixture, "outside", BUBUS_ERROR, BUBUS_ERROR_PLUGIN_DEPENDENCY,
                                          BUBUS_PLUGIN_STATE_SKIPPED);
  self = host_fixture_fail_activation (fixture, "self", BUBUS_ERROR, BUBUS_ERROR_PLUGIN_DEPENDENCY,
                                       BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_contains (self->message, "“self” → “self”");
  host_fixture_assert_log (fixture, "");
}

static void
test_activation_about_itself (HostFixture   *fixture,
                              gconstpointer  user_data)
{
  g_test_summary ("A plugin that wants to come before or after itself comes");

  host_fixture_add_plugin (fixture, "vain", "recorder", "X-Bubus-After=vain\nX-Bubus-Before=vain\n");
  host_fixture_scan (fixture);
  host_fixture_assert_state (fixture, "vain", BUBUS_PLUGIN_STATE_RESOLVED);
  host_fixture_activate (fixture, "vain");
}

static void
test_activation_fails (HostFixture   *fixture,
                       gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("A plugin that fails leaves nothing behind, and can be tried again");

  host_fixture_add_recorder (fixture, "one", "");
  host_fixture_scan (fixture);
  g_object_set_data (G_OBJECT (fixture->bus), "fail-activate", (gpointer) "one");
  error = host_fixture_fail_activation (fixture, "one", G_IO_ERROR, G_IO_ERROR_BUSY, BUBUS_PLUGIN_STATE_FAILED);
  g_assert_cmpstr (error->message, ==, "Failed to activate “one”: one was asked to");
  host_fixture_assert_log (fixture, "+one ~one");
  g_assert_cmpuint (host_fixture_count_handlers (fixture->bus), ==, 0);

  g_object_set_data (G_OBJECT (fixture->bus), "fail-activate", NULL);
  host_fixture_activate (fixture, "one");
  g_assert_null (bubus_plugin_info_get_error (bubus_host_lookup_plugin (fixture->host, "one")));
  host_fixture_assert_log (fixture, "+one");
}

static void
test_activation_fails_silently (HostFixture   *fixture,
                                gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("A plugin that fails without an error gets one");

  host_fixture_add_recorder (fixture, "one", "");
  host_fixture_scan (fixture);
  g_object_set_data (G_OBJECT (fixture->bus), "fail-activate", (gpointer) "one!");
  error = host_fixture_fail_activation (fixture, "one", BUBUS_ERROR, BUBUS_ERROR_PLUGIN, BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_contains (error->message, "did not say why");
}

static void
test_activation_chain (HostFixture   *fixture,
                       gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("When something deep fails, the chain is told, and what was started for it is stopped");

  host_fixture_add_recorder (fixture, "top", "middle");
  host_fixture_add_recorder (fixture, "middle", "helper;bottom");
  host_fixture_add_recorder (fixture, "helper", "");
  host_fixture_add_recorder (fixture, "bottom", "before");
  host_fixture_add_recorder (fixture, "before", "");
  host_fixture_scan (fixture);
  host_fixture_activate (fixture, "before");
  host_fixture_assert_log (fixture, "+before");

  g_object_set_data (G_OBJECT (fixture->bus), "fail-activate", (gpointer) "bottom");
  error = host_fixture_fail_activation (fixture, "top", G_IO_ERROR, G_IO_ERROR_BUSY, BUBUS_PLUGIN_STATE_SKIPPED);
  g_assert_cmpstr (error->message, ==,
                   "Failed to activate “top”: failed to activate “middle” (needed by “top”): "
                   "failed to activate “bottom” (needed by “middle”): bottom was asked to");
  host_fixture_assert_log (fixture, "+helper +bottom ~bottom -helper ~helper");
  host_fixture_assert_state (fixture, "bottom", BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_state (fixture, "middle", BUBUS_PLUGIN_STATE_SKIPPED);
  host_fixture_assert_state (fixture, "helper", BUBUS_PLUGIN_STATE_UNLOADED);
  host_fixture_assert_state (fixture, "before", BUBUS_PLUGIN_STATE_ACTIVE);

  g_object_set_data (G_OBJECT (fixture->bus), "fail-activate", NULL);
  host_fixture_activate (fixture, "top");
  host_fixture_assert_log (fixture, "+helper +bottom +middle +top");
}

static void
test_activation_deactivate_fails (HostFixture   *fixture,
                                  gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("A plugin that complains at the end has no more than the others");

  host_fixture_add_recorder (fixture, "b", "a");
  host_fixture_add_recorder (fixture, "a", "");
  host_fixture_scan (fixture);
  host_fixture_activate (fixture, "b");
  host_fixture_assert_log (fixture, "+a +b");

  g_object_set_data (G_OBJECT (fixture->bus), "fail-deactivate", (gpointer) "b");
  g_assert_false (bubus_host_deactivate_plugin (fixture->host, "a", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  host_fixture_assert_contains (error->message, "b was asked to");
  host_fixture_assert_log (fixture, "-b ~b -a ~a");
  host_fixture_assert_state (fixture, "b", BUBUS_PLUGIN_STATE_UNLOADED);
  host_fixture_assert_state (fixture, "a", BUBUS_PLUGIN_STATE_UNLOADED);
  g_assert_nonnull (bubus_plugin_info_get_error (bubus_host_lookup_plugin (fixture->host, "b")));
  g_assert_cmpuint (host_fixture_count_handlers (fixture->bus), ==, 0);
}

static void
test_activation_note_state (BubusPluginInfo *info,
                            GParamSpec      *pspec,
                            gpointer         user_data)
{
  g_string_append_printf (user_data, "%d ", bubus_plugin_info_get_state (info));
}

static void
test_activation_notifies (HostFixture   *fixture,
                          gconstpointer  user_data)
{
  g_autoptr (GString) states = g_string_new (NULL);
  BubusPluginInfo *info;

  g_test_summary ("Every state is announced, once");

  host_fixture_add_recorder (fixture, "one", "");
  host_fixture_scan (fixture);
  info = bubus_host_lookup_plugin (fixture->host, "one");
  g_signal_connect (info, "notify::state", G_CALLBACK (test_activation_note_state), states);
  host_fixture_activate (fixture, "one");
  host_fixture_deactivate (fixture, "one");
  g_assert_cmpstr (states->str, ==, "2 3 4 5 ");
}

static void
test_activation_interfere (BubusPluginInfo *info,
                           GParamSpec      *pspec,
                           gpointer         user_data)
{
  HostFixture *fixture = user_data;
  g_autoptr (GError) error = NULL;

  if (bubus_plugin_info_get_state (info) != BUBUS_PLUGIN_STATE_LOADING)
    return;

  g_assert_false (bubus_host_activate_plugin (fixture->host, "two", &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN);
  g_clear_error (&error);
  g_assert_false (bubus_host_scan (fixture->host, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN);
  g_clear_error (&error);
  g_assert_false (bubus_host_deactivate_all (fixture->host, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN);
  host_fixture_assert_log (fixture, "");
}

static void
test_activation_not_reentrant (HostFixture   *fixture,
                               gconstpointer  user_data)
{
  g_test_summary ("Nobody can come between while plugins come and go");

  host_fixture_add_recorder (fixture, "one", "");
  host_fixture_add_recorder (fixture, "two", "");
  host_fixture_scan (fixture);
  g_signal_connect (bubus_host_lookup_plugin (fixture->host, "one"), "notify::state",
                    G_CALLBACK (test_activation_interfere), fixture);
  host_fixture_activate (fixture, "one");
  host_fixture_assert_log (fixture, "+one");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  host_fixture_add_test ("/host/activation/once", test_activation_once);
  host_fixture_add_test ("/host/activation/minimal", test_activation_minimal);
  host_fixture_add_test ("/host/activation/twice", test_activation_twice);
  host_fixture_add_test ("/host/activation/again", test_activation_again);
  host_fixture_add_test ("/host/activation/unknown", test_activation_unknown);
  host_fixture_add_test ("/host/activation/order", test_activation_order);
  host_fixture_add_test ("/host/activation/with-host", test_activation_with_host);
  host_fixture_add_test ("/host/activation/missing", test_activation_missing);
  host_fixture_add_test ("/host/activation/cycle", test_activation_cycle);
  host_fixture_add_test ("/host/activation/about-itself", test_activation_about_itself);
  host_fixture_add_test ("/host/activation/fails", test_activation_fails);
  host_fixture_add_test ("/host/activation/fails-silently", test_activation_fails_silently);
  host_fixture_add_test ("/host/activation/chain", test_activation_chain);
  host_fixture_add_test ("/host/activation/deactivate-fails", test_activation_deactivate_fails);
  host_fixture_add_test ("/host/activation/notifies", test_activation_notifies);
  host_fixture_add_test ("/host/activation/not-reentrant", test_activation_not_reentrant);

  return g_test_run ();
}
