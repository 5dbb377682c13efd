/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "journal-fixture.h"

#include <string.h>

#include <glib/gstdio.h>
#include <gobject/gvaluecollector.h>

#include "codec/bubus-generic-event.h"

void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  fixture->clock = bubus_clock_new_test (G_GINT64_CONSTANT (1700000000) * 1000000000);
  bubus_clock_push_thread_default (fixture->clock);
  fixture->folder = g_dir_make_tmp ("bubus-journal-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->path = g_build_filename (fixture->folder, "journal.jsonl", NULL);
  fixture->bus = bubus_event_bus_new ("Bus");
  bubus_event_bus_set_max_pending (fixture->bus, 0);
  fixture->trace = g_string_new (NULL);
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *member = g_build_filename (path, name, NULL);

      g_assert_cmpint (g_remove (member), ==, 0);
    }
  g_assert_cmpint (g_rmdir (path), ==, 0);
}

void
fixture_forget_journal (Fixture *fixture)
{
  bubus_event_bus_remove_middleware (fixture->bus, BUBUS_MIDDLEWARE (fixture->journal));
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_finalize_object (g_steal_pointer (&fixture->journal));
}

void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  bubus_event_bus_stop (fixture->bus);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  if (fixture->journal != NULL)
    fixture_forget_journal (fixture);
  g_assert_finalize_object (fixture->bus);
  bubus_clock_pop_thread_default (fixture->clock);
  g_assert_finalize_object (fixture->clock);

  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
  g_string_free (fixture->trace, TRUE);
}

static void
failed_cb (BubusJournal *journal,
           const GError *error,
           gpointer      data)
{
  Fixture *fixture = data;

  g_string_append (fixture->trace, "failed ");
}

static void
damaged_cb (BubusJournal *journal,
            const char   *message,
            gpointer      data)
{
  Fixture *fixture = data;

  g_string_append (fixture->trace, strstr (message, ": cut: ") != NULL ? "cut " : "quarantined ");
}

void
fixture_use (Fixture    *fixture,
             const char *first_property,
             ...)
{
  g_autoptr (GFile) file = g_file_new_for_path (fixture->path);
  GPtrArray *names = g_ptr_array_new ();
  GArray *values = g_array_new (FALSE, TRUE, sizeof (GValue));
  g_autoptr (GTypeClass) klass = g_type_class_ref (BUBUS_TYPE_JOURNAL);
  GValue file_value = G_VALUE_INIT;
  va_list arguments;

  g_value_init (&file_value, G_TYPE_FILE);
  g_value_set_object (&file_value, file);
  g_ptr_array_add (names, (gpointer) "file");
  g_array_append_val (values, file_value);

  va_start (arguments, first_property);
  for (const char *name = first_property; name != NULL; name = va_arg (arguments, const char *))
    {
      GParamSpec *pspec = g_object_class_find_property ((GObjectClass *) klass, name);
      GValue value = G_VALUE_INIT;
      char *problem = NULL;

      G_VALUE_COLLECT_INIT (&value, pspec->value_type, arguments, 0, &problem);
      g_assert_null (problem);
      g_ptr_array_add (names, (gpointer) name);
      g_array_append_val (values, value);
    }
  va_end (arguments);

  fixture->journal = BUBUS_JOURNAL (g_object_new_with_properties (BUBUS_TYPE_JOURNAL, names->len,
                                                                  (const char **) names->pdata,
                                                                  (const GValue *) (gpointer) values->data));
  for (guint i = 0; i < values->len; i++)
    g_value_unset (&g_array_index (values, GValue, i));
  g_ptr_array_unref (names);
  g_array_unref (values);

  g_signal_connect (fixture->journal, "failed", G_CALLBACK (failed_cb), fixture);
  g_signal_connect (fixture->journal, "damaged", G_CALLBACK (damaged_cb), fixture);
  bubus_event_bus_add_middleware (fixture->bus, BUBUS_MIDDLEWARE (fixture->journal));
}

/* Until everything is written, and what there is to tell is told. */
void
fixture_flush (Fixture *fixture)
{
  bubus_journal_flush (fixture->journal, NULL);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

BubusEvent *
make_event (const char *event_type)
{
  g_autoptr (GVariant) payload = g_variant_ref_sink (g_variant_new_parsed ("{'text': <'ä \\n 🚚'>}"));

  return bubus_generic_event_new (event_type, payload);
}

void
run_until_idle (BubusEventBus *bus)
{
  while (!bubus_event_bus_is_idle (bus))
    g_main_context_iteration (NULL, TRUE);
}

void
dispatch_event (Fixture    *fixture,
                const char *event_type)
{
  g_autoptr (BubusEvent) event = make_event (event_type);
  g_autoptr (GError) error = NULL;

  bubus_event_bus_dispatch (fixture->bus, event, &error);
  g_assert_no_error (error);
}

gboolean
never_answer (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  bubus_invocation_defer (invocation);
  return TRUE;
}

char *
read_text (const char *path)
{
  g_autoptr (GError) error = NULL;
  char *text;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

/* The last one is empty. */
char **
read_lines (const char *path)
{
  g_autofree char *text = read_text (path);

  return g_strsplit (text, "\n", -1);
}

guint
count_lines (const char *path)
{
  g_auto (GStrv) lines = read_lines (path);

  return g_strv_length (lines) - 1;
}

BubusEvent *
parse_line (const char *line)
{
  g_autoptr (GError) error = NULL;
  BubusEvent *event = bubus_event_new_from_json (line, -1, BUBUS_JSON_NONE, &error);

  g_assert_no_error (error);
  return event;
}

void
store_result (GObject      *object,
              GAsyncResult *result,
              gpointer      data)
{
  GAsyncResult **stored = data;

  *stored = g_object_ref (result);
}

GAsyncResult *
wait_for_result (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}
