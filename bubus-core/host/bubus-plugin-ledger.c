/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-plugin-ledger-private.h"

#include "bus/bubus-event-bus.h"

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

/* Takes the handlers off their buses, newest first; all the rest stays, and so do the entries. */
void
_bubus_plugin_ledger_retire_all (BubusPluginLedger *self)
{
  for (GList *link = self->entries.head; link != NULL; link = link->next)
    {
      BubusPluginLedgerEntry *entry = link->data;

      if (BUBUS_IS_HANDLER (entry->thing))
        bubus_event_bus_off (BUBUS_EVENT_BUS (entry->owner), BUBUS_HANDLER (entry->thing));
    }
}

void
_bubus_plugin_ledger_release_all (BubusPluginLedger *self)
{
  BubusPluginLedgerEntry *entry;

  while ((entry = g_queue_pop_head (&self->entries)) != NULL)
    bubus_plugin_ledger_settle (entry);
}

static char *
bubus_plugin_ledger_describe_entry (const BubusPluginLedgerEntry *entry)
{
  const char *bus = bubus_event_bus_get_name (BUBUS_EVENT_BUS (entry->owner));

  if (!BUBUS_IS_HANDLER (entry->thing))
    return g_strdup_printf ("middleware %s on %s", G_OBJECT_TYPE_NAME (entry->thing), bus);
  return g_strdup_printf ("handler %s of %s on %s", bubus_handler_get_name (BUBUS_HANDLER (entry->thing)),
                          bubus_handler_get_pattern (BUBUS_HANDLER (entry->thing)), bus);
}

/* Returns: (transfer full): what is there, in the order in which it was acquired */
char **
_bubus_plugin_ledger_describe (BubusPluginLedger *self)
{
  GPtrArray *lines = g_ptr_array_new ();

  for (GList *link = self->entries.tail; link != NULL; link = link->prev)
    g_ptr_array_add (lines, bubus_plugin_ledger_describe_entry (link->data));
  g_ptr_array_add (lines, NULL);
  return (char **) g_ptr_array_free (lines, FALSE);
}
