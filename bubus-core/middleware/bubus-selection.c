/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-selection-private.h"

#include "codec/bubus-generic-event.h"
#include "codec/bubus-json-value-internal.h"
#include "event/bubus-pattern-internal.h"

/* Longer keys are replaced by their digest: who sends events does not decide how much is kept of them. */
#define MAX_KEY_SIZE 128

void
_bubus_selection_install_properties (GObjectClass  *object_class,
                                     GParamSpec   **properties)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  properties[BUBUS_SELECTION_PATTERN] = g_param_spec_string ("pattern", NULL, NULL, NULL, flags);
  properties[BUBUS_SELECTION_KEY] = g_param_spec_string ("key", NULL, NULL, NULL, flags);
  properties[BUBUS_SELECTION_MAX_KEYS] = g_param_spec_uint ("max-keys", NULL, NULL, 1, G_MAXUINT, 10000, flags);
}

void
_bubus_selection_clear (BubusSelection *self)
{
  g_clear_pointer (&self->pattern, g_free);
  g_clear_pointer (&self->key, g_free);
}

/* FALSE when it is no property of the selection. */
gboolean
_bubus_selection_set_property (BubusSelection *self,
                               guint           prop_id,
                               const GValue   *value)
{
  switch (prop_id)
    {
    case BUBUS_SELECTION_PATTERN:
      self->pattern = g_value_dup_string (value);
      return TRUE;
    case BUBUS_SELECTION_KEY:
      self->key = g_value_dup_string (value);
      return TRUE;
    case BUBUS_SELECTION_MAX_KEYS:
      self->max_keys = g_value_get_uint (value);
      return TRUE;
    default:
      return FALSE;
    }
}

gboolean
_bubus_selection_get_property (const BubusSelection *self,
                               guint                 prop_id,
                               GValue               *value)
{
  switch (prop_id)
    {
    case BUBUS_SELECTION_PATTERN:
      g_value_set_string (value, self->pattern);
      return TRUE;
    case BUBUS_SELECTION_KEY:
      g_value_set_string (value, self->key);
      return TRUE;
    case BUBUS_SELECTION_MAX_KEYS:
      g_value_set_uint (value, self->max_keys);
      return TRUE;
    default:
      return FALSE;
    }
}

/* FALSE when the event does not have it. */
static gboolean
bubus_event_append_field (BubusEvent *event,
                          const char *name,
                          GString    *out)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (event), name);
  g_auto (GValue) value = G_VALUE_INIT;
  g_autoptr (BubusJson) member = NULL;

  if (pspec != NULL && (pspec->flags & G_PARAM_READABLE) != 0 && _bubus_json_value_has_form (pspec->value_type))
    {
      g_value_init (&value, pspec->value_type);
      g_object_get_property (G_OBJECT (event), pspec->name, &value);
      _bubus_json_value_append (&value, out);
      return TRUE;
    }

  if (BUBUS_IS_GENERIC_EVENT (event))
    member = bubus_generic_event_dup_member (BUBUS_GENERIC_EVENT (event), name);
  if (member == NULL)
    return FALSE;
  g_string_append (out, bubus_json_get_text (member));
  return TRUE;
}

/* NULL when the event is none of the selected ones, or does not have what they are told apart by. */
char *
_bubus_selection_dup_key (const BubusSelection *self,
                          BubusEvent           *event)
{
  const char *type = bubus_event_get_event_type (event);
  g_autoptr (GString) key = NULL;

  if (self->pattern != NULL && !_bubus_pattern_matches (self->pattern, type))
    return NULL;

  key = g_string_new (type);
  g_string_append_c (key, '\n');
  if (self->key != NULL && !bubus_event_append_field (event, self->key, key))
    return NULL;
  if (key->len > MAX_KEY_SIZE)
    return g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) key->str, key->len);
  return g_strdup (key->str);
}

BubusClock *
_bubus_event_bus_ref_clock (BubusEventBus *bus)
{
  BubusClock *clock = NULL;

  g_object_get (bus, "clock", &clock, NULL);
  return clock;
}
