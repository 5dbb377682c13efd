/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-throttle.h"

#include "bubus-paced-private.h"

/**
 * BubusThrottle:
 *
 * A middleware that lets one event of a kind through in a time.
 *
 * The first passes at once. Of those that come within [property@Throttle:interval] after it the last is kept back, and
 * goes on when the interval is over; the others are dropped with %BUBUS_ERROR_DROPPED. Time is that of the bus's clock.
 *
 * It may be added to several buses of one main context.
 *
 * Since: 1.0
 */

struct _BubusThrottle
{
  BubusPaced  parent_instance;
};

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusThrottle, bubus_throttle, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, _bubus_paced_middleware_init))

static void
bubus_throttle_class_init (BubusThrottleClass *klass)
{
  /**
   * BubusThrottle:interval:
   *
   * The time from one event of a key to the next, in seconds; with 0 all pass.
   *
   * Since: 1.0
   */
  /**
   * BubusThrottle:n-dropped:
   *
   * How many events have been dropped.
   *
   * Since: 1.0
   */
  /**
   * BubusThrottle:pattern:
   *
   * The event types that are meant, as a pattern; %NULL for all.
   *
   * Since: 1.0
   */
  /**
   * BubusThrottle:key:
   *
   * The name of a property, or of a member, by whose value events of the same type are told apart; %NULL for all events
   * of a type. Events that do not have it pass.
   *
   * Since: 1.0
   */
  /**
   * BubusThrottle:max-keys:
   *
   * How many keys are known at once. When there are more, the oldest is forgotten, and what waits for it goes on.
   *
   * Since: 1.0
   */
  _bubus_paced_class_init (G_OBJECT_CLASS (klass), "interval");
}

static void
bubus_throttle_init (BubusThrottle *self)
{
  _bubus_pacer_init (&self->parent_instance.pacer, TRUE);
}

/**
 * bubus_throttle_new:
 * @interval: the time from one event to the next, in seconds
 *
 * Makes a throttle for all events, which are told apart by their types. For others, make one with its properties.
 *
 * Returns: (transfer full): a new throttle, to be added to a bus with [method@EventBus.add_middleware]
 *
 * Since: 1.0
 */
BubusThrottle *
bubus_throttle_new (double interval)
{
  return g_object_new (BUBUS_TYPE_THROTTLE, "interval", interval, NULL);
}
