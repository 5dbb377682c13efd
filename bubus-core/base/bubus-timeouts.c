/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-timeouts-private.h"

#include "bubus-clock-real-internal.h"

/* Timeouts wait in lanes, sorted by time. A real clock has a lane for each main context, served by one GSource
 * that wakes for the first timeout of the lane; so the loop's work does not grow with the number of timeouts, and
 * timeouts of one context always fire in the order of their times. A test clock has a single lane, which nothing
 * serves but bubus_clock_advance().
 *
 * All timeouts also are in the table by id, and that table decides: whoever takes a timeout out of it, under the
 * lock, runs it or drops it, without the lock. So each is called at most once and its data released exactly once,
 * however the firing, the removal, the end of the clock and the end of the context meet.
 *
 * The whole is shared by the clock, the sources and those who are about to fire something, for any of them may
 * be the last. */

typedef struct
{
  BubusTimeouts *owner;    /* owned by a lane that has a source, otherwise borrowed */
  GMainContext  *context;  /* not owned, the key among the lanes; NULL in a test clock */
  GSource       *source;   /* not owned, it owns the lane; NULL in a test clock */
  GSequence     *queue;    /* BubusTimeout, borrowed; first the one that is due first */
  gint64         armed_ns; /* when the source wakes; G_MAXINT64 if it does not */
} BubusLane;

typedef struct
{
  guint            id;
  guint64          serial;   /* those of one time fire in the order of adding */
  gint64           due_ns;
  BubusLane       *lane;     /* NULL when it has been popped */
  GSequenceIter   *position; /* in the lane */
  GMainContext    *context;  /* owned until popped; NULL in a real clock, for the lane knows */
  GSourceOnceFunc  func;
  gpointer         user_data;
  GDestroyNotify   notify;
} BubusTimeout;

struct _BubusTimeouts
{
  gboolean    serves_none; /* of a test clock; constant once it is in use */
  GMutex      mutex;       /* guards all below, lanes and timeouts included */
  GHashTable *by_id;   /* id → BubusTimeout, owned */
  GHashTable *lanes;   /* GMainContext → BubusLane, owned by its source; of a test clock by the table's NULL */
  guint       last_id;
  guint64     last_serial;
};

static void
bubus_timeout_free (gpointer data)
{
  BubusTimeout *self = data;

  g_assert (self->lane == NULL);

  if (self->notify != NULL)
    self->notify (self->user_data);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusTimeout, bubus_timeout_free)

static int
bubus_timeout_compare (gconstpointer a,
                       gconstpointer b,
                       gpointer      user_data)
{
  const BubusTimeout *left = a;
  const BubusTimeout *right = b;

  /* Earlier ones first. */
  if (left->due_ns != right->due_ns)
    return left->due_ns < right->due_ns ? -1 : 1;
  /* Of one time, those first that were added first. */
  return left->serial < right->serial ? -1 : left->serial > right->serial;
}

static void
bubus_timeout_leave_lane_locked (BubusTimeout *self)
{
  if (self->lane == NULL)
    return;

  g_sequence_remove (self->position);
  self->position = NULL;
  self->lane = NULL;
}

static BubusLane *
bubus_lane_new (BubusTimeouts *owner,
                GMainContext  *context)
{
  BubusLane *self = g_new0 (BubusLane, 1);

  self->owner = owner;
  self->context = context;
  self->queue = g_sequence_new (NULL);
  self->armed_ns = G_MAXINT64;
  return self;
}

static void
bubus_lane_free (BubusLane *self)
{
  g_assert (g_sequence_is_empty (self->queue));

  g_sequence_free (self->queue);
  g_free (self);
}

static BubusTimeout *
bubus_lane_peek_locked (BubusLane *self)
{
  GSequenceIter *first = g_sequence_get_begin_iter (self->queue);

  return g_sequence_iter_is_end (first) ? NULL : g_sequence_get (first);
}

/* The first timeout, taken out of the lane, if it is due. */
static BubusTimeout *
bubus_lane_pop_locked (BubusLane *self,
                       gint64     until_ns)
{
  BubusTimeout *first = bubus_lane_peek_locked (self);

  if (first == NULL || first->due_ns > until_ns)
    return NULL;

  bubus_timeout_leave_lane_locked (first);
  return first;
}

/* Both times are rounded down to microseconds, so that two more are needed in order not to wake too early. */
static gint64
bubus_lane_get_ready_time (gint64 due_ns)
{
  gint64 remaining_ns = MAX (due_ns - _bubus_clock_now_real (), 0);

  return g_get_monotonic_time () + remaining_ns / 1000 + 2;
}

/* The source may wake for nothing when what it was armed for is removed, but never late. */
static void
bubus_lane_arm_locked (BubusLane *self,
                       gint64     due_ns)
{
  if (self->source == NULL || due_ns >= self->armed_ns)
    return;

  self->armed_ns = due_ns;
  g_source_set_ready_time (self->source, bubus_lane_get_ready_time (due_ns));
}

static void
bubus_lane_rearm_locked (BubusLane *self)
{
  BubusTimeout *first = bubus_lane_peek_locked (self);

  self->armed_ns = G_MAXINT64;
  if (first != NULL)
    bubus_lane_arm_locked (self, first->due_ns);
  else
    g_source_set_ready_time (self->source, -1);
}

static void
bubus_timeouts_clear (gpointer data)
{
  BubusTimeouts *self = data;

  g_assert (g_hash_table_size (self->by_id) == 0);

  g_hash_table_unref (self->lanes);
  g_hash_table_unref (self->by_id);
  g_mutex_clear (&self->mutex);
}

static void
bubus_timeouts_unref (BubusTimeouts *self)
{
  g_atomic_rc_box_release_full (self, bubus_timeouts_clear);
}

/* Takes what is pending out of the table. Freeing the result, without the lock, releases the data. */
static GPtrArray *
bubus_timeouts_steal_locked (BubusTimeouts *self,
                             BubusLane     *lane)
{
  GPtrArray *stolen = g_ptr_array_new_with_free_func (bubus_timeout_free);
  BubusTimeout *timeout;

  while ((timeout = bubus_lane_pop_locked (lane, G_MAXINT64)) != NULL)
    {
      g_hash_table_remove (self->by_id, GUINT_TO_POINTER (timeout->id));
      g_ptr_array_add (stolen, timeout);
    }
  return stolen;
}

/* Takes one timeout out of the table, so that it belongs to the caller. */
static BubusTimeout *
bubus_timeouts_claim (BubusTimeouts *self,
                      guint          timeout_id)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  gpointer timeout = NULL;

  g_hash_table_steal_extended (self->by_id, GUINT_TO_POINTER (timeout_id), NULL, &timeout);
  if (timeout != NULL)
    bubus_timeout_leave_lane_locked (timeout);
  return timeout;
}

static BubusTimeout *
bubus_timeouts_claim_due (BubusTimeouts *self,
                          BubusLane     *lane,
                          gint64         until_ns)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  BubusTimeout *timeout = bubus_lane_pop_locked (lane, until_ns);

  if (timeout != NULL)
    g_hash_table_remove (self->by_id, GUINT_TO_POINTER (timeout->id));
  else if (!g_source_is_destroyed (lane->source))
    bubus_lane_rearm_locked (lane);
  return timeout;
}

static gboolean
bubus_lane_dispatch (GSource     *source,
                     GSourceFunc  func,
                     gpointer     user_data)
{
  return func (user_data);
}

static GSourceFuncs lane_source_funcs = { NULL, NULL, bubus_lane_dispatch, NULL, NULL, NULL };

/* Fires what is due by now; what the callbacks add has to wait for the next turn of the loop. A callback may remove
 * the others, run the loop again, or end the clock. */
static gboolean
bubus_lane_fire_cb (gpointer user_data)
{
  BubusLane *self = user_data;
  gint64 until_ns = _bubus_clock_now_real ();
  BubusTimeout *timeout;

  while ((timeout = bubus_timeouts_claim_due (self->owner, self, until_ns)) != NULL)
    {
      timeout->func (timeout->user_data);
      bubus_timeout_free (timeout);
    }
  return G_SOURCE_CONTINUE;
}

/* The source has been destroyed, by the end of the clock or of the context. */
static void
bubus_lane_source_gone_cb (gpointer user_data)
{
  BubusLane *self = user_data;
  BubusTimeouts *owner = self->owner;
  g_autoptr (GPtrArray) stolen = NULL;

  g_mutex_lock (&owner->mutex);
  if (g_hash_table_lookup (owner->lanes, self->context) == self)
    g_hash_table_remove (owner->lanes, self->context);
  stolen = bubus_timeouts_steal_locked (owner, self);
  bubus_lane_free (self);
  g_mutex_unlock (&owner->mutex);

  g_clear_pointer (&stolen, g_ptr_array_unref);
  bubus_timeouts_unref (owner);
}

static void
bubus_lane_attach_locked (BubusLane *self)
{
  self->source = g_source_new (&lane_source_funcs, sizeof (GSource));
  g_source_set_static_name (self->source, "[bubus] timeouts");
  g_source_set_can_recurse (self->source, TRUE);
  g_source_set_callback (self->source, bubus_lane_fire_cb, self, bubus_lane_source_gone_cb);
  g_source_attach (self->source, self->context);
  g_source_unref (self->source);
}

static BubusLane *
bubus_timeouts_ensure_lane_locked (BubusTimeouts *self,
                                   GMainContext  *context)
{
  BubusLane *lane = g_hash_table_lookup (self->lanes, context);

  if (lane != NULL)
    return lane;

  lane = bubus_lane_new (self, context);
  g_hash_table_insert (self->lanes, context, lane);
  if (context != NULL)
    {
      g_atomic_rc_box_acquire (self);
      bubus_lane_attach_locked (lane);
    }
  return lane;
}

/* Ids of one clock are unique as long as they are pending, also when the numbers have all been used. */
static guint
bubus_timeouts_make_id_locked (BubusTimeouts *self)
{
  do
    self->last_id++;
  while (self->last_id == 0 || g_hash_table_contains (self->by_id, GUINT_TO_POINTER (self->last_id)));

  return self->last_id;
}

static void
bubus_timeouts_insert_locked (BubusTimeouts *self,
                              BubusTimeout  *timeout,
                              BubusLane     *lane)
{
  timeout->id = bubus_timeouts_make_id_locked (self);
  timeout->serial = ++self->last_serial;
  timeout->lane = lane;
  timeout->position = g_sequence_insert_sorted (lane->queue, timeout, bubus_timeout_compare, NULL);
  g_hash_table_insert (self->by_id, GUINT_TO_POINTER (timeout->id), timeout);
  bubus_lane_arm_locked (lane, timeout->due_ns);
}

BubusTimeouts *
_bubus_timeouts_new (void)
{
  BubusTimeouts *self = g_atomic_rc_box_new0 (BubusTimeouts);

  g_mutex_init (&self->mutex);
  self->by_id = g_hash_table_new (NULL, NULL);
  self->lanes = g_hash_table_new (NULL, NULL);
  return self;
}

/* Makes this the timeouts of a test clock, before any are added: no source will fire them. */
void
_bubus_timeouts_serve_none (BubusTimeouts *self)
{
  g_assert (g_hash_table_size (self->lanes) == 0);

  self->serves_none = TRUE;
}

static GPtrArray *
bubus_timeouts_steal_all_locked (BubusTimeouts *self)
{
  GPtrArray *stolen = g_ptr_array_new_with_free_func (bubus_timeout_free);
  GHashTableIter iter;
  gpointer timeout;

  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &timeout))
    {
      bubus_timeout_leave_lane_locked (timeout);
      g_ptr_array_add (stolen, timeout);
      g_hash_table_iter_steal (&iter);
    }
  return stolen;
}

static void
bubus_timeouts_destroy_source (gpointer data)
{
  g_source_destroy (data);
  g_source_unref (data);
}

/* Forgets the lanes. Freeing the result, without the lock, destroys their sources. */
static GPtrArray *
bubus_timeouts_steal_sources_locked (BubusTimeouts *self)
{
  GPtrArray *sources = g_ptr_array_new_with_free_func (bubus_timeouts_destroy_source);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->lanes);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      BubusLane *lane = value;

      if (lane->source != NULL)
        g_ptr_array_add (sources, g_source_ref (lane->source));
      else
        bubus_lane_free (lane);
      g_hash_table_iter_remove (&iter);
    }
  return sources;
}

/* Drops all that is pending, and @self. */
void
_bubus_timeouts_close (BubusTimeouts *self)
{
  g_autoptr (GPtrArray) timeouts = NULL;
  g_autoptr (GPtrArray) sources = NULL;

  g_mutex_lock (&self->mutex);
  timeouts = bubus_timeouts_steal_all_locked (self);
  sources = bubus_timeouts_steal_sources_locked (self);
  g_mutex_unlock (&self->mutex);

  g_clear_pointer (&sources, g_ptr_array_unref);
  g_clear_pointer (&timeouts, g_ptr_array_unref);
  bubus_timeouts_unref (self);
}

guint
_bubus_timeouts_add (BubusTimeouts   *self,
                     gint64           due_ns,
                     GMainContext    *context,
                     GSourceOnceFunc  func,
                     gpointer         user_data,
                     GDestroyNotify   notify)
{
  g_autoptr (GMutexLocker) locker = NULL;
  BubusTimeout *timeout = g_new0 (BubusTimeout, 1);

  timeout->due_ns = due_ns;
  timeout->func = func;
  timeout->user_data = user_data;
  timeout->notify = notify;
  if (self->serves_none)
    timeout->context = g_main_context_ref (g_steal_pointer (&context));

  locker = g_mutex_locker_new (&self->mutex);
  bubus_timeouts_insert_locked (self, timeout, bubus_timeouts_ensure_lane_locked (self, context));
  return timeout->id;
}

/* Returns %FALSE if it has been called already, or is being called, or never was there. */
gboolean
_bubus_timeouts_remove (BubusTimeouts *self,
                        guint          timeout_id)
{
  g_autoptr (BubusTimeout) timeout = bubus_timeouts_claim (self, timeout_id);

  return timeout != NULL;
}

/* Takes the first timeout that is due at @until_ns out of the lane of a test clock. It has to be fired. */
gboolean
_bubus_timeouts_pop (BubusTimeouts   *self,
                     gint64           until_ns,
                     BubusDueTimeout *due)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  BubusLane *lane = g_hash_table_lookup (self->lanes, NULL);
  BubusTimeout *timeout = lane != NULL ? bubus_lane_pop_locked (lane, until_ns) : NULL;

  if (timeout == NULL)
    return FALSE;

  due->id = timeout->id;
  due->due_ns = timeout->due_ns;
  due->context = g_steal_pointer (&timeout->context);
  return TRUE;
}

/* A timeout on its way to a context that another thread runs. */
typedef struct
{
  BubusTimeouts *owner;
  guint          timeout_id;
} BubusHandOver;

static void
bubus_hand_over_free (gpointer data)
{
  BubusHandOver *self = data;

  _bubus_timeouts_remove (self->owner, self->timeout_id);
  bubus_timeouts_unref (self->owner);
  g_free (self);
}

static void
bubus_timeouts_call (BubusTimeouts *self,
                     guint          timeout_id)
{
  g_autoptr (BubusTimeout) timeout = bubus_timeouts_claim (self, timeout_id);

  if (timeout != NULL)
    timeout->func (timeout->user_data);
}

static gboolean
bubus_hand_over_cb (gpointer user_data)
{
  BubusHandOver *self = user_data;

  bubus_timeouts_call (self->owner, self->timeout_id);
  return G_SOURCE_REMOVE;
}

static void
bubus_timeouts_hand_over (BubusTimeouts *self,
                          guint          timeout_id,
                          GMainContext  *context)
{
  BubusHandOver *hand_over = g_new0 (BubusHandOver, 1);

  hand_over->owner = g_atomic_rc_box_acquire (self);
  hand_over->timeout_id = timeout_id;
  g_main_context_invoke_full (context, G_PRIORITY_DEFAULT, bubus_hand_over_cb, hand_over,
                              bubus_hand_over_free);
}

/* Calls a popped timeout here if this thread can run its context, or else has it called there, and consumes @due.
 * It can be removed until it is called. */
void
_bubus_timeouts_fire (BubusTimeouts   *self,
                      BubusDueTimeout *due)
{
  g_autoptr (GMainContext) context = g_steal_pointer (&due->context);

  if (!g_main_context_acquire (context))
    {
      bubus_timeouts_hand_over (self, due->id, context);
      return;
    }

  g_main_context_push_thread_default (context);
  bubus_timeouts_call (self, due->id);
  g_main_context_pop_thread_default (context);
  g_main_context_release (context);
}

guint
_bubus_timeouts_count (BubusTimeouts *self)
{
  guint n_timeouts;

  g_mutex_lock (&self->mutex);
  n_timeouts = g_hash_table_size (self->by_id);
  g_mutex_unlock (&self->mutex);
  return n_timeouts;
}
