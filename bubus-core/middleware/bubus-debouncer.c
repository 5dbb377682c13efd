/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-debouncer.h"

#include "bubus-pacer-private.h"

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
  GObject     parent_instance;

  BubusPacer  pacer;
};

enum
{
  PROP_DELAY = BUBUS_SELECTION_N_PROPERTIES,
  PROP_N_DROPPED,
};

static GParamSpec *properties[PROP_N_DROPPED + 1];

static gboolean
bubus_debouncer_intercept (BubusMiddleware    *middleware,
                           BubusEventBus      *bus,
                           BubusEvent         *event,
                           BubusInterception  *interception,
                           GError            **error)
{
  return _bubus_pacer_enter (&BUBUS_DEBOUNCER (middleware)->pacer, event, interception);
}

static void
bubus_debouncer_middleware_init (BubusMiddlewareInterface *iface)
{
  iface->intercept = bubus_debouncer_intercept;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusDebouncer, bubus_debouncer, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, bubus_debouncer_middleware_init))

static void
bubus_debouncer_finalize (GObject *object)
{
  BubusDebouncer *self = BUBUS_DEBOUNCER (object);

  _bubus_pacer_clear (&self->pacer);

  G_OBJECT_CLASS (bubus_debouncer_parent_class)->finalize (object);
}

static void
bubus_debouncer_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  BubusDebouncer *self = BUBUS_DEBOUNCER (object);

  if (_bubus_selection_get_property (&self->pacer.selection, prop_id, value))
    return;

  switch (prop_id)
    {
    case PROP_DELAY:
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
bubus_debouncer_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  BubusDebouncer *self = BUBUS_DEBOUNCER (object);

  if (_bubus_selection_set_property (&self->pacer.selection, prop_id, value))
    return;

  switch (prop_id)
    {
    case PROP_DELAY:
      self->pacer.delay_ns = (gint64) (g_value_get_double (value) * 1e9);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_debouncer_install_own_properties (void)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  /**
   * BubusDebouncer:delay:
   *
   * For how long no event of the same key must have come, in seconds.
   *
   * Since: 1.0
   */
  properties[PROP_DELAY] = g_param_spec_double ("delay", NULL, NULL, 0, 1e9, 1, flags);

  /**
   * BubusDebouncer:n-dropped:
   *
   * How many events have been dropped.
   *
   * Since: 1.0
   */
  properties[PROP_N_DROPPED] = g_param_spec_uint64 ("n-dropped", NULL, NULL, 0, G_MAXUINT64, 0, readable);
}

static void
bubus_debouncer_class_init (BubusDebouncerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = bubus_debouncer_finalize;
  object_class->get_property = bubus_debouncer_get_property;
  object_class->set_property = bubus_debouncer_set_property;

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
  _bubus_selection_install_properties (object_class, properties);
  bubus_debouncer_install_own_properties ();

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bubus_debouncer_init (BubusDebouncer *self)
{
  _bubus_pacer_init (&self->pacer, FALSE);
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
