/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "plugin-fixture.h"

#include <string.h>

#include <glib/gstdio.h>

void
plugin_fixture_set_up (PluginFixture *self,
                       gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  self->directory = g_dir_make_tmp ("bubus-plugin-XXXXXX", &error);
  g_assert_no_error (error);
  self->clock = bubus_clock_new_test (G_GINT64_CONSTANT (1700000000000000000));
  bubus_clock_push_thread_default (self->clock);
  self->bus = bubus_event_bus_new ("MainBus");
  self->host = bubus_host_new (self->bus);
  bubus_host_add_search_path (self->host, g_getenv ("BUBUS_TEST_SHIPPED_PLUGINS"), &error);
  g_assert_no_error (error);
  bubus_host_scan (self->host, &error);
  g_assert_no_error (error);
}

static void
plugin_fixture_remove_directory (PluginFixture *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->directory, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = plugin_fixture_get_path (self, name);

      g_remove (path);
    }
  g_rmdir (self->directory);
}

void
plugin_fixture_tear_down (PluginFixture *self,
                          gconstpointer  user_data)
{
  g_autoptr (GPtrArray) buses = bubus_host_list_buses (self->host);

  g_assert_finalize_object (self->host);
  while (buses->len > 1)
    {
      BubusEventBus *bus = g_ptr_array_steal_index (buses, buses->len - 1);

      g_assert_finalize_object (bus);
    }
  g_clear_pointer (&buses, g_ptr_array_unref);
  /* A process that was killed is waited for. */
  plugin_fixture_wait_for (G_OBJECT (self->bus)->ref_count == 1);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_finalize_object (self->bus);
  bubus_clock_pop_thread_default (self->clock);
  g_assert_finalize_object (self->clock);
  plugin_fixture_remove_directory (self);
  g_free (self->directory);
}

char *
plugin_fixture_get_path (PluginFixture *self,
                         const char    *name)
{
  return g_build_filename (self->directory, name, NULL);
}

char *
plugin_fixture_read (PluginFixture *self,
                     const char    *name)
{
  g_autofree char *path = plugin_fixture_get_path (self, name);
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

void
plugin_fixture_activate (PluginFixture *self,
                         const char    *name)
{
  g_autoptr (GError) error = NULL;

  bubus_host_activate_plugin (self->host, name, &error);
  g_assert_no_error (error);
}

void
plugin_fixture_fail_activation (PluginFixture *self,
                                const char    *name,
                                const char    *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (bubus_host_activate_plugin (self->host, name, &error));
  plugin_fixture_assert_contains (error->message, part);
}

void
plugin_fixture_deactivate (PluginFixture *self,
                           const char    *name)
{
  g_autoptr (GError) error = NULL;

  bubus_host_deactivate_plugin (self->host, name, &error);
  g_assert_no_error (error);
}

BubusEvent *
plugin_fixture_dispatch (PluginFixture *self,
                         const char    *json)
{
  g_autoptr (GError) error = NULL;
  BubusEvent *event = bubus_event_new_from_json (json, -1, BUBUS_JSON_RESET, &error);

  g_assert_no_error (error);
  bubus_event_bus_dispatch (self->bus, event, &error);
  g_assert_no_error (error);
  return event;
}

BubusEvent *
plugin_fixture_run (PluginFixture *self,
                    const char    *json)
{
  BubusEvent *event = plugin_fixture_dispatch (self, json);

  plugin_fixture_wait_for (bubus_event_get_event_status (event) == BUBUS_EVENT_STATUS_COMPLETED);
  return event;
}
