/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "event/bubus-event.h"
#include "event/bubus-json.h"

G_BEGIN_DECLS

/**
 * BubusDelivery:
 * @BUBUS_DELIVERY_PUBLISH: to everybody who listens
 * @BUBUS_DELIVERY_SEND: to one of the consumers at the address
 * @BUBUS_DELIVERY_REQUEST: to one of the consumers at the address, who answers
 * @BUBUS_DELIVERY_STREAM: to one of the consumers at the address, who answers in parts
 *
 * To whom a message goes.
 *
 * Since: 1.0
 */
typedef enum
{
  BUBUS_DELIVERY_PUBLISH,
  BUBUS_DELIVERY_SEND,
  BUBUS_DELIVERY_REQUEST,
  BUBUS_DELIVERY_STREAM,
} BubusDelivery;

#define BUBUS_TYPE_DELIVERY (bubus_delivery_get_type ())

BUBUS_AVAILABLE_IN_ALL
GType bubus_delivery_get_type (void);

#define BUBUS_TYPE_MESSAGE (bubus_message_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusMessage, bubus_message, BUBUS, MESSAGE, BubusEvent)

BUBUS_AVAILABLE_IN_ALL
BubusMessage  *bubus_message_new              (const char          *address,
                                               BubusJson           *body) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
BubusMessage  *bubus_message_new_from_variant (const char          *address,
                                               GVariant            *body) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
const char    *bubus_message_get_address      (BubusMessage        *self);
BUBUS_AVAILABLE_IN_ALL
BubusDelivery  bubus_message_get_delivery     (BubusMessage        *self);
BUBUS_AVAILABLE_IN_ALL
BubusJson     *bubus_message_get_body         (BubusMessage        *self);
BUBUS_AVAILABLE_IN_ALL
void           bubus_message_set_body         (BubusMessage        *self,
                                               BubusJson           *body);
BUBUS_AVAILABLE_IN_ALL
GVariant      *bubus_message_dup_body_variant (BubusMessage        *self,
                                               const GVariantType  *type,
                                               GError             **error) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
const char    *bubus_message_get_header       (BubusMessage        *self,
                                               const char          *name);
BUBUS_AVAILABLE_IN_ALL
void           bubus_message_set_header       (BubusMessage        *self,
                                               const char          *name,
                                               const char          *value);
BUBUS_AVAILABLE_IN_ALL
const char    *bubus_message_get_reply_header (BubusMessage        *self,
                                               const char          *name);
BUBUS_AVAILABLE_IN_ALL
void           bubus_message_set_reply_header (BubusMessage        *self,
                                               const char          *name,
                                               const char          *value);

BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_message_reply            (BubusMessage        *self,
                                               BubusJson           *body);
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_message_fail             (BubusMessage        *self,
                                               const char          *reason);
BUBUS_AVAILABLE_IN_ALL
const GError  *bubus_message_get_error        (BubusMessage        *self);

BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_message_is_stream        (BubusMessage        *self);
BUBUS_AVAILABLE_IN_ALL
void           bubus_message_send_part_async  (BubusMessage        *self,
                                               BubusJson           *part,
                                               GCancellable        *cancellable,
                                               GAsyncReadyCallback  callback,
                                               gpointer             user_data);
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_message_send_part_finish (BubusMessage        *self,
                                               GAsyncResult        *result,
                                               GError             **error);
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_message_send_part        (BubusMessage        *self,
                                               BubusJson           *part,
                                               GError             **error);

BUBUS_AVAILABLE_IN_ALL
const char    *bubus_address_for_enum         (GType                enum_type,
                                               int                  value);

G_END_DECLS
