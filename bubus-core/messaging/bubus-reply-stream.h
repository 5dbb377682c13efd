/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "messaging/bubus-message.h"

G_BEGIN_DECLS

/**
 * BubusReplyStreamState:
 * @BUBUS_REPLY_STREAM_STATE_OPEN: more may come
 * @BUBUS_REPLY_STREAM_STATE_ENDED: the consumer has sent everything; what has not been taken can still be
 * @BUBUS_REPLY_STREAM_STATE_FAILED: nothing more will come, because of an error; what has been sent before can still be
 *   taken
 * @BUBUS_REPLY_STREAM_STATE_CLOSED: who has asked wants no more
 *
 * How far a stream of replies is.
 *
 * Since: 1.0
 */
typedef enum
{
  BUBUS_REPLY_STREAM_STATE_OPEN,
  BUBUS_REPLY_STREAM_STATE_ENDED,
  BUBUS_REPLY_STREAM_STATE_FAILED,
  BUBUS_REPLY_STREAM_STATE_CLOSED,
} BubusReplyStreamState;

#define BUBUS_TYPE_REPLY_STREAM_STATE (bubus_reply_stream_state_get_type ())

BUBUS_AVAILABLE_IN_ALL
GType bubus_reply_stream_state_get_type (void);

#define BUBUS_TYPE_REPLY_STREAM (bubus_reply_stream_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusReplyStream, bubus_reply_stream, BUBUS, REPLY_STREAM, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusMessage          *bubus_reply_stream_get_message    (BubusReplyStream     *self);
BUBUS_AVAILABLE_IN_ALL
guint                  bubus_reply_stream_get_window     (BubusReplyStream     *self);
BUBUS_AVAILABLE_IN_ALL
guint                  bubus_reply_stream_get_n_waiting  (BubusReplyStream     *self);
BUBUS_AVAILABLE_IN_ALL
guint64                bubus_reply_stream_get_n_received (BubusReplyStream     *self);
BUBUS_AVAILABLE_IN_ALL
BubusReplyStreamState  bubus_reply_stream_get_state      (BubusReplyStream     *self);
BUBUS_AVAILABLE_IN_ALL
const GError          *bubus_reply_stream_get_error      (BubusReplyStream     *self);

BUBUS_AVAILABLE_IN_ALL
void                   bubus_reply_stream_next_async     (BubusReplyStream     *self,
                                                          GCancellable         *cancellable,
                                                          GAsyncReadyCallback   callback,
                                                          gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
BubusJson             *bubus_reply_stream_next_finish    (BubusReplyStream     *self,
                                                          GAsyncResult         *result,
                                                          GError              **error) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
void                   bubus_reply_stream_close          (BubusReplyStream     *self);

G_END_DECLS
