/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "results-fixture.h"

static gboolean
answer (BubusEvent       *event,
        BubusInvocation  *invocation,
        gpointer          data,
        GError          **error)
{
  bubus_invocation_return_value (invocation, data);
  return TRUE;
}

static void
free_value (gpointer value)
{
  g_value_unset (value);
  g_free (value);
}

/* Gives a value to be set. */
GValue *
on_value (BubusEventBus *bus,
          const char    *name,
          GType          type)
{
  GValue *value = g_new0 (GValue, 1);

  g_value_init (value, type);
  bubus_event_bus_on (bus, TYPE_PING, name, answer, value, free_value);
  return value;
}

void
on_string (BubusEventBus *bus,
           const char    *name,
           const char    *string)
{
  g_value_set_string (on_value (bus, name, G_TYPE_STRING), string);
}

void
on_variant (BubusEventBus *bus,
            const char    *name,
            const char    *text)
{
  g_value_take_variant (on_value (bus, name, G_TYPE_VARIANT), g_variant_ref_sink (g_variant_new_parsed (text)));
}

BubusResults *
ask (BubusEventBus *bus)
{
  g_autoptr (BubusEvent) event = dispatch_ping (bus, "ask");

  run_until_idle (bus);
  return bubus_results_new (event);
}

void
assert_value (const GValue *value,
              const char   *expected)
{
  g_autofree char *text = NULL;

  g_assert_nonnull (value);
  text = g_strdup_value_contents (value);
  g_assert_cmpstr (text, ==, expected);
}

void
assert_list (BubusResults *results,
             const char   *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GList) values = bubus_results_list (results, &error);

  g_assert_no_error (error);
  for (GList *link = values; link != NULL; link = link->next)
    trace (text, "%s", g_value_get_string (link->data));
  g_assert_cmpstr (text->str, ==, expected);
}

void
assert_variant (GVariant   *variant,
                const char *expected)
{
  g_autofree char *text = NULL;

  g_assert_nonnull (variant);
  text = g_variant_print (variant, TRUE);
  g_assert_cmpstr (text, ==, expected);
  g_variant_unref (variant);
}

void
assert_json (BubusJson  *json,
             const char *expected)
{
  g_assert_nonnull (json);
  g_assert_cmpstr (bubus_json_get_text (json), ==, expected);
  bubus_json_unref (json);
}
