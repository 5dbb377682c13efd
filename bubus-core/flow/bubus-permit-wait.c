/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-permit-pool-private.h"

#include "base/bubus-error.h"
#include "bubus-attempt-internal.h"
#include "bubus-permit-private.h"

/* A wait belongs to its pool's queue, to its timer, and to its cancellable. Whoever takes it out of the queue, under
 * the lock, answers it; the others find that it has gone. */

static void
bubus_permit_wait_free (gpointer data)
{
  BubusPermitWait *self = data;

  g_assert (!_bubus_link_is_linked (&self->link));

  _bubus_permit_pool_unref (self->pool);
  g_clear_object (&self->held);
  g_clear_object (&self->clock);
  g_free (self);
}

static void
bubus_permit_wait_stop_watching (BubusPermitWait *self)
{
  if (self->timeout_id != 0)
    bubus_clock_remove_timeout (self->clock, self->timeout_id);
  self->timeout_id = 0;
  if (self->cancelled != NULL)
    g_source_destroy (self->cancelled);
  g_clear_pointer (&self->cancelled, g_source_unref);
  g_clear_pointer (&self->watch, _bubus_lock_watch_free);
}

/* Takes over @grant, and the queue's reference to @task, which has left the queue. */
void
_bubus_permit_wait_grant (GTask      *task,
                          BubusGrant *grant)
{
  BubusPermitWait *self = g_task_get_task_data (task);

  bubus_permit_wait_stop_watching (self);
  g_task_return_pointer (task, _bubus_permit_new (grant, self->held), g_object_unref);
  g_object_unref (task);
}

/* The one that has waited longest; the caller has the queue's reference. */
GTask *
_bubus_permit_wait_pop_locked (BubusPermitPool *pool)
{
  BubusLink *link = _bubus_queue_pop_head (&pool->waiters);

  return link != NULL ? BUBUS_LINK_OWNER (link, BubusPermitWait, link)->task : NULL;
}

static void bubus_permit_wait_try_cb (gpointer data);

/* Of those who wait for another process, only the first looks out. The caller has the lock, so that the first cannot
 * leave meanwhile. */
static GTask *
bubus_permit_pool_look_out_locked (BubusPermitPool *pool)
{
  BubusLink *head = _bubus_queue_peek_head (&pool->waiters);
  BubusPermitWait *first;

  if (!pool->crosses || head == NULL)
    return NULL;

  first = BUBUS_LINK_OWNER (head, BubusPermitWait, link);
  if (first->watch != NULL)
    return NULL;

  first->watch = _bubus_lock_watch_new (g_task_get_context (first->task), bubus_permit_wait_try_cb,
                                        g_object_ref (first->task), g_object_unref);
  return g_object_ref (first->task);
}

static gboolean
bubus_permit_wait_look_cb (gpointer data)
{
  bubus_permit_wait_try_cb (data);
  return G_SOURCE_REMOVE;
}

/* A place may have become free before the first looked out. */
static void
bubus_permit_wait_look (GTask *first)
{
  if (first != NULL)
    g_main_context_invoke_full (g_task_get_context (first), G_PRIORITY_DEFAULT, bubus_permit_wait_look_cb,
                                first, g_object_unref);
}

/* Whether the wait was still in the queue; the caller has its reference then. */
static gboolean
bubus_permit_wait_leave (BubusPermitWait  *self,
                         GTask           **next)
{
  gboolean left;

  _bubus_permit_pools_lock ();
  left = _bubus_link_is_linked (&self->link);
  if (left)
    {
      _bubus_queue_remove (&self->pool->waiters, &self->link);
      *next = bubus_permit_pool_look_out_locked (self->pool);
    }
  _bubus_permit_pools_unlock ();
  return left;
}

/* The wait is over without a place; takes over @error. */
static void
bubus_permit_wait_fail (GTask  *task,
                        GError *error)
{
  BubusPermitWait *self = g_task_get_task_data (task);
  GTask *next = NULL;

  if (!bubus_permit_wait_leave (self, &next))
    {
      g_error_free (error);
      return;
    }

  bubus_permit_wait_stop_watching (self);
  g_task_return_error (task, error);
  g_object_unref (task);
  bubus_permit_wait_look (next);
}

/* A lax semaphore lets through who has waited long enough (B-9.9). */
static void
bubus_permit_wait_pass (GTask *task)
{
  BubusPermitWait *self = g_task_get_task_data (task);
  GTask *next = NULL;

  if (!bubus_permit_wait_leave (self, &next))
    return;

  g_message ("nothing of the semaphore “%s” (limit %u) within %g s: going on without", self->pool->key,
             self->pool->limit, self->timeout);
  _bubus_permit_wait_grant (task, NULL);
  bubus_permit_wait_look (next);
}

static void
bubus_permit_wait_timed_out_cb (gpointer data)
{
  g_autoptr (GTask) task = g_object_ref (data);
  BubusPermitWait *self = g_task_get_task_data (task);

  if (self->lax)
    bubus_permit_wait_pass (task);
  else
    bubus_permit_wait_fail (task, g_error_new (BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT,
                                               "Nothing of the semaphore “%s” (limit %u) within %g s",
                                               self->pool->key, self->pool->limit, self->timeout));
}

static gboolean
bubus_permit_wait_cancelled_cb (GCancellable *cancellable,
                                gpointer      data)
{
  g_autoptr (GTask) task = g_object_ref (data);
  GError *error = NULL;

  g_cancellable_set_error_if_cancelled (cancellable, &error);
  bubus_permit_wait_fail (task, error);
  return G_SOURCE_REMOVE;
}

/* The first in the queue tries again to get a place from another process. */
static void
bubus_permit_wait_try (GTask *task)
{
  BubusPermitWait *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  BubusGrant *grant = _bubus_permit_pool_try (self->pool, TRUE, &error);
  GTask *next = NULL;

  if (error != NULL)
    {
      bubus_permit_wait_fail (task, g_steal_pointer (&error));
      return;
    }
  if (grant == NULL)
    return;

  if (bubus_permit_wait_leave (self, &next))
    _bubus_permit_wait_grant (task, grant);
  else
    _bubus_grant_unref (grant);
  bubus_permit_wait_look (next);
}

static gboolean
bubus_permit_wait_is_queued (BubusPermitWait *self)
{
  gboolean queued;

  _bubus_permit_pools_lock ();
  queued = _bubus_link_is_linked (&self->link);
  _bubus_permit_pools_unlock ();
  return queued;
}

static void
bubus_permit_wait_try_cb (gpointer data)
{
  g_autoptr (GTask) task = g_object_ref (data);

  if (bubus_permit_wait_is_queued (g_task_get_task_data (task)))
    bubus_permit_wait_try (task);
}

/* ---- starting ---- */

static void
bubus_permit_wait_arm (BubusPermitWait *self)
{
  GCancellable *cancellable = g_task_get_cancellable (self->task);
  GMainContext *context = g_task_get_context (self->task);

  if (self->timeout > 0)
    self->timeout_id = bubus_clock_add_timeout (self->clock, _bubus_seconds_to_ns (self->timeout), context,
                                                bubus_permit_wait_timed_out_cb, g_object_ref (self->task),
                                                g_object_unref);
  if (cancellable == NULL)
    return;

  self->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (self->cancelled, G_SOURCE_FUNC (bubus_permit_wait_cancelled_cb), g_object_ref (self->task),
                         g_object_unref);
  g_source_attach (self->cancelled, context);
}

/* Puts the wait at the end of the queue, unless too many are there already, or a place has become free just now. */
static gboolean
bubus_permit_wait_queue (BubusPermitWait  *self,
                         int               max_waiting,
                         GTask           **first,
                         BubusGrant      **grant)
{
  gboolean queued = FALSE;

  /* Armed before others can see it; they disarm it. */
  bubus_permit_wait_arm (self);
  _bubus_permit_pools_lock ();
  *grant = _bubus_permit_pool_count_locked (self->pool);
  if (*grant == NULL && (max_waiting < 0 || self->pool->waiters.length < (guint) max_waiting))
    {
      g_object_ref (self->task);
      _bubus_queue_push_tail (&self->pool->waiters, &self->link);
      *first = bubus_permit_pool_look_out_locked (self->pool);
      queued = TRUE;
    }
  _bubus_permit_pools_unlock ();

  if (!queued)
    bubus_permit_wait_stop_watching (self);
  return queued;
}

/* Answers @task with a permit, now or when there is a place. Takes over a reference to @pool. */
void
_bubus_permit_wait_start (BubusPermitPool *pool,
                          BubusPermit     *held,
                          BubusClock      *clock,
                          double           timeout,
                          gboolean         lax,
                          int              max_waiting,
                          GTask           *task)
{
  BubusPermitWait *self = g_new0 (BubusPermitWait, 1);
  g_autoptr (GError) error = NULL;
  BubusGrant *grant;
  GTask *first = NULL;

  self->task = task;
  self->pool = pool;
  self->clock = g_object_ref (clock);
  self->timeout = timeout;
  self->lax = lax;
  g_set_object (&self->held, held);
  g_task_set_task_data (task, self, bubus_permit_wait_free);

  grant = _bubus_permit_find_grant (held, pool);
  if (grant == NULL)
    grant = _bubus_permit_pool_try (pool, FALSE, &error);

  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else if (grant == NULL && bubus_permit_wait_queue (self, max_waiting, &first, &grant))
    bubus_permit_wait_look (first);
  else if (grant != NULL)
    g_task_return_pointer (task, _bubus_permit_new (grant, held), g_object_unref);
  else
    g_task_return_new_error (task, BUBUS_ERROR, BUBUS_ERROR_FULL,
                             "All of the semaphore “%s” (limit %u) is taken, and %d wait for it already",
                             pool->key, pool->limit, max_waiting);
}
