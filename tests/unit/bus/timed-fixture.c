/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "timed-fixture.h"

void
timed_set_up (Timed         *timed,
              gconstpointer  data)
{
  timed->clock = bubus_clock_new_test (G_GINT64_CONSTANT (1700000000) * SECOND);
  bubus_clock_push_thread_default (timed->clock);
  fixture_set_up (&timed->base, data);
}

void
timed_tear_down (Timed         *timed,
                 gconstpointer  data)
{
  fixture_tear_down (&timed->base, data);
  bubus_clock_pop_thread_default (timed->clock);
  g_assert_finalize_object (timed->clock);
}

BubusEvent *
dispatch_sum (BubusEventBus *bus)
{
  BubusEvent *event = g_object_new (TYPE_SUM, NULL);

  g_assert_true (bubus_event_bus_dispatch (bus, event, NULL));
  return event;
}

void
run_pending (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}
