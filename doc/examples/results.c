/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus.h>

#include <locale.h>

/* Two handlers return settings, a third one fails. */

typedef struct { BubusEvent parent_instance; } GetSettingsEvent;

BUBUS_DECLARE_EVENT_TYPE (GetSettingsEvent, get_settings_event)
BUBUS_DEFINE_EVENT_TYPE (GetSettingsEvent, get_settings_event, BUBUS_TYPE_EVENT, BUBUS_NO_FIELDS)

static gboolean
return_settings (BubusEvent       *event,
                 BubusInvocation  *invocation,
                 gpointer          user_data,
                 GError          **error)
{
  bubus_invocation_return_variant (invocation, g_variant_new_parsed (user_data));
  return TRUE;
}

static gboolean
fail (BubusEvent       *event,
      BubusInvocation  *invocation,
      gpointer          user_data,
      GError          **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no settings file");
  return FALSE;
}

static void
print_variant (const char *title,
               GVariant   *variant)
{
  g_autofree char *text = g_variant_print (variant, FALSE);

  g_print ("%s: %s\n", title, text);
}

/* [merge] */
static void
print_settings (BubusEvent *event)
{
  g_autoptr (BubusResults) results = bubus_results_new (event);
  g_autoptr (GVariant) settings = NULL;
  g_autoptr (GError) error = NULL;

  settings = bubus_results_flat_dict (results, &error);
  if (settings == NULL)
    g_print ("%s\n", error->message);
  g_clear_error (&error);

  bubus_results_set_raise_if_any (results, FALSE);
  settings = bubus_results_flat_dict (results, &error);
  if (settings == NULL)
    g_print ("%s\n", error->message);
  g_clear_error (&error);

  bubus_results_set_raise_if_conflicts (results, FALSE);
  settings = bubus_results_flat_dict (results, &error);
  print_variant ("merged", settings);
}
/* [/merge] */

/* [include] */
static gboolean
is_for_users (BubusEventResult  *result,
              gpointer           user_data,
              GError           **error)
{
  return g_str_has_prefix (bubus_event_result_get_handler_name (result), "user");
}

static void
print_user_settings (BubusEvent *event)
{
  g_autoptr (BubusResults) results =
    g_object_new (BUBUS_TYPE_RESULTS, "event", event, "raise-if-any", FALSE, NULL);
  const GValue *value;

  bubus_results_set_include (results, is_for_users, NULL, NULL);
  value = bubus_results_get_first (results, NULL);
  print_variant ("user", g_value_get_variant (value));
}
/* [/include] */

/* [wait] */
static void
settings_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  BubusResults *results = BUBUS_RESULTS (source);
  g_autoptr (GError) error = NULL;

  if (!bubus_results_wait_finish (results, result, &error))
    {
      g_print ("%s\n", error->message);
      return;
    }
  print_settings (bubus_results_get_event (results));
  print_user_settings (bubus_results_get_event (results));
}

static void
ask_for_settings (BubusEventBus *bus)
{
  g_autoptr (BubusEvent) event = g_object_new (get_settings_event_get_type (), NULL);
  g_autoptr (BubusResults) results = g_object_new (BUBUS_TYPE_RESULTS, "event", event, "timeout", 5.0, NULL);

  bubus_event_bus_dispatch (bus, event, NULL);
  bubus_results_wait_async (results, NULL, settings_cb, NULL);
}
/* [/wait] */

int
main (void)
{
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("Settings");
  GType type = get_settings_event_get_type ();

  setlocale (LC_ALL, "");
  bubus_event_bus_on (bus, type, "user", return_settings, (gpointer) "{'debug': <true>, 'port': <8080>}", NULL);
  bubus_event_bus_on (bus, type, "system", return_settings, (gpointer) "{'debug': <false>, 'timeout': <30>}", NULL);
  bubus_event_bus_on (bus, type, "file", fail, NULL, NULL);
  ask_for_settings (bus);
  while (!bubus_event_bus_is_idle (bus) || g_main_context_pending (NULL))
    g_main_context_iteration (NULL, TRUE);
  return 0;
}
