/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-stream-pipe-private.h"

#include "base/bubus-error.h"
#include "base/bubus-queue-internal.h"

struct _BubusStreamPipe
{
  gatomicrefcount        ref_count;
  char                  *address;
  guint                  window;
  GVariantType          *part_type;   /* nullable */
  BubusClock            *clock;
  GMainContext          *context;     /* of the bus */

  GMutex                 lock;        /* guards what follows */
  GCond                  moved;       /* there is room, or the stream is over */
  GQueue                 parts;       /* of BubusJson, owned */
  BubusQueue             senders;     /* BubusPipeWaiter; while there are, the window is full */
  BubusQueue             takers;      /* BubusPipeWaiter; while there are, there is no part */
  guint64                n_sent;
  guint64                n_received;
  gint64                 moved_at;    /* when a part was sent or taken the last time */
  BubusReplyStreamState  state;
  GError                *error;       /* set with the state FAILED, never changed after that */
};

/* Somebody who waits for room, or for a part: in a queue as long as nobody has decided what becomes of it. It is told by
 * a source of its own main context, so that callbacks come in the order of what they are told, and nobody is called
 * while something else goes on. */
typedef struct
{
  BubusLink        link;
  gatomicrefcount  ref_count;
  BubusStreamPipe *pipe;
  BubusQueue      *queue;
  GTask           *task;
  BubusJson       *part;       /* what is sent; NULL: a taker, who is given one */
  GSource         *cancelled;  /* nullable */
  GError          *error;      /* nullable: what to tell */
} BubusPipeWaiter;

static void
bubus_pipe_waiter_unref (gpointer data)
{
  BubusPipeWaiter *self = data;

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_error (&self->error);
  g_clear_pointer (&self->part, bubus_json_unref);
  g_clear_pointer (&self->cancelled, g_source_unref);
  g_object_unref (self->task);
  _bubus_stream_pipe_unref (self->pipe);
  g_free (self);
}

/* Takes over @task. */
static BubusPipeWaiter *
bubus_pipe_waiter_new (BubusStreamPipe *pipe,
                       BubusQueue      *queue,
                       GTask           *task)
{
  BubusPipeWaiter *self = g_new0 (BubusPipeWaiter, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->pipe = _bubus_stream_pipe_ref (pipe);
  self->queue = queue;
  self->task = task;
  return self;
}

static gboolean
bubus_pipe_waiter_tell_cb (gpointer data)
{
  BubusPipeWaiter *self = data;

  if (self->cancelled != NULL)
    g_source_destroy (self->cancelled);
  if (self->error != NULL)
    g_task_return_error (self->task, g_steal_pointer (&self->error));
  else if (self->queue == &self->pipe->senders)
    g_task_return_boolean (self->task, TRUE);
  else
    g_task_return_pointer (self->task, g_steal_pointer (&self->part), (GDestroyNotify) bubus_json_unref);
  return G_SOURCE_REMOVE;
}

/* Takes over @self, which is in no queue any more. */
static void
bubus_pipe_waiter_complete_locked (BubusPipeWaiter *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, g_task_get_priority (self->task));
  g_source_set_callback (source, bubus_pipe_waiter_tell_cb, self, bubus_pipe_waiter_unref);
  g_source_set_static_name (source, "Bubus reply stream");
  g_source_attach (source, g_task_get_context (self->task));
}

static gboolean
bubus_pipe_waiter_cancelled_cb (GCancellable *cancellable,
                                gpointer      data)
{
  BubusPipeWaiter *self = data;

  g_mutex_lock (&self->pipe->lock);
  if (_bubus_link_is_linked (&self->link))
    {
      _bubus_queue_remove (self->queue, &self->link);
      g_cancellable_set_error_if_cancelled (cancellable, &self->error);
      bubus_pipe_waiter_complete_locked (self);
    }
  g_mutex_unlock (&self->pipe->lock);
  return G_SOURCE_REMOVE;
}

/* Takes over @self. */
static void
bubus_pipe_waiter_enqueue_locked (BubusPipeWaiter *self)
{
  GCancellable *cancellable = g_task_get_cancellable (self->task);

  if (cancellable != NULL)
    {
      g_atomic_ref_count_inc (&self->ref_count);
      self->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (self->cancelled, G_SOURCE_FUNC (bubus_pipe_waiter_cancelled_cb), self,
                             bubus_pipe_waiter_unref);
      g_source_attach (self->cancelled, g_task_get_context (self->task));
    }
  _bubus_queue_push_tail (self->queue, &self->link);
}

static BubusPipeWaiter *
bubus_pipe_waiter_pop_locked (BubusQueue *queue)
{
  BubusLink *link = _bubus_queue_pop_head (queue);

  return link != NULL ? BUBUS_LINK_OWNER (link, BubusPipeWaiter, link) : NULL;
}

/* ---- the pipe ---- */

/* @part_type is nullable. */
BubusStreamPipe *
_bubus_stream_pipe_new (const char         *address,
                        guint               window,
                        const GVariantType *part_type,
                        BubusClock         *clock,
                        GMainContext       *context)
{
  BubusStreamPipe *self = g_new0 (BubusStreamPipe, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->address = g_strdup (address);
  self->window = window;
  self->part_type = part_type != NULL ? g_variant_type_copy (part_type) : NULL;
  self->clock = g_object_ref (clock);
  self->context = g_main_context_ref (context);
  self->moved_at = bubus_clock_get_time (clock);
  g_mutex_init (&self->lock);
  g_cond_init (&self->moved);
  g_queue_init (&self->parts);
  _bubus_queue_init (&self->senders);
  _bubus_queue_init (&self->takers);
  return self;
}

BubusStreamPipe *
_bubus_stream_pipe_ref (BubusStreamPipe *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
_bubus_stream_pipe_unref (BubusStreamPipe *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_queue_clear_full (&self->parts, (GDestroyNotify) bubus_json_unref);
  g_clear_error (&self->error);
  g_cond_clear (&self->moved);
  g_mutex_clear (&self->lock);
  g_main_context_unref (self->context);
  g_object_unref (self->clock);
  g_clear_pointer (&self->part_type, g_variant_type_free);
  g_free (self->address);
  g_free (self);
}

/* Why nothing can be sent any more; or NULL. */
static GError *
bubus_stream_pipe_refuse_locked (BubusStreamPipe *self)
{
  switch (self->state)
    {
    case BUBUS_REPLY_STREAM_STATE_OPEN:
      return NULL;
    case BUBUS_REPLY_STREAM_STATE_ENDED:
      return g_error_new (BUBUS_ERROR, BUBUS_ERROR_FAILED, "The stream of “%s” has ended", self->address);
    case BUBUS_REPLY_STREAM_STATE_CLOSED:
      return g_error_new (BUBUS_ERROR, BUBUS_ERROR_CANCELLED, "Nobody wants more of the stream of “%s”",
                          self->address);
    case BUBUS_REPLY_STREAM_STATE_FAILED:
    default:
      return g_error_copy (self->error);
    }
}

/* A part goes to who waits for one, or among those that are taken later. */
static void
bubus_stream_pipe_push_locked (BubusStreamPipe *self,
                               BubusJson       *part,
                               gint64           time)
{
  BubusPipeWaiter *taker = bubus_pipe_waiter_pop_locked (&self->takers);

  self->n_sent++;
  self->moved_at = MAX (self->moved_at, time);
  if (taker == NULL)
    {
      g_queue_push_tail (&self->parts, bubus_json_ref (part));
      return;
    }

  self->n_received++;
  taker->part = bubus_json_ref (part);
  bubus_pipe_waiter_complete_locked (taker);
}

/* Nobody passes those who wait with a part: as long as there are, every place is taken again at once. */
static gboolean
bubus_stream_pipe_has_room_locked (BubusStreamPipe *self)
{
  return self->parts.length < self->window;
}

/* Takes over @task, which is completed when the part has found room. */
void
_bubus_stream_pipe_send_async (BubusStreamPipe *self,
                               BubusJson       *part,
                               GTask           *task)
{
  BubusPipeWaiter *sender = bubus_pipe_waiter_new (self, &self->senders, task);
  gint64 time = bubus_clock_get_time (self->clock);

  sender->part = bubus_json_ref (part);
  g_mutex_lock (&self->lock);
  sender->error = bubus_stream_pipe_refuse_locked (self);
  if (sender->error == NULL && !bubus_stream_pipe_has_room_locked (self))
    bubus_pipe_waiter_enqueue_locked (sender);
  else
    {
      if (sender->error == NULL)
        bubus_stream_pipe_push_locked (self, part, time);
      bubus_pipe_waiter_complete_locked (sender);
    }
  g_mutex_unlock (&self->lock);
}

/* Waits for room, except where that would keep the bus from going on. */
gboolean
_bubus_stream_pipe_send (BubusStreamPipe  *self,
                         BubusJson        *part,
                         GError          **error)
{
  gboolean may_wait = !g_main_context_is_owner (self->context);
  gint64 time = bubus_clock_get_time (self->clock);
  GError *reason;

  g_mutex_lock (&self->lock);
  while (may_wait && self->state == BUBUS_REPLY_STREAM_STATE_OPEN && !bubus_stream_pipe_has_room_locked (self))
    g_cond_wait (&self->moved, &self->lock);
  reason = bubus_stream_pipe_refuse_locked (self);
  if (reason == NULL && !bubus_stream_pipe_has_room_locked (self))
    reason = g_error_new (BUBUS_ERROR, BUBUS_ERROR_WOULD_BLOCK, "%u parts of “%s” wait to be taken already",
                          self->window, self->address);
  if (reason == NULL)
    bubus_stream_pipe_push_locked (self, part, time);
  g_mutex_unlock (&self->lock);

  if (reason != NULL)
    g_propagate_error (error, reason);
  return reason == NULL;
}

/* There is room for the part of the first who waits with one. FALSE when nobody does. */
static gboolean
bubus_stream_pipe_refill_locked (BubusStreamPipe *self)
{
  BubusPipeWaiter *sender = bubus_pipe_waiter_pop_locked (&self->senders);

  if (sender == NULL)
    {
      g_cond_broadcast (&self->moved);
      return FALSE;
    }

  self->n_sent++;
  g_queue_push_tail (&self->parts, g_steal_pointer (&sender->part));
  bubus_pipe_waiter_complete_locked (sender);
  return TRUE;
}

static BubusJson *
bubus_stream_pipe_pop_locked (BubusStreamPipe *self,
                              gint64           time)
{
  BubusJson *part = g_queue_pop_head (&self->parts);

  if (part == NULL)
    return NULL;

  self->n_received++;
  self->moved_at = MAX (self->moved_at, time);
  bubus_stream_pipe_refill_locked (self);
  return part;
}

/* Takes over @task, which gets the next part, NULL at the end, or why there is none. */
void
_bubus_stream_pipe_take_async (BubusStreamPipe *self,
                               GTask           *task)
{
  BubusPipeWaiter *taker = bubus_pipe_waiter_new (self, &self->takers, task);
  gint64 time = bubus_clock_get_time (self->clock);

  g_mutex_lock (&self->lock);
  taker->part = bubus_stream_pipe_pop_locked (self, time);
  if (taker->part == NULL && self->state == BUBUS_REPLY_STREAM_STATE_OPEN)
    bubus_pipe_waiter_enqueue_locked (taker);
  else
    {
      if (taker->part == NULL && self->error != NULL)
        taker->error = g_error_copy (self->error);
      bubus_pipe_waiter_complete_locked (taker);
    }
  g_mutex_unlock (&self->lock);
}

/* ---- the end ---- */

/* Nobody who waits has anything to wait for any more. */
static void
bubus_stream_pipe_dismiss_locked (BubusStreamPipe *self)
{
  BubusPipeWaiter *waiter;

  while ((waiter = bubus_pipe_waiter_pop_locked (&self->senders)) != NULL)
    {
      waiter->error = bubus_stream_pipe_refuse_locked (self);
      bubus_pipe_waiter_complete_locked (waiter);
    }
  while ((waiter = bubus_pipe_waiter_pop_locked (&self->takers)) != NULL)
    {
      waiter->error = self->error != NULL ? g_error_copy (self->error) : NULL;
      bubus_pipe_waiter_complete_locked (waiter);
    }
  g_cond_broadcast (&self->moved);
}

/* Only the first end counts. @error is nullable. FALSE when there was one before. */
static gboolean
bubus_stream_pipe_settle_locked (BubusStreamPipe       *self,
                                 BubusReplyStreamState  state,
                                 const GError          *error)
{
  if (self->state != BUBUS_REPLY_STREAM_STATE_OPEN)
    return FALSE;

  self->error = error != NULL ? g_error_copy (error) : NULL;
  self->state = state;
  bubus_stream_pipe_dismiss_locked (self);
  return TRUE;
}

/* The consumer has answered. @only is nullable: what it answered, which is the only part when it has sent none. What was
 * sent before has been sent, although there was no room for it yet. */
void
_bubus_stream_pipe_end (BubusStreamPipe *self,
                        BubusJson       *only)
{
  g_mutex_lock (&self->lock);
  if (self->state == BUBUS_REPLY_STREAM_STATE_OPEN && only != NULL && self->n_sent == 0)
    bubus_stream_pipe_push_locked (self, only, self->moved_at);
  if (self->state == BUBUS_REPLY_STREAM_STATE_OPEN)
    while (bubus_stream_pipe_refill_locked (self))
      continue;
  bubus_stream_pipe_settle_locked (self, BUBUS_REPLY_STREAM_STATE_ENDED, NULL);
  g_mutex_unlock (&self->lock);
}

/* Nothing more will come. What has been sent can still be taken. */
void
_bubus_stream_pipe_fail (BubusStreamPipe *self,
                         const GError    *error)
{
  g_mutex_lock (&self->lock);
  bubus_stream_pipe_settle_locked (self, BUBUS_REPLY_STREAM_STATE_FAILED, error);
  g_mutex_unlock (&self->lock);
}

/* Nothing more is wanted, also of what has been sent. FALSE when nothing more would have come. */
gboolean
_bubus_stream_pipe_close (BubusStreamPipe *self)
{
  GQueue parts;
  gboolean was_open;

  g_mutex_lock (&self->lock);
  was_open = bubus_stream_pipe_settle_locked (self, BUBUS_REPLY_STREAM_STATE_CLOSED, NULL);
  parts = self->parts;
  g_queue_init (&self->parts);
  g_mutex_unlock (&self->lock);

  g_queue_clear_full (&parts, (GDestroyNotify) bubus_json_unref);
  return was_open;
}

/* ---- what it says ---- */

const char *
_bubus_stream_pipe_get_address (BubusStreamPipe *self)
{
  return self->address;
}

const GVariantType *
_bubus_stream_pipe_get_part_type (BubusStreamPipe *self)
{
  return self->part_type;
}

GMainContext *
_bubus_stream_pipe_get_context (BubusStreamPipe *self)
{
  return self->context;
}

guint
_bubus_stream_pipe_get_window (BubusStreamPipe *self)
{
  return self->window;
}

guint
_bubus_stream_pipe_get_n_waiting (BubusStreamPipe *self)
{
  guint n_waiting;

  g_mutex_lock (&self->lock);
  n_waiting = self->parts.length;
  g_mutex_unlock (&self->lock);
  return n_waiting;
}

guint64
_bubus_stream_pipe_get_n_received (BubusStreamPipe *self)
{
  guint64 n_received;

  g_mutex_lock (&self->lock);
  n_received = self->n_received;
  g_mutex_unlock (&self->lock);
  return n_received;
}

gint64
_bubus_stream_pipe_get_moved_at (BubusStreamPipe *self)
{
  gint64 moved_at;

  g_mutex_lock (&self->lock);
  moved_at = self->moved_at;
  g_mutex_unlock (&self->lock);
  return moved_at;
}

BubusReplyStreamState
_bubus_stream_pipe_get_state (BubusStreamPipe *self)
{
  BubusReplyStreamState state;

  g_mutex_lock (&self->lock);
  state = self->state;
  g_mutex_unlock (&self->lock);
  return state;
}

/* Nullable; stays as long as the pipe. */
const GError *
_bubus_stream_pipe_get_error (BubusStreamPipe *self)
{
  const GError *error;

  g_mutex_lock (&self->lock);
  error = self->error;
  g_mutex_unlock (&self->lock);
  return error;
}
