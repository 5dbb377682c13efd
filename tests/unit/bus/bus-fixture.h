/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-clock.h"
#include "bus/bubus-event-bus-settings.h"
#include "bus/bubus-event-wait.h"

/* An event with a name, and a trace of what happened in the order in which it did. */
typedef struct
{
  BubusEvent  parent_instance;
  char       *label;
} Ping;

typedef struct
{
  Ping parent_instance;
} LoudPing;

typedef struct
{
  BubusEvent parent_instance;
  int        number;
} Sum;

BUBUS_DECLARE_EVENT_TYPE (Ping, ping)
BUBUS_DECLARE_EVENT_TYPE (LoudPing, loud_ping)
BUBUS_DECLARE_EVENT_TYPE (Sum, sum)

#define TYPE_PING      (ping_get_type ())
#define TYPE_LOUD_PING (loud_ping_get_type ())
#define TYPE_SUM       (sum_get_type ())

typedef struct
{
  BubusEventBus *bus;
  GString       *trace;
} Fixture;

#define SECOND G_GINT64_CONSTANT (1000000000)

/* A bus whose time stands still until the test says otherwise, and that calls no handler slow. */
typedef struct
{
  Fixture     base;
  BubusClock *clock;
} Timed;

/* A gate at which a thread stands until the test opens it. */
typedef struct
{
  GMutex   lock;
  GCond    changed;
  gboolean arrived;
  gboolean open;
  GThread *thread;
} Gate;

void        gate_set              (Gate          *gate,
                                   gboolean      *flag);
void        gate_wait             (Gate          *gate,
                                   gboolean      *flag);
BubusEventBus *
            unlimited_bus_new     (const char    *name);
void        timed_set_up          (Timed         *timed,
                                   gconstpointer  data);
void        timed_tear_down       (Timed         *timed,
                                   gconstpointer  data);
void        fixture_set_up        (Fixture       *fixture,
                                   gconstpointer  data);
void        fixture_tear_down     (Fixture       *fixture,
                                   gconstpointer  data);
BubusEvent *ping_new              (const char    *label);
const char *ping_get_label        (BubusEvent    *event);
BubusEvent *dispatch_ping         (BubusEventBus *bus,
                                   const char    *label);
BubusEvent *dispatch_loud_ping    (BubusEventBus *bus,
                                   const char    *label);
BubusEvent *dispatch_sum          (BubusEventBus *bus);
void        run_until_idle        (BubusEventBus *bus);
void        run_pending           (void);
const GError *
            get_error             (BubusEvent    *event,
                                   guint          index);
void        run_until_complete    (BubusEvent    *event);
const GError *
            get_only_error        (BubusEvent    *event);
void        trace                 (GString       *trace,
                                   const char    *format,
                                   ...) G_GNUC_PRINTF (2, 3);
gboolean    trace_label           (BubusEvent       *event,
                                   BubusInvocation  *invocation,
                                   gpointer          data,
                                   GError          **error);
gboolean    run_child_of_parent   (BubusEvent       *event,
                                   BubusInvocation  *invocation,
                                   gpointer          data,
                                   GError          **error);
gboolean    defer_and_keep        (BubusEvent       *event,
                                   BubusInvocation  *invocation,
                                   gpointer          data,
                                   GError          **error);
gboolean    trace_bus             (BubusEvent       *event,
                                   BubusInvocation  *invocation,
                                   gpointer          data,
                                   GError          **error);
gboolean    leave_child_and_defer (BubusEvent       *event,
                                   BubusInvocation  *invocation,
                                   gpointer          data,
                                   GError          **error);
gboolean    drop_object           (BubusEvent       *event,
                                   BubusInvocation  *invocation,
                                   gpointer          data,
                                   GError          **error);
BubusHandler *
            on_ping               (Fixture       *fixture);
void        dispatch_and_run      (Fixture       *fixture,
                                   const char    *label);
guint       count_handlers        (Fixture       *fixture);
void        trace_idle_cb         (GObject       *source,
                                   GAsyncResult  *result,
                                   gpointer       data);
void        trace_stopped_cb      (GObject       *source,
                                   GAsyncResult  *result,
                                   gpointer       data);

#define test(path, function, summary) \
  g_test_add (path, Fixture, summary, fixture_set_up, function, fixture_tear_down)

#define timed_test(path, function, summary) \
  g_test_add (path, Timed, summary, timed_set_up, function, timed_tear_down)
