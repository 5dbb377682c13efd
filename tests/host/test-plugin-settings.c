/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include <glib/gstdio.h>

#include "host-fixture.h"

static const char schema[] =
  "[file]\nType=string\nDefault=\nSummary=Where\n"
  "[level]\nType=string\nChoices=low;high\nDefault=low\n"
  "[size]\nType=integer\nMinimum=1\nMaximum=100\nDefault=7\n"
  "[interval]\nType=double\nMinimum=0.5\nDefault=1.5\n"
  "[eager]\nType=boolean\nDefault=true\n"
  "[command]\nType=string-list\nDefault=\n";

static void
settings_add_plugin (HostFixture *fixture,
                     const char  *text)
{
  host_fixture_write (fixture, "one.settings", text, -1);
  host_fixture_add_plugin (fixture, "one", "recorder", "X-Bubus-Settings-Schema=one.settings\n");
  host_fixture_scan (fixture);
}

/* What the plugin got, as text. */
static char *
settings_activate (HostFixture *fixture)
{
  BubusPluginContext *context;

  host_fixture_activate (fixture, "one");
  context = g_object_get_data (G_OBJECT (fixture->bus), "context");
  return g_variant_print (bubus_plugin_context_get_settings (context), FALSE);
}

static void
settings_assert_refused (HostFixture *fixture,
                         const char  *part)
{
  g_autoptr (GError) error = host_fixture_fail_activation (fixture, "one", BUBUS_ERROR, BUBUS_ERROR_PLUGIN,
                                                           BUBUS_PLUGIN_STATE_FAILED);

  host_fixture_assert_contains (error->message, part);
  host_fixture_assert_log (fixture, "");
}

static void
settings_write (HostFixture *fixture,
                const char  *text)
{
  g_autofree char *path = g_build_filename (fixture->directory, "settings.ini", NULL);
  g_autoptr (GError) error = NULL;

  host_fixture_write (fixture, "settings.ini", text, -1);
  bubus_host_set_settings_file (fixture->host, path, &error);
  g_assert_no_error (error);
}

static void
test_plugin_settings_defaults (HostFixture   *fixture,
                               gconstpointer  user_data)
{
  g_autofree char *text = NULL;
  BubusPluginContext *context;
  gint64 size;

  g_test_summary ("A plugin gets all settings, with their types and defaults, and keeps them when it is gone");

  settings_add_plugin (fixture, schema);
  text = settings_activate (fixture);
  host_fixture_assert_contains (text, "'file': <''>");
  host_fixture_assert_contains (text, "'level': <'low'>");
  host_fixture_assert_contains (text, "'interval': <1.5>");
  host_fixture_assert_contains (text, "'eager': <true>");
  host_fixture_assert_contains (text, "'command': <@as []>");

  context = g_object_get_data (G_OBJECT (fixture->bus), "context");
  host_fixture_deactivate (fixture, "one");
  g_assert_true (g_variant_lookup (bubus_plugin_context_get_settings (context), "size", "x", &size));
  g_assert_cmpint (size, ==, 7);
}

static void
test_plugin_settings_given (HostFixture   *fixture,
                            gconstpointer  user_data)
{
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  g_test_summary ("What is set for the host comes before the file, which is read at each activation");

  settings_add_plugin (fixture, schema);
  settings_write (fixture, "[Plugin one]\nsize=8\nlevel=high\ncommand=cat;-u\n");
  bubus_host_set_plugin_setting (fixture->host, "one", "size", "9");
  first = settings_activate (fixture);
  host_fixture_assert_contains (first, "'size': <int64 9>");
  host_fixture_assert_contains (first, "'level': <'high'>");
  host_fixture_assert_contains (first, "'command': <['cat', '-u']>");

  host_fixture_deactivate (fixture, "one");
  host_fixture_write (fixture, "settings.ini", "[Plugin one]\nsize=10\n", -1);
  bubus_host_set_plugin_setting (fixture->host, "one", "size", NULL);
  second = settings_activate (fixture);
  host_fixture_assert_contains (second, "'size': <int64 10>");
  host_fixture_assert_contains (second, "'level': <'low'>");
}

static void
test_plugin_settings_kept (HostFixture   *fixture,
                           gconstpointer  user_data)
{
  g_autofree char *text = NULL;

  g_test_summary ("Enabling a plugin leaves the settings in the file");

  settings_add_plugin (fixture, schema);
  settings_write (fixture, "[Plugin one]\nsize=8\n");
  g_assert_true (bubus_host_set_plugin_enabled (fixture->host, "one", TRUE, NULL));
  text = settings_activate (fixture);
  host_fixture_assert_contains (text, "'size': <int64 8>");
}

static void
test_plugin_settings_refused (HostFixture   *fixture,
                              gconstpointer  user_data)
{
  static const struct { const char *key, *value, *part; } cases[] = {
    { "sise", "8", "“sise”" },
    { "size", "many", "“size”" },
    { "size", "101", "at most 100" },
    { "size", "0", "at least 1" },
    { "size", "99999999999999999999", "“size”" },
    { "interval", "0.4", "at least 0.5" },
    { "interval", "nan", "“interval”" },
    { "eager", "perhaps", "“eager”" },
    { "level", "medium", "“low”, “high”" },
    { "file", "\xff", "“file”" },
  };

  g_test_summary ("What is unknown, of another type or out of range makes the plugin fail before its code runs");

  settings_add_plugin (fixture, schema);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      bubus_host_set_plugin_setting (fixture->host, "one", cases[i].key, cases[i].value);
      settings_assert_refused (fixture, cases[i].part);
      bubus_host_set_plugin_setting (fixture->host, "one", cases[i].key, NULL);
    }
  host_fixture_activate (fixture, "one");
}

static void
test_plugin_settings_needed (HostFixture   *fixture,
                             gconstpointer  user_data)
{
  g_autofree char *text = NULL;

  g_test_summary ("A setting without a default must be given");

  settings_add_plugin (fixture, "[name]\nType=string\n");
  settings_assert_refused (fixture, "needs the setting “name”");
  bubus_host_set_plugin_setting (fixture->host, "one", "name", "n");
  text = settings_activate (fixture);
  g_assert_cmpstr (text, ==, "{'name': <'n'>}");
}

static void
test_plugin_settings_none (HostFixture   *fixture,
                           gconstpointer  user_data)
{
  g_test_summary ("A plugin without a schema has no settings, and says so");

  host_fixture_add_recorder (fixture, "one", "");
  host_fixture_scan (fixture);
  bubus_host_set_plugin_setting (fixture->host, "one", "size", "1");
  settings_assert_refused (fixture, "has no settings");
}

static void
test_plugin_settings_schemas (HostFixture   *fixture,
                              gconstpointer  user_data)
{
  static const struct { const char *text, *part; } cases[] = {
    { "nonsense", "one.settings" },
    { "[a]\nType=date\n", "“a”" },
    { "[a]\nDefault=1\n", "“a”" },
    { "[a]\nType=integer\nDefault=x\n", "default" },
    { "[a]\nType=integer\nDefault=5\nMaximum=4\n", "at most 4" },
    { "[a]\nType=integer\nDefault=5\nMaximun=4\n", "“Maximun”" },
  };

  g_test_summary ("A schema that is no good makes the plugin fail and is named");

  settings_add_plugin (fixture, "");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      host_fixture_write (fixture, "one.settings", cases[i].text, -1);
      settings_assert_refused (fixture, cases[i].part);
    }
}

static void
test_plugin_settings_places (HostFixture   *fixture,
                             gconstpointer  user_data)
{
  static const char * const names[] = { "../one.settings", ".one", "a/b" };
  g_autofree char *path = g_build_filename (fixture->directory, "one.settings", NULL);
  g_autoptr (GError) error = NULL;

  g_test_summary ("A schema lies beside its manifest, and nobody else can write it");

  settings_add_plugin (fixture, schema);
  g_assert_cmpint (g_chmod (path, 0666), ==, 0);
  error = host_fixture_fail_activation (fixture, "one", BUBUS_ERROR, BUBUS_ERROR_PLUGIN_UNTRUSTED,
                                        BUBUS_PLUGIN_STATE_FAILED);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *line = g_strdup_printf ("X-Bubus-Settings-Schema=%s\n", names[i]);

      host_fixture_add_manifest (fixture, "one", line);
      host_fixture_scan (fixture);
      settings_assert_refused (fixture, names[i]);
    }
}

static BubusPluginSetting *
settings_find (GPtrArray  *settings,
               const char *name)
{
  for (guint i = 0; i < settings->len; i++)
    if (g_str_equal (bubus_plugin_setting_get_name (g_ptr_array_index (settings, i)), name))
      return g_ptr_array_index (settings, i);
  g_assert_not_reached ();
}

static GPtrArray *
settings_list (HostFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *settings = bubus_host_list_plugin_settings (fixture->host, "one", &error);

  g_assert_no_error (error);
  return settings;
}

static void
test_plugin_settings_listed (HostFixture   *fixture,
                             gconstpointer  user_data)
{
  g_autoptr (GPtrArray) settings = NULL;
  BubusPluginSetting *setting;
  g_autoptr (GVariant) value = NULL;
  g_autofree char *name = NULL;

  g_test_summary ("What a schema declares can be listed, in its order, with the values of the host");

  settings_add_plugin (fixture, schema);
  bubus_host_set_plugin_setting (fixture->host, "one", "size", "9");
  settings = settings_list (fixture);
  g_assert_cmpuint (settings->len, ==, 6);
  g_object_get (g_ptr_array_index (settings, 0), "name", &name, NULL);
  g_assert_cmpstr (name, ==, "file");
  g_assert_cmpstr (bubus_plugin_setting_get_summary (g_ptr_array_index (settings, 0)), ==, "Where");
  g_assert_cmpstr (bubus_plugin_setting_get_choices (settings_find (settings, "level"))[1], ==, "high");
  g_assert_null (bubus_plugin_setting_get_summary (settings_find (settings, "level")));
  g_assert_cmpstr (bubus_plugin_setting_get_type_name (settings_find (settings, "command")), ==, "string-list");
  setting = settings_find (settings, "size");
  g_object_get (setting, "value", &value, NULL);
  g_assert_cmpint (g_variant_get_int64 (value), ==, 9);
  g_assert_cmpint (g_variant_get_int64 (bubus_plugin_setting_get_default_value (setting)), ==, 7);
  g_assert_cmpint (g_variant_get_int64 (bubus_plugin_setting_get_minimum (setting)), ==, 1);
  g_assert_cmpint (g_variant_get_int64 (bubus_plugin_setting_get_maximum (setting)), ==, 100);
  g_assert_true (bubus_plugin_setting_get_given (setting));
  g_assert_null (bubus_plugin_setting_get_choices (setting));
  setting = settings_find (settings, "interval");
  g_assert_cmpfloat (g_variant_get_double (bubus_plugin_setting_get_value (setting)), ==, 1.5);
  g_assert_null (bubus_plugin_setting_get_maximum (setting));
  g_assert_false (bubus_plugin_setting_get_given (setting));
}

static void
test_plugin_settings_listed_faults (HostFixture   *fixture,
                                    gconstpointer  user_data)
{
  g_autoptr (GPtrArray) settings = NULL;
  g_autoptr (GPtrArray) none = NULL;
  g_autoptr (GError) error = NULL;
  BubusPluginSetting *setting;

  g_test_summary ("A value that is missing or no good is an error of its setting; a bad schema is one of the list");

  settings_add_plugin (fixture, "[name]\nType=string\nSummary[xx]=Wie\n[size]\nType=integer\nDefault=1\n");
  bubus_host_set_plugin_setting (fixture->host, "one", "size", "many");
  settings = settings_list (fixture);
  setting = settings_find (settings, "name");
  g_assert_null (bubus_plugin_setting_get_value (setting));
  g_assert_null (bubus_plugin_setting_get_default_value (setting));
  host_fixture_assert_contains (bubus_plugin_setting_get_error (setting)->message, "needs the setting “name”");
  setting = settings_find (settings, "size");
  g_assert_null (bubus_plugin_setting_get_value (setting));
  host_fixture_assert_contains (bubus_plugin_setting_get_error (setting)->message, "“size”");

  host_fixture_write (fixture, "one.settings", "[a]\nType=date\n", -1);
  g_assert_null (bubus_host_list_plugin_settings (fixture->host, "one", &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN);
  g_clear_error (&error);
  g_assert_null (bubus_host_list_plugin_settings (fixture->host, "two", &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_NOT_FOUND);

  host_fixture_add_recorder (fixture, "one", "");
  host_fixture_scan (fixture);
  none = settings_list (fixture);
  g_assert_cmpuint (none->len, ==, 0);
}

static void
settings_store (HostFixture *fixture,
                const char  *key,
                const char  *value)
{
  g_autoptr (GError) error = NULL;

  bubus_host_store_plugin_setting (fixture->host, "one", key, value != NULL ? g_variant_new_parsed (value) : NULL,
                                   &error);
  g_assert_no_error (error);
}

static void
settings_assert_not_stored (HostFixture *fixture,
                            const char  *key,
                            const char  *value,
                            const char  *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (bubus_host_store_plugin_setting (fixture->host, "one", key, g_variant_new_parsed (value), &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN);
  host_fixture_assert_contains (error->message, part);
}

static void
settings_assert_stored (HostFixture *fixture)
{
  g_autofree char *text = NULL;
  g_autofree char *without = NULL;

  settings_store (fixture, "size", "int64 42");
  settings_store (fixture, "eager", "false");
  settings_store (fixture, "interval", "2.5");
  settings_store (fixture, "file", "'a\\nb;c '");
  settings_store (fixture, "command", "['cat', 'a;b']");
  settings_assert_not_stored (fixture, "size", "int64 101", "at most 100");
  settings_assert_not_stored (fixture, "size", "'7'", "of type “x”, not “s”");
  settings_assert_not_stored (fixture, "level", "'medium'", "“low”, “high”");
  settings_assert_not_stored (fixture, "sise", "int64 7", "no setting “sise”");
  text = settings_activate (fixture);
  host_fixture_assert_contains (text, "'size': <int64 42>");
  host_fixture_assert_contains (text, "'eager': <false>");
  host_fixture_assert_contains (text, "'interval': <2.5>");
  host_fixture_assert_contains (text, "'file': <'a\\nb;c '>");
  host_fixture_assert_contains (text, "'command': <['cat', 'a;b']>");
  host_fixture_deactivate (fixture, "one");
  settings_store (fixture, "size", NULL);
  without = settings_activate (fixture);
  host_fixture_assert_contains (without, "'size': <int64 7>");
}

static void
test_plugin_settings_stored (HostFixture   *fixture,
                             gconstpointer  user_data)
{
  g_autofree char *path = g_build_filename (fixture->directory, "settings.ini", NULL);
  g_autofree char *text = NULL;

  g_test_summary ("A setting of any type is stored in the file if the schema allows it, and replaces one of the host");

  settings_add_plugin (fixture, schema);
  settings_write (fixture, "# mine\n[Plugin other]\nsize=1\n");
  bubus_host_set_plugin_setting (fixture->host, "one", "size", "9");
  settings_assert_stored (fixture);
  g_file_get_contents (path, &text, NULL, NULL);
  host_fixture_assert_contains (text, "# mine\n");
  host_fixture_assert_contains (text, "[Plugin other]\nsize=1\n");
  host_fixture_assert_contains (text, "interval=2.5\n");
}

static void
test_plugin_settings_stored_nowhere (HostFixture   *fixture,
                                     gconstpointer  user_data)
{
  g_test_summary ("Without a file, a setting is stored as long as the host lives");

  settings_add_plugin (fixture, schema);
  settings_assert_stored (fixture);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  host_fixture_add_test ("/host/plugin-settings/defaults", test_plugin_settings_defaults);
  host_fixture_add_test ("/host/plugin-settings/given", test_plugin_settings_given);
  host_fixture_add_test ("/host/plugin-settings/kept", test_plugin_settings_kept);
  host_fixture_add_test ("/host/plugin-settings/refused", test_plugin_settings_refused);
  host_fixture_add_test ("/host/plugin-settings/needed", test_plugin_settings_needed);
  host_fixture_add_test ("/host/plugin-settings/none", test_plugin_settings_none);
  host_fixture_add_test ("/host/plugin-settings/schemas", test_plugin_settings_schemas);
  host_fixture_add_test ("/host/plugin-settings/places", test_plugin_settings_places);
  host_fixture_add_test ("/host/plugin-settings/listed", test_plugin_settings_listed);
  host_fixture_add_test ("/host/plugin-settings/listed-faults", test_plugin_settings_listed_faults);
  host_fixture_add_test ("/host/plugin-settings/stored", test_plugin_settings_stored);
  host_fixture_add_test ("/host/plugin-settings/stored-nowhere", test_plugin_settings_stored_nowhere);

  return g_test_run ();
}
