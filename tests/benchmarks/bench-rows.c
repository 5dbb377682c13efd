/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bench.h"

/* The rows, with the budgets of section 6 of the architecture page. Growth that is to be flat may be this much: */
#define FLAT 1.5

static const BenchBaseline bare_object = { "bare-object", bench_bare_object, 50000 };
static const BenchBaseline signal_handler = { "signal-handler", bench_signal, 50000 };
static const BenchBaseline one_handler = { "event-one-handler", bench_event_one_handler, 50000 };
#ifdef BENCH_HAVE_GST
static const BenchBaseline gst_bus = { "gst-bus", bench_gst_bus, 50000 };
#endif
#ifdef BENCH_HAVE_QT
static const BenchBaseline qt_post_event = { "qt-post-event", bench_qt_post_event, 50000 };
#endif
static const BenchBaseline bare_bytes = { "bare-object", bench_bare_bytes, 1000000 };
static const BenchBaseline few_bare_bytes = { "bare-object", bench_bare_bytes, 100000 };
static const BenchBaseline time_budget = { "time-budget", bench_time_budget, 1 };
static const BenchBaseline plain_write = { "write", bench_write, 20000 };
static const BenchBaseline group_write = { "write+fdatasync", bench_group_write, 20000 };

#define ROW(name_, per_, func_, n_, baseline_, ...) \
  { .name = name_, .per = per_, .func = func_, .n = n_, .baseline = baseline_, __VA_ARGS__ }

const BenchRow bench_rows[] = {
  ROW ("event-one-handler", "event", bench_event_one_handler, 50000, &bare_object, .budget = 2.5),
  ROW ("handler-fanout", "handler", bench_handler_fanout, 50000, &signal_handler, .budget = 2),
  ROW ("on-dispatch-off", "event", bench_on_dispatch_off, 50000, &bare_object, .budget = 4),
  ROW ("on-dispatch-off-loop", "event", bench_on_dispatch_off_loop, 50000, &bare_object),
  ROW ("child-await", "child", bench_child_await, 50000, &one_handler, .beyond = TRUE, .budget = 1.3),
  ROW ("worst-case", "event", bench_worst_case, 50000, &bare_object, .budget = 12),
  ROW ("many-buses", "event", bench_many_buses, 50000, &one_handler, .budget = FLAT),
  ROW ("many-idle-buses", "event", bench_many_idle_buses, 50000, &one_handler, .budget = FLAT),
  ROW ("pending-1m", "event", bench_pending, 1000000, &one_handler, .budget = FLAT),
  ROW ("pending-1m-bytes", "event", bench_pending_bytes, 1000000, &bare_bytes,
       .unit = BENCH_UNIT_BYTES, .beyond = TRUE, .budget = 256),
  ROW ("history-bytes", "event", bench_history_bytes, 100000, &few_bare_bytes,
       .unit = BENCH_UNIT_BYTES, .beyond = TRUE, .budget = 200),
  ROW ("handlers-100k-other-types", "event", bench_other_types, 50000, &one_handler, .budget = FLAT),
  ROW ("request-reply", "request", bench_request_reply, 50000, &one_handler, .budget = 1.5),
  ROW ("json-roundtrip", "line", bench_json_roundtrip, 20000, NULL),
  ROW ("wal-append", "event", bench_journal, 20000, &plain_write, .budget = 2),
  ROW ("wal-group-commit", "event", bench_group_commit, 20000, &group_write, .budget = 1.43),
  ROW ("loop-latency", "99th percentile", bench_loop_latency, 1000000, &time_budget, .budget = 2),
  ROW ("threads-dispatch", "event", bench_threads, 200000, &one_handler),
#ifdef BENCH_HAVE_GST
  ROW ("beside-gst-bus", "event", bench_event_one_handler, 50000, &gst_bus),
#endif
#ifdef BENCH_HAVE_QT
  ROW ("beside-qt", "event", bench_event_one_handler, 50000, &qt_post_event),
#endif
};
const guint n_bench_rows = G_N_ELEMENTS (bench_rows);
