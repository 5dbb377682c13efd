/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "event/bubus-event.h"

G_BEGIN_DECLS

BubusEvent *_bubus_event_read (const char  *text,
                               gsize        length,
                               gboolean     reset,
                               GError     **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
