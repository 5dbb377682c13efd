/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "host-fixture.h"

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

static void
host_fixture_free_log (gpointer data)
{
  g_string_free (data, TRUE);
}

void
host_fixture_set_up (HostFixture   *self,
                     gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  self->directory = g_dir_make_tmp ("bubus-host-XXXXXX", &error);
  g_assert_no_error (error);
  self->bus = bubus_event_bus_new ("MainBus");
  self->log = g_string_new (NULL);
  g_object_set_data_full (G_OBJECT (self->bus), "log", self->log, host_fixture_free_log);
  self->host = bubus_host_new (self->bus);
  bubus_host_add_search_path (self->host, self->directory, &error);
  g_assert_no_error (error);
}

static void
host_fixture_remove (const char *path)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK) && g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      dir = g_dir_open (path, 0, NULL);
      while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *child = g_build_filename (path, name, NULL);

          host_fixture_remove (child);
        }
    }
  g_remove (path);
}

void
host_fixture_tear_down (HostFixture   *self,
                        gconstpointer  user_data)
{
  g_autoptr (GPtrArray) buses = bubus_host_list_buses (self->host);

  g_object_set_data (G_OBJECT (self->bus), "context", NULL);
  g_assert_finalize_object (self->host);
  while (buses->len > 1)
    {
      BubusEventBus *bus = g_ptr_array_steal_index (buses, buses->len - 1);

      g_assert_finalize_object (bus);
    }
  g_clear_pointer (&buses, g_ptr_array_unref);
  g_assert_finalize_object (self->bus);
  host_fixture_remove (self->directory);
  g_free (self->directory);
}

void
host_fixture_write (HostFixture *self,
                    const char  *file,
                    const char  *text,
                    gssize       length)
{
  g_autofree char *path = g_build_filename (self->directory, file, NULL);
  g_autofree char *directory = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (directory, 0755), ==, 0);
  g_file_set_contents (path, text, length, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
}

static char *
host_fixture_name_file (const char *module,
                        const char *source)
{
  if (g_str_has_suffix (source, ".py"))
    return g_strconcat (module, ".py", NULL);
  if (g_str_has_suffix (source, ".js"))
    return g_strconcat (module, ".js", NULL);
  return g_strdup_printf ("lib%s.so", module);
}

/* A @source has its ending unless it is in C. */
static char *
host_fixture_find_source (const char *source)
{
  const char *dot = strrchr (source, '.');
  g_autofree char *stem = dot != NULL ? g_strndup (source, dot - source) : g_strdup (source);
  g_autofree char *file_name = host_fixture_name_file (stem, source);

  return g_build_filename (g_getenv ("BUBUS_TEST_PLUGINS"), file_name, NULL);
}

/* Makes the file of @module a new one, with what one of the test plugins holds. */
void
host_fixture_copy_module (HostFixture *self,
                          const char  *module,
                          const char  *source)
{
  g_autofree char *path = host_fixture_find_source (source);
  g_autofree char *file = host_fixture_name_file (module, source);
  g_autofree char *target = g_build_filename (self->directory, file, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_file_get_contents (path, &text, &length, &error);
  g_assert_no_error (error);
  g_remove (target);
  host_fixture_write (self, file, text, (gssize) length);
}

/* Makes the file of @module, which may lie in a sub-directory, a link to one of the test plugins. */
void
host_fixture_add_module (HostFixture *self,
                         const char  *module,
                         const char  *source)
{
  g_autofree char *target = host_fixture_find_source (source);
  g_autofree char *name = g_path_get_basename (module);
  g_autofree char *subdirectory = g_path_get_dirname (module);
  g_autofree char *link_name = host_fixture_name_file (name, source);
  g_autofree char *directory = g_build_filename (self->directory, subdirectory, NULL);
  g_autofree char *path = g_build_filename (directory, link_name, NULL);

  g_assert_cmpint (g_mkdir_with_parents (directory, 0755), ==, 0);
  g_remove (path);
  g_assert_cmpint (symlink (target, path), ==, 0);
}

void
host_fixture_add_manifest (HostFixture *self,
                           const char  *module,
                           const char  *lines)
{
  g_autofree char *name = g_path_get_basename (module);
  g_autofree char *file = g_strconcat (module, ".plugin", NULL);
  g_autofree char *text = g_strdup_printf ("[Plugin]\nModule=%s\nName=The %s\n%s", name, name, lines);

  host_fixture_write (self, file, text, -1);
}

void
host_fixture_add_plugin (HostFixture *self,
                         const char  *module,
                         const char  *source,
                         const char  *lines)
{
  host_fixture_add_module (self, module, source);
  host_fixture_add_manifest (self, module, lines);
}

/* @depends is as in a manifest. */
void
host_fixture_add_recorder (HostFixture *self,
                           const char  *module,
                           const char  *depends)
{
  g_autofree char *lines = g_strdup_printf ("Depends=%s\n", depends);

  host_fixture_add_plugin (self, module, "recorder", lines);
}

void
host_fixture_scan (HostFixture *self)
{
  g_autoptr (GError) error = NULL;

  bubus_host_scan (self->host, &error);
  g_assert_no_error (error);
}

void
host_fixture_activate (HostFixture *self,
                       const char  *name)
{
  g_autoptr (GError) error = NULL;

  bubus_host_activate_plugin (self->host, name, &error);
  g_assert_no_error (error);
  host_fixture_assert_state (self, name, BUBUS_PLUGIN_STATE_ACTIVE);
}

void
host_fixture_deactivate (HostFixture *self,
                         const char  *name)
{
  g_autoptr (GError) error = NULL;

  bubus_host_deactivate_plugin (self->host, name, &error);
  g_assert_no_error (error);
  host_fixture_assert_state (self, name, BUBUS_PLUGIN_STATE_UNLOADED);
}

/* Returns: (transfer full): the error */
GError *
host_fixture_fail_activation (HostFixture      *self,
                              const char       *name,
                              GQuark            domain,
                              int               code,
                              BubusPluginState  state)
{
  GError *error = NULL;

  g_assert_false (bubus_host_activate_plugin (self->host, name, &error));
  g_assert_error (error, domain, code);
  host_fixture_assert_state (self, name, state);
  g_test_message ("%s", error->message);
  return error;
}

void
host_fixture_assert_state (HostFixture      *self,
                           const char       *name,
                           BubusPluginState  state)
{
  BubusPluginInfo *info = bubus_host_lookup_plugin (self->host, name);
  g_autofree char *actual = NULL;
  g_autofree char *expected = g_enum_to_string (BUBUS_TYPE_PLUGIN_STATE, state);

  g_assert_nonnull (info);
  actual = g_enum_to_string (BUBUS_TYPE_PLUGIN_STATE, bubus_plugin_info_get_state (info));
  g_assert_cmpstr (actual, ==, expected);
  if (state == BUBUS_PLUGIN_STATE_FAILED || state == BUBUS_PLUGIN_STATE_SKIPPED)
    g_assert_nonnull (bubus_plugin_info_get_error (info));
}

/* Empties the log. */
void
host_fixture_assert_log (HostFixture *self,
                         const char  *expected)
{
  g_assert_cmpstr (self->log->str, ==, expected);
  g_string_truncate (self->log, 0);
}

static void
host_fixture_idle_cb (GObject      *source,
                      GAsyncResult *result,
                      gpointer      user_data)
{
  g_autoptr (GError) error = NULL;
  gboolean *idle = user_data;

  *idle = bubus_event_bus_wait_until_idle_finish (BUBUS_EVENT_BUS (source), result, &error);
  g_assert_no_error (error);
}

/* Dispatches an event on the main bus and waits until it is complete.
 *
 * Takes @event, and returns it. */
BubusEvent *
host_fixture_dispatch (HostFixture *self,
                       BubusEvent  *event)
{
  g_autoptr (GError) error = NULL;
  gboolean idle = FALSE;

  bubus_event_bus_dispatch (self->bus, event, &error);
  g_assert_no_error (error);
  bubus_event_bus_wait_until_idle_async (self->bus, NULL, host_fixture_idle_cb, &idle);
  while (!idle)
    g_main_context_iteration (NULL, TRUE);
  return event;
}

/* Returns: (transfer full): the results of the handlers that have returned texts, in order, with blanks between */
char *
host_fixture_ping (HostFixture *self,
                   const char  *event_type)
{
  g_autoptr (BubusEvent) event = host_fixture_dispatch (self, bubus_generic_event_new (event_type, NULL));
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < results->len; i++)
    {
      const GValue *value = bubus_event_result_get_value (g_ptr_array_index (results, i));

      if (value != NULL && G_VALUE_HOLDS_STRING (value))
        g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", g_value_get_string (value));
    }
  return g_string_free (text, FALSE);
}

guint
host_fixture_count_handlers (BubusEventBus *bus)
{
  g_autoptr (GPtrArray) handlers = bubus_event_bus_list_handlers (bus);

  return handlers->len;
}
