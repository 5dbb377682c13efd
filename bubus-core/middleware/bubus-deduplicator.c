/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-deduplicator.h"

#include "base/bubus-error.h"
#include "bubus-keyring-private.h"
#include "bubus-selection-private.h"
#include "event/bubus-event-internal.h"

/**
 * BubusDeduplicator:
 *
 * A middleware that drops events that have been there already.
 *
 * Two events are the same when they have the same type, and the same value of [property@Deduplicator:key]. The first is
 * accepted; those that come within [property@Deduplicator:window] after it are dropped with %BUBUS_ERROR_DROPPED. An
 * event that the bus has refused does not count: it may be tried again. Time is that of the bus's clock.
 *
 * It may be added to several buses of one main context.
 *
 * Since: 1.0
 */

/* An event that was accepted. */
typedef struct
{
  BubusKeyEntry entry;
  BubusUuid     id;
  gint64        time;
} BubusAccepted;

struct _BubusDeduplicator
{
  GObject         parent_instance;

  BubusSelection  selection;
  gint64          window_ns;
  BubusKeyring    keys;
  guint64         n_dropped;
};

enum
{
  PROP_WINDOW = BUBUS_SELECTION_N_PROPERTIES,
  PROP_N_DROPPED,
};

static GParamSpec *properties[PROP_N_DROPPED + 1];

static void
bubus_deduplicator_forget (BubusDeduplicator *self,
                           BubusAccepted     *accepted)
{
  _bubus_keyring_remove (&self->keys, &accepted->entry);
  g_free (accepted);
}

static gint64
bubus_event_bus_read_clock (BubusEventBus *bus)
{
  g_autoptr (BubusClock) clock = _bubus_event_bus_ref_clock (bus);

  return bubus_clock_get_time (clock);
}

/* Without those whose time is over, and with room for one more. */
static void
bubus_deduplicator_tidy (BubusDeduplicator *self,
                         gint64             now)
{
  BubusAccepted *oldest;

  while ((oldest = _bubus_keyring_get_oldest (&self->keys)) != NULL
         && (now - oldest->time >= self->window_ns || _bubus_keyring_count (&self->keys) >= self->selection.max_keys))
    bubus_deduplicator_forget (self, oldest);
}

static gboolean
bubus_deduplicator_intercept (BubusMiddleware    *middleware,
                              BubusEventBus      *bus,
                              BubusEvent         *event,
                              BubusInterception  *interception,
                              GError            **error)
{
  BubusDeduplicator *self = BUBUS_DEDUPLICATOR (middleware);
  g_autofree char *key = _bubus_selection_dup_key (&self->selection, event);
  const BubusAccepted *accepted = key != NULL ? _bubus_keyring_lookup (&self->keys, key) : NULL;
  g_autoptr (GError) reason = NULL;

  if (accepted == NULL || bubus_event_bus_read_clock (bus) - accepted->time >= self->window_ns
      || _bubus_uuid_equal (&accepted->id, &_bubus_event_get_private (event)->id))
    return TRUE;

  reason = g_error_new (BUBUS_ERROR, BUBUS_ERROR_DROPPED, "the same “%s” has been accepted less than %g s ago",
                        bubus_event_get_event_type (event), self->window_ns / 1e9);
  self->n_dropped++;
  bubus_interception_drop (interception, reason);
  return TRUE;
}

/* The bus has the event. */
static void
bubus_deduplicator_event_changed (BubusMiddleware  *middleware,
                                  BubusEventBus    *bus,
                                  BubusEvent       *event,
                                  BubusEventStatus  status)
{
  BubusDeduplicator *self = BUBUS_DEDUPLICATOR (middleware);
  g_autofree char *key = NULL;
  BubusAccepted *accepted;
  gint64 now;

  if (status != BUBUS_EVENT_STATUS_PENDING
      || (key = _bubus_selection_dup_key (&self->selection, event)) == NULL)
    return;

  now = bubus_event_bus_read_clock (bus);
  bubus_deduplicator_tidy (self, now);
  if (_bubus_keyring_lookup (&self->keys, key) != NULL)
    return;

  accepted = g_new0 (BubusAccepted, 1);
  accepted->id = _bubus_event_get_private (event)->id;
  accepted->time = now;
  _bubus_keyring_add (&self->keys, &accepted->entry, key);
}

static void
bubus_deduplicator_middleware_init (BubusMiddlewareInterface *iface)
{
  iface->intercept = bubus_deduplicator_intercept;
  iface->event_changed = bubus_deduplicator_event_changed;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusDeduplicator, bubus_deduplicator, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, bubus_deduplicator_middleware_init))

static void
bubus_deduplicator_finalize (GObject *object)
{
  BubusDeduplicator *self = BUBUS_DEDUPLICATOR (object);
  BubusAccepted *accepted;

  while ((accepted = _bubus_keyring_get_oldest (&self->keys)) != NULL)
    bubus_deduplicator_forget (self, accepted);
  _bubus_keyring_clear (&self->keys);
  _bubus_selection_clear (&self->selection);

  G_OBJECT_CLASS (bubus_deduplicator_parent_class)->finalize (object);
}

static void
bubus_deduplicator_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  BubusDeduplicator *self = BUBUS_DEDUPLICATOR (object);

  if (_bubus_selection_get_property (&self->selection, prop_id, value))
    return;

  switch (prop_id)
    {
    case PROP_WINDOW:
      g_value_set_double (value, self->window_ns / 1e9);
      break;

    case PROP_N_DROPPED:
      g_value_set_uint64 (value, self->n_dropped);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_deduplicator_set_property (GObject      *object,
                                 guint         prop_id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  BubusDeduplicator *self = BUBUS_DEDUPLICATOR (object);

  if (_bubus_selection_set_property (&self->selection, prop_id, value))
    return;

  switch (prop_id)
    {
    case PROP_WINDOW:
      self->window_ns = (gint64) (g_value_get_double (value) * 1e9);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_deduplicator_install_own_properties (void)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  /**
   * BubusDeduplicator:window:
   *
   * For how long, in seconds, an event is known.
   *
   * Since: 1.0
   */
  properties[PROP_WINDOW] = g_param_spec_double ("window", NULL, NULL, 0, 1e9, 60, flags);

  /**
   * BubusDeduplicator:n-dropped:
   *
   * How many events have been dropped.
   *
   * Since: 1.0
   */
  properties[PROP_N_DROPPED] = g_param_spec_uint64 ("n-dropped", NULL, NULL, 0, G_MAXUINT64, 0, readable);
}

static void
bubus_deduplicator_class_init (BubusDeduplicatorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = bubus_deduplicator_finalize;
  object_class->get_property = bubus_deduplicator_get_property;
  object_class->set_property = bubus_deduplicator_set_property;

  /**
   * BubusDeduplicator:pattern:
   *
   * The event types that are meant, as a pattern; %NULL for all.
   *
   * Since: 1.0
   */
  /**
   * BubusDeduplicator:key:
   *
   * The name of a property, or of a member, by whose value events of the same type are told apart; %NULL for all events
   * of a type. Events that do not have it pass.
   *
   * Since: 1.0
   */
  /**
   * BubusDeduplicator:max-keys:
   *
   * How many keys are known at once. When there are more, the oldest is forgotten, and what waits for it goes on.
   *
   * Since: 1.0
   */
  _bubus_selection_install_properties (object_class, properties);
  bubus_deduplicator_install_own_properties ();

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bubus_deduplicator_init (BubusDeduplicator *self)
{
  _bubus_keyring_init (&self->keys);
}

/**
 * bubus_deduplicator_new:
 * @key: the name of the property, or member, that is the same in the same events
 * @window: for how long an event is known, in seconds
 *
 * Makes a deduplicator for all event types that have the property.
 *
 * Returns: (transfer full): a new deduplicator, to be added to a bus with [method@EventBus.add_middleware]
 *
 * Since: 1.0
 */
BubusDeduplicator *
bubus_deduplicator_new (const char *key,
                        double      window)
{
  g_return_val_if_fail (key != NULL, NULL);

  return g_object_new (BUBUS_TYPE_DEDUPLICATOR, "key", key, "window", window, NULL);
}
