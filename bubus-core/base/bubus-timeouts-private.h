/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The pending timeouts of one clock. */
typedef struct _BubusTimeouts BubusTimeouts;

/* A timeout whose time has come, but which can still be removed. */
typedef struct
{
  guint         id;
  gint64        due_ns;
  GMainContext *context; /* owned */
} BubusDueTimeout;

BubusTimeouts *_bubus_timeouts_new        (void);
void           _bubus_timeouts_serve_none (BubusTimeouts   *self);
void           _bubus_timeouts_close      (BubusTimeouts   *self);
guint          _bubus_timeouts_add        (BubusTimeouts   *self,
                                           gint64           due_ns,
                                           GMainContext    *context,
                                           GSourceOnceFunc  func,
                                           gpointer         user_data,
                                           GDestroyNotify   notify);
gboolean       _bubus_timeouts_remove     (BubusTimeouts   *self,
                                           guint            timeout_id);
guint          _bubus_timeouts_count      (BubusTimeouts   *self);
gboolean       _bubus_timeouts_pop        (BubusTimeouts   *self,
                                           gint64           until_ns,
                                           BubusDueTimeout *due);
void           _bubus_timeouts_fire       (BubusTimeouts   *self,
                                           BubusDueTimeout *due);

G_END_DECLS
