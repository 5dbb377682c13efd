/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-clock-internal.h"

#define START_NS  G_GINT64_CONSTANT (1735787045000000000)
#define MS        G_GINT64_CONSTANT (1000000)

#define UNTIL(condition, context) \
  while (!(condition)) \
    g_main_context_iteration (context, TRUE)

/* What the callbacks of a test write down. */
typedef struct
{
  BubusClock *clock;
  GString    *calls;      /* the names of the timeouts called, with the time if the clock is a test clock */
  int         n_calls;
  int         n_released;
  GThread    *thread;     /* of the last call */
} Log;

/* One timeout and what it does when called. */
typedef struct _Step Step;

struct _Step
{
  const char  *name;
  Log         *log;
  void       (*act) (Step *step);
  Step        *other;     /* for act */
  guint        id;
};

void log_set_up        (Log           *log,
                        gconstpointer  kind);
void log_tear_down     (Log           *log,
                        gconstpointer  kind);
void step_add          (Step         *step,
                        Log          *log,
                        gint64        duration_ns,
                        GMainContext *context);
void act_remove_other  (Step *step);
void act_remove_self   (Step *step);
void act_add_other_now (Step *step);
void act_drop_clock    (Step *step);

#define CLOCK_TEST(name, kind, test) \
  g_test_add ("/base/clock/" name, Log, kind, log_set_up, test, log_tear_down)
