/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-permit-pool-private.h"

static GMutex pools_lock;
static GHashTable *pools[2];  /* key → BubusPermitPool, borrowed; first those of this process; guarded by the lock */

void
_bubus_permit_pools_lock (void)
{
  g_mutex_lock (&pools_lock);
}

void
_bubus_permit_pools_unlock (void)
{
  g_mutex_unlock (&pools_lock);
}

static BubusPermitPool *
bubus_permit_pool_new (const char *key,
                       gboolean    crosses,
                       guint       limit)
{
  BubusPermitPool *self = g_new0 (BubusPermitPool, 1);

  self->ref_count = 1;
  self->key = g_strdup (key);
  self->crosses = crosses;
  self->limit = limit;
  _bubus_queue_init (&self->waiters);
  return self;
}

/* The caller frees the pool, without the lock, when this returns TRUE. */
static gboolean
bubus_permit_pool_drop_locked (BubusPermitPool *self)
{
  if (--self->ref_count > 0)
    return FALSE;

  if (self->listed)
    g_hash_table_remove (pools[self->crosses], self->key);
  return TRUE;
}

static void
bubus_permit_pool_free (BubusPermitPool *self)
{
  g_assert (self->waiters.length == 0);

  g_free (self->key);
  g_free (self);
}

void
_bubus_permit_pool_unref (BubusPermitPool *self)
{
  gboolean last;

  g_mutex_lock (&pools_lock);
  last = bubus_permit_pool_drop_locked (self);
  g_mutex_unlock (&pools_lock);

  if (last)
    bubus_permit_pool_free (self);
}

static BubusPermitPool *
bubus_permit_pool_find_shared_locked (const char *key,
                                      gboolean    crosses,
                                      guint       limit)
{
  GHashTable **registry = &pools[crosses];
  BubusPermitPool *self;

  if (*registry == NULL)
    *registry = g_hash_table_new (g_str_hash, g_str_equal);

  self = g_hash_table_lookup (*registry, key);
  if (self != NULL)
    {
      self->ref_count++;
      return self;
    }

  self = bubus_permit_pool_new (key, crosses, limit);
  self->listed = TRUE;
  g_hash_table_insert (*registry, self->key, self);
  return self;
}

/* The object keeps the pool, so that an object that later lies at the same address has another one. */
static BubusPermitPool *
bubus_permit_pool_find_own_locked (const char *key,
                                   GObject    *owner,
                                   guint       limit)
{
  g_autofree char *name = g_strconcat ("bubus-permits-", key, NULL);
  BubusPermitPool *self = g_object_get_data (owner, name);

  if (self == NULL)
    {
      self = bubus_permit_pool_new (key, FALSE, limit);
      g_object_set_data_full (owner, name, self, (GDestroyNotify) _bubus_permit_pool_unref);
    }
  self->ref_count++;
  return self;
}

/* A new reference to the pool of @key: that of @owner, or the one of everybody when @owner is NULL. The limit is that
 * of whoever came first. */
BubusPermitPool *
_bubus_permit_pool_find (const char *key,
                         GObject    *owner,
                         gboolean    crosses,
                         guint       limit)
{
  BubusPermitPool *self;

  g_mutex_lock (&pools_lock);
  if (owner != NULL)
    self = bubus_permit_pool_find_own_locked (key, owner, limit);
  else
    self = bubus_permit_pool_find_shared_locked (key, crosses, limit);
  g_mutex_unlock (&pools_lock);
  return self;
}

/* ---- places ---- */

static BubusGrant *
bubus_grant_new_locked (BubusPermitPool *pool,
                        BubusLock        lock)
{
  BubusGrant *self = g_new0 (BubusGrant, 1);

  self->ref_count = 1;
  self->pool = pool;
  self->lock = lock;
  pool->ref_count++;
  return self;
}

/* A place that is counted, if there is one and nobody waits for it; or NULL. */
BubusGrant *
_bubus_permit_pool_count_locked (BubusPermitPool *self)
{
  if (self->crosses || self->in_use >= self->limit || self->waiters.length > 0)
    return NULL;

  self->in_use++;
  return bubus_grant_new_locked (self, (BubusLock) { -1, -1 });
}

static BubusGrant *
bubus_permit_pool_count (BubusPermitPool *self)
{
  BubusGrant *grant;

  g_mutex_lock (&pools_lock);
  grant = _bubus_permit_pool_count_locked (self);
  g_mutex_unlock (&pools_lock);
  return grant;
}

static gboolean
bubus_permit_pool_has_waiters (BubusPermitPool *self)
{
  gboolean has;

  g_mutex_lock (&pools_lock);
  has = self->waiters.length > 0;
  g_mutex_unlock (&pools_lock);
  return has;
}

static BubusGrant *
bubus_permit_pool_try_locks (BubusPermitPool  *self,
                             gboolean          queued,
                             GError          **error)
{
  BubusGrant *grant;
  BubusLock lock;

  if (!queued && bubus_permit_pool_has_waiters (self))
    return NULL;

  if (!_bubus_lock_folder_try (self->key, self->limit, &lock, error))
    return NULL;

  g_mutex_lock (&pools_lock);
  grant = bubus_grant_new_locked (self, lock);
  g_mutex_unlock (&pools_lock);
  return grant;
}

/* A place, if there is one; who is not @queued leaves it to those who are. NULL without an error when there is none. */
BubusGrant *
_bubus_permit_pool_try (BubusPermitPool  *self,
                        gboolean          queued,
                        GError          **error)
{
  if (self->crosses)
    return bubus_permit_pool_try_locks (self, queued, error);
  return bubus_permit_pool_count (self);
}

/* A new reference to *@grant if it is one of this pool, or else NULL. */
BubusGrant *
_bubus_permit_pool_share (BubusPermitPool  *self,
                          BubusGrant      **grant)
{
  BubusGrant *shared = NULL;

  g_mutex_lock (&pools_lock);
  if (*grant != NULL && (*grant)->pool == self)
    {
      shared = *grant;
      shared->ref_count++;
    }
  g_mutex_unlock (&pools_lock);
  return shared;
}

BubusGrant *
_bubus_permit_pool_take (BubusGrant **grant)
{
  BubusGrant *taken;

  g_mutex_lock (&pools_lock);
  taken = g_steal_pointer (grant);
  g_mutex_unlock (&pools_lock);
  return taken;
}

/* The place itself goes to the next in the queue, so that nobody can come in between. */
static GTask *
bubus_grant_hand_on_locked (BubusGrant *self)
{
  GTask *task;

  if (self->pool->crosses)
    return NULL;

  task = _bubus_permit_wait_pop_locked (self->pool);
  if (task != NULL)
    self->ref_count = 1;
  else
    self->pool->in_use--;
  return task;
}

void
_bubus_grant_unref (BubusGrant *self)
{
  GTask *next = NULL;
  gboolean last_of_pool = FALSE;
  gboolean last;

  g_mutex_lock (&pools_lock);
  last = --self->ref_count == 0;
  if (last)
    next = bubus_grant_hand_on_locked (self);
  if (last && next == NULL)
    last_of_pool = bubus_permit_pool_drop_locked (self->pool);
  g_mutex_unlock (&pools_lock);

  if (next != NULL)
    _bubus_permit_wait_grant (next, self);
  if (!last || next != NULL)
    return;

  _bubus_lock_give_back (&self->lock);
  if (last_of_pool)
    bubus_permit_pool_free (self->pool);
  g_free (self);
}
