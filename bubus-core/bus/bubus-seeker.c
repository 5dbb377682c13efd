/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-seeker-private.h"

#include "base/bubus-error.h"
#include "bubus-invocation-private.h"
#include "bubus-recent-private.h"
#include "bubus-time-limit-private.h"

/* Those who look for events on a bus. A seeker is neither a handler nor a wait for processing: it is shown every event
 * once, in the bus's main context, when the event is dispatched, or else before its first handler is called. What the
 * bus knows already is shown to it when it begins.
 *
 * While it waits, its task does not keep the bus alive, so that a bus which nobody uses goes even if somebody expects
 * something of it. The task's reference is given away meanwhile, and paid back before the task returns. */

typedef struct
{
  BubusLink        link;       /* in the bus's list, which has a reference; guarded by the bus's lock */
  gatomicrefcount  ref_count;
  GWeakRef         bus;        /* for those who may come when the bus is going */
  BubusSeekKind    kind;
  BubusEventQuery *query;
  double           past;       /* seconds; negative: without limit */
  double           future;     /* likewise */
  guint64          since;      /* the first event that is to be offered; those before have been looked at */
  GTask           *task;       /* until it returns */
  GSource         *cancelled;  /* nullable */
  BubusClock      *clock;
  guint            timeout_id; /* on @clock; 0: none */
  GPtrArray       *found;      /* by BUBUS_SEEK_FILTER */
} BubusSeeker;

typedef enum
{
  BUBUS_SEEK_FOUND,
  BUBUS_SEEK_TIMED_OUT,
  BUBUS_SEEK_STOPPED,
  BUBUS_SEEK_CANCELLED,
} BubusSeekEnd;

static BubusSeeker *
bubus_seeker_ref (BubusSeeker *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

static void
bubus_seeker_unref (BubusSeeker *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_assert (self->task == NULL && !_bubus_link_is_linked (&self->link));
  g_weak_ref_clear (&self->bus);
  g_clear_object (&self->query);
  g_clear_object (&self->clock);
  g_clear_pointer (&self->found, g_ptr_array_unref);
  g_free (self);
}

static BubusSeeker *
bubus_seeker_new (BubusEventBus   *bus,
                  BubusSeekKind    kind,
                  BubusEventQuery *query,
                  double           past,
                  double           future)
{
  BubusSeeker *self = g_new0 (BubusSeeker, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_weak_ref_init (&self->bus, bus);
  self->kind = kind;
  self->query = g_object_ref (query);
  self->past = past;
  self->future = future;
  self->clock = g_object_ref (bus->clock);
  self->found = g_ptr_array_new_with_free_func (g_object_unref);
  return self;
}

/* ---- the end ---- */

static gboolean
bubus_seeker_is_waiting (BubusSeeker   *self,
                         BubusEventBus *bus)
{
  gboolean waiting;

  g_mutex_lock (&bus->lock);
  waiting = _bubus_link_is_linked (&self->link);
  g_mutex_unlock (&bus->lock);
  return waiting;
}

/* Whoever takes the seeker out of the list ends it, and has the list's reference. */
static gboolean
bubus_seeker_take (BubusSeeker   *self,
                   BubusEventBus *bus)
{
  gboolean taken;

  g_mutex_lock (&bus->lock);
  taken = _bubus_link_is_linked (&self->link);
  if (taken)
    {
      _bubus_queue_remove (&bus->seekers, &self->link);
      g_atomic_int_add (&bus->n_seekers, -1);
    }
  g_mutex_unlock (&bus->lock);
  return taken;
}

static void
bubus_seeker_remove_timeout (BubusSeeker *self)
{
  guint timeout_id = g_atomic_int_exchange (&self->timeout_id, 0);

  if (timeout_id != 0)
    bubus_clock_remove_timeout (self->clock, timeout_id);
}

static void
bubus_seeker_disarm (BubusSeeker *self)
{
  if (self->cancelled != NULL)
    g_source_destroy (self->cancelled);
  g_clear_pointer (&self->cancelled, g_source_unref);
  bubus_seeker_remove_timeout (self);
}

/* An error for who expects; who only looked has found nothing. */
static void
bubus_seeker_return_nothing (BubusSeeker   *self,
                             BubusEventBus *bus,
                             GTask         *task,
                             BubusSeekEnd   end)
{
  if (self->kind == BUBUS_SEEK_FIND)
    g_task_return_pointer (task, NULL, NULL);
  else if (end == BUBUS_SEEK_STOPPED)
    g_task_return_new_error (task, BUBUS_ERROR, BUBUS_ERROR_STOPPED,
                             "“%s” has been stopped before the expected event came", bus->info->name);
  else
    g_task_return_new_error (task, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT,
                             "The expected event has not come within %g s", self->future);
}

static void
bubus_seeker_return (BubusSeeker   *self,
                     BubusEventBus *bus,
                     GTask         *task,
                     BubusSeekEnd   end)
{
  if (end == BUBUS_SEEK_CANCELLED && g_task_return_error_if_cancelled (task))
    return;

  if (self->kind == BUBUS_SEEK_FILTER)
    g_task_return_pointer (task, g_steal_pointer (&self->found), (GDestroyNotify) g_ptr_array_unref);
  else if (end == BUBUS_SEEK_FOUND)
    g_task_return_pointer (task, g_object_ref (self->found->pdata[0]), g_object_unref);
  else
    bubus_seeker_return_nothing (self, bus, task, end);
}

/* The caller has taken the seeker, and gives its reference. */
static void
bubus_seeker_end (BubusSeeker   *self,
                  BubusEventBus *bus,
                  BubusSeekEnd   end)
{
  /* Who is told is not part of the handler that happens to be running. */
  BubusInvocation *invocation = _bubus_invocation_set_current (NULL);
  GTask *task = g_steal_pointer (&self->task);

  bubus_seeker_disarm (self);
  g_object_ref (bus); /* what the task had given away */
  bubus_seeker_return (self, bus, task, end);
  g_object_unref (task);
  bubus_seeker_unref (self);
  _bubus_invocation_set_current (invocation);
}

/* When the bus is going, it ends its seekers itself. */
static void
bubus_seeker_end_if_waiting (BubusSeeker  *self,
                             BubusSeekEnd  end)
{
  g_autoptr (BubusEventBus) bus = g_weak_ref_get (&self->bus);

  if (bus != NULL && bubus_seeker_take (self, bus))
    bubus_seeker_end (self, bus, end);
}

static gboolean
bubus_seeker_cancelled_cb (GCancellable *cancellable,
                           gpointer      data)
{
  bubus_seeker_end_if_waiting (g_task_get_task_data (data), BUBUS_SEEK_CANCELLED);
  return G_SOURCE_REMOVE;
}

static void
bubus_seeker_expired_cb (gpointer data)
{
  bubus_seeker_end_if_waiting (data, BUBUS_SEEK_TIMED_OUT);
}

/* ---- looking at events ---- */

/* Predicates are called without the lock, and outside of every handler. */
static void
bubus_seeker_look_at (BubusSeeker   *self,
                      BubusEventBus *bus,
                      BubusEvent    *event)
{
  int limit = self->kind == BUBUS_SEEK_FILTER ? bubus_event_query_get_limit (self->query) : 1;

  if (!bubus_seeker_is_waiting (self, bus) || !bubus_event_query_matches (self->query, event))
    return;
  if (!bubus_seeker_is_waiting (self, bus))
    return; /* the predicate has seen to that */

  g_ptr_array_add (self->found, g_object_ref (event));
  if (limit >= 0 && self->found->len >= (guint) limit && bubus_seeker_take (self, bus))
    bubus_seeker_end (self, bus, BUBUS_SEEK_FOUND);
}

static gboolean
bubus_event_is_younger_than (BubusEvent *event,
                             double      seconds,
                             gint64      now)
{
  return seconds < 0
         || (seconds > 0 && bubus_event_get_event_created_at (event) >= now - _bubus_time_limit_to_ns (seconds));
}

/* The bus remembers it, or it came before the seeker did and no handler has started. */
static gboolean
bubus_seeker_is_about (BubusSeeker      *self,
                       const BubusVisit *visit,
                       gboolean          young,
                       gboolean          past)
{
  if (visit->sequence >= self->since)
    return FALSE;
  return past ? young : !young && visit->state <= BUBUS_VISIT_URGENT;
}

static void
bubus_seeker_consider (BubusSeeker      *self,
                       BubusEventBus    *bus,
                       const BubusVisit *visit,
                       gint64            now,
                       gboolean          past)
{
  BubusEvent *event = _bubus_visit_get_event (visit);

  if (bubus_seeker_is_about (self, visit, bubus_event_is_younger_than (event, self->past, now), past))
    bubus_seeker_look_at (self, bus, event);
}

static void
bubus_seeker_look_at_past (BubusSeeker   *self,
                           BubusEventBus *bus)
{
  g_autoptr (BubusRecent) recent = _bubus_recent_new (bus);
  gint64 now = _bubus_event_bus_get_time (bus);
  const BubusVisit *visit;

  while (bubus_seeker_is_waiting (self, bus) && (visit = _bubus_recent_next (recent)) != NULL)
    bubus_seeker_consider (self, bus, visit, now, TRUE);
}

static void
bubus_seeker_look_at_waiting (BubusSeeker   *self,
                              BubusEventBus *bus)
{
  g_autoptr (GPtrArray) visits = _bubus_recent_list_unfinished (bus);
  gint64 now = _bubus_event_bus_get_time (bus);

  for (guint i = 0; i < visits->len; i++)
    bubus_seeker_consider (self, bus, visits->pdata[i], now, FALSE);
}

/* Newest first what has been, oldest first what is about to be. */
static void
bubus_seeker_look_back (BubusSeeker   *self,
                        BubusEventBus *bus)
{
  BubusInvocation *invocation = _bubus_invocation_set_current (NULL);

  if (self->past != 0)
    bubus_seeker_look_at_past (self, bus);
  if (self->future != 0 && bubus_seeker_is_waiting (self, bus))
    bubus_seeker_look_at_waiting (self, bus);
  _bubus_invocation_set_current (invocation);
}

/* ---- the beginning ---- */

static gboolean
bubus_seeker_enter (BubusSeeker   *self,
                    BubusEventBus *bus)
{
  gboolean stopped;

  g_mutex_lock (&bus->lock);
  stopped = bus->stopped;
  self->since = bus->next_sequence;
  bubus_seeker_ref (self);
  _bubus_queue_push_tail (&bus->seekers, &self->link);
  g_atomic_int_inc (&bus->n_seekers);
  g_mutex_unlock (&bus->lock);
  return !stopped;
}

/* Nothing is left behind when another thread has ended the seeker meanwhile. */
static void
bubus_seeker_arm (BubusSeeker   *self,
                  BubusEventBus *bus)
{
  guint timeout_id = bubus_clock_add_timeout (self->clock, _bubus_time_limit_to_ns (self->future), bus->context,
                                              bubus_seeker_expired_cb, bubus_seeker_ref (self),
                                              (GDestroyNotify) bubus_seeker_unref);

  g_atomic_int_set (&self->timeout_id, timeout_id);
  if (!bubus_seeker_is_waiting (self, bus))
    bubus_seeker_remove_timeout (self);
}

/* The seeker is in the list, and nothing that was there satisfied it. */
static void
bubus_seeker_wait (BubusSeeker   *self,
                   BubusEventBus *bus,
                   gboolean       open)
{
  if (self->future != 0 && open)
    {
      if (self->future > 0)
        bubus_seeker_arm (self, bus);
      return;
    }
  if (bubus_seeker_take (self, bus))
    bubus_seeker_end (self, bus, open ? BUBUS_SEEK_TIMED_OUT : BUBUS_SEEK_STOPPED);
}

static gboolean
bubus_seeker_begin (BubusSeeker   *self,
                    BubusEventBus *bus)
{
  gboolean wants_none = self->kind == BUBUS_SEEK_FILTER && bubus_event_query_get_limit (self->query) == 0;
  g_autoptr (GCancellable) cancellable = NULL;
  gboolean open;

  g_set_object (&cancellable, g_task_get_cancellable (self->task));
  open = bubus_seeker_enter (self, bus); /* from now on another thread may end it, and its task may go */
  if (g_cancellable_is_cancelled (cancellable))
    bubus_seeker_end_if_waiting (self, BUBUS_SEEK_CANCELLED);
  else if (wants_none)
    bubus_seeker_end_if_waiting (self, BUBUS_SEEK_FOUND);
  else
    bubus_seeker_look_back (self, bus);

  if (bubus_seeker_is_waiting (self, bus))
    bubus_seeker_wait (self, bus, open);
  return G_SOURCE_REMOVE;
}

typedef struct
{
  BubusEventBus *bus;
  BubusSeeker   *seeker;
} BubusSeekerStart;

static gboolean
bubus_seeker_start_cb (gpointer data)
{
  BubusSeekerStart *start = data;

  return bubus_seeker_begin (start->seeker, start->bus);
}

static void
bubus_seeker_start_free (gpointer data)
{
  BubusSeekerStart *start = data;

  bubus_seeker_unref (start->seeker);
  g_object_unref (start->bus);
  g_free (start);
}

static void
bubus_seeker_watch_cancellable (BubusSeeker *self)
{
  GCancellable *cancellable = g_task_get_cancellable (self->task);

  if (cancellable == NULL)
    return;

  self->cancelled = g_cancellable_source_new (cancellable);
  g_task_attach_source (self->task, self->cancelled, G_SOURCE_FUNC (bubus_seeker_cancelled_cb));
}

/* Ends @task with what @query finds; in any thread. */
void
_bubus_seeker_start (BubusEventBus   *bus,
                     BubusSeekKind    kind,
                     BubusEventQuery *query,
                     double           past,
                     double           future,
                     GTask           *task)
{
  BubusSeekerStart *start = g_new (BubusSeekerStart, 1);

  *start = (BubusSeekerStart) { g_object_ref (bus), bubus_seeker_new (bus, kind, query, past, future) };
  start->seeker->task = g_object_ref (task);
  g_task_set_task_data (task, bubus_seeker_ref (start->seeker), (GDestroyNotify) bubus_seeker_unref);
  bubus_seeker_watch_cancellable (start->seeker);
  g_object_unref (bus); /* the task's, until it returns */
  g_main_context_invoke_full (bus->context, _bubus_event_bus_get_urgent_priority (bus), bubus_seeker_start_cb, start,
                              bubus_seeker_start_free);
}

/* What @query finds among what the bus knows, at once. In the bus's main context. */
GPtrArray *
_bubus_seeker_list (BubusEventBus   *bus,
                    BubusEventQuery *query)
{
  g_autoptr (BubusRecent) recent = _bubus_recent_new (bus);
  GPtrArray *found = g_ptr_array_new_with_free_func (g_object_unref);
  BubusInvocation *invocation = _bubus_invocation_set_current (NULL);
  gint64 now = _bubus_event_bus_get_time (bus);
  double past = bubus_event_query_get_past (query);
  int limit = bubus_event_query_get_limit (query);
  const BubusVisit *visit;

  while ((limit < 0 || found->len < (guint) limit) && (visit = _bubus_recent_next (recent)) != NULL)
    {
      BubusEvent *event = _bubus_visit_get_event (visit);

      if (bubus_event_is_younger_than (event, past, now) && bubus_event_query_matches (query, event))
        g_ptr_array_add (found, g_object_ref (event));
    }
  _bubus_invocation_set_current (invocation);
  return found;
}

/* ---- events that come ---- */

static GPtrArray *
bubus_seekers_copy (BubusEventBus    *bus,
                    const BubusVisit *visit)
{
  GPtrArray *seekers = g_ptr_array_new_with_free_func ((GDestroyNotify) bubus_seeker_unref);

  g_mutex_lock (&bus->lock);
  for (BubusLink *link = _bubus_queue_peek_head (&bus->seekers); link != NULL;
       link = _bubus_queue_next (&bus->seekers, link))
    {
      BubusSeeker *seeker = BUBUS_LINK_OWNER (link, BubusSeeker, link);

      if (seeker->since <= visit->sequence)
        g_ptr_array_add (seekers, bubus_seeker_ref (seeker));
    }
  g_mutex_unlock (&bus->lock);
  return seekers;
}

/* Shows an event to who looks for one, unless that has been done. In the bus's main context. */
void
_bubus_seekers_look (BubusEventBus *bus,
                     BubusVisit    *visit)
{
  g_autoptr (GPtrArray) seekers = NULL;
  BubusInvocation *invocation;

  if (visit->offered)
    return;

  visit->offered = TRUE;
  invocation = _bubus_invocation_set_current (NULL);
  seekers = bubus_seekers_copy (bus, visit);
  for (guint i = 0; i < seekers->len; i++)
    bubus_seeker_look_at (seekers->pdata[i], bus, _bubus_visit_get_event (visit));
  _bubus_invocation_set_current (invocation);
}

typedef struct
{
  BubusEventBus *bus;
  BubusEvent    *event;
} BubusOffer;

static gboolean
bubus_offer_cb (gpointer data)
{
  BubusOffer *offer = data;

  _bubus_seekers_look (offer->bus, _bubus_event_find_visit (offer->event, offer->bus->info));
  return G_SOURCE_REMOVE;
}

static void
bubus_offer_free (gpointer data)
{
  BubusOffer *offer = data;

  g_object_unref (offer->event);
  g_object_unref (offer->bus);
  g_free (offer);
}

/* An event has been dispatched, in any thread. It is shown at once when the bus's main context is the caller's. */
void
_bubus_seekers_offer (BubusEventBus *bus,
                      BubusEvent    *event)
{
  BubusOffer *offer = g_new (BubusOffer, 1);

  *offer = (BubusOffer) { g_object_ref (bus), g_object_ref (event) };
  g_main_context_invoke_full (bus->context, _bubus_event_bus_get_urgent_priority (bus), bubus_offer_cb, offer,
                              bubus_offer_free);
}

static BubusSeeker *
bubus_seekers_take_first (BubusEventBus *bus)
{
  BubusLink *link;

  g_mutex_lock (&bus->lock);
  link = _bubus_queue_pop_head (&bus->seekers);
  if (link != NULL)
    g_atomic_int_add (&bus->n_seekers, -1);
  g_mutex_unlock (&bus->lock);
  return link != NULL ? BUBUS_LINK_OWNER (link, BubusSeeker, link) : NULL;
}

/* The bus has been stopped, or is being disposed of. */
void
_bubus_seekers_dismiss (BubusEventBus *bus)
{
  BubusSeeker *seeker;

  while ((seeker = bubus_seekers_take_first (bus)) != NULL)
    bubus_seeker_end (seeker, bus, BUBUS_SEEK_STOPPED);
}
