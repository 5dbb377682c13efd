/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-wait-graph-private.h"

#include "base/bubus-error.h"
#include "bubus-event-bus-private.h"
#include "bubus-global-turn-private.h"
#include "event/bubus-event-internal.h"

/* Which events cannot be complete before which others: because a handler of the one waits for the other, or because the
 * other is a child that blocks it. A wait that would close a circle never ends, and fails instead. There is one
 * graph for the process, because waits lead from bus to bus and from thread to thread; only waits that last are in it.
 * All functions may be called from any thread, without locks. */

static GMutex lock;
static GHashTable *awaited_by;  /* by waiter: GPtrArray of the events that its handlers await */

static void
bubus_wait_graph_add_locked (const BubusWait *wait)
{
  GPtrArray *awaited;

  if (awaited_by == NULL)
    awaited_by = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);

  awaited = g_hash_table_lookup (awaited_by, wait->waiter);
  if (awaited == NULL)
    {
      awaited = g_ptr_array_new ();
      g_hash_table_insert (awaited_by, wait->waiter, awaited);
    }
  g_ptr_array_add (awaited, wait->awaited);
}

static void
bubus_wait_graph_remove_locked (const BubusWait *wait)
{
  GPtrArray *awaited = g_hash_table_lookup (awaited_by, wait->waiter);

  g_ptr_array_remove_fast (awaited, wait->awaited);
  if (awaited->len == 0)
    g_hash_table_remove (awaited_by, wait->waiter);
  if (g_hash_table_size (awaited_by) == 0)
    g_clear_pointer (&awaited_by, g_hash_table_unref);
}

/* ---- a walk along what an event waits for ---- */

typedef struct
{
  GPtrArray  *events;  /* in the order in which they were found, with references */
  GArray     *via;     /* for each the index of the one that waits for it */
  GHashTable *seen;
  gboolean    in_queues; /* from what the handlers of the first await, also along what events in queues wait for */
} BubusWalk;

static void
bubus_walk_add_always (BubusWalk  *self,
                       BubusEvent *event,
                       guint       via)
{
  if (!g_hash_table_add (self->seen, event))
    return;

  g_ptr_array_add (self->events, g_object_ref (event));
  g_array_append_val (self->via, via);
}

/* Nobody waits for an event that is complete. */
static void
bubus_walk_add (BubusWalk  *self,
                BubusEvent *event,
                guint       via)
{
  if (!_bubus_event_is_completed (event))
    bubus_walk_add_always (self, event, via);
}

static void
bubus_walk_add_awaited (BubusWalk  *self,
                        BubusEvent *event,
                        guint       via)
{
  GPtrArray *awaited;

  g_mutex_lock (&lock);
  awaited = awaited_by != NULL ? g_hash_table_lookup (awaited_by, event) : NULL;
  for (guint i = 0; awaited != NULL && i < awaited->len; i++)
    bubus_walk_add (self, awaited->pdata[i], via);
  g_mutex_unlock (&lock);
}

static void
bubus_walk_add_children (BubusWalk  *self,
                         BubusEvent *event,
                         guint       via)
{
  g_autoptr (GPtrArray) children = _bubus_event_list_blocking_children (event);

  for (guint i = 0; children != NULL && i < children->len; i++)
    bubus_walk_add (self, children->pdata[i], via);
}

/* Whether a global-serial event stands before @visit in the queue, or is @visit's own. */
static gboolean
bubus_visit_needs_global_turn_locked (BubusEventBus    *bus,
                                      const BubusVisit *visit)
{
  BubusLink *link = _bubus_queue_peek_head (&bus->queue);

  for (; link != NULL && link != &visit->link; link = _bubus_queue_next (&bus->queue, link))
    if (BUBUS_LINK_OWNER (link, BubusVisit, link)->mode == BUBUS_EVENT_CONCURRENCY_GLOBAL_SERIAL)
      return TRUE;
  return visit->mode == BUBUS_EVENT_CONCURRENCY_GLOBAL_SERIAL;
}

/* The events that have the turn that @visit waits for in the queue of @bus; others than parallel ones. */
GPtrArray *
_bubus_wait_list_before (BubusEventBus    *bus,
                         const BubusVisit *visit)
{
  GPtrArray *events = g_ptr_array_new_with_free_func (g_object_unref);
  gboolean global = FALSE;
  BubusLink *link = NULL;

  g_mutex_lock (&bus->lock);
  if (visit->state == BUBUS_VISIT_QUEUED)
    {
      link = _bubus_queue_peek_head (&bus->running);
      global = bubus_visit_needs_global_turn_locked (bus, visit);
    }
  for (; link != NULL; link = _bubus_queue_next (&bus->running, link))
    {
      const BubusVisit *running = BUBUS_LINK_OWNER (link, BubusVisit, link);

      if (running->state == BUBUS_VISIT_RUNNING && running->mode != BUBUS_EVENT_CONCURRENCY_PARALLEL)
        g_ptr_array_add (events, g_object_ref (_bubus_visit_get_event (running)));
    }
  g_mutex_unlock (&bus->lock);

  if (global)
    _bubus_global_turn_add_busy (events);
  return events;
}

/* An event whose turn has not come waits for what has it: also for one that has been complete before, and is handled on
 * another bus now. */
static void
bubus_walk_add_before (BubusWalk  *self,
                       BubusEvent *event,
                       guint       via)
{
  const BubusVisit *visit = &_bubus_event_get_private (event)->first;

  for (; visit != NULL; visit = visit->next)
    {
      g_autoptr (BubusEventBus) bus = _bubus_visit_ref_bus (visit);
      g_autoptr (GPtrArray) before = bus != NULL ? _bubus_wait_list_before (bus, visit) : NULL;

      for (guint i = 0; before != NULL && i < before->len; i++)
        bubus_walk_add_always (self, before->pdata[i], via);
    }
}

/* Until @to is found; NULL for all there are. Gives the index of @to, or the number of events when it is not there. */
static guint
bubus_walk_from (BubusWalk  *self,
                 BubusEvent *from,
                 BubusEvent *to)
{
  guint i;

  self->events = g_ptr_array_new_with_free_func (g_object_unref);
  self->via = g_array_new (FALSE, FALSE, sizeof (guint));
  self->seen = g_hash_table_new (NULL, NULL);
  if (self->in_queues)
    bubus_walk_add_always (self, from, 0);
  else
    bubus_walk_add (self, from, 0);
  for (i = 0; i < self->events->len && self->events->pdata[i] != to; i++)
    {
      bubus_walk_add_awaited (self, self->events->pdata[i], i);
      if (self->in_queues && i == 0)
        continue;
      bubus_walk_add_children (self, self->events->pdata[i], i);
      if (self->in_queues)
        bubus_walk_add_before (self, self->events->pdata[i], i);
    }
  return i;
}

static void
bubus_walk_clear (BubusWalk *self)
{
  g_ptr_array_unref (self->events);
  g_array_unref (self->via);
  g_hash_table_unref (self->seen);
}

static void
bubus_walk_append_way (const BubusWalk *self,
                       guint            index,
                       GString         *text)
{
  if (index > 0)
    bubus_walk_append_way (self, g_array_index (self->via, guint, index), text);
  g_string_append_printf (text, " → %s", bubus_event_get_event_type (self->events->pdata[index]));
}

/* ---- for the bus ---- */

static gboolean
bubus_wait_check_circle (BubusEvent  *waiter,
                         BubusEvent  *awaited,
                         GError     **error)
{
  g_autoptr (GString) way = NULL;
  BubusWalk walk = { .in_queues = FALSE };
  guint index = bubus_walk_from (&walk, awaited, waiter);
  gboolean closed = index < walk.events->len;

  if (closed)
    {
      way = g_string_new (bubus_event_get_event_type (waiter));
      bubus_walk_append_way (&walk, index, way);
      g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_WOULD_DEADLOCK, "The wait would never end: %s", way->str);
    }
  bubus_walk_clear (&walk);
  return !closed;
}

/* FALSE when the wait would never end: then it has not begun. */
gboolean
_bubus_wait_begin (BubusWait   *self,
                   BubusEvent  *waiter,
                   BubusEvent  *awaited,
                   GError     **error)
{
  self->waiter = g_object_ref (waiter);
  self->awaited = g_object_ref (awaited);
  g_mutex_lock (&lock);
  bubus_wait_graph_add_locked (self);
  g_mutex_unlock (&lock);

  /* Of two waits that would close a circle together, at least one sees the other. */
  if (bubus_wait_check_circle (waiter, awaited, error))
    return TRUE;

  _bubus_wait_end (self);
  return FALSE;
}

void
_bubus_wait_end (BubusWait *self)
{
  if (self->waiter == NULL)
    return;

  g_mutex_lock (&lock);
  bubus_wait_graph_remove_locked (self);
  g_mutex_unlock (&lock);
  g_clear_object (&self->waiter);
  g_clear_object (&self->awaited);
}

/* The unfinished events without which @event cannot be complete, itself among them. */
GPtrArray *
_bubus_wait_list (BubusEvent *event)
{
  BubusWalk walk = { .in_queues = FALSE };
  GPtrArray *events;

  bubus_walk_from (&walk, event, NULL);
  events = g_ptr_array_ref (walk.events);
  bubus_walk_clear (&walk);
  return events;
}

static gboolean
bubus_wait_reaches (BubusEvent *from,
                    BubusEvent *to,
                    gboolean    in_queues)
{
  BubusWalk walk = { .in_queues = in_queues };
  gboolean reaches = bubus_walk_from (&walk, from, to) < walk.events->len;

  bubus_walk_clear (&walk);
  return reaches;
}

/* Whether @from cannot be complete before @to is; or, as things stand, its handlers cannot return: what they await
 * waits in a queue for events that have their turn, and that wait for @to. */
gboolean
_bubus_wait_reaches (BubusEvent *from,
                     BubusEvent *to)
{
  return bubus_wait_reaches (from, to, FALSE) || bubus_wait_reaches (from, to, TRUE);
}

/* For tests: no handler waits for anything. */
gboolean
_bubus_wait_graph_is_empty (void)
{
  gboolean empty;

  g_mutex_lock (&lock);
  empty = awaited_by == NULL;
  g_mutex_unlock (&lock);
  return empty;
}
