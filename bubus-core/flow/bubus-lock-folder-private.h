/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Places that all processes of a user share: locks on files in a folder, which the system drops with their holder. */
typedef struct _BubusLockWatch BubusLockWatch;

/* Called again and again, whenever a place may have become free. */
typedef void (*BubusLockWatchFunc) (gpointer data);

/* One place: a file whose lock it is, and the bell that tells others when it has been given back. */
typedef struct
{
  int fd;    /* -1: none */
  int bell;  /* -1: none */
} BubusLock;

gboolean        _bubus_lock_folder_try  (const char          *key,
                                         guint                n_places,
                                         BubusLock           *lock,
                                         GError             **error);
void            _bubus_lock_give_back   (BubusLock           *lock);
BubusLockWatch *_bubus_lock_watch_new   (GMainContext        *context,
                                         BubusLockWatchFunc   func,
                                         gpointer             data,
                                         GDestroyNotify       notify) G_GNUC_WARN_UNUSED_RESULT;
void            _bubus_lock_watch_free  (BubusLockWatch      *self);

G_END_DECLS
