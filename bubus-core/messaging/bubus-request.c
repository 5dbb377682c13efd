/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-request-private.h"

#include "base/bubus-error.h"
#include "base/bubus-object-internal.h"
#include "bus/bubus-handling-internal.h"
#include "flow/bubus-attempt-internal.h"

/* As many as have been under way at once are kept, up to this: less than a hundred kilobytes. */
#define MAX_SPARE_REQUESTS 512

/* One request, and the result that its callback is given. A GTask beside it would cost as much as all the rest. The wait
 * for the message has it, and gives it back to the messenger, which uses it again; it is answered then, or before. */
struct _BubusRequest
{
  GObject              parent_instance;

  BubusLink            link;       /* among those with a deadline, or the spare ones of the messenger */
  BubusMessageWait     wait;
  BubusMessenger      *messenger;  /* NULL: spare */
  BubusMessage        *message;    /* nullable: it was not sent */
  GAsyncReadyCallback  callback;   /* nullable */
  gpointer             user_data;
  GMainContext        *context;    /* nullable: where the callback is called, when that is not the bus's */
  GSource             *cancelled;  /* nullable */
  double               timeout;    /* seconds */
  gint64               deadline;
  BubusEventResult    *answer;     /* nullable */
  GError              *error;      /* nullable */
  gboolean             answered;
};

static gpointer
bubus_request_get_user_data (GAsyncResult *result)
{
  return BUBUS_REQUEST (result)->user_data;
}

static GObject *
bubus_request_get_source_object (GAsyncResult *result)
{
  BubusRequest *self = BUBUS_REQUEST (result);

  return self->messenger != NULL ? G_OBJECT (g_object_ref (self->messenger)) : NULL;
}

static gboolean
bubus_request_is_tagged (GAsyncResult *result,
                         gpointer      tag)
{
  return tag == bubus_messenger_request_async;
}

static void
bubus_request_result_init (GAsyncResultIface *iface)
{
  iface->get_user_data = bubus_request_get_user_data;
  iface->get_source_object = bubus_request_get_source_object;
  iface->is_tagged = bubus_request_is_tagged;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusRequest, bubus_request, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_RESULT, bubus_request_result_init))

static void
bubus_request_clear (BubusRequest *self)
{
  g_clear_pointer (&self->answer, bubus_event_result_unref);
  g_clear_error (&self->error);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_object (&self->message);
}

static void
bubus_request_finalize (GObject *object)
{
  BubusRequest *self = BUBUS_REQUEST (object);

  bubus_request_clear (self);
  g_clear_object (&self->messenger);

  G_OBJECT_CLASS (bubus_request_parent_class)->finalize (object);
}

static void
bubus_request_class_init (BubusRequestClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bubus_request_finalize;
}

static void
bubus_request_init (BubusRequest *self)
{
}

/* One that nobody else has kept is used again. Takes over @self. */
static void
bubus_request_give_back (BubusRequest *self)
{
  g_autoptr (BubusMessenger) messenger = NULL;

  if (!_bubus_object_is_untouched (self) || self->messenger->spare_requests.length >= MAX_SPARE_REQUESTS)
    {
      g_object_unref (self);
      return;
    }

  messenger = g_steal_pointer (&self->messenger);
  bubus_request_clear (self);
  _bubus_queue_push_head (&messenger->spare_requests, &self->link);
}

void
_bubus_messenger_drop_spare_requests (BubusMessenger *self)
{
  BubusLink *link;

  while ((link = _bubus_queue_pop_head (&self->spare_requests)) != NULL)
    g_object_unref (BUBUS_LINK_OWNER (link, BubusRequest, link));
}

/* ---- the answer ---- */

static gboolean
bubus_request_tell_cb (gpointer data)
{
  BubusRequest *self = data;

  if (self->callback != NULL)
    self->callback (G_OBJECT (self->messenger), G_ASYNC_RESULT (self), self->user_data);
  return G_SOURCE_REMOVE;
}

/* In the next turn of a main context. */
static void
bubus_request_tell_later (BubusRequest *self,
                          GMainContext *context)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, bubus_request_tell_cb, g_object_ref (self), g_object_unref);
  g_source_set_static_name (source, "Bubus request");
  g_source_attach (source, context);
}

/* There is an answer, or an error. Who is told is not part of the handler that happens to be running. */
static void
bubus_request_tell (BubusRequest *self)
{
  gpointer handling;

  if (_bubus_link_is_linked (&self->link))
    _bubus_queue_remove (&self->messenger->requests, &self->link);
  if (self->cancelled != NULL)
    g_source_destroy (self->cancelled);
  g_clear_pointer (&self->cancelled, g_source_unref);
  self->answered = TRUE;
  if (self->context != NULL)
    {
      bubus_request_tell_later (self, self->context);
      return;
    }

  handling = _bubus_handling_set_aside ();
  bubus_request_tell_cb (self);
  _bubus_handling_take_up (handling);
}

/* Takes over @error. The answer is not wanted any more: if the message's turn has not come, it will not be
 * delivered. */
static void
bubus_request_give_up (BubusRequest *self,
                       GError       *error)
{
  self->message->given_up = TRUE;
  self->error = error;
  bubus_request_tell (self);
}

/* The wait is over, and with it the request. Takes over @error, which is nullable. */
static void
bubus_request_end (gpointer  data,
                   GError   *error)
{
  BubusRequest *self = data;

  if (!self->answered)
    {
      self->error = error;
      if (error == NULL)
        self->answer = _bubus_messenger_ref_answer (self->messenger, self->message, &self->error);
      bubus_request_tell (self);
    }
  else
    g_clear_error (&error);
  bubus_request_give_back (self);
}

/* ---- giving up ---- */

static void bubus_messenger_set_timer (BubusMessenger *self);

static void
bubus_request_expire (BubusRequest *self)
{
  bubus_request_give_up (self, g_error_new (BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT, "“%s” did not answer within %g s",
                                            bubus_message_get_address (self->message), self->timeout));
}

static void
bubus_messenger_timer_cb (gpointer data)
{
  g_autoptr (BubusMessenger) self = g_object_ref (data);
  gint64 now = bubus_clock_get_time (self->clock);
  BubusLink *head;

  self->timer_id = 0;
  while ((head = _bubus_queue_peek_head (&self->requests)) != NULL
         && BUBUS_LINK_OWNER (head, BubusRequest, link)->deadline <= now)
    bubus_request_expire (BUBUS_LINK_OWNER (head, BubusRequest, link));
  bubus_messenger_set_timer (self);
}

/* One timer serves all requests. It stays when the request that it was set for has been answered, for most requests
 * are: it fires once in vain at most, and is set for whoever is first then. */
static void
bubus_messenger_set_timer (BubusMessenger *self)
{
  BubusLink *head = _bubus_queue_peek_head (&self->requests);
  BubusRequest *first;

  if (self->timer_id != 0 || head == NULL)
    return;

  first = BUBUS_LINK_OWNER (head, BubusRequest, link);
  self->timer_id = bubus_clock_add_timeout (self->clock, first->deadline - bubus_clock_get_time (self->clock),
                                            bubus_event_bus_get_main_context (self->bus), bubus_messenger_timer_cb,
                                            self, NULL);
}

/* Most requests have the time limit of the others, and go to the end. */
static void
bubus_request_set_deadline (BubusRequest *self)
{
  BubusQueue *requests = &self->messenger->requests;
  BubusLink *next = &requests->root;

  self->deadline = bubus_clock_get_time (self->messenger->clock) + _bubus_seconds_to_ns (self->timeout);
  while (next->prev != &requests->root && BUBUS_LINK_OWNER (next->prev, BubusRequest, link)->deadline > self->deadline)
    next = next->prev;
  _bubus_queue_insert_before (requests, next, &self->link);

  if (_bubus_queue_peek_head (requests) == &self->link && self->messenger->timer_id != 0)
    {
      bubus_clock_remove_timeout (self->messenger->clock, self->messenger->timer_id);
      self->messenger->timer_id = 0;
    }
  bubus_messenger_set_timer (self->messenger);
}

static gboolean
bubus_request_cancelled_cb (GCancellable *cancellable,
                            gpointer      data)
{
  BubusRequest *self = data;
  GError *error = NULL;

  if (!self->answered && g_cancellable_set_error_if_cancelled (cancellable, &error))
    bubus_request_give_up (self, error);
  return G_SOURCE_REMOVE;
}

static void
bubus_request_watch (BubusRequest *self,
                     GCancellable *cancellable)
{
  if (cancellable == NULL)
    return;

  self->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (self->cancelled, G_SOURCE_FUNC (bubus_request_cancelled_cb), self, NULL);
  g_source_attach (self->cancelled, bubus_event_bus_get_main_context (self->messenger->bus));
}

/* ---- asking ---- */

static BubusRequest *
bubus_messenger_take_request (BubusMessenger *self)
{
  BubusLink *link = _bubus_queue_pop_head (&self->spare_requests);

  return link != NULL ? BUBUS_LINK_OWNER (link, BubusRequest, link) : g_object_new (BUBUS_TYPE_REQUEST, NULL);
}

/* @callback is called in the main context that is thread-default now, which is that of the bus mostly. */
BubusRequest *
_bubus_messenger_new_request (BubusMessenger      *self,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  GMainContext *context = g_main_context_get_thread_default ();
  BubusRequest *request = bubus_messenger_take_request (self);

  if (context == NULL)
    context = g_main_context_default ();
  request->messenger = g_object_ref (self);
  request->callback = callback;
  request->user_data = user_data;
  request->answered = FALSE;
  if (context != bubus_event_bus_get_main_context (self->bus))
    request->context = g_main_context_ref (context);
  return request;
}

/* Takes over @self and @error: nobody was asked. */
void
_bubus_request_refuse (BubusRequest *self,
                       GError       *error)
{
  GMainContext *context = self->context;

  self->error = error;
  bubus_request_tell_later (self, context != NULL ? context : bubus_event_bus_get_main_context (self->messenger->bus));
  g_object_unref (self);
}

/* Takes over @self: the message has been dispatched. */
void
_bubus_request_start (BubusRequest    *self,
                      BubusMessage    *message,
                      double           timeout,
                      BubusInvocation *invocation,
                      GCancellable    *cancellable)
{
  self->message = g_object_ref (message);
  self->timeout = timeout;
  if (timeout > 0)
    bubus_request_set_deadline (self);
  bubus_request_watch (self, cancellable);

  self->wait.done = bubus_request_end;
  self->wait.data = self;
  _bubus_message_wait (message, &self->wait, invocation);
}

BubusMessenger *
_bubus_request_get_messenger (BubusRequest *self)
{
  return self->messenger;
}

/* The answer is given once. */
BubusEventResult *
_bubus_request_finish (BubusRequest  *self,
                       GError       **error)
{
  if (self->error == NULL)
    return g_steal_pointer (&self->answer);

  g_propagate_error (error, g_steal_pointer (&self->error));
  return NULL;
}
