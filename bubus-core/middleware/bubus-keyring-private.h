/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

#include "base/bubus-queue-internal.h"

G_BEGIN_DECLS

/* What is known about keys, for so many of them; the one that was added first is the first to go. */
typedef struct
{
  BubusLink  link;
  char      *key;   /* owned */
} BubusKeyEntry;

typedef struct
{
  GHashTable *entries;  /* key → BubusKeyEntry, not owned */
  BubusQueue  order;
} BubusKeyring;

void           _bubus_keyring_init       (BubusKeyring  *self);
void           _bubus_keyring_clear      (BubusKeyring  *self);
guint          _bubus_keyring_count      (BubusKeyring  *self);
gpointer       _bubus_keyring_lookup     (BubusKeyring  *self,
                                          const char    *key);
gpointer       _bubus_keyring_get_oldest (BubusKeyring  *self);
void           _bubus_keyring_add        (BubusKeyring  *self,
                                          BubusKeyEntry *entry,
                                          const char    *key);
void           _bubus_keyring_remove     (BubusKeyring  *self,
                                          BubusKeyEntry *entry);

G_END_DECLS
