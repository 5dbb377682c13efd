/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-messenger-private.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_REQUEST (bubus_request_get_type ())

G_DECLARE_FINAL_TYPE (BubusRequest, bubus_request, BUBUS, REQUEST, GObject)

BubusRequest     *_bubus_messenger_new_request  (BubusMessenger       *self,
                                                 GAsyncReadyCallback   callback,
                                                 gpointer              user_data) G_GNUC_WARN_UNUSED_RESULT;
void              _bubus_request_refuse         (BubusRequest         *self,
                                                 GError               *error);
void              _bubus_request_start          (BubusRequest         *self,
                                                 BubusMessage         *message,
                                                 double                timeout,
                                                 BubusInvocation      *invocation,
                                                 GCancellable         *cancellable);
BubusMessenger   *_bubus_request_get_messenger  (BubusRequest         *self);
BubusEventResult *_bubus_request_finish         (BubusRequest         *self,
                                                 GError              **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
