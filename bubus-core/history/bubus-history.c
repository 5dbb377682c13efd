/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-history-internal.h"

void
_bubus_history_init (BubusHistory *self,
                     int           max_size)
{
  _bubus_queue_init (&self->visits);
  self->max_size = max_size;
  self->newest = 0;
}

/* Takes over the caller's reference to the event. */
void
_bubus_history_add (BubusHistory *self,
                    BubusVisit   *visit)
{
  visit->remembered = TRUE;
  visit->in_order = visit->sequence >= self->newest;
  self->newest = MAX (self->newest, visit->sequence);
  _bubus_queue_push_tail (&self->visits, &visit->link);
}

/* The oldest visit, or NULL. Its reference goes to the caller. */
BubusVisit *
_bubus_history_pop (BubusHistory *self)
{
  BubusLink *link = _bubus_queue_pop_head (&self->visits);
  BubusVisit *visit;

  if (link == NULL)
    return NULL;

  visit = BUBUS_LINK_OWNER (link, BubusVisit, link);
  visit->remembered = FALSE;
  return visit;
}

/* The oldest visit while there are more than there may be, else NULL. Its reference goes to the caller. */
BubusVisit *
_bubus_history_evict (BubusHistory *self)
{
  if (self->max_size < 0 || self->visits.length <= (guint) self->max_size)
    return NULL;

  return _bubus_history_pop (self);
}
