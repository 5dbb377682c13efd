/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How many ids are remembered: those that were added last. */
#define BUBUS_SEEN_IDS_WINDOW 65536

/* Where the latest ids of events were read. */
typedef struct _BubusSeenIds BubusSeenIds;

typedef struct
{
  guint   file;  /* its index */
  guint64 line;
} BubusSeenPlace;

BubusSeenIds         *bubus_seen_ids_new  (void) G_GNUC_WARN_UNUSED_RESULT;
void                  bubus_seen_ids_free (BubusSeenIds   *self);
const BubusSeenPlace *bubus_seen_ids_add  (BubusSeenIds   *self,
                                           const char     *id,
                                           BubusSeenPlace  place);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusSeenIds, bubus_seen_ids_free)

G_END_DECLS
