/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-event-bus.h"
#include "messaging/bubus-consumer.h"
#include "messaging/bubus-message.h"
#include "messaging/bubus-reply-stream.h"

G_BEGIN_DECLS

/**
 * BubusConsumerFlags:
 * @BUBUS_CONSUMER_NONE: the address is the consumer's alone
 * @BUBUS_CONSUMER_SHARED: the address is shared with others of the kind; they take turns
 *
 * How a consumer is registered.
 *
 * Since: 1.0
 */
typedef enum
{
  BUBUS_CONSUMER_NONE   = 0,
  BUBUS_CONSUMER_SHARED = 1 << 0,
} BubusConsumerFlags;

#define BUBUS_TYPE_CONSUMER_FLAGS (bubus_consumer_flags_get_type ())

BUBUS_AVAILABLE_IN_ALL
GType bubus_consumer_flags_get_type (void);

/**
 * BubusDirection:
 * @BUBUS_DIRECTION_OUTBOUND: before a message is dispatched
 * @BUBUS_DIRECTION_INBOUND: before a message is given to a consumer or a listener
 *
 * Where an interceptor stands.
 *
 * Since: 1.0
 */
typedef enum
{
  BUBUS_DIRECTION_OUTBOUND,
  BUBUS_DIRECTION_INBOUND,
} BubusDirection;

#define BUBUS_TYPE_DIRECTION (bubus_direction_get_type ())

BUBUS_AVAILABLE_IN_ALL
GType bubus_direction_get_type (void);

/**
 * BubusMessageInterceptorFunc:
 * @message: the message; outbound, it can still be changed
 * @user_data: (closure): what was given with the function
 * @error: where to put why the message does not go on
 *
 * Looks at a message on its way.
 *
 * Returns: %TRUE to let it go on; %FALSE, with or without an error, to stop it: then whoever has sent it, or asked,
 *   gets
 *   the error
 *
 * Since: 1.0
 */
typedef gboolean (*BubusMessageInterceptorFunc) (BubusMessage  *message,
                                                 gpointer       user_data,
                                                 GError       **error);

#define BUBUS_TYPE_MESSENGER (bubus_messenger_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusMessenger, bubus_messenger, BUBUS, MESSENGER, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusMessenger   *bubus_messenger_new                   (BubusEventBus               *bus) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
BubusEventBus    *bubus_messenger_get_bus               (BubusMessenger              *self);
BUBUS_AVAILABLE_IN_ALL
double            bubus_messenger_get_timeout           (BubusMessenger              *self);
BUBUS_AVAILABLE_IN_ALL
void              bubus_messenger_set_timeout           (BubusMessenger              *self,
                                                         double                       seconds);

BUBUS_AVAILABLE_IN_ALL
BubusConsumer    *bubus_messenger_consumer              (BubusMessenger              *self,
                                                         const char                  *address,
                                                         BubusConsumerFlags           flags,
                                                         BubusHandlerFunc             func,
                                                         gpointer                     user_data,
                                                         GDestroyNotify               notify,
                                                         GError                     **error);
BUBUS_AVAILABLE_IN_ALL
char            **bubus_messenger_dup_addresses         (BubusMessenger              *self) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
void              bubus_messenger_set_reply_type        (BubusMessenger              *self,
                                                         const char                  *address,
                                                         const GVariantType          *type);
BUBUS_AVAILABLE_IN_ALL
const GVariantType *bubus_messenger_get_reply_type      (BubusMessenger              *self,
                                                         const char                  *address);
BUBUS_AVAILABLE_IN_ALL
BubusHandler     *bubus_messenger_on                    (BubusMessenger              *self,
                                                         const char                  *pattern,
                                                         const char                  *name,
                                                         BubusHandlerFunc             func,
                                                         gpointer                     user_data,
                                                         GDestroyNotify               notify);
BUBUS_AVAILABLE_IN_ALL
guint             bubus_messenger_add_interceptor       (BubusMessenger              *self,
                                                         BubusDirection               direction,
                                                         BubusMessageInterceptorFunc  func,
                                                         gpointer                     user_data,
                                                         GDestroyNotify               notify);
BUBUS_AVAILABLE_IN_ALL
gboolean          bubus_messenger_remove_interceptor    (BubusMessenger              *self,
                                                         guint                        interceptor_id);

BUBUS_AVAILABLE_IN_ALL
gboolean          bubus_messenger_publish               (BubusMessenger              *self,
                                                         const char                  *address,
                                                         BubusJson                   *body,
                                                         GError                     **error);
BUBUS_AVAILABLE_IN_ALL
gboolean          bubus_messenger_publish_message       (BubusMessenger              *self,
                                                         BubusMessage                *message,
                                                         GError                     **error);
BUBUS_AVAILABLE_IN_ALL
gboolean          bubus_messenger_send                  (BubusMessenger              *self,
                                                         const char                  *address,
                                                         BubusJson                   *body,
                                                         GError                     **error);
BUBUS_AVAILABLE_IN_ALL
gboolean          bubus_messenger_send_message          (BubusMessenger              *self,
                                                         BubusMessage                *message,
                                                         GError                     **error);
BUBUS_AVAILABLE_IN_ALL
gboolean          bubus_messenger_dispatch_message      (BubusMessenger              *self,
                                                         BubusMessage                *message,
                                                         BubusDelivery                delivery,
                                                         BubusInvocation             *invocation,
                                                         GError                     **error);
BUBUS_AVAILABLE_IN_ALL
void              bubus_messenger_request_async         (BubusMessenger              *self,
                                                         const char                  *address,
                                                         BubusJson                   *body,
                                                         double                       timeout,
                                                         GCancellable                *cancellable,
                                                         GAsyncReadyCallback          callback,
                                                         gpointer                     user_data);
BUBUS_AVAILABLE_IN_ALL
void              bubus_messenger_request_message_async (BubusMessenger              *self,
                                                         BubusMessage                *message,
                                                         double                       timeout,
                                                         BubusInvocation             *invocation,
                                                         GCancellable                *cancellable,
                                                         GAsyncReadyCallback          callback,
                                                         gpointer                     user_data);
BUBUS_AVAILABLE_IN_ALL
BubusEventResult *bubus_messenger_request_finish        (BubusMessenger              *self,
                                                         GAsyncResult                *result,
                                                         GError                     **error) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
BubusEventResult *bubus_messenger_request_message_finish (BubusMessenger             *self,
                                                         GAsyncResult                *result,
                                                         GError                     **error) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
BubusEventResult *bubus_messenger_request_in_place      (BubusMessenger              *self,
                                                         BubusMessage                *message,
                                                         BubusInvocation             *invocation,
                                                         GError                     **error) G_GNUC_WARN_UNUSED_RESULT;

BUBUS_AVAILABLE_IN_ALL
BubusReplyStream *bubus_messenger_request_stream        (BubusMessenger              *self,
                                                         const char                  *address,
                                                         BubusJson                   *body,
                                                         GError                     **error) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
BubusReplyStream *bubus_messenger_request_stream_message (BubusMessenger             *self,
                                                         BubusMessage                *message,
                                                         guint                        window,
                                                         double                       idle_timeout,
                                                         double                       timeout,
                                                         BubusInvocation             *invocation,
                                                         GError                     **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
