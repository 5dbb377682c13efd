/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-recorder-private.h"

/**
 * BubusRecorder:
 *
 * Records what is dispatched on a bus, and says whether it was what a test expects.
 *
 * It sees every event that the bus takes, in that order, before its turn comes. What a check finds wrong is an error
 * whose message says what was expected and what was seen, in words that a test can show.
 *
 * A recorder is used in the main context of its bus. It records until it is freed.
 *
 * Since: 1.0
 */

typedef enum
{
  PROP_BUS = 1,
} BubusRecorderProperty;

static GParamSpec *properties[PROP_BUS + 1];

G_DEFINE_FINAL_TYPE (BubusRecorder, bubus_recorder, G_TYPE_OBJECT)

gboolean
_bubus_recorder_matches (GPatternSpec *pattern,
                         BubusEvent   *event)
{
  return g_pattern_spec_match_string (pattern, bubus_event_get_event_type (event));
}

static void
bubus_recorder_add (BubusRecorder *self,
                    BubusEvent    *event)
{
  g_ptr_array_add (self->events, g_object_ref (event));
  _bubus_recorder_tell_waiters (self, event);
}

/* ---- what the bus has of a recorder, so that it does not keep the recorder alive ---- */

#define BUBUS_TYPE_RECORDER_TAP (bubus_recorder_tap_get_type ())
G_DECLARE_FINAL_TYPE (BubusRecorderTap, bubus_recorder_tap, BUBUS, RECORDER_TAP, GObject)

struct _BubusRecorderTap
{
  GObject        parent_instance;

  BubusRecorder *recorder;  /* not owned; NULL when it is gone */
};

static void
bubus_recorder_tap_event_changed (BubusMiddleware  *middleware,
                                  BubusEventBus    *bus,
                                  BubusEvent       *event,
                                  BubusEventStatus  status)
{
  BubusRecorderTap *self = BUBUS_RECORDER_TAP (middleware);

  if (status == BUBUS_EVENT_STATUS_PENDING && self->recorder != NULL)
    bubus_recorder_add (self->recorder, event);
}

static void
bubus_recorder_tap_middleware_init (BubusMiddlewareInterface *iface)
{
  iface->event_changed = bubus_recorder_tap_event_changed;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusRecorderTap, bubus_recorder_tap, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, bubus_recorder_tap_middleware_init))

static void
bubus_recorder_tap_class_init (BubusRecorderTapClass *klass)
{
}

static void
bubus_recorder_tap_init (BubusRecorderTap *self)
{
}

/* ---- object ---- */

static void
bubus_recorder_constructed (GObject *object)
{
  BubusRecorder *self = BUBUS_RECORDER (object);
  BubusRecorderTap *tap = g_object_new (BUBUS_TYPE_RECORDER_TAP, NULL);

  G_OBJECT_CLASS (bubus_recorder_parent_class)->constructed (object);

  tap->recorder = self;
  self->tap = BUBUS_MIDDLEWARE (tap);
  bubus_event_bus_add_middleware (self->bus, self->tap);
}

static void
bubus_recorder_dispose (GObject *object)
{
  BubusRecorder *self = BUBUS_RECORDER (object);

  if (self->tap != NULL)
    {
      BUBUS_RECORDER_TAP (self->tap)->recorder = NULL;
      bubus_event_bus_remove_middleware (self->bus, self->tap);
    }
  g_clear_object (&self->tap);
  g_ptr_array_set_size (self->events, 0);

  G_OBJECT_CLASS (bubus_recorder_parent_class)->dispose (object);
}

static void
bubus_recorder_finalize (GObject *object)
{
  BubusRecorder *self = BUBUS_RECORDER (object);

  g_assert (g_queue_is_empty (&self->waiters));
  g_ptr_array_unref (self->events);
  g_clear_object (&self->bus);

  G_OBJECT_CLASS (bubus_recorder_parent_class)->finalize (object);
}

static void
bubus_recorder_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  switch ((BubusRecorderProperty) prop_id)
    {
    case PROP_BUS:
      g_value_set_object (value, bubus_recorder_get_bus (BUBUS_RECORDER (object)));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_recorder_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  switch ((BubusRecorderProperty) prop_id)
    {
    case PROP_BUS:
      BUBUS_RECORDER (object)->bus = g_value_dup_object (value);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_recorder_class_init (BubusRecorderClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = bubus_recorder_constructed;
  object_class->dispose = bubus_recorder_dispose;
  object_class->finalize = bubus_recorder_finalize;
  object_class->get_property = bubus_recorder_get_property;
  object_class->set_property = bubus_recorder_set_property;

  /**
   * BubusRecorder:bus: (getter get_bus)
   *
   * The bus that is recorded.
   *
   * Since: 1.0
   */
  properties[PROP_BUS] =
    g_param_spec_object ("bus", NULL, NULL, BUBUS_TYPE_EVENT_BUS,
                         (G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bubus_recorder_init (BubusRecorder *self)
{
  self->events = g_ptr_array_new_with_free_func (g_object_unref);
  g_queue_init (&self->waiters);
}

/* ---- public ---- */

/**
 * bubus_recorder_new:
 * @bus: a bus
 *
 * Makes a recorder, and begins to record.
 *
 * Returns: (transfer full): a new recorder
 *
 * Since: 1.0
 */
BubusRecorder *
bubus_recorder_new (BubusEventBus *bus)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (bus), NULL);

  return g_object_new (BUBUS_TYPE_RECORDER, "bus", bus, NULL);
}

/**
 * bubus_recorder_get_bus: (get-property bus)
 * @self: a recorder
 *
 * Gives the bus that is recorded.
 *
 * Returns: (transfer none): the bus
 *
 * Since: 1.0
 */
BubusEventBus *
bubus_recorder_get_bus (BubusRecorder *self)
{
  g_return_val_if_fail (BUBUS_IS_RECORDER (self), NULL);

  return self->bus;
}

/**
 * bubus_recorder_clear:
 * @self: a recorder
 *
 * Forgets what was recorded, and records on.
 *
 * Since: 1.0
 */
void
bubus_recorder_clear (BubusRecorder *self)
{
  g_return_if_fail (BUBUS_IS_RECORDER (self));

  g_ptr_array_set_size (self->events, 0);
}

/**
 * bubus_recorder_list_events:
 * @self: a recorder
 * @pattern: (nullable): an event type, a glob, or %NULL for everything
 *
 * Lists what was recorded.
 *
 * Returns: (transfer container) (element-type BubusEvent): the events in the order in which they were dispatched
 *
 * Since: 1.0
 */
GPtrArray *
bubus_recorder_list_events (BubusRecorder *self,
                            const char    *pattern)
{
  g_autoptr (GPatternSpec) spec = NULL;
  GPtrArray *events;

  g_return_val_if_fail (BUBUS_IS_RECORDER (self), NULL);

  spec = g_pattern_spec_new (pattern != NULL ? pattern : "*");
  events = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < self->events->len; i++)
    if (_bubus_recorder_matches (spec, self->events->pdata[i]))
      g_ptr_array_add (events, g_object_ref (self->events->pdata[i]));
  return events;
}

/**
 * bubus_recorder_count:
 * @self: a recorder
 * @pattern: (nullable): an event type, a glob, or %NULL for everything
 *
 * Counts what was recorded.
 *
 * Returns: how many events there were
 *
 * Since: 1.0
 */
guint
bubus_recorder_count (BubusRecorder *self,
                      const char    *pattern)
{
  g_autoptr (GPtrArray) events = NULL;

  g_return_val_if_fail (BUBUS_IS_RECORDER (self), 0);

  events = bubus_recorder_list_events (self, pattern);
  return events->len;
}
