/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "base/bubus-error.h"
#include "bubus-ambient-private.h"
#include "bubus-event-bus-private.h"
#include "bubus-handler-private.h"
#include "bubus-invocation-private.h"
#include "bubus-scheduler-private.h"
#include "bubus-wait-graph-private.h"

/* Handlers that run in threads of their own. The bus waits for one as for a handler that answers later. */

typedef struct
{
  BubusInvocation *invocation;
  BubusHandler    *handler;
  GObject         *ambient;  /* nullable: the event's, which forgets it without waiting for a handler that is given up */
  gboolean         was_given_up;
} BubusThreadedCall;

static BubusThreadedCall *
bubus_threaded_call_new (BubusInvocation *invocation,
                         BubusHandler    *handler)
{
  BubusThreadedCall *self = g_new0 (BubusThreadedCall, 1);

  self->invocation = g_object_ref (invocation);
  self->handler = g_object_ref (handler);
  self->ambient = bubus_event_ref_ambient (invocation->event);
  return self;
}

static void
bubus_threaded_call_free (BubusThreadedCall *self)
{
  g_object_unref (self->invocation);
  g_object_unref (self->handler);
  g_clear_object (&self->ambient);
  g_free (self);
}

static gboolean
bubus_threaded_call_returned_cb (gpointer data)
{
  BubusThreadedCall *self = data;
  BubusInvocation *invocation = self->invocation;

  if (self->was_given_up)
    {
      g_atomic_int_add (&_bubus_result_get_bus (invocation->result)->n_abandoned, -1);
      g_message ("%s of “%s” has returned after it was given up", invocation->result->handler->name,
                 bubus_event_get_event_type (invocation->event));
    }
  return G_SOURCE_REMOVE;
}

/* What the call held is given back in the bus's main context, because code of its users may run when it goes. */
static void
bubus_threaded_call_send_back (BubusThreadedCall *self)
{
  BubusEventBus *bus = _bubus_result_get_bus (self->invocation->result);
  g_autoptr (GMainContext) context = g_main_context_ref (bus->context);
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, _bubus_event_bus_get_message_priority (bus));
  g_source_set_callback (source, bubus_threaded_call_returned_cb, self, (GDestroyNotify) bubus_threaded_call_free);
  g_source_attach (source, context);
}

static void
bubus_threaded_call_make (BubusThreadedCall *self)
{
  BubusInvocation *invocation = self->invocation;
  g_autoptr (GError) error = NULL;
  gboolean succeeded;

  _bubus_invocation_set_current (invocation);
  if (self->ambient != NULL)
    bubus_ambient_push (self->ambient);
  succeeded = _bubus_handler_call (self->handler, invocation->event, invocation, &error);
  _bubus_ambient_leave (invocation);
  _bubus_invocation_set_current (NULL);

  self->was_given_up = g_atomic_int_exchange (&invocation->thread, BUBUS_INVOCATION_RETURNED)
                       == BUBUS_INVOCATION_GIVEN_UP;
  _bubus_invocation_finish_threaded (invocation, self->handler, succeeded, error);
}

/* A handler that was given up before a thread came for it is not called. */
static void
bubus_threaded_call_run (gpointer data,
                         gpointer pool_data)
{
  BubusThreadedCall *self = data;

  if (g_atomic_int_compare_and_exchange (&self->invocation->thread, BUBUS_INVOCATION_THREADLESS,
                                         BUBUS_INVOCATION_ELSEWHERE))
    bubus_threaded_call_make (self);
  bubus_threaded_call_send_back (self);
}

static gsize threaded_call_pool;  /* GThreadPool */

static gsize
bubus_threaded_call_pool_new (int max_threads)
{
  return (gsize) g_thread_pool_new (bubus_threaded_call_run, NULL, max_threads, FALSE, NULL);
}

/* One for the process, without a limit: a handler that hangs must not keep another from its turn. Its threads end when
 * they have had nothing to do for a while. */
static GThreadPool *
bubus_threaded_call_get_pool (void)
{
  if (g_once_init_enter (&threaded_call_pool))
    g_once_init_leave (&threaded_call_pool, bubus_threaded_call_pool_new (-1));
  return (GThreadPool *) threaded_call_pool;
}

/* For tests, while nobody else uses it: another pool takes the place of the one there is. -1: without a limit. */
void
_bubus_invocation_set_max_threads (int max_threads)
{
  GThreadPool *before = bubus_threaded_call_get_pool ();

  threaded_call_pool = bubus_threaded_call_pool_new (max_threads);
  g_thread_pool_free (before, FALSE, TRUE);
}

/* Calls the handler in a thread; the bus keeps the invocation until it has been answered, or its time is up. When there
 * is no thread now, the call waits for one. */
void
_bubus_invocation_call_threaded (BubusInvocation  *self,
                                 BubusEventResult *result,
                                 BubusHandler     *handler)
{
  self->result = result;
  self->event = _bubus_result_get_event (result);
  _bubus_invocation_set_state (self, BUBUS_INVOCATION_DEFERRED);
  self->cancellable = g_cancellable_new ();
  self->thread = BUBUS_INVOCATION_THREADLESS;

  _bubus_invocation_begin_deferred (self, handler);
  g_thread_pool_push (bubus_threaded_call_get_pool (), bubus_threaded_call_new (self, handler), NULL);
}

/* ---- waiting in a thread ---- */

typedef struct
{
  GMutex   lock;
  GCond    changed;
  gboolean completed;
  gboolean cancelled;
} BubusThreadWait;

static void
bubus_thread_wait_set (BubusThreadWait *self,
                       gboolean        *flag)
{
  g_mutex_lock (&self->lock);
  *flag = TRUE;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);
}

static void
bubus_thread_wait_completed_cb (BubusEvent *event,
                                gpointer    data)
{
  BubusThreadWait *self = data;

  bubus_thread_wait_set (self, &self->completed);
}

static void
bubus_thread_wait_cancelled_cb (GCancellable    *cancellable,
                                BubusThreadWait *self)
{
  bubus_thread_wait_set (self, &self->cancelled);
}

static void
bubus_thread_wait_block (BubusThreadWait *self)
{
  g_mutex_lock (&self->lock);
  while (!self->completed && !self->cancelled)
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);
}

/* The waiter is being told right now: it must not go before it has been. */
static void
bubus_thread_wait_join (BubusThreadWait *self)
{
  g_mutex_lock (&self->lock);
  while (!self->completed)
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);
}

/* Blocks the handler's own thread until @event is complete, or the handler is given up. */
gboolean
_bubus_invocation_block (BubusInvocation  *self,
                         BubusEvent       *event,
                         GError          **error)
{
  BubusThreadWait wait = { 0 };
  BubusWaiter waiter = { .func = bubus_thread_wait_completed_cb, .data = &wait };
  BubusWait edge = { NULL, NULL };
  gulong cancelled_id;

  if (!_bubus_wait_begin (&edge, self->event, event, error))
    return FALSE;
  _bubus_scheduler_let_pass (event);
  g_mutex_init (&wait.lock);
  g_cond_init (&wait.changed);
  cancelled_id = g_cancellable_connect (self->cancellable, G_CALLBACK (bubus_thread_wait_cancelled_cb), &wait, NULL);
  if (_bubus_event_add_waiter (event, &waiter))
    {
      bubus_thread_wait_block (&wait);
      if (!_bubus_event_remove_waiter (event, &waiter))
        bubus_thread_wait_join (&wait);
    }
  g_cancellable_disconnect (self->cancellable, cancelled_id);
  _bubus_wait_end (&edge);
  g_cond_clear (&wait.changed);
  g_mutex_clear (&wait.lock);

  if (!wait.cancelled && !self->result->given_up)
    return TRUE;
  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_ABORTED, "%s has been given up while it waited for “%s”",
               self->result->handler->name, bubus_event_get_event_type (event));
  return FALSE;
}
