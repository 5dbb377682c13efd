/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-clock.h"
#include "base/bubus-queue-internal.h"
#include "bubus-message-private.h"
#include "event/bubus-event-internal.h"
#include "messaging/bubus-messenger.h"

G_BEGIN_DECLS

typedef struct _BubusAddress BubusAddress;

struct _BubusMessenger
{
  GObject         parent_instance;

  BubusEventBus  *bus;
  BubusClock     *clock;
  double          timeout;              /* seconds; 0: none */
  GHashTable     *addresses;            /* name → BubusAddress, with a reference */
  BubusQueue      listeners;            /* BubusListener */
  GPtrArray      *interceptors;         /* copied when it changes */
  guint           last_interceptor_id;
  GHashTable     *reply_types;          /* nullable: address → GVariantType, both owned */
  BubusQueue      requests;             /* those with a time limit, by their deadline */
  BubusQueue      spare_requests;       /* BubusRequest, owned: to be used again */
  guint           timer_id;             /* 0: none; set for the first request, or for one that has been answered */
};

/* Everybody at one address: one handler of the bus, which calls them in turn. */
struct _BubusAddress
{
  int             ref_count;  /* the bus's thread only, like all of this */
  BubusMessenger *messenger;  /* not owned; NULL when there is nobody any more */
  char           *name;
  BubusHandler   *handler;    /* owned */
  GPtrArray      *consumers;  /* owned, in the order of registration */
  guint           next;       /* whose turn it is */
  gboolean        shared;
};

BubusAddress  *_bubus_messenger_ensure_address   (BubusMessenger      *self,
                                                  const char          *name,
                                                  gboolean             shared,
                                                  GError             **error);
void           _bubus_address_add                (BubusAddress        *self,
                                                  BubusConsumer       *consumer);
gboolean       _bubus_address_remove             (BubusAddress        *self,
                                                  BubusConsumer       *consumer);
void           _bubus_address_close              (BubusAddress        *self);
gboolean       _bubus_address_is_open            (BubusAddress        *self);
BubusConsumer *_bubus_consumer_new               (BubusAddress        *address,
                                                  BubusHandlerFunc     func,
                                                  gpointer             user_data,
                                                  GDestroyNotify       notify) G_GNUC_WARN_UNUSED_RESULT;
gboolean       _bubus_consumer_call              (BubusConsumer       *self,
                                                  BubusMessage        *message,
                                                  BubusInvocation     *invocation,
                                                  GError             **error);
void           _bubus_consumer_forget            (BubusConsumer       *self);

void           _bubus_messenger_close_listeners  (BubusMessenger      *self);
gboolean       _bubus_messenger_intercept        (BubusMessenger      *self,
                                                  BubusMessage        *message,
                                                  BubusDirection       direction,
                                                  GError             **error);
gboolean       _bubus_messenger_check            (BubusMessenger      *self,
                                                  BubusMessage        *message,
                                                  BubusDelivery        delivery,
                                                  GError             **error);
void           _bubus_messenger_drop_spare_requests (BubusMessenger   *self);
gboolean       _bubus_message_fail               (const char          *address,
                                                  const GError        *reason,
                                                  GError             **error);

/* Who waits until a message is complete: @done takes over the error, which is nullable. */
typedef struct
{
  BubusWaiter   waiter;
  void        (*done) (gpointer  data,
                       GError   *error);
  gpointer      data;
} BubusMessageWait;

void              _bubus_message_wait            (BubusMessage        *message,
                                                  BubusMessageWait    *wait,
                                                  BubusInvocation     *invocation);
void              _bubus_message_limit           (BubusMessage        *message,
                                                  double               seconds);
gboolean          _bubus_messenger_dispatch      (BubusMessenger      *self,
                                                  BubusMessage        *message,
                                                  BubusInvocation     *invocation,
                                                  GError             **error);
void              _bubus_message_called          (BubusMessage        *message,
                                                  BubusInvocation     *invocation);
BubusEventResult *_bubus_message_find_answer     (BubusMessage        *message);
BubusEventResult *_bubus_messenger_ref_answer    (BubusMessenger      *self,
                                                  BubusMessage        *message,
                                                  GError             **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean          _bubus_messenger_check_answer  (BubusMessenger      *self,
                                                  const char          *address,
                                                  const GValue        *value,
                                                  GError             **error);
gboolean          _bubus_reply_type_check_part   (const GVariantType  *type,
                                                  const char          *address,
                                                  BubusJson           *part,
                                                  GError             **error);
gboolean          _bubus_message_has_open_stream (BubusMessage        *message);
void              _bubus_message_delivered       (BubusMessage        *message,
                                                  BubusInvocation     *invocation);

G_END_DECLS
