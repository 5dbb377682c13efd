/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-throttle.h"

#include "bubus-pacer-private.h"

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
  GObject     parent_instance;

  BubusPacer  pacer;
};

enum
{
  PROP_INTERVAL = BUBUS_SELECTION_N_PROPERTIES,
  PROP_N_DROPPED,
};

static GParamSpec *properties[PROP_N_DROPPED + 1];

static gboolean
bubus_throttle_intercept (BubusMiddleware    *middleware,
                          BubusEventBus      *bus,
                          BubusEvent         *event,
                          BubusInterception  *interception,
                          GError            **error)
{
  return _bubus_pacer_enter (&BUBUS_THROTTLE (middleware)->pacer, event, interception);
}

static void
bubus_throttle_middleware_init (BubusMiddlewareInterface *iface)
{
  iface->intercept = bubus_throttle_intercept;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusThrottle, bubus_throttle, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, bubus_throttle_middleware_init))

static void
bubus_throttle_finalize (GObject *object)
{
  BubusThrottle *self = BUBUS_THROTTLE (object);

  _bubus_pacer_clear (&self->pacer);

  G_OBJECT_CLASS (bubus_throttle_parent_class)->finalize (object);
}

static void
bubus_throttle_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  BubusThrottle *self = BUBUS_THROTTLE (object);

  if (_bubus_selection_get_property (&self->pacer.selection, prop_id, value))
    return;

  switch (prop_id)
    {
    case PROP_INTERVAL:
      g_value_set_double (value, self->pacer.delay_ns / 1e9);
      break;

    case PROP_N_DROPPED:
      g_value_set_uint64 (value, self->pacer.n_dropped);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_throttle_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  BubusThrottle *self = BUBUS_THROTTLE (object);

  if (_bubus_selection_set_property (&self->pacer.selection, prop_id, value))
    return;

  switch (prop_id)
    {
    case PROP_INTERVAL:
      self->pacer.delay_ns = (gint64) (g_value_get_double (value) * 1e9);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_throttle_install_own_properties (void)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  /**
   * BubusThrottle:interval:
   *
   * The time from one event of a key to the next, in seconds.
   *
   * Since: 1.0
   */
  properties[PROP_INTERVAL] = g_param_spec_double ("interval", NULL, NULL, 0, 1e9, 1, flags);

  /**
   * BubusThrottle:n-dropped:
   *
   * How many events have been dropped.
   *
   * Since: 1.0
   */
  properties[PROP_N_DROPPED] = g_param_spec_uint64 ("n-dropped", NULL, NULL, 0, G_MAXUINT64, 0, readable);
}

static void
bubus_throttle_class_init (BubusThrottleClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = bubus_throttle_finalize;
  object_class->get_property = bubus_throttle_get_property;
  object_class->set_property = bubus_throttle_set_property;

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
  _bubus_selection_install_properties (object_class, properties);
  bubus_throttle_install_own_properties ();

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bubus_throttle_init (BubusThrottle *self)
{
  _bubus_pacer_init (&self->pacer, TRUE);
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
