/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-event-bus-private.h"

G_BEGIN_DECLS

typedef struct _BubusRecent BubusRecent;

BubusRecent *_bubus_recent_new             (BubusEventBus *bus);
void         _bubus_recent_free            (BubusRecent   *self);
BubusVisit  *_bubus_recent_next            (BubusRecent   *self);
GPtrArray   *_bubus_recent_list_unfinished (BubusEventBus *bus);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusRecent, _bubus_recent_free)

G_END_DECLS
