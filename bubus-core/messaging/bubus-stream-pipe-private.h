/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "base/bubus-clock.h"
#include "event/bubus-json.h"
#include "messaging/bubus-reply-stream.h"

G_BEGIN_DECLS

/* What goes from the consumer of a stream to who has asked for it. Either may be in any thread; none of them keeps the
 * other alive. */
typedef struct _BubusStreamPipe BubusStreamPipe;

BubusStreamPipe       *_bubus_stream_pipe_new            (const char            *address,
                                                          guint                  window,
                                                          const GVariantType    *part_type,
                                                          BubusClock            *clock,
                                                          GMainContext          *context) G_GNUC_WARN_UNUSED_RESULT;
BubusStreamPipe       *_bubus_stream_pipe_ref            (BubusStreamPipe       *self);
void                   _bubus_stream_pipe_unref          (BubusStreamPipe       *self);

void                   _bubus_stream_pipe_send_async     (BubusStreamPipe       *self,
                                                          BubusJson             *part,
                                                          GTask                 *task);
gboolean               _bubus_stream_pipe_send           (BubusStreamPipe       *self,
                                                          BubusJson             *part,
                                                          GError               **error);
void                   _bubus_stream_pipe_take_async     (BubusStreamPipe       *self,
                                                          GTask                 *task);
void                   _bubus_stream_pipe_end            (BubusStreamPipe       *self,
                                                          BubusJson             *only);
void                   _bubus_stream_pipe_fail           (BubusStreamPipe       *self,
                                                          const GError          *error);
gboolean               _bubus_stream_pipe_close          (BubusStreamPipe       *self);

const char            *_bubus_stream_pipe_get_address    (BubusStreamPipe       *self);
const GVariantType    *_bubus_stream_pipe_get_part_type  (BubusStreamPipe       *self);
GMainContext          *_bubus_stream_pipe_get_context    (BubusStreamPipe       *self);
guint                  _bubus_stream_pipe_get_window     (BubusStreamPipe       *self);
guint                  _bubus_stream_pipe_get_n_waiting  (BubusStreamPipe       *self);
guint64                _bubus_stream_pipe_get_n_received (BubusStreamPipe       *self);
gint64                 _bubus_stream_pipe_get_moved_at   (BubusStreamPipe       *self);
BubusReplyStreamState  _bubus_stream_pipe_get_state      (BubusStreamPipe       *self);
const GError          *_bubus_stream_pipe_get_error      (BubusStreamPipe       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusStreamPipe, _bubus_stream_pipe_unref)

G_END_DECLS
