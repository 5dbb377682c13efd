/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "host-fixture.h"

typedef struct
{
  const char *source; /* of the module, or NULL for none */
  int         code;
  const char *reason;
  const char *details;
} Fault;

static const Fault faults[] = {
  { "undefined", BUBUS_ERROR_PLUGIN, "cannot be opened", "bubus_test_function_that_does_not_exist" },
  { "no-abi", BUBUS_ERROR_PLUGIN_ABI, "has no ABI record", "this is Bubus 1.0" },
  { "wrong-magic", BUBUS_ERROR_PLUGIN_ABI, "is not one of Bubus 1", "" },
  { "newer-abi", BUBUS_ERROR_PLUGIN_ABI, "It was built for Bubus 1.7", "this is Bubus 1.0" },
  { "older-abi", BUBUS_ERROR_PLUGIN_ABI, "It was built for Bubus 0.9", "this is Bubus 1.0" },
  { "nothing", BUBUS_ERROR_PLUGIN, "no object that is a Bubus plugin", "" },
};

static void
test_faults_module (HostFixture   *fixture,
                    gconstpointer  user_data)
{
  const Fault *fault = user_data;
  g_autoptr (GError) error = NULL;

  host_fixture_add_plugin (fixture, "faulty", fault->source, "");
  host_fixture_scan (fixture);
  host_fixture_assert_state (fixture, "faulty", BUBUS_PLUGIN_STATE_RESOLVED);

  for (guint i = 0; i < 3; i++)
    {
      g_clear_error (&error);
      error = host_fixture_fail_activation (fixture, "faulty", BUBUS_ERROR, fault->code, BUBUS_PLUGIN_STATE_FAILED);
      host_fixture_assert_contains (error->message, fault->reason);
      host_fixture_assert_contains (error->message, fault->details);
    }
}

static void
test_faults_no_file (HostFixture   *fixture,
                     gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("A module that does not exist is named; when it comes, the plugin works");

  host_fixture_add_manifest (fixture, "late", "");
  host_fixture_scan (fixture);
  error = host_fixture_fail_activation (fixture, "late", BUBUS_ERROR, BUBUS_ERROR_PLUGIN, BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_contains (error->message, "liblate.so");

  host_fixture_add_module (fixture, "late", "recorder");
  host_fixture_activate (fixture, "late");
}

static void
test_faults_not_a_module (HostFixture   *fixture,
                          gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  host_fixture_write (fixture, "libtext.so", "this is not a module", -1);
  host_fixture_add_manifest (fixture, "text", "");
  host_fixture_scan (fixture);
  error = host_fixture_fail_activation (fixture, "text", BUBUS_ERROR, BUBUS_ERROR_PLUGIN, BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_contains (error->message, "cannot be opened");
}

static void
test_faults_repaired (HostFixture   *fixture,
                      gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *answer = NULL;

  g_test_summary ("A plugin that libpeas has refused works as soon as it is repaired");

  host_fixture_add_recorder (fixture, "needed", "");
  host_fixture_add_plugin (fixture, "faulty", "nothing", "Depends=needed\n");
  host_fixture_scan (fixture);
  host_fixture_activate (fixture, "needed");
  error = host_fixture_fail_activation (fixture, "faulty", BUBUS_ERROR, BUBUS_ERROR_PLUGIN,
                                        BUBUS_PLUGIN_STATE_FAILED);

  host_fixture_add_module (fixture, "faulty", "recorder");
  host_fixture_activate (fixture, "faulty");
  host_fixture_deactivate (fixture, "needed");
  host_fixture_assert_log (fixture, "+needed +faulty -faulty ~faulty -needed ~needed");
  host_fixture_activate (fixture, "faulty");
  answer = host_fixture_ping (fixture, "PingEvent");
  g_assert_cmpstr (answer, ==, "needed faulty");
}

static void
test_faults_twins (HostFixture   *fixture,
                   gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("Two modules with types of the same name cannot both be used, and the second says why");

  host_fixture_add_plugin (fixture, "a", "twin-a", "");
  host_fixture_add_plugin (fixture, "b", "twin-b", "");
  host_fixture_scan (fixture);
  host_fixture_activate (fixture, "a");
  error = host_fixture_fail_activation (fixture, "b", BUBUS_ERROR, BUBUS_ERROR_PLUGIN, BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_contains (error->message, "TwinPlugin");
}

static void
test_faults_manifest_beside (HostFixture   *fixture,
                             gconstpointer  user_data)
{
  g_test_summary ("A bad manifest in the same directory does not disturb, and libpeas's warnings are not seen");

  host_fixture_add_recorder (fixture, "good", "");
  host_fixture_write (fixture, "bad.plugin", "nonsense", -1);
  host_fixture_write (fixture, "worse.plugin", "[Plugin]\nModule=worse\nName=Worse\nLoader=cobol\n", -1);
  host_fixture_scan (fixture);
  host_fixture_activate (fixture, "good");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *path = g_strconcat ("/host/faults/module/", faults[i].source, NULL);

      g_test_add (path, HostFixture, &faults[i], host_fixture_set_up, test_faults_module, host_fixture_tear_down);
    }
  host_fixture_add_test ("/host/faults/no-file", test_faults_no_file);
  host_fixture_add_test ("/host/faults/not-a-module", test_faults_not_a_module);
  host_fixture_add_test ("/host/faults/repaired", test_faults_repaired);
  host_fixture_add_test ("/host/faults/twins", test_faults_twins);
  host_fixture_add_test ("/host/faults/manifest-beside", test_faults_manifest_beside);

  return g_test_run ();
}
