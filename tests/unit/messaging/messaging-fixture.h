/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-clock.h"
#include "base/bubus-error.h"
#include "bus/bubus-event-bus-settings.h"
#include "bus/bubus-event-wait.h"
#include "codec/bubus-generic-event.h"
#include "messaging/bubus-messenger.h"
#include "support/trace.h"

/* A bus with a test clock, a messenger, and a trace of what happened. */
typedef struct
{
  BubusClock     *clock;
  BubusEventBus  *bus;
  BubusMessenger *messenger;
  GString        *trace;
  GPtrArray      *kept;      /* invocations that were deferred */
} Fixture;

/* What became of one request. */
typedef struct
{
  gboolean  done;
  char     *answer;          /* nullable */
  GError   *error;
} Reply;

void     fixture_set_up    (Fixture          *fixture,
                            gconstpointer     data);
void     fixture_tear_down (Fixture          *fixture,
                            gconstpointer     data);
void     trace             (Fixture          *fixture,
                            const char       *format,
                            ...) G_GNUC_PRINTF (2, 3);
void     advance           (Fixture          *fixture,
                            double            seconds);
void     consume           (Fixture          *fixture,
                            const char       *address,
                            BubusHandlerFunc  func);
void     ask               (Fixture          *fixture,
                            const char       *address,
                            const char       *body,
                            Reply            *reply);
void     replied_cb        (GObject          *source,
                            GAsyncResult     *result,
                            gpointer          data);
void     assert_reply      (Reply            *reply,
                            const char       *answer);
void     assert_refused    (Reply            *reply,
                            int               code,
                            const char       *message);
gboolean echo              (BubusEvent       *event,
                            BubusInvocation  *invocation,
                            gpointer          data,
                            GError          **error);
gboolean fail              (BubusEvent       *event,
                            BubusInvocation  *invocation,
                            gpointer          data,
                            GError          **error);
gboolean keep              (BubusEvent       *event,
                            BubusInvocation  *invocation,
                            gpointer          data,
                            GError          **error);
gboolean say_a             (BubusEvent       *event,
                            BubusInvocation  *invocation,
                            gpointer          data,
                            GError          **error);
gboolean say_b             (BubusEvent       *event,
                            BubusInvocation  *invocation,
                            gpointer          data,
                            GError          **error);

#define test(path, function, summary) \
  g_test_add (path, Fixture, summary, fixture_set_up, function, fixture_tear_down)
