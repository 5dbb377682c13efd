/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "bubus-seen-ids.h"

#define ID_SIZE 37 /* of a UUID in its canonical form, with the terminator */

typedef struct
{
  char           id[ID_SIZE];
  BubusSeenPlace place;
} BubusSeenEntry;

/* A ring, whose entries are the keys of a set. */
struct _BubusSeenIds
{
  BubusSeenEntry *ring;
  guint           next;
  GHashTable     *set;
};

BubusSeenIds *
bubus_seen_ids_new (void)
{
  BubusSeenIds *self = g_new0 (BubusSeenIds, 1);

  self->ring = g_new0 (BubusSeenEntry, BUBUS_SEEN_IDS_WINDOW);
  self->set = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

void
bubus_seen_ids_free (BubusSeenIds *self)
{
  g_hash_table_unref (self->set);
  g_free (self->ring);
  g_free (self);
}

static void
bubus_seen_ids_replace (BubusSeenIds   *self,
                        BubusSeenEntry *entry,
                        const char     *id,
                        BubusSeenPlace  place)
{
  if (*entry->id != '\0')
    g_hash_table_remove (self->set, entry);

  g_strlcpy (entry->id, id, sizeof entry->id);
  entry->place = place;
  g_hash_table_add (self->set, entry);
}

/* Returns where the same id was read before, or NULL and remembers it. */
const BubusSeenPlace *
bubus_seen_ids_add (BubusSeenIds   *self,
                    const char     *id,
                    BubusSeenPlace  place)
{
  const BubusSeenEntry *known = g_hash_table_lookup (self->set, id);

  if (known != NULL)
    return &known->place;

  bubus_seen_ids_replace (self, &self->ring[self->next], id, place);
  self->next = (self->next + 1) % BUBUS_SEEN_IDS_WINDOW;
  return NULL;
}
