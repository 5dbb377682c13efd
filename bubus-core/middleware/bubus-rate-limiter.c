/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-rate-limiter.h"

#include "base/bubus-error.h"
#include "bubus-keyring-private.h"
#include "bubus-selection-private.h"

/**
 * BubusRateLimiter:
 *
 * A middleware that lets so many events through in a second.
 *
 * Each key has a bucket with [property@RateLimiter:burst] tokens, into which [property@RateLimiter:rate] more fall each
 * second until it is full again. An event takes one. Where there is none, the event waits, behind those of the same key
 * that do; up to [property@RateLimiter:max-waiting] events may. What is too much is refused with
 * %BUBUS_ERROR_RATE_LIMITED. Time is that of the bus's clock.
 *
 * It may be added to several buses of one main context.
 *
 * Since: 1.0
 */

typedef struct
{
  BubusKeyEntry     entry;
  BubusRateLimiter *limiter;
  BubusClock       *clock;
  GMainContext     *context;
  double            tokens;      /* at @time */
  gint64            time;
  GQueue            waiting;     /* of BubusInterception, the first first; owned */
  guint             timeout_id;  /* while there are such */
} BubusBucket;

struct _BubusRateLimiter
{
  GObject         parent_instance;

  BubusSelection  selection;
  double          rate;
  guint           burst;
  guint           max_waiting;
  BubusKeyring    buckets;
  guint           n_waiting;
  guint64         n_refused;
};

enum
{
  PROP_RATE = BUBUS_SELECTION_N_PROPERTIES,
  PROP_BURST,
  PROP_MAX_WAITING,
  PROP_N_WAITING,
  PROP_N_REFUSED,
};

static GParamSpec *properties[PROP_N_REFUSED + 1];

/* ---- buckets ---- */

static void
bubus_bucket_fill (BubusBucket *self)
{
  gint64 now = bubus_clock_get_time (self->clock);
  double elapsed = MAX (now - self->time, 0) / 1e9;

  self->tokens = MIN (self->tokens + elapsed * self->limiter->rate, self->limiter->burst);
  self->time = now;
}

/* What is a token but for the rounding of times is one. */
static gboolean
bubus_bucket_take (BubusBucket *self)
{
  if (self->tokens < 1 - 1e-6)
    return FALSE;

  self->tokens = MAX (self->tokens - 1, 0);
  return TRUE;
}

static void
bubus_bucket_let_first_go (BubusBucket *self)
{
  g_autoptr (BubusInterception) first = g_queue_pop_head (&self->waiting);

  self->limiter->n_waiting--;
  bubus_interception_resume (first);
}

static void bubus_bucket_filled_cb (gpointer data);

static void
bubus_bucket_wait (BubusBucket *self)
{
  double missing = MAX (1 - self->tokens, 0);

  if (!g_queue_is_empty (&self->waiting) && self->timeout_id == 0)
    self->timeout_id = bubus_clock_add_timeout (self->clock, (gint64) (missing / self->limiter->rate * 1e9),
                                                self->context, bubus_bucket_filled_cb, self, NULL);
}

/* An event that goes may be the last that holds the limiter. */
static void
bubus_bucket_filled_cb (gpointer data)
{
  BubusBucket *self = data;
  g_autoptr (BubusRateLimiter) limiter = g_object_ref (self->limiter);

  self->timeout_id = 0;
  bubus_bucket_fill (self);
  while (!g_queue_is_empty (&self->waiting) && bubus_bucket_take (self))
    bubus_bucket_let_first_go (self);
  bubus_bucket_wait (self);
}

/* ---- limiter ---- */

static void
bubus_rate_limiter_forget (BubusRateLimiter *self,
                           BubusBucket      *bucket)
{
  if (bucket->timeout_id != 0)
    bubus_clock_remove_timeout (bucket->clock, bucket->timeout_id);
  while (!g_queue_is_empty (&bucket->waiting))
    bubus_bucket_let_first_go (bucket);
  _bubus_keyring_remove (&self->buckets, &bucket->entry);
  g_main_context_unref (bucket->context);
  g_object_unref (bucket->clock);
  g_free (bucket);
}

static BubusBucket *
bubus_rate_limiter_ensure_bucket (BubusRateLimiter *self,
                                  const char       *key,
                                  BubusEventBus    *bus)
{
  BubusBucket *bucket = _bubus_keyring_lookup (&self->buckets, key);

  if (bucket != NULL)
    {
      bubus_bucket_fill (bucket);
      return bucket;
    }

  if (_bubus_keyring_count (&self->buckets) >= self->selection.max_keys)
    bubus_rate_limiter_forget (self, _bubus_keyring_get_oldest (&self->buckets));
  bucket = g_new0 (BubusBucket, 1);
  bucket->limiter = self;
  bucket->clock = _bubus_event_bus_ref_clock (bus);
  bucket->context = g_main_context_ref (bubus_event_bus_get_main_context (bus));
  bucket->tokens = self->burst;
  bucket->time = bubus_clock_get_time (bucket->clock);
  _bubus_keyring_add (&self->buckets, &bucket->entry, key);
  return bucket;
}

static gboolean
bubus_rate_limiter_intercept (BubusMiddleware    *middleware,
                              BubusEventBus      *bus,
                              BubusEvent         *event,
                              BubusInterception  *interception,
                              GError            **error)
{
  BubusRateLimiter *self = BUBUS_RATE_LIMITER (middleware);
  g_autofree char *key = _bubus_selection_dup_key (&self->selection, event);
  BubusBucket *bucket;

  if (key == NULL)
    return TRUE;
  bucket = bubus_rate_limiter_ensure_bucket (self, key, bus);
  if (g_queue_is_empty (&bucket->waiting) && bubus_bucket_take (bucket))
    return TRUE;

  if (self->n_waiting >= self->max_waiting)
    {
      self->n_refused++;
      g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_RATE_LIMITED, "more than %g “%s” in a second", self->rate,
                   bubus_event_get_event_type (event));
      return FALSE;
    }

  self->n_waiting++;
  g_queue_push_tail (&bucket->waiting, g_object_ref (interception));
  bubus_interception_defer (interception);
  bubus_bucket_wait (bucket);
  return TRUE;
}

static void
bubus_rate_limiter_middleware_init (BubusMiddlewareInterface *iface)
{
  iface->intercept = bubus_rate_limiter_intercept;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusRateLimiter, bubus_rate_limiter, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, bubus_rate_limiter_middleware_init))

static void
bubus_rate_limiter_finalize (GObject *object)
{
  BubusRateLimiter *self = BUBUS_RATE_LIMITER (object);
  BubusBucket *bucket;

  while ((bucket = _bubus_keyring_get_oldest (&self->buckets)) != NULL)
    bubus_rate_limiter_forget (self, bucket);
  _bubus_keyring_clear (&self->buckets);
  _bubus_selection_clear (&self->selection);

  G_OBJECT_CLASS (bubus_rate_limiter_parent_class)->finalize (object);
}

static void
bubus_rate_limiter_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  BubusRateLimiter *self = BUBUS_RATE_LIMITER (object);

  if (_bubus_selection_get_property (&self->selection, prop_id, value))
    return;

  switch (prop_id)
    {
    case PROP_RATE:
      g_value_set_double (value, self->rate);
      break;

    case PROP_BURST:
      g_value_set_uint (value, self->burst);
      break;

    case PROP_MAX_WAITING:
      g_value_set_uint (value, self->max_waiting);
      break;

    case PROP_N_WAITING:
      g_value_set_uint (value, self->n_waiting);
      break;

    case PROP_N_REFUSED:
      g_value_set_uint64 (value, self->n_refused);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_rate_limiter_set_property (GObject      *object,
                                 guint         prop_id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  BubusRateLimiter *self = BUBUS_RATE_LIMITER (object);

  if (_bubus_selection_set_property (&self->selection, prop_id, value))
    return;

  switch (prop_id)
    {
    case PROP_RATE:
      self->rate = g_value_get_double (value);
      break;

    case PROP_BURST:
      self->burst = g_value_get_uint (value);
      break;

    case PROP_MAX_WAITING:
      self->max_waiting = g_value_get_uint (value);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_rate_limiter_install_own_properties (void)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  /**
   * BubusRateLimiter:rate:
   *
   * How many events of a key may pass in a second, on average.
   *
   * Since: 1.0
   */
  properties[PROP_RATE] = g_param_spec_double ("rate", NULL, NULL, 1e-6, 1e9, 1, flags);

  /**
   * BubusRateLimiter:burst:
   *
   * How many events of a key may pass at once.
   *
   * Since: 1.0
   */
  properties[PROP_BURST] = g_param_spec_uint ("burst", NULL, NULL, 1, G_MAXUINT, 1, flags);

  /**
   * BubusRateLimiter:max-waiting:
   *
   * How many events may wait, of all keys together; 0 to refuse what comes too fast.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_WAITING] = g_param_spec_uint ("max-waiting", NULL, NULL, 0, G_MAXUINT, 1000, flags);

  /**
   * BubusRateLimiter:n-waiting:
   *
   * How many events wait.
   *
   * Since: 1.0
   */
  properties[PROP_N_WAITING] = g_param_spec_uint ("n-waiting", NULL, NULL, 0, G_MAXUINT, 0, readable);

  /**
   * BubusRateLimiter:n-refused:
   *
   * How many events have been refused.
   *
   * Since: 1.0
   */
  properties[PROP_N_REFUSED] = g_param_spec_uint64 ("n-refused", NULL, NULL, 0, G_MAXUINT64, 0, readable);
}

static void
bubus_rate_limiter_class_init (BubusRateLimiterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = bubus_rate_limiter_finalize;
  object_class->get_property = bubus_rate_limiter_get_property;
  object_class->set_property = bubus_rate_limiter_set_property;

  /**
   * BubusRateLimiter:pattern:
   *
   * The event types that are meant, as a pattern; %NULL for all.
   *
   * Since: 1.0
   */
  /**
   * BubusRateLimiter:key:
   *
   * The name of a property, or of a member, by whose value events of the same type are told apart; %NULL for all events
   * of a type. Events that do not have it pass.
   *
   * Since: 1.0
   */
  /**
   * BubusRateLimiter:max-keys:
   *
   * How many keys are known at once. When there are more, the oldest is forgotten, and what waits for it goes on.
   *
   * Since: 1.0
   */
  _bubus_selection_install_properties (object_class, properties);
  bubus_rate_limiter_install_own_properties ();

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bubus_rate_limiter_init (BubusRateLimiter *self)
{
  _bubus_keyring_init (&self->buckets);
}

/**
 * bubus_rate_limiter_new:
 * @rate: how many events of a type may pass in a second
 * @burst: how many may pass at once, at least 1
 *
 * Makes a rate limiter for all events, which are told apart by their types.
 *
 * Returns: (transfer full): a new rate limiter, to be added to a bus with [method@EventBus.add_middleware]
 *
 * Since: 1.0
 */
BubusRateLimiter *
bubus_rate_limiter_new (double rate,
                        guint  burst)
{
  return g_object_new (BUBUS_TYPE_RATE_LIMITER, "rate", rate, "burst", burst, NULL);
}
