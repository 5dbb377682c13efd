/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "event/bubus-event.h"

G_BEGIN_DECLS

void _bubus_event_write (BubusEvent       *self,
                         BubusEventStatus  status,
                         GString          *out);

G_END_DECLS
