/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "event/bubus-event.h"

G_BEGIN_DECLS

char *_bubus_event_describe_cycle (BubusEvent *event,
                                   BubusEvent *parent,
                                   BubusEvent *start) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
