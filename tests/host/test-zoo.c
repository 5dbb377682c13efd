/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "host-fixture.h"

/* A plugin with which something is wrong, and what is said of it. */
typedef struct
{
  const char       *name;
  const char       *source;   /* nullable: there is no module */
  const char       *lines;    /* of the manifest */
  BubusPluginState  state;
  const char       *reason;
} Animal;

static const Animal animals[] = {
  { "missing_symbol", "undefined", "", BUBUS_PLUGIN_STATE_FAILED, "bubus_test_function_that_does_not_exist" },
  { "missing_module", NULL, "", BUBUS_PLUGIN_STATE_FAILED, "libmissing_module.so" },
  { "missing_script", NULL, "Loader=js\n", BUBUS_PLUGIN_STATE_FAILED, "missing_script.js" },
  { "no_abi", "no-abi", "", BUBUS_PLUGIN_STATE_FAILED, "no ABI record" },
  { "newer_abi", "newer-abi", "", BUBUS_PLUGIN_STATE_FAILED, "It was built for Bubus 1.7" },
  { "newer_manifest", "recorder", "X-Bubus-ABI=1.9\n", BUBUS_PLUGIN_STATE_FAILED, "It was built for Bubus 1.9" },
  { "no_plugin", "nothing", "", BUBUS_PLUGIN_STATE_FAILED, "no object that is a Bubus plugin" },
  { "unknown_loader", "recorder", "Loader=cobol\n", BUBUS_PLUGIN_STATE_FAILED, "There is no loader “cobol”" },
  { "needs_missing", "recorder", "Depends=nowhere\n", BUBUS_PLUGIN_STATE_FAILED, "is nowhere in the search path" },
  { "needs_broken", "recorder", "Depends=no_abi\n", BUBUS_PLUGIN_STATE_SKIPPED, "no ABI record" },
  { "cycle_a", "recorder", "Depends=cycle_b\n", BUBUS_PLUGIN_STATE_FAILED, "“cycle_a” → “cycle_b” → “cycle_a”" },
  { "cycle_b", "recorder", "X-Bubus-Requires=cycle_a\n", BUBUS_PLUGIN_STATE_FAILED, "There is a cycle" },
  { "twin_b", "twin-b", "X-Bubus-After=twin_a\n", BUBUS_PLUGIN_STATE_FAILED, "TwinPlugin" },
  { "fails", "recorder", "", BUBUS_PLUGIN_STATE_FAILED, "fails was asked to" },
  { "hangs", "slow", "", BUBUS_PLUGIN_STATE_FAILED, "“hangs” has not answered within" },
};

static void
zoo_enabled_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (bubus_host_activate_enabled_finish (BUBUS_HOST (source), result, &error));
  g_assert_nonnull (error);
  *(gboolean *) user_data = TRUE;
}

static void
zoo_fill (HostFixture *fixture)
{
  for (guint i = 0; i < G_N_ELEMENTS (animals); i++)
    {
      const Animal *animal = &animals[i];

      if (animal->source != NULL)
        host_fixture_add_module (fixture, animal->name, animal->source);
      host_fixture_add_manifest (fixture, animal->name, animal->lines);
      g_assert_true (bubus_host_set_plugin_enabled (fixture->host, animal->name, TRUE, NULL));
    }

  host_fixture_write (fixture, "malformed.plugin", "[Plugin\nModule", -1);
  host_fixture_write (fixture, "binary.plugin", "\0\377\376", 3);
  host_fixture_add_recorder (fixture, "good", "");
  host_fixture_add_plugin (fixture, "twin_a", "twin-a", "");
  host_fixture_add_recorder (fixture, "better", "good");
  g_assert_true (bubus_host_set_plugin_enabled (fixture->host, "better", TRUE, NULL));
  g_assert_true (bubus_host_set_plugin_enabled (fixture->host, "twin_a", TRUE, NULL));
  g_object_set_data (G_OBJECT (fixture->bus), "fail-activate", (gpointer) "fails");
  g_object_set_data (G_OBJECT (fixture->bus), "defer-activate", (gpointer) "hangs");
}

static void
zoo_assert_reasons (HostFixture *fixture)
{
  for (guint i = 0; i < G_N_ELEMENTS (animals); i++)
    {
      BubusPluginInfo *info = bubus_host_lookup_plugin (fixture->host, animals[i].name);

      host_fixture_assert_state (fixture, animals[i].name, animals[i].state);
      g_test_message ("%s: %s", animals[i].name, bubus_plugin_info_get_error (info)->message);
      host_fixture_assert_contains (bubus_plugin_info_get_error (info)->message, animals[i].reason);
    }
}

static void
test_zoo_together (HostFixture   *fixture,
                   gconstpointer  user_data)
{
  BubusClock *clock = (BubusClock *) user_data;
  g_autofree char *answer = NULL;
  gboolean done = FALSE;

  g_test_summary ("In the worst company, each plugin fails for its own reason, and the good ones work");

  zoo_fill (fixture);
  host_fixture_scan (fixture);
  bubus_host_activate_enabled_async (fixture->host, NULL, zoo_enabled_cb, &done);
  while (!done)
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      bubus_clock_advance (clock, G_GINT64_CONSTANT (30000000000));
    }

  zoo_assert_reasons (fixture);
  host_fixture_assert_state (fixture, "malformed", BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_state (fixture, "binary", BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_state (fixture, "twin_a", BUBUS_PLUGIN_STATE_ACTIVE);
  answer = host_fixture_ping (fixture, "PingEvent");
  g_assert_cmpstr (answer, ==, "good better");
  g_assert_true (bubus_host_deactivate_all (fixture->host, NULL));
  g_assert_cmpuint (host_fixture_count_handlers (fixture->bus), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (BubusClock) clock = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);

  clock = bubus_clock_new_test (0);
  bubus_clock_push_thread_default (clock);
  g_test_add ("/host/zoo/together", HostFixture, clock, host_fixture_set_up, test_zoo_together, host_fixture_tear_down);
  status = g_test_run ();
  bubus_clock_pop_thread_default (clock);
  return status;
}
