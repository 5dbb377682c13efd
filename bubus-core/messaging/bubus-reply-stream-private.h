/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-messenger-private.h"
#include "bubus-stream-pipe-private.h"

G_BEGIN_DECLS

BubusReplyStream *_bubus_reply_stream_new     (BubusMessage     *message,
                                               BubusStreamPipe  *pipe) G_GNUC_WARN_UNUSED_RESULT;
BubusStreamPipe  *_bubus_message_get_pipe     (BubusMessage     *self);
void              _bubus_message_stop_stream  (BubusMessage     *self);

G_END_DECLS
