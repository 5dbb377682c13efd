/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "messaging/bubus-recorder.h"

G_BEGIN_DECLS

struct _BubusRecorder
{
  GObject          parent_instance;

  BubusEventBus   *bus;
  BubusMiddleware *tap;      /* what the bus has of it */
  GPtrArray       *events;   /* owned */
  GQueue           waiters;  /* GTask, with a reference */
};

gboolean _bubus_recorder_matches      (GPatternSpec  *pattern,
                                       BubusEvent    *event);
void     _bubus_recorder_tell_waiters (BubusRecorder *self,
                                       BubusEvent    *event);

G_END_DECLS
