/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-plugin-ledger-private.h"

typedef struct
{
  GObject            *owner; /* owned: it must still be there at the end */
  GObject            *thing; /* owned */
  BubusPluginRelease  release;
} BubusPluginLedgerEntry;

struct _BubusPluginLedger
{
  GQueue entries; /* newest first */
};

BubusPluginLedger *
_bubus_plugin_ledger_new (void)
{
  return g_new0 (BubusPluginLedger, 1);
}

void
_bubus_plugin_ledger_free (BubusPluginLedger *self)
{
  g_assert (g_queue_is_empty (&self->entries));

  g_free (self);
}

void
_bubus_plugin_ledger_enter (BubusPluginLedger  *self,
                            gpointer            owner,
                            gpointer            thing,
                            BubusPluginRelease  release)
{
  BubusPluginLedgerEntry *entry = g_new0 (BubusPluginLedgerEntry, 1);

  entry->owner = g_object_ref (owner);
  entry->thing = g_object_ref (thing);
  entry->release = release;
  g_queue_push_head (&self->entries, entry);
}

/* The entry has left the queue before, so that whatever is called from here finds the ledger in order. */
static void
bubus_plugin_ledger_settle (BubusPluginLedgerEntry *entry)
{
  entry->release (entry->owner, entry->thing);
  g_object_unref (entry->thing);
  g_object_unref (entry->owner);
  g_free (entry);
}

/* Returns: whether @thing was there */
gboolean
_bubus_plugin_ledger_release (BubusPluginLedger *self,
                              gpointer           thing)
{
  for (GList *link = self->entries.head; link != NULL; link = link->next)
    {
      BubusPluginLedgerEntry *entry = link->data;

      if (entry->thing == thing)
        {
          g_queue_delete_link (&self->entries, link);
          bubus_plugin_ledger_settle (entry);
          return TRUE;
        }
    }
  return FALSE;
}

void
_bubus_plugin_ledger_release_all (BubusPluginLedger *self)
{
  BubusPluginLedgerEntry *entry;

  while ((entry = g_queue_pop_head (&self->entries)) != NULL)
    bubus_plugin_ledger_settle (entry);
}
