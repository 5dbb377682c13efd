/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-debouncer.h"

#include "bubus-paced-private.h"

/**
 * BubusDebouncer:
 *
 * A middleware that waits until no more events of a kind come, and then lets the last of them through.
 *
 * Each event is kept back for [property@Debouncer:delay]. When another one of the same key comes before that is over,
 * it takes its place, and the time begins anew; the earlier one is dropped with %BUBUS_ERROR_DROPPED. Time is that of
 * the bus's clock.
 *
 * It may be added to several buses of one main context.
 *
 * Since: 1.0
 */

struct _BubusDebouncer
{
  BubusPaced  parent_instance;
};

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusDebouncer, bubus_debouncer, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, _bubus_paced_middleware_init))

static void
bubus_debouncer_class_init (BubusDebouncerClass *klass)
{
  /**
   * BubusDebouncer:delay:
   *
   * For how long no event of the same key must have come, in seconds.
   *
   * Since: 1.0
   */
  /**
   * BubusDebouncer:n-dropped:
   *
   * How many events have been dropped.
   *
   * Since: 1.0
   */
  /**
   * BubusDebouncer:pattern:
   *
   * The event types that are meant, as a pattern; %NULL for all.
   *
   * Since: 1.0
   */
  /**
   * BubusDebouncer:key:
   *
   * The name of a property, or of a member, by whose value events of the same type are told apart; %NULL for all events
   * of a type. Events that do not have it pass.
   *
   * Since: 1.0
   */
  /**
   * BubusDebouncer:max-keys:
   *
   * How many keys are known at once. When there are more, the oldest is forgotten, and what waits for it goes on.
   *
   * Since: 1.0
   */
  _bubus_paced_class_init (G_OBJECT_CLASS (klass), "delay");
}

static void
bubus_debouncer_init (BubusDebouncer *self)
{
  _bubus_pacer_init (&self->parent_instance.pacer, FALSE);
}

/**
 * bubus_debouncer_new:
 * @delay: for how long events are kept back, in seconds
 *
 * Makes a debouncer for all events, which are told apart by their types. For others, make one with its properties.
 *
 * Returns: (transfer full): a new debouncer, to be added to a bus with [method@EventBus.add_middleware]
 *
 * Since: 1.0
 */
BubusDebouncer *
bubus_debouncer_new (double delay)
{
  return g_object_new (BUBUS_TYPE_DEBOUNCER, "delay", delay, NULL);
}
