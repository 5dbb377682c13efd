/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-visit-run-private.h"

#include "base/bubus-error.h"
#include "bubus-cycle-private.h"
#include "bubus-global-turn-private.h"
#include "bubus-handler-private.h"
#include "bubus-seeker-private.h"
#include "bubus-visit-watch-private.h"

/* What happens when the turn of an event comes on a bus: its handlers are selected, and each has a result before any of
 * them is called (B-3.12). All functions run in the bus's main context. */

static gboolean
bubus_handler_forwards_back (BubusHandler *handler,
                             BubusEvent   *event)
{
  g_autoptr (BubusEventBus) target = NULL;

  if (!handler->forwards)
    return FALSE;

  target = g_weak_ref_get (&handler->target);
  return target != NULL && _bubus_event_find_visit (event, target->info) != NULL;
}

static gboolean
bubus_visit_any_forwards_back (const BubusHandlerList *handlers,
                               BubusEvent             *event)
{
  for (guint i = 0; i < handlers->n_handlers; i++)
    if (G_UNLIKELY (bubus_handler_forwards_back (handlers->handlers[i], event)))
      return TRUE;
  return FALSE;
}

/* Without the handlers that would forward the event to where it has been. Takes over @handlers. */
static BubusHandlerList *
bubus_visit_drop_loops (BubusHandlerList *handlers,
                        BubusEvent       *event)
{
  g_autoptr (GPtrArray) kept = NULL;
  BubusHandlerList *list;

  if (!bubus_visit_any_forwards_back (handlers, event))
    return handlers;

  kept = g_ptr_array_new ();
  for (guint i = 0; i < handlers->n_handlers; i++)
    if (!bubus_handler_forwards_back (handlers->handlers[i], event))
      g_ptr_array_add (kept, handlers->handlers[i]);
  list = _bubus_handler_list_new ((BubusHandler **) kept->pdata, kept->len);
  _bubus_handler_list_unref (handlers);
  return list;
}

/* The results of another bus may be made at this moment, in another thread. */
static gboolean
bubus_event_was_handled_by (BubusEvent       *event,
                            BubusHandlerInfo *handler)
{
  BubusEventPrivate *priv = _bubus_event_get_private (event);
  gboolean found = FALSE;

  _bubus_event_lock (priv);
  for (const BubusVisit *visit = &priv->first; visit != NULL && !found; visit = visit->next)
    for (guint i = 0; i < visit->n_results && !found; i++)
      found = _bubus_visit_get_result (visit, i)->handler == handler;
  _bubus_event_unlock (priv);
  return found;
}

static guint
bubus_event_count_ancestors_of_handler (BubusEvent       *event,
                                        BubusHandlerInfo *handler)
{
  BubusEvent *ancestor = _bubus_event_get_parent (event);
  guint n_found = 0;

  for (; ancestor != NULL; ancestor = _bubus_event_get_parent (ancestor))
    n_found += bubus_event_was_handled_by (ancestor, handler);
  return n_found;
}

static char *
bubus_event_describe_recursion (BubusEvent       *event,
                                BubusHandlerInfo *handler,
                                guint             n_times)
{
  BubusEvent *parent = _bubus_event_get_parent (event);
  BubusEvent *start = parent;
  g_autofree char *cycle = NULL;

  while (!bubus_event_was_handled_by (start, handler))
    start = _bubus_event_get_parent (start);
  cycle = _bubus_event_describe_cycle (event, parent, start);
  return g_strdup_printf ("%s has caused itself %u times: events that cause each other without end? %s", handler->name,
                          n_times, cycle);
}

static gboolean
bubus_event_has_more_ancestors (BubusEvent *event,
                                guint       than)
{
  BubusEvent *ancestor = _bubus_event_get_parent (event);
  guint n_found = 0;

  for (; ancestor != NULL && n_found <= than; ancestor = _bubus_event_get_parent (ancestor))
    n_found++;
  return n_found > than;
}

/* A handler that keeps causing itself is stopped at the event that is one too many (R-12, B-2.17). */
static void
bubus_visit_refuse_recursion (BubusEventBus          *bus,
                              BubusVisit             *visit,
                              const BubusHandlerList *handlers)
{
  BubusEvent *event = _bubus_visit_get_event (visit);

  if (G_LIKELY (!bubus_event_has_more_ancestors (event, bus->max_recursion)) || bus->max_recursion == 0)
    return;

  for (guint i = 0; i < handlers->n_handlers; i++)
    {
      BubusHandler *handler = handlers->handlers[i];
      g_autofree char *message = NULL;

      if (handler->forwards
          || bubus_event_count_ancestors_of_handler (event, handler->info) <= bus->max_recursion)
        continue;
      message = bubus_event_describe_recursion (event, handler->info, bus->max_recursion + 1);
      _bubus_visit_fail_result (bus, _bubus_visit_get_result (visit, i), BUBUS_ERROR_RECURSION, message);
    }
}

static void
bubus_visit_prepare_results (BubusEventBus    *bus,
                             BubusVisit       *visit,
                             BubusHandlerList *handlers)
{
  BubusEventPrivate *priv = _bubus_event_get_private (_bubus_visit_get_event (visit));

  _bubus_event_lock (priv);
  _bubus_visit_allocate_results (visit, handlers->n_handlers);
  for (guint i = 0; i < handlers->n_handlers; i++)
    _bubus_visit_init_result (visit, i, handlers->handlers[i]->info);
  _bubus_event_unlock (priv);

  for (guint i = 0; i < handlers->n_handlers; i++)
    _bubus_event_bus_tell_result (bus, _bubus_visit_get_result (visit, i));
}

/* Takes over @handlers. */
static BubusVisitWork *
bubus_event_bus_take_work_locked (BubusEventBus    *bus,
                                  BubusHandlerList *handlers)
{
  BubusVisitWork *work = g_steal_pointer (&bus->spare_work);

  if (work == NULL)
    work = g_new (BubusVisitWork, 1);
  *work = (BubusVisitWork) { .handlers = handlers };
  return work;
}

/* Takes a visit out of the queue in which it waits, and selects the handlers of its event. */
void
_bubus_visit_take_locked (BubusEventBus *bus,
                          BubusVisit    *visit)
{
  BubusEvent *event = _bubus_visit_get_event (visit);

  _bubus_queue_remove (visit->state == BUBUS_VISIT_URGENT ? &bus->urgent : &bus->queue, &visit->link);
  _bubus_queue_push_tail (&bus->running, &visit->link);
  visit->work = bubus_event_bus_take_work_locked (bus, _bubus_dispatch_table_lookup (&bus->table, event));
  _bubus_visit_set_state (visit, BUBUS_VISIT_RUNNING);
  bus->n_busy += visit->mode != BUBUS_EVENT_CONCURRENCY_PARALLEL;
  _bubus_event_bus_touch_locked (bus, visit);
  if (G_UNLIKELY (visit->mode == BUBUS_EVENT_CONCURRENCY_GLOBAL_SERIAL))
    {
      bus->in_line = FALSE;
      _bubus_global_turn_take (bus, event);
    }
}

/* Takes over how the event is handled from what it, its class and the bus say. */
static void
bubus_visit_configure (BubusEventBus *bus,
                       BubusVisit    *visit)
{
  BubusEventSettings storage;
  BubusEvent *event = _bubus_visit_get_event (visit);
  const BubusEventSettings *settings = _bubus_event_resolve_settings (event, &bus->settings, &storage);
  double deadline = settings->times[BUBUS_EVENT_TIME_EVENT];

  visit->all_at_once = settings->modes[BUBUS_EVENT_MODE_HANDLERS] == BUBUS_HANDLER_CONCURRENCY_PARALLEL;
  visit->first_wins = settings->modes[BUBUS_EVENT_MODE_COMPLETION] == BUBUS_HANDLER_COMPLETION_FIRST;
  visit->winner = visit->first_wins ? BUBUS_VISIT_NO_WINNER : 0;
  if (G_UNLIKELY (deadline > 0))
    {
      visit->has_deadline = TRUE;
      _bubus_visit_watch (bus, visit);
    }
}

void
_bubus_visit_start (BubusEventBus *bus,
                    BubusVisit    *visit,
                    gint64         until)
{
  BubusEvent *event = _bubus_visit_get_event (visit);
  BubusVisitWork *work = visit->work;

  if (G_UNLIKELY (visit->announce_later))
    _bubus_event_bus_tell_event (bus, event, BUBUS_EVENT_STATUS_PENDING);
  if (_bubus_event_bus_has_seekers (bus))
    _bubus_seekers_look (bus, visit);
  work->handlers = bubus_visit_drop_loops (work->handlers, event);
  if (G_UNLIKELY (work->handlers->has_once))
    _bubus_event_bus_off_once (bus, work->handlers);
  bubus_visit_prepare_results (bus, visit, work->handlers);
  bubus_visit_configure (bus, visit);
  bubus_visit_refuse_recursion (bus, visit, work->handlers);
  _bubus_visit_continue (bus, visit, until);
}
