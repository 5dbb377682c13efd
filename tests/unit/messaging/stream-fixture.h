/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "messaging-fixture.h"

typedef struct
{
  Fixture    base;
  GPtrArray *senders;  /* of Sender, owned: those that count() has made */
} StreamFixture;

/* Who takes the parts of a stream. */
typedef struct
{
  BubusReplyStream *stream;   /* owned */
  gboolean          greedy;   /* takes the next part when it has one */
  GString          *taken;    /* the parts, and “end” */
  GError           *error;
} Taker;

/* Who sends the numbers from 1 to @last, each when there was room for the one before. */
typedef struct
{
  BubusMessage    *message;
  BubusInvocation *invocation;
  int              next;
  int              last;      /* then it answers; 0: never */
  gboolean         fails;     /* with an error */
  GString         *sent;      /* what has found room */
  GError          *error;
} Sender;

void      stream_fixture_set_up (StreamFixture  *fixture,
                              gconstpointer      data);
void      stream_fixture_tear_down (StreamFixture *fixture,
                              gconstpointer      data);

void      consume_stream     (StreamFixture     *fixture,
                              const char        *address,
                              BubusHandlerFunc   func);

Taker    *taker_new          (BubusReplyStream  *stream);
Taker    *ask_stream         (StreamFixture     *fixture,
                              const char        *address,
                              guint              window);
Taker    *ask_stream_limited (StreamFixture     *fixture,
                              const char        *address,
                              double             idle_timeout,
                              double             timeout);
void      take               (Taker             *self);
void      take_all           (Taker             *self);
void      taker_free         (Taker             *self);
void      assert_taken       (Taker             *self,
                              const char        *taken);
void      assert_stream_error (Taker            *self,
                              int                code,
                              const char        *message);

gboolean  count              (BubusEvent        *event,
                              BubusInvocation   *invocation,
                              gpointer           data,
                              GError           **error);
Sender   *get_sender         (StreamFixture     *fixture);
Sender   *sender_new         (BubusEvent        *event,
                              BubusInvocation   *invocation);
void      sender_free        (Sender            *self);
void      send_next          (Sender            *self);
void      assert_refused_part (Sender           *self,
                              int                code,
                              const char        *message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Taker, taker_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Sender, sender_free)

#define stream_test(path, function, summary) \
  g_test_add (path, StreamFixture, summary, stream_fixture_set_up, function, stream_fixture_tear_down)
