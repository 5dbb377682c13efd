/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-journal-file-private.h"

G_BEGIN_DECLS

/* A journal at PATH is put aside as PATH.000001, PATH.000002 and so on, the oldest first; PATH.000001.gz when it is
 * compressed. */
typedef struct
{
  guint    number;
  char    *path;
  gboolean compressed;
} BubusSegment;

GPtrArray *_bubus_segments_list     (const char        *path) G_GNUC_WARN_UNUSED_RESULT;
guint      _bubus_segments_get_last (const char        *path);
guint      _bubus_segments_rotate   (BubusJournalFile  *file,
                                     GError           **error);
void       _bubus_segments_prune    (const char        *path,
                                     guint64            max_total,
                                     guint              keep_from);
guint64    _bubus_segment_get_size  (const BubusSegment *self);
void       _bubus_segments_take_over (const char         *path);
void       _bubus_segment_compress  (const char        *path);

G_END_DECLS
