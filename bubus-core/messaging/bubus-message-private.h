/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "messaging/bubus-message.h"
#include "messaging/bubus-messenger.h"

G_BEGIN_DECLS

struct _BubusMessage
{
  BubusEvent       parent_instance;

  BubusDelivery    delivery;
  gboolean         given_up;    /* who has asked does not wait any more */
  BubusJson       *body;        /* nullable */
  GVariant        *headers;     /* nullable, a{ss} */

  gconstpointer    messenger;   /* not owned, only compared: whose consumers it is for */
  BubusInvocation *invocation;  /* not owned: in which the consumer is being called; NULL: it is not */
  const char      *handler_id;  /* of the consumer's result, which owns it; NULL: nobody has taken the message */
  gpointer         stream;      /* not owned: what goes on for the stream that was asked for; NULL: nothing */
};

G_END_DECLS
