/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bus-fixture.h"

#include "base/bubus-clock.h"

#define SECOND G_GINT64_CONSTANT (1000000000)

/* A bus whose time stands still until the test says otherwise. It is 22:13:20 on 14 November 2023. */
typedef struct
{
  Fixture     base;
  BubusClock *clock;
} Timed;

void        timed_set_up    (Timed         *timed,
                             gconstpointer  data);
void        timed_tear_down (Timed         *timed,
                             gconstpointer  data);
BubusEvent *dispatch_sum    (BubusEventBus *bus);
void        run_pending     (void);

#define timed_test(path, function, summary) \
  g_test_add (path, Timed, summary, timed_set_up, function, timed_tear_down)
