/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bus-fixture.h"

#include "bus/bubus-event-bus-find.h"

/* What a search has come to. */
typedef struct
{
  gboolean    done;
  BubusEvent *event;
  GPtrArray  *events;
  GError     *error;
} Search;

typedef struct
{
  Fixture     base;
  BubusClock *clock;
  Search      search;
  Search      other;
} Finding;

void             search_clear      (Search           *search);
void             finding_set_up    (Finding          *finding,
                                    gconstpointer     data);
void             finding_tear_down (Finding          *finding,
                                    gconstpointer     data);
void             expected_cb       (GObject          *source,
                                    GAsyncResult     *result,
                                    gpointer          data);
void             found_cb          (GObject          *source,
                                    GAsyncResult     *result,
                                    gpointer          data);
void             expect            (BubusEventBus    *bus,
                                    BubusEventQuery  *query,
                                    double            seconds,
                                    Search           *search);
void             assert_labels     (GPtrArray        *events,
                                    const char       *expected);
gboolean         label_is          (BubusEvent       *event,
                                    gpointer          data,
                                    GError          **error);
gboolean         handler_after     (BubusEvent       *event,
                                    BubusInvocation  *invocation,
                                    gpointer          data,
                                    GError          **error);
gboolean         trace_and_refuse  (BubusEvent       *event,
                                    gpointer          data,
                                    GError          **error);
BubusEventQuery *query_ping        (double            past,
                                    double            future,
                                    int               limit);
void             filter            (Finding          *finding,
                                    BubusEventQuery  *query,
                                    const char       *expected);
gboolean         fail_for_b        (BubusEvent       *event,
                                    gpointer          data,
                                    GError          **error);

#define finding_test(path, function, summary) \
  g_test_add (path, Finding, summary, finding_set_up, function, finding_tear_down)
