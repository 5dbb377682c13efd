/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus.h>

G_BEGIN_DECLS

/* Reads events from files, one after the other, and dispatches them on a bus as fast as it takes them. */
typedef struct _BubusFeed BubusFeed;

typedef void (*BubusFeedFunc) (gpointer user_data);

BubusFeed *bubus_feed_new             (gboolean        strict) G_GNUC_WARN_UNUSED_RESULT;
void       bubus_feed_free            (BubusFeed      *self);
gboolean   bubus_feed_add_file        (BubusFeed      *self,
                                       const char     *name,
                                       GError        **error);
void       bubus_feed_start           (BubusFeed      *self,
                                       BubusEventBus  *bus,
                                       BubusFeedFunc   ended,
                                       gpointer        user_data);
void       bubus_feed_stop            (BubusFeed      *self);
void       bubus_feed_note_completion (BubusFeed      *self,
                                       BubusEvent     *event);
guint64    bubus_feed_get_n_lines     (BubusFeed      *self);
guint64    bubus_feed_get_n_malformed (BubusFeed      *self);
gboolean   bubus_feed_has_failed      (BubusFeed      *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusFeed, bubus_feed_free)

G_END_DECLS
