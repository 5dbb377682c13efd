/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "base/bubus-error.h"
#include "base/bubus-object-internal.h"
#include "bubus-completion-private.h"
#include "bubus-interception-private.h"
#include "bubus-invocation-private.h"
#include "bubus-scheduler-private.h"

/* How an event comes through the middleware into the queue. The bus takes it only when it must: when it is kept back,
 * dropped or replaced, or when the middleware cannot be called from the dispatching thread. */

static _Thread_local BubusInterception *current_interception;

/* ---- the delayed event ---- */

/* The bus takes the event, and keeps it back. TRUE also when somebody else has dispatched the event in the meantime;
 * then there is nothing left to do. */
static gboolean
bubus_interception_take_event (BubusInterception  *self,
                               BubusEventResult   *emitter,
                               GError            **error)
{
  BubusVisit *visit;

  if (self->visit != NULL)
    return TRUE;
  if (!_bubus_event_bus_dispatch (self->bus, self->event, emitter,
                                  self->flags | BUBUS_DISPATCH_INTERCEPTED | BUBUS_DISPATCH_DELAYED, error))
    return FALSE;

  g_mutex_lock (&self->bus->lock);
  visit = _bubus_event_find_visit (self->event, self->bus->info);
  if (visit->state == BUBUS_VISIT_DELAYED && visit->work == NULL)
    {
      self->visit = visit;
      visit->work = g_object_ref (self);
    }
  else
    self->state = BUBUS_INTERCEPTION_DONE;
  g_mutex_unlock (&self->bus->lock);
  return TRUE;
}

/* The visit's reference goes to the caller. FALSE when the event has gone on without the interception. */
static gboolean
bubus_interception_finish_locked (BubusInterception *self)
{
  if (self->state == BUBUS_INTERCEPTION_DONE)
    return FALSE;

  self->state = BUBUS_INTERCEPTION_DONE;
  self->visit->work = NULL;
  _bubus_queue_remove (&self->bus->delayed, &self->visit->link);
  return TRUE;
}

static void
bubus_interception_queue_event (BubusInterception *self)
{
  gboolean finished;

  g_mutex_lock (&self->bus->lock);
  finished = bubus_interception_finish_locked (self);
  if (finished)
    _bubus_event_bus_queue_visit_locked (self->bus, self->visit);
  g_mutex_unlock (&self->bus->lock);
  if (!finished)
    return;

  /* A handler that waits for it has found nothing that could pass the queue. */
  if (_bubus_event_has_flags (_bubus_event_get_private (self->event), BUBUS_EVENT_JUMPED))
    _bubus_scheduler_let_pass (self->event);
  g_object_unref (self);
}

/* The bus stops: what is delayed takes its turn now, and fails like everything that waits. */
void
_bubus_event_bus_free_delayed (BubusEventBus *bus)
{
  g_autoptr (GPtrArray) interceptions = g_ptr_array_new_with_free_func (g_object_unref);
  BubusLink *link;

  g_mutex_lock (&bus->lock);
  while ((link = _bubus_queue_pop_head (&bus->delayed)) != NULL)
    {
      BubusVisit *visit = BUBUS_LINK_OWNER (link, BubusVisit, link);
      BubusInterception *interception = g_steal_pointer (&visit->work);

      if (interception != NULL)
        {
          interception->state = BUBUS_INTERCEPTION_DONE;
          g_ptr_array_add (interceptions, interception);
        }
      _bubus_event_bus_queue_visit_locked (bus, visit);
    }
  g_mutex_unlock (&bus->lock);
}

/* ---- replacing and dropping ---- */

static void
bubus_interception_dispatch_replacement (BubusInterception *self)
{
  GError *error = NULL;
  guint flags;

  _bubus_event_adopt_replacement (self->replacement, self->event);
  if (_bubus_event_is_awaited (self->event))
    _bubus_event_set_flags (_bubus_event_get_private (self->replacement), BUBUS_EVENT_JUMPED);
  _bubus_event_set_diversion (self->event, self->replacement, NULL);
  if (_bubus_event_bus_dispatch (self->bus, self->replacement, NULL,
                                 BUBUS_DISPATCH_INTERCEPTED | BUBUS_DISPATCH_REPLACEMENT, &error))
    return;

  /* The bus has been stopped a moment ago. */
  flags = g_atomic_int_and ((guint *) &_bubus_event_get_private (self->replacement)->flags, ~(guint) BUBUS_EVENT_BLOCKING);
  _bubus_event_set_diversion (self->event, NULL, error);
  if ((flags & BUBUS_EVENT_BLOCKING) != 0)
    _bubus_completion_release (self->event, self->bus->context);
}

/* What the event has caused on other buses blocks it still, and is handled now when a handler awaits it; but a handler
 * that has dispatched it here need not be the one that does. */
static void
bubus_interception_hurry (BubusInterception *self)
{
  if (!_bubus_event_has_flags (_bubus_event_get_private (self->event), BUBUS_EVENT_JUMPED))
    return;

  if (_bubus_invocation_get_current () != NULL)
    _bubus_scheduler_send_jump (self->event, self->bus, FALSE);
  else
    _bubus_scheduler_jump (self->event, self->bus->context);
}

/* An event that has no handlers itself: it is complete when what it waits for is. */
static void
bubus_interception_divert_event (BubusInterception *self)
{
  gboolean finished;

  g_mutex_lock (&self->bus->lock);
  finished = bubus_interception_finish_locked (self);
  if (finished)
    {
      _bubus_visit_set_state (self->visit, BUBUS_VISIT_HANDLED);
      _bubus_queue_push_tail (&self->bus->running, &self->visit->link);
    }
  g_mutex_unlock (&self->bus->lock);
  if (!finished)
    return;

  if (self->reason != NULL)
    _bubus_event_set_diversion (self->event, NULL, g_error_copy (self->reason));
  else
    bubus_interception_dispatch_replacement (self);
  bubus_interception_hurry (self);
  _bubus_completion_release_visit (self->bus, self->visit);
  g_object_unref (self);
}

static gboolean
bubus_interception_check_replacement (BubusInterception  *self,
                                      GError            **error)
{
  if (self->replacement == NULL)
    return TRUE;
  if (!bubus_event_is_sealed (self->replacement) && !_bubus_event_has_parent (self->replacement))
    return bubus_event_validate (self->replacement, error);

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_EVENT, "“%s”, which is to replace another event, is not a new one",
               bubus_event_get_event_type (self->replacement));
  return FALSE;
}

/* ---- calling the middleware ---- */

typedef enum
{
  BUBUS_INTERCEPTED_PASSED,
  BUBUS_INTERCEPTED_REFUSED,
  BUBUS_INTERCEPTED_DELAYED,
} BubusIntercepted;

/* What is called here is not part of the handler that happens to be running. */
static gboolean
bubus_interception_call (BubusInterception  *self,
                         BubusMiddleware    *middleware,
                         GError            **error)
{
  BubusInvocation *invocation = _bubus_invocation_set_current (NULL);
  g_autoptr (BubusEvent) event = g_object_ref (bubus_interception_get_event (self));
  gboolean accepted;

  self->outer = current_interception;
  current_interception = self;
  _bubus_event_bus_begin_telling (self->bus);
  accepted = BUBUS_MIDDLEWARE_GET_IFACE (middleware)->intercept (middleware, self->bus, event, self, error);
  _bubus_event_bus_end_telling (self->bus);
  current_interception = g_steal_pointer (&self->outer);
  _bubus_invocation_set_current (invocation);

  if (!accepted && error != NULL && *error == NULL)
    g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_DROPPED, "%s refused “%s” without giving a reason",
                 G_OBJECT_TYPE_NAME (middleware), bubus_event_get_event_type (event));
  return accepted;
}

static gboolean
bubus_interception_call_next (BubusInterception  *self,
                              GError            **error)
{
  BubusMiddleware *middleware = self->middleware->pdata[self->index++];

  if (self->index > 1)
    {
      g_mutex_lock (&self->bus->lock);
      self->deferred = self->resumed = FALSE;
      g_mutex_unlock (&self->bus->lock);
    }
  if (BUBUS_MIDDLEWARE_GET_IFACE (middleware)->intercept == NULL)
    return TRUE;
  return bubus_interception_call (self, middleware, error);
}

static gboolean
bubus_interception_waits_locked (BubusInterception *self)
{
  return self->state == BUBUS_INTERCEPTION_DONE || (self->deferred && !self->resumed && self->reason == NULL);
}

/* Whether the event stays here; asked again when the bus has it, for in the meantime it may have been resumed. */
static gboolean
bubus_interception_waits (BubusInterception *self)
{
  gboolean waits;

  g_mutex_lock (&self->bus->lock);
  waits = bubus_interception_waits_locked (self);
  if (waits && self->visit != NULL && self->state == BUBUS_INTERCEPTION_CALLING)
    self->state = BUBUS_INTERCEPTION_DELAYED;
  g_mutex_unlock (&self->bus->lock);
  return waits;
}

static BubusIntercepted
bubus_interception_call_rest (BubusInterception  *self,
                              BubusEventResult   *emitter,
                              GError            **error)
{
  while (self->reason == NULL && self->index < self->middleware->len)
    {
      if (!bubus_interception_call_next (self, error))
        return BUBUS_INTERCEPTED_REFUSED;
      if (!bubus_interception_waits (self))
        continue;
      if (!bubus_interception_take_event (self, emitter, error))
        return BUBUS_INTERCEPTED_REFUSED;
      if (bubus_interception_waits (self))
        return BUBUS_INTERCEPTED_DELAYED;
    }
  return bubus_interception_check_replacement (self, error) ? BUBUS_INTERCEPTED_PASSED : BUBUS_INTERCEPTED_REFUSED;
}

/* An event that the bus has not taken yet is refused without a trace, and one that it has is dropped. */
static gboolean
bubus_interception_refuse (BubusInterception  *self,
                           GError             *reason,
                           GError            **error)
{
  if (self->visit == NULL)
    {
      g_propagate_error (error, reason);
      return FALSE;
    }

  g_mutex_lock (&self->bus->lock);
  g_clear_error (&self->reason);
  self->reason = reason;
  g_mutex_unlock (&self->bus->lock);
  bubus_interception_divert_event (self);
  return TRUE;
}

/* In the bus's main context, or where nobody owns that. */
static gboolean
bubus_interception_go (BubusInterception  *self,
                       BubusEventResult   *emitter,
                       GError            **error)
{
  GError *reason = NULL;

  switch (bubus_interception_call_rest (self, emitter, &reason))
    {
    case BUBUS_INTERCEPTED_REFUSED:
      return bubus_interception_refuse (self, reason, error);
    case BUBUS_INTERCEPTED_DELAYED:
      return TRUE;
    case BUBUS_INTERCEPTED_PASSED:
    default:
      break;
    }

  if (self->reason == NULL && self->replacement == NULL && self->visit == NULL)
    return _bubus_event_bus_dispatch (self->bus, self->event, emitter, self->flags | BUBUS_DISPATCH_INTERCEPTED, error);
  if (!bubus_interception_take_event (self, emitter, error))
    return FALSE;

  if (self->reason == NULL && self->replacement == NULL)
    bubus_interception_queue_event (self);
  else
    bubus_interception_divert_event (self);
  return TRUE;
}

/* ---- going on later ---- */

static gboolean
bubus_interception_go_on_cb (gpointer data)
{
  BubusInterception *self = data;
  gboolean announce = FALSE;
  gboolean done;

  g_mutex_lock (&self->bus->lock);
  done = self->state == BUBUS_INTERCEPTION_DONE;
  if (!done)
    {
      self->state = BUBUS_INTERCEPTION_CALLING;
      announce = self->visit->announce_later;
      self->visit->announce_later = FALSE;
    }
  g_mutex_unlock (&self->bus->lock);

  if (announce)
    _bubus_event_bus_tell_event (self->bus, self->event, BUBUS_EVENT_STATUS_PENDING);
  if (!done)
    bubus_interception_go (self, NULL, NULL);
  return G_SOURCE_REMOVE;
}

void
_bubus_interception_schedule (BubusInterception *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, _bubus_event_bus_get_message_priority (self->bus));
  g_source_set_callback (source, bubus_interception_go_on_cb, g_object_ref (self), g_object_unref);
  g_source_attach (source, self->bus->context);
}

/* From a thread where the middleware must not be called: the bus takes the event, and asks later. */
static gboolean
bubus_interception_start_later (BubusInterception  *self,
                                BubusEventResult   *emitter,
                                GError            **error)
{
  self->state = BUBUS_INTERCEPTION_RESUMING;
  if (!bubus_interception_take_event (self, emitter, error))
    return FALSE;

  _bubus_interception_schedule (self);
  return TRUE;
}

/* Takes @self, which is nullable, to be used again, and @middleware. */
static BubusInterception *
bubus_interception_new (BubusInterception  *self,
                        BubusEventBus      *bus,
                        BubusEvent         *event,
                        GPtrArray          *middleware,
                        BubusDispatchFlags  flags)
{
  if (G_UNLIKELY (self == NULL))
    self = g_object_new (BUBUS_TYPE_INTERCEPTION, NULL);
  self->bus = g_object_ref (bus);
  self->event = g_object_ref (event);
  self->flags = flags;
  self->middleware = middleware != NULL ? middleware : g_ptr_array_new ();
  return self;
}

/* One that nobody has kept is used again. The caller has the bus. */
static void
bubus_interception_give_back (BubusInterception *self)
{
  BubusEventBus *bus = self->bus;

  if (_bubus_object_is_untouched (self))
    {
      _bubus_interception_clear (self);
      g_mutex_lock (&bus->lock);
      if (bus->spare_interception == NULL)
        bus->spare_interception = g_steal_pointer (&self);
      g_mutex_unlock (&bus->lock);
    }
  g_clear_object (&self);
}

static gboolean
bubus_interception_is_current (BubusEventBus *bus,
                               BubusEvent    *event)
{
  const BubusInterception *interception = current_interception;

  while (interception != NULL && (interception->bus != bus || interception->event != event))
    interception = interception->outer;
  return interception != NULL;
}

static gboolean
bubus_event_bus_would_take_locked (BubusEventBus    *self,
                                   BubusEvent       *event,
                                   BubusEventResult *emitter)
{
  gboolean from_handler = emitter != NULL || _bubus_invocation_get_current () != NULL;

  return _bubus_event_bus_is_open_locked (self, event, emitter)
         && _bubus_event_bus_has_room_locked (self, from_handler)
         && _bubus_event_find_visit (event, self->info) == NULL;
}

/* NULL for what the bus would refuse, or knows: that is not shown to the middleware. */
static BubusInterception *
bubus_event_bus_begin_interception (BubusEventBus      *self,
                                    BubusEvent         *event,
                                    BubusEventResult   *emitter,
                                    BubusDispatchFlags  flags)
{
  BubusInterception *spare = NULL;
  GPtrArray *middleware = NULL;
  gboolean would_take;

  g_mutex_lock (&self->lock);
  would_take = bubus_event_bus_would_take_locked (self, event, emitter);
  if (would_take)
    spare = g_steal_pointer (&self->spare_interception);
  if (would_take && self->middleware != NULL)
    middleware = g_ptr_array_ref (self->middleware);
  g_mutex_unlock (&self->lock);

  return would_take ? bubus_interception_new (spare, self, event, middleware, flags) : NULL;
}

/* Instead of a dispatch, which follows when the middleware lets the event pass. */
gboolean
_bubus_event_bus_intercept (BubusEventBus       *self,
                            BubusEvent          *event,
                            BubusEventResult    *emitter,
                            BubusDispatchFlags   flags,
                            GError             **error)
{
  BubusInterception *interception;
  gboolean accepted;

  interception = bubus_event_bus_begin_interception (self, event, emitter, flags);
  if (interception == NULL)
    return _bubus_event_bus_dispatch (self, event, emitter, flags | BUBUS_DISPATCH_INTERCEPTED, error);

  if (bubus_interception_is_current (self, event))
    {
      g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_WOULD_DEADLOCK, "“%s” is being intercepted",
                   bubus_event_get_event_type (event));
      accepted = FALSE;
    }
  else if (g_main_context_acquire (self->context))
    {
      accepted = bubus_interception_go (interception, emitter, error);
      g_main_context_release (self->context);
    }
  else
    {
      accepted = bubus_interception_start_later (interception, emitter, error);
    }
  bubus_interception_give_back (interception);
  return accepted;
}
