/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "host-fixture.h"

static void
test_scan_empty (HostFixture   *fixture,
                 gconstpointer  user_data)
{
  g_test_summary ("Without plugins there is nothing, and nothing goes wrong");

  host_fixture_scan (fixture);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->host)), ==, 0);
  g_assert_null (bubus_host_lookup_plugin (fixture->host, "orders"));
}

static void
test_scan_describes (HostFixture   *fixture,
                     gconstpointer  user_data)
{
  BubusPluginInfo *info;
  g_autofree char *path = g_build_filename (fixture->directory, "stock", "stock.plugin", NULL);
  const char * const *depends;

  g_test_summary ("Everything in a manifest can be asked for");

  host_fixture_add_recorder (fixture, "other", "");
  host_fixture_add_plugin (fixture, "stock/stock", "recorder",
                           "Description=Counts things\nVersion=3.2\nWebsite=https://example.org\n"
                           "Authors=Ada;Grace\nDepends=other\nX-Bubus-ABI=1.0\n");
  host_fixture_scan (fixture);

  info = bubus_host_lookup_plugin (fixture->host, "stock");
  g_assert_cmpstr (bubus_plugin_info_get_name (info), ==, "stock");
  g_assert_cmpstr (bubus_plugin_info_get_display_name (info), ==, "The stock");
  g_assert_cmpstr (bubus_plugin_info_get_description (info), ==, "Counts things");
  g_assert_cmpstr (bubus_plugin_info_get_version (info), ==, "3.2");
  g_assert_cmpstr (bubus_plugin_info_get_website (info), ==, "https://example.org");
  g_assert_cmpstr (bubus_plugin_info_get_authors (info)[1], ==, "Grace");
  g_assert_cmpstr (bubus_plugin_info_get_loader (info), ==, "C");
  g_assert_cmpstr (bubus_plugin_info_get_path (info), ==, path);
  depends = bubus_plugin_info_get_depends (info);
  g_assert_cmpstr (depends[0], ==, "other");
  g_assert_null (depends[1]);
  g_assert_cmpint (bubus_plugin_info_get_state (info), ==, BUBUS_PLUGIN_STATE_RESOLVED);
  g_assert_null (bubus_plugin_info_get_error (info));
}

static void
test_scan_is_a_list (HostFixture   *fixture,
                     gconstpointer  user_data)
{
  g_autoptr (BubusPluginInfo) info = NULL;

  g_test_summary ("The host is the list of its plugins, in a fixed order");

  host_fixture_add_recorder (fixture, "b/b", "");
  host_fixture_add_recorder (fixture, "a", "");
  host_fixture_add_recorder (fixture, "b/deep/c", "");
  host_fixture_scan (fixture);

  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (fixture->host)) == BUBUS_TYPE_PLUGIN_INFO);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->host)), ==, 2);
  info = g_list_model_get_item (G_LIST_MODEL (fixture->host), 1);
  g_assert_cmpstr (bubus_plugin_info_get_name (info), ==, "b");
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (fixture->host), 2));
}

static void
test_scan_overlapping_paths (HostFixture   *fixture,
                             gconstpointer  user_data)
{
  g_autofree char *inner = g_build_filename (fixture->directory, "inner", NULL);
  g_autofree char *same = g_build_filename (fixture->directory, "inner", "..", NULL);
  g_autoptr (GError) error = NULL;

  g_test_summary ("Search paths may lie in each other and be named twice");

  host_fixture_add_recorder (fixture, "inner/a", "");
  host_fixture_add_recorder (fixture, "inner/deep/b", "");
  bubus_host_add_search_path (fixture->host, inner, &error);
  g_assert_no_error (error);
  bubus_host_add_search_path (fixture->host, same, &error);
  g_assert_no_error (error);
  host_fixture_scan (fixture);

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->host)), ==, 2);
  host_fixture_assert_state (fixture, "b", BUBUS_PLUGIN_STATE_RESOLVED);
}

static void
test_scan_no_directory (HostFixture   *fixture,
                        gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("A search path that does not exist is named");

  g_assert_false (bubus_host_add_search_path (fixture->host, "/nowhere/at/all", &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN);
  host_fixture_assert_contains (error->message, "/nowhere/at/all");
}

static void
test_scan_two_of_one_name (HostFixture   *fixture,
                           gconstpointer  user_data)
{
  g_autoptr (BubusPluginInfo) second = NULL;

  g_test_summary ("Of two plugins with one name the first can be used, and the second says why not");

  host_fixture_add_recorder (fixture, "first/same", "");
  host_fixture_add_recorder (fixture, "second/same", "");
  host_fixture_scan (fixture);

  host_fixture_activate (fixture, "same");
  second = g_list_model_get_item (G_LIST_MODEL (fixture->host), 1);
  g_assert_cmpint (bubus_plugin_info_get_state (second), ==, BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_contains (bubus_plugin_info_get_error (second)->message, "first/same.plugin");
}

static void
test_scan_two_in_one_directory (HostFixture   *fixture,
                                gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("Of two manifests for one module in one directory neither can be used");

  host_fixture_add_recorder (fixture, "same", "");
  host_fixture_write (fixture, "zz.plugin", "[Plugin]\nModule=same\nName=Also\n", -1);
  host_fixture_scan (fixture);

  error = host_fixture_fail_activation (fixture, "same", BUBUS_ERROR, BUBUS_ERROR_PLUGIN,
                                        BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_contains (error->message, "zz.plugin");
}

static void
test_scan_broken_does_not_shadow (HostFixture   *fixture,
                                  gconstpointer  user_data)
{
  g_test_summary ("A manifest that cannot be read does not take the name of one that can");

  host_fixture_write (fixture, "a/good.plugin", "nonsense", -1);
  host_fixture_add_recorder (fixture, "b/good", "");
  host_fixture_scan (fixture);

  host_fixture_activate (fixture, "good");
}

static void
test_scan_again (HostFixture   *fixture,
                 gconstpointer  user_data)
{
  BubusPluginInfo *active;

  g_test_summary ("A second scan finds what is new, forgets what is gone, and leaves alone what is active");

  host_fixture_add_recorder (fixture, "active", "");
  host_fixture_add_recorder (fixture, "needy", "late");
  host_fixture_scan (fixture);
  host_fixture_assert_state (fixture, "needy", BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_activate (fixture, "active");
  active = bubus_host_lookup_plugin (fixture->host, "active");

  host_fixture_add_recorder (fixture, "late", "");
  host_fixture_write (fixture, "active.plugin", "nonsense", -1);
  host_fixture_scan (fixture);
  g_assert_true (bubus_host_lookup_plugin (fixture->host, "active") == active);
  host_fixture_assert_state (fixture, "active", BUBUS_PLUGIN_STATE_ACTIVE);
  host_fixture_activate (fixture, "needy");

  host_fixture_deactivate (fixture, "active");
  host_fixture_scan (fixture);
  host_fixture_assert_state (fixture, "active", BUBUS_PLUGIN_STATE_FAILED);
}

static void
test_scan_count_changes (GListModel *model,
                         guint       position,
                         guint       removed,
                         guint       added,
                         gpointer    user_data)
{
  GString *changes = user_data;

  g_string_append_printf (changes, "%u-%u+%u ", position, removed, added);
}

static void
test_scan_announces (HostFixture   *fixture,
                     gconstpointer  user_data)
{
  g_autoptr (GString) changes = g_string_new (NULL);

  g_test_summary ("The list announces each scan once");

  g_signal_connect (fixture->host, "items-changed", G_CALLBACK (test_scan_count_changes), changes);
  host_fixture_add_recorder (fixture, "a", "");
  host_fixture_scan (fixture);
  host_fixture_add_recorder (fixture, "b", "");
  host_fixture_scan (fixture);
  g_assert_cmpstr (changes->str, ==, "0-0+1 0-1+2 ");
}

static void
test_scan_bus_added (BubusHost     *host,
                     BubusEventBus *bus,
                     gpointer       user_data)
{
  guint *n_added = user_data;

  g_assert_true (bubus_host_lookup_bus (host, bubus_event_bus_get_name (bus)) == bus);
  (*n_added)++;
}

static void
test_scan_buses (HostFixture   *fixture,
                 gconstpointer  user_data)
{
  g_autoptr (GPtrArray) buses = NULL;
  BubusEventBus *bus;
  guint n_added = 0;

  g_test_summary ("Buses are made when asked for, with the limits of the main bus");

  g_signal_connect (fixture->host, "bus-added", G_CALLBACK (test_scan_bus_added), &n_added);
  bubus_event_bus_set_max_history_size (fixture->bus, 7);
  bubus_event_bus_set_max_pending (fixture->bus, 11);
  bubus_event_bus_set_max_depth (fixture->bus, 5);
  g_assert_true (bubus_host_get_main_bus (fixture->host) == fixture->bus);
  g_assert_true (bubus_host_get_bus (fixture->host, "MainBus") == fixture->bus);
  g_assert_null (bubus_host_lookup_bus (fixture->host, "Other"));

  bus = bubus_host_get_bus (fixture->host, "Other");
  g_assert_true (bubus_host_get_bus (fixture->host, "Other") == bus);
  g_assert_cmpuint (n_added, ==, 1);
  g_assert_cmpint (bubus_event_bus_get_max_history_size (bus), ==, 7);
  g_assert_cmpuint (bubus_event_bus_get_max_pending (bus), ==, 11);
  g_assert_cmpuint (bubus_event_bus_get_max_depth (bus), ==, 5);

  buses = bubus_host_list_buses (fixture->host);
  g_assert_cmpuint (buses->len, ==, 2);
  g_assert_true (g_ptr_array_index (buses, 0) == fixture->bus);
}

static void
test_scan_properties (HostFixture   *fixture,
                      gconstpointer  user_data)
{
  g_autoptr (BubusEventBus) bus = NULL;
  BubusPluginInfo *info;
  g_autofree GParamSpec **pspecs = NULL;
  guint n_pspecs;

  g_test_summary ("Every property can be read");

  g_object_get (fixture->host, "main-bus", &bus, NULL);
  g_assert_true (bus == fixture->bus);

  host_fixture_add_recorder (fixture, "a", "");
  host_fixture_scan (fixture);
  info = bubus_host_lookup_plugin (fixture->host, "a");
  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (info), &n_pspecs);
  g_assert_cmpuint (n_pspecs, ==, 14);
  for (guint i = 0; i < n_pspecs; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;

      g_object_get_property (G_OBJECT (info), pspecs[i]->name, &value);
      g_assert_true (G_IS_VALUE (&value));
    }
}

static void
test_scan_made_by_hand (HostFixture   *fixture,
                        gconstpointer  user_data)
{
  g_autoptr (BubusPluginInfo) info = NULL;

  g_test_summary ("An info that a language has made describes nothing, and goes away");

  info = g_object_new (BUBUS_TYPE_PLUGIN_INFO, NULL);
  g_assert_null (bubus_plugin_info_get_name (info));
  g_assert_null (bubus_plugin_info_get_authors (info));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  host_fixture_add_test ("/host/scan/empty", test_scan_empty);
  host_fixture_add_test ("/host/scan/describes", test_scan_describes);
  host_fixture_add_test ("/host/scan/is-a-list", test_scan_is_a_list);
  host_fixture_add_test ("/host/scan/overlapping-paths", test_scan_overlapping_paths);
  host_fixture_add_test ("/host/scan/no-directory", test_scan_no_directory);
  host_fixture_add_test ("/host/scan/two-of-one-name", test_scan_two_of_one_name);
  host_fixture_add_test ("/host/scan/two-in-one-directory", test_scan_two_in_one_directory);
  host_fixture_add_test ("/host/scan/broken-does-not-shadow", test_scan_broken_does_not_shadow);
  host_fixture_add_test ("/host/scan/again", test_scan_again);
  host_fixture_add_test ("/host/scan/announces", test_scan_announces);
  host_fixture_add_test ("/host/scan/buses", test_scan_buses);
  host_fixture_add_test ("/host/scan/properties", test_scan_properties);
  host_fixture_add_test ("/host/scan/made-by-hand", test_scan_made_by_hand);

  return g_test_run ();
}
