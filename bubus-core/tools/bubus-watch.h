/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus-host.h>

G_BEGIN_DECLS

/* Reloads the plugins of a host that are active now when their files change. */
typedef struct _BubusWatch BubusWatch;

BubusWatch *bubus_watch_new  (BubusHost  *host);
void        bubus_watch_free (BubusWatch *self);

G_END_DECLS
