/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-internal.h"

static void
bubus_member_clear (BubusMember *self)
{
  g_free (self->name);
  bubus_json_unref (self->value);
}

static void
bubus_diversion_free (BubusDiversion *self)
{
  g_weak_ref_clear (&self->replacement);
  g_clear_error (&self->drop_reason);
  g_free (self);
}

/* NULL for nearly all events. What it gives lives as long as the event. */
BubusDiversion *
_bubus_event_get_diversion (BubusEvent *self)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self);
  BubusDiversion *diversion;

  if (!_bubus_event_has_flags (priv, BUBUS_EVENT_DIVERTED))
    return NULL;

  _bubus_event_lock (priv);
  diversion = priv->extras != NULL ? priv->extras->diversion : NULL;
  _bubus_event_unlock (priv);
  return diversion;
}

/* Takes over @restored, which begins with the result's id. Before anybody else knows the event. */
void
_bubus_event_set_restored (BubusEventResult *result,
                           gpointer          restored)
{
  BubusEventExtras *extras = _bubus_event_ensure_extras (_bubus_result_get_event (result));

  if (extras->restored == NULL)
    extras->restored = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_hash_table_insert (extras->restored, result, restored);
}

/* Takes over @drop_reason. */
void
_bubus_event_set_diversion (BubusEvent *self,
                            BubusEvent *replacement,
                            GError     *drop_reason)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self);
  BubusDiversion *diversion = _bubus_event_get_diversion (self);

  if (diversion != NULL)
    {
      /* Middleware of two buses may drop the same event: the first reason counts. */
      if (!g_atomic_pointer_compare_and_exchange (&diversion->drop_reason, NULL, drop_reason))
        g_clear_error (&drop_reason);
      return;
    }

  diversion = g_new0 (BubusDiversion, 1);
  g_weak_ref_init (&diversion->replacement, replacement);
  diversion->drop_reason = drop_reason;
  _bubus_event_lock (priv);
  _bubus_event_ensure_extras_locked (priv)->diversion = diversion;
  _bubus_event_set_flags (priv, BUBUS_EVENT_DIVERTED);
  _bubus_event_unlock (priv);
}

void
_bubus_event_extras_free (BubusEventExtras *self)
{
  g_free (self->event_type);
  g_free (self->event_version);
  g_free (self->id_text);
  g_free (self->parent_id_text);
  g_free (self->emitted_by);
  g_strfreev (self->path);
  g_clear_pointer (&self->result_type, bubus_json_unref);
  g_clear_pointer (&self->members, g_array_unref);
  g_clear_object (&self->ambient);
  g_clear_pointer (&self->diversion, bubus_diversion_free);
  g_clear_pointer (&self->replacements, _bubus_children_free);
  g_clear_pointer (&self->restored, g_hash_table_unref);
  g_free (self);
}

static BubusEventExtras *
bubus_event_extras_new (void)
{
  BubusEventExtras *self = g_new0 (BubusEventExtras, 1);

  self->result_gtype = G_TYPE_INVALID;
  _bubus_event_settings_init (&self->settings);
  return self;
}

BubusEventExtras *
_bubus_event_ensure_extras_locked (BubusEventPrivate *priv)
{
  if (priv->extras == NULL)
    priv->extras = bubus_event_extras_new ();
  return priv->extras;
}

/* Before the event is sealed; afterwards nothing but texts that are made when asked are added, under the lock. */
BubusEventExtras *
_bubus_event_ensure_extras (BubusEvent *self)
{
  return _bubus_event_ensure_extras_locked (_bubus_event_get_private (self));
}

void
_bubus_event_set_id (BubusEvent      *self,
                     const BubusUuid *id)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self);

  priv->id = *id;
  if (priv->extras != NULL)
    g_clear_pointer (&priv->extras->id_text, g_free);
}

static void
bubus_event_replace_text (char       **text,
                          const char  *new_text)
{
  g_free (*text);
  *text = g_strdup (new_text);
}

void
_bubus_event_set_type_name (BubusEvent *self,
                            const char *event_type)
{
  bubus_event_replace_text (&_bubus_event_ensure_extras (self)->event_type, event_type);
}

void
_bubus_event_set_version (BubusEvent *self,
                          const char *version)
{
  bubus_event_replace_text (&_bubus_event_ensure_extras (self)->event_version, version);
}

void
_bubus_event_set_parent_id_text (BubusEvent *self,
                                 const char *text)
{
  BubusUuid id;

  if (text == NULL || _bubus_uuid_parse (&id, text))
    {
      g_autofree char *lower = text != NULL ? g_ascii_strdown (text, -1) : NULL;

      bubus_event_replace_text (&_bubus_event_ensure_extras (self)->parent_id_text, lower);
    }
  else
    g_critical ("“%s” is not a UUID", text);
}

/* Takes both. */
void
_bubus_event_take_member (BubusEvent *self,
                          char       *name,
                          BubusJson  *value)
{
  BubusEventExtras *extras = _bubus_event_ensure_extras (self);
  BubusMember member = { name, value };

  if (extras->members == NULL)
    {
      extras->members = g_array_new (FALSE, FALSE, sizeof (BubusMember));
      g_array_set_clear_func (extras->members, (GDestroyNotify) bubus_member_clear);
    }
  g_array_append_val (extras->members, member);
}

void
_bubus_event_add_member (BubusEvent *self,
                         const char *name,
                         BubusJson  *value)
{
  _bubus_event_take_member (self, g_strdup (name), bubus_json_ref (value));
}
