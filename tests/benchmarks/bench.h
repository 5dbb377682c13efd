/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus.h>

G_BEGIN_DECLS

#define BENCH_BATCH 512  /* events that are dispatched before the loop runs */

/* What a row counts. */
typedef enum
{
  BENCH_UNIT_NS,     /* nanoseconds per event, handler or line; the budget bounds their ratio to the baseline */
  BENCH_UNIT_BYTES,  /* bytes per event beyond those of the baseline; the budget bounds them */
} BenchUnit;

/* Does a piece of work @n times, and says what one time took. */
typedef double (*BenchFunc) (guint n);

typedef struct
{
  const char *name;
  BenchFunc   func;
  double      n;              /* of a whole round */
} BenchBaseline;

typedef struct
{
  const char          *name;
  const char          *per;       /* what the figure is for one of */
  BenchUnit            unit;
  BenchFunc            func;
  double               n;         /* of a whole round */
  const BenchBaseline *baseline;  /* nullable */
  gboolean             beyond;    /* the row does the baseline's work as well, which is taken off */
  double               budget;    /* 0: none */
} BenchRow;

extern const BenchRow bench_rows[];
extern const guint n_bench_rows;

/* bench-objects.c: the event, and the bare object it is compared with. */
typedef struct
{
  BubusEvent  parent_instance;
  char       *label;
  int         number;
} BenchEvent;

#define BENCH_TYPE_EVENT       (bench_event_get_type ())
#define BENCH_TYPE_CHILD_EVENT (bench_child_event_get_type ())
#define BENCH_TYPE_OBJECT      (bench_object_get_type ())

GType    bench_event_get_type       (void);
GType    bench_child_event_get_type (void);

G_DECLARE_FINAL_TYPE (BenchObject, bench_object, BENCH, OBJECT, GObject)

GObject *bench_object_new           (GType type);
void     bench_object_emit          (BenchObject *self);

/* bench-bus.c: what the rows share. */
gint64         bench_now             (void);
double         bench_since           (gint64            start,
                                      guint             n);
guint          bench_scaled          (double            n);
extern double  bench_factor;

BubusEventBus *bench_bus_new         (const char       *name);
void           bench_bus_run         (BubusEventBus    *bus);
void           bench_bus_free        (BubusEventBus    *bus);
void           bench_dispatch        (BubusEventBus    *bus,
                                      BubusEvent       *event);
void           bench_dispatch_new    (BubusEventBus    *bus,
                                      GType             type,
                                      guint             n);
void           bench_dispatch_in_batches (BubusEventBus *bus,
                                      guint             n,
                                      guint             batch);
void           bench_dispatch_and_run (BubusEventBus   *bus,
                                      guint             n);
gboolean       bench_count           (BubusEvent       *event,
                                      BubusInvocation  *invocation,
                                      gpointer          data,
                                      GError          **error);

/* The rows' work, by file. */
double bench_bare_object        (guint n);
double bench_signal             (guint n);
double bench_event_one_handler  (guint n);
double bench_handler_fanout     (guint n);
double bench_on_dispatch_off    (guint n);
double bench_on_dispatch_off_loop (guint n);
double bench_child_await        (guint n);
double bench_worst_case         (guint n);

double bench_with_buses         (guint n_buses);
double bench_with_other_types   (guint n,
                                 guint n_others);
double bench_many_buses         (guint n);
double bench_beside_idle_buses  (guint n,
                                 guint n_idle);
double bench_many_idle_buses    (guint n);
double bench_other_types        (guint n);
double bench_pending            (guint n);
double bench_loop_latency       (guint n);
double bench_time_budget        (guint n);
double bench_threads            (guint n);

double bench_bare_bytes         (guint n);
double bench_pending_bytes      (guint n);
double bench_history_bytes      (guint n);

double bench_request_reply      (guint n);

double bench_gst_bus            (guint n);
double bench_qt_post_event      (guint n);

double bench_json_roundtrip     (guint n);
double bench_journal            (guint n);
double bench_write              (guint n);
double bench_group_commit       (guint n);
double bench_group_write        (guint n);

G_END_DECLS
