/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "base/bubus-error.h"
#include "bubus-invocation-private.h"
#include "bubus-scheduler-private.h"
#include "bubus-timeout-tree-private.h"

/* What happens when handlers are not waited for any more. When one has used up its time, its result is TIMED_OUT,
 * and what ran for it is over. Of the children that block it, handlers that run are ABORTED, and those that have not
 * started are CANCELLED. */

/* Those that will answer later; for @event, or when that is NULL, for all. */
static GPtrArray *
bubus_scheduler_list_deferred (BubusEventBus *bus,
                               BubusEvent    *event)
{
  GPtrArray *invocations = g_ptr_array_new_with_free_func (g_object_unref);
  BubusLink *link;

  g_mutex_lock (&bus->lock);
  for (link = _bubus_queue_peek_head (&bus->deferred); link != NULL; link = _bubus_queue_next (&bus->deferred, link))
    {
      BubusInvocation *invocation = BUBUS_LINK_OWNER (link, BubusInvocation, link);

      if (event == NULL || invocation->event == event)
        g_ptr_array_add (invocations, g_object_ref (invocation));
    }
  g_mutex_unlock (&bus->lock);
  return invocations;
}

/* One that is being answered by another thread at this moment is left to it: a winner is known before its answer. */
static gboolean
bubus_invocation_has_answer (BubusInvocation *self)
{
  guint winner = g_atomic_int_get (&_bubus_result_get_visit (self->result)->winner);

  return winner == self->result->index + 1 || _bubus_invocation_get_state (self) == BUBUS_INVOCATION_ANSWERED;
}

void
_bubus_scheduler_abandon_deferred (BubusEventBus *bus,
                                   BubusEvent    *event,
                                   const GError  *reason)
{
  g_autoptr (GPtrArray) invocations = bubus_scheduler_list_deferred (bus, event);

  for (guint i = 0; i < invocations->len; i++)
    if (!bubus_invocation_has_answer (invocations->pdata[i]))
      _bubus_invocation_abandon (invocations->pdata[i], reason);
}

static void
bubus_scheduler_abort_running (BubusEvent   *event,
                               GMainContext *context,
                               const GError *reason)
{
  for (BubusVisit *visit = &_bubus_event_get_private (event)->first; visit != NULL; visit = visit->next)
    if (_bubus_visit_is_in (visit, context))
      _bubus_scheduler_abandon_deferred (_bubus_visit_get_bus (visit), event, reason);
}

/* Ends what runs of an event on the buses of one main context. Where it still waits, its turn comes, and no handler of
 * it is called any more. */
static void
bubus_scheduler_abandon_here (BubusEvent   *event,
                              GMainContext *context,
                              const GError *reason)
{
  bubus_scheduler_abort_running (event, context, reason);
  _bubus_scheduler_start_waiting (event, context);
}

/* ---- on buses of other main contexts, by message ---- */

typedef struct
{
  BubusEventBus *bus;  /* given back where it lives */
  BubusEvent    *event;
  GError        *reason;
} BubusFarewell;

static void
bubus_farewell_free (gpointer data)
{
  BubusFarewell *self = data;

  g_error_free (self->reason);
  g_object_unref (self->event);
  g_object_unref (self->bus);
  g_free (self);
}

static gboolean
bubus_farewell_arrived_cb (gpointer data)
{
  BubusFarewell *self = data;

  bubus_scheduler_abandon_here (self->event, self->bus->context, self->reason);
  return G_SOURCE_REMOVE;
}

/* Takes over the reference to the bus. */
static void
bubus_farewell_send (BubusEventBus *bus,
                     BubusEvent    *event,
                     const GError  *reason)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  BubusFarewell *self = g_new (BubusFarewell, 1);

  *self = (BubusFarewell) { bus, g_object_ref (event), g_error_copy (reason) };
  g_source_set_priority (source, _bubus_event_bus_get_message_priority (bus));
  g_source_set_callback (source, bubus_farewell_arrived_cb, self, bubus_farewell_free);
  g_source_attach (source, bus->context);
}

static void
bubus_scheduler_abandon_elsewhere (BubusEvent   *event,
                                   GMainContext *context,
                                   const GError *reason)
{
  for (BubusVisit *visit = &_bubus_event_get_private (event)->first; visit != NULL; visit = visit->next)
    {
      g_autoptr (BubusEventBus) bus = _bubus_visit_ref_bus (visit);

      if (bus != NULL && bus->context != context)
        bubus_farewell_send (g_steal_pointer (&bus), event, reason);
    }
}

static void
bubus_scheduler_abandon_event (BubusEvent   *event,
                               GMainContext *context,
                               const GError *reason)
{
  BubusEventPrivate *priv = _bubus_event_get_private (event);
  g_autoptr (GPtrArray) children = NULL;

  if (_bubus_event_has_flags (priv, BUBUS_EVENT_COMPLETED) || _bubus_event_set_flags (priv, BUBUS_EVENT_ABANDONED))
    return;

  children = _bubus_event_list_blocking_children (event);
  for (guint i = 0; children != NULL && i < children->len; i++)
    bubus_scheduler_abandon_event (children->pdata[i], context, reason);
  bubus_scheduler_abandon_here (event, context, reason);
  bubus_scheduler_abandon_elsewhere (event, context, reason);
}

static void
bubus_scheduler_abandon_children (BubusEventResult *result,
                                  const GError     *reason)
{
  g_autoptr (GPtrArray) children = _bubus_event_result_list_blocking_children (result);

  for (guint i = 0; children != NULL && i < children->len; i++)
    bubus_scheduler_abandon_event (children->pdata[i], _bubus_result_get_bus (result)->context, reason);
}

/* What still runs of an event on one bus, and what blocks it, is not wanted any more; @spared and its children are. */
void
_bubus_scheduler_abandon_visit (BubusVisit             *visit,
                                const BubusEventResult *spared,
                                const GError           *reason)
{
  _bubus_scheduler_abandon_deferred (_bubus_visit_get_bus (visit), _bubus_visit_get_event (visit), reason);
  for (guint i = 0; i < visit->n_results; i++)
    if (_bubus_visit_get_result (visit, i) != spared)
      bubus_scheduler_abandon_children (_bubus_visit_get_result (visit, i), reason);
}

/* A handler is not waited for any more, nor is what runs for it. */
void
_bubus_scheduler_give_up (BubusInvocation *invocation,
                          const GError    *error)
{
  g_autoptr (GError) reason = g_error_new (BUBUS_ERROR, BUBUS_ERROR_ABORTED, "Interrupted: %s", error->message);

  if (_bubus_event_result_is_final (invocation->result))
    return;

  _bubus_invocation_abandon (invocation, error);
  bubus_scheduler_abandon_children (invocation->result, reason);
}

/* One record names the handler that is the cause; what follows from it is in the results. */
void
_bubus_scheduler_expire (BubusInvocation *invocation)
{
  BubusEventResult *result = invocation->result;
  gint64 elapsed = _bubus_event_bus_get_time (_bubus_result_get_bus (result)) - result->started_at;
  g_autoptr (GError) reason = NULL;
  g_autoptr (GError) error = NULL;

  if (_bubus_event_result_is_final (result))
    return;

  error = g_error_new (BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT, "%s of “%s” has not answered after %g seconds",
                       result->handler->name, bubus_event_get_event_type (invocation->event), elapsed / 1e9);
  g_message ("%s", error->message);
  reason = g_error_new (BUBUS_ERROR, BUBUS_ERROR_ABORTED, "Interrupted, because %s ran out of time",
                        result->handler->name);
  _bubus_invocation_abandon (invocation, error);
  bubus_scheduler_abandon_children (result, reason);
  _bubus_timeout_tree_log (result);
}
