/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-recent-private.h"

/* What a bus knows, the newest first, a few at a time: who looks for one event does not pay for all that is remembered.
 *
 * The order is that of dispatch, and events are remembered in the order in which they were complete. But before one that
 * is in order there are only older ones. So the history is walked back to such a one; what is younger comes, and what is
 * older is kept until its place is reached. What is unfinished is looked up at the beginning. Between two steps nothing is
 * locked: what the bus forgets meanwhile does not come, and what it remembers meanwhile has been there as unfinished. */
struct _BubusRecent
{
  BubusEventBus *bus;
  GPtrArray     *unfinished;  /* visits, oldest first; those whose place has not been reached */
  GPtrArray     *kept;        /* likewise, from the history */
  GPtrArray     *next;        /* visits, oldest first */
  guint          n_next;      /* how many of them have not been given */
  BubusVisit    *reached;     /* nullable: how far back the history has been walked; is among the next */
  gboolean       ended;       /* there is no more in the history */
  guint          n_at_once;
};

#define FEW  8
#define MANY 4096

static BubusVisit *
bubus_visit_ref_event (BubusVisit *visit)
{
  g_object_ref (_bubus_visit_get_event (visit));
  return visit;
}

static void
bubus_visit_unref_event (gpointer visit)
{
  g_object_unref (_bubus_visit_get_event (visit));
}

static void
bubus_recent_collect_locked (BubusQueue *queue,
                             GPtrArray  *visits)
{
  for (BubusLink *link = _bubus_queue_peek_head (queue); link != NULL; link = _bubus_queue_next (queue, link))
    g_ptr_array_add (visits, bubus_visit_ref_event (BUBUS_LINK_OWNER (link, BubusVisit, link)));
}

/* Visits in the order of dispatch, with references to their events. May be called from any thread. */
GPtrArray *
_bubus_recent_list_unfinished (BubusEventBus *bus)
{
  GPtrArray *visits = g_ptr_array_new_with_free_func (bubus_visit_unref_event);

  g_mutex_lock (&bus->lock);
  bubus_recent_collect_locked (&bus->queue, visits);
  bubus_recent_collect_locked (&bus->urgent, visits);
  bubus_recent_collect_locked (&bus->delayed, visits);
  bubus_recent_collect_locked (&bus->running, visits);
  g_mutex_unlock (&bus->lock);

  g_ptr_array_sort (visits, _bubus_visit_compare_sequence);
  return visits;
}

BubusRecent *
_bubus_recent_new (BubusEventBus *bus)
{
  BubusRecent *self = g_new0 (BubusRecent, 1);

  self->bus = bus;
  self->unfinished = _bubus_recent_list_unfinished (bus);
  self->kept = g_ptr_array_new_with_free_func (bubus_visit_unref_event);
  self->next = g_ptr_array_new ();
  self->n_at_once = FEW;
  return self;
}

void
_bubus_recent_free (BubusRecent *self)
{
  g_ptr_array_unref (self->unfinished);
  g_ptr_array_unref (self->kept);
  g_ptr_array_unref (self->next);
  g_free (self);
}

/* What the bus has forgotten has nothing before it. Returns a sequence such that what is left is older. */
static guint64
bubus_recent_walk_locked (BubusRecent *self)
{
  const BubusLink *root = &self->bus->history.visits.root;
  BubusLink *link = root->prev;
  BubusVisit *visit = NULL;
  guint n_steps = 0;

  if (self->reached != NULL)
    link = self->reached->remembered ? self->reached->link.prev : NULL;
  while (link != NULL && link != root && (n_steps < self->n_at_once || !visit->in_order))
    {
      visit = BUBUS_LINK_OWNER (link, BubusVisit, link);
      g_ptr_array_add (self->kept, bubus_visit_ref_event (visit));
      link = link->prev;
      n_steps++;
    }

  self->reached = visit;
  self->ended = link == NULL || link == root;
  return self->ended ? 0 : visit->sequence;
}

static void
bubus_recent_move_younger (GPtrArray *from,
                           guint64    sequence,
                           GPtrArray *to)
{
  while (from->len > 0 && ((const BubusVisit *) from->pdata[from->len - 1])->sequence >= sequence)
    g_ptr_array_add (to, g_ptr_array_steal_index (from, from->len - 1));
}

static void
bubus_recent_go_back (BubusRecent *self)
{
  GPtrArray *next = g_ptr_array_new_with_free_func (bubus_visit_unref_event);
  guint64 sequence;

  g_mutex_lock (&self->bus->lock);
  sequence = bubus_recent_walk_locked (self);
  g_mutex_unlock (&self->bus->lock);

  g_ptr_array_sort (self->kept, _bubus_visit_compare_sequence);
  bubus_recent_move_younger (self->kept, sequence, next);
  bubus_recent_move_younger (self->unfinished, sequence, next);
  g_ptr_array_sort (next, _bubus_visit_compare_sequence);

  g_ptr_array_unref (self->next);
  self->next = next;
  self->n_next = next->len;
  self->n_at_once = MIN (self->n_at_once * 2, MANY);
}

/* The next older one, or NULL. Its event is alive until this is called again. */
BubusVisit *
_bubus_recent_next (BubusRecent *self)
{
  while (self->n_next == 0 && !self->ended)
    bubus_recent_go_back (self);
  return self->n_next > 0 ? self->next->pdata[--self->n_next] : NULL;
}
