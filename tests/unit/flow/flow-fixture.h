/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-error.h"
#include "flow/bubus-circuit-breaker.h"
#include "flow/bubus-retry-policy.h"
#include "support/trace.h"

/* A test clock, and an operation that fails as often as it is told and keeps a trace of its attempts. */
typedef struct
{
  BubusClock     *clock;
  GString        *trace;
  BubusOperation *operation;
  guint           n_failures;  /* attempts that fail */
  gboolean        keep;        /* attempts are kept, not answered */
  GPtrArray      *attempts;    /* those that were kept */
  gboolean        done;
  gboolean        succeeded;
  GValue          value;
  GError         *error;
} Fixture;

void fixture_set_up    (Fixture       *fixture,
                        gconstpointer  data);
void fixture_tear_down (Fixture       *fixture,
                        gconstpointer  data);
void trace             (Fixture       *fixture,
                        const char    *format,
                        ...) G_GNUC_PRINTF (2, 3);
void run               (Fixture       *fixture,
                        gpointer       policy,
                        GCancellable  *cancellable);
void advance           (Fixture       *fixture,
                        double         seconds);
void answer            (Fixture       *fixture,
                        guint          attempt,
                        const char    *text);

#define test(path, function, summary) \
  g_test_add (path, Fixture, summary, fixture_set_up, function, fixture_tear_down)
