/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-keyring-private.h"

void
_bubus_keyring_init (BubusKeyring *self)
{
  self->entries = g_hash_table_new (g_str_hash, g_str_equal);
  _bubus_queue_init (&self->order);
}

void
_bubus_keyring_clear (BubusKeyring *self)
{
  g_assert (self->order.length == 0);

  g_clear_pointer (&self->entries, g_hash_table_unref);
}

guint
_bubus_keyring_count (BubusKeyring *self)
{
  return self->order.length;
}

/* Nullable. An entry begins with its BubusKeyEntry. */
gpointer
_bubus_keyring_lookup (BubusKeyring *self,
                       const char   *key)
{
  return g_hash_table_lookup (self->entries, key);
}

/* Nullable. */
gpointer
_bubus_keyring_get_oldest (BubusKeyring *self)
{
  BubusLink *link = _bubus_queue_peek_head (&self->order);

  return link != NULL ? BUBUS_LINK_OWNER (link, BubusKeyEntry, link) : NULL;
}

void
_bubus_keyring_add (BubusKeyring  *self,
                    BubusKeyEntry *entry,
                    const char    *key)
{
  entry->key = g_strdup (key);
  g_hash_table_insert (self->entries, entry->key, entry);
  _bubus_queue_push_tail (&self->order, &entry->link);
}

void
_bubus_keyring_remove (BubusKeyring  *self,
                       BubusKeyEntry *entry)
{
  g_hash_table_remove (self->entries, entry->key);
  _bubus_queue_remove (&self->order, &entry->link);
  g_clear_pointer (&entry->key, g_free);
}
