/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-clock.h"
#include "base/bubus-queue-internal.h"
#include "bubus-lock-folder-private.h"
#include "flow/bubus-permit.h"

G_BEGIN_DECLS

/* The places that everybody who names the same thing shares. One lock guards all pools; nothing is called under it. */
typedef struct _BubusPermitPool BubusPermitPool;
struct _BubusPermitPool
{
  guint       ref_count;
  char       *key;       /* for people; in the registry it is also what the pool is found by */
  gboolean    listed;    /* in the registry */
  gboolean    crosses;   /* processes: the places are locks on files, and the count below is not used */
  guint       limit;
  guint       in_use;
  BubusQueue  waiters;   /* BubusPermitWait; the first is the next */
};

/* One place that is taken; the permits of a chain of calls share it. */
typedef struct
{
  guint            ref_count;
  BubusPermitPool *pool;
  BubusLock        lock;   /* of a pool that crosses processes */
} BubusGrant;

/* Somebody who wants a place: the data of a task, which whoever may wake it has a reference to. */
typedef struct
{
  BubusLink        link;       /* in the pool's queue: who takes it out answers the task */
  GTask           *task;       /* not owned, it owns this */
  BubusPermitPool *pool;
  BubusPermit     *held;       /* nullable */
  BubusClock      *clock;
  double           timeout;    /* seconds; 0: none */
  gboolean         lax;
  guint            timeout_id;
  GSource         *cancelled;  /* nullable */
  BubusLockWatch  *watch;      /* nullable: tells when another process may have given a place back */
} BubusPermitWait;

void             _bubus_permit_pools_lock       (void);
void             _bubus_permit_pools_unlock     (void);

BubusPermitPool *_bubus_permit_pool_find        (const char       *key,
                                                 GObject          *owner,
                                                 gboolean          crosses,
                                                 guint             limit);
void             _bubus_permit_pool_unref       (BubusPermitPool  *self);
BubusGrant      *_bubus_permit_pool_try         (BubusPermitPool  *self,
                                                 gboolean          queued,
                                                 GError          **error);
BubusGrant      *_bubus_permit_pool_count_locked (BubusPermitPool *self);
BubusGrant      *_bubus_permit_pool_share       (BubusPermitPool  *self,
                                                 BubusGrant      **grant);
BubusGrant      *_bubus_permit_pool_take        (BubusGrant      **grant);
void             _bubus_grant_unref             (BubusGrant       *self);

void             _bubus_permit_wait_start       (BubusPermitPool  *pool,
                                                 BubusPermit      *held,
                                                 BubusClock       *clock,
                                                 double            timeout,
                                                 gboolean          lax,
                                                 int               max_waiting,
                                                 GTask            *task);
void             _bubus_permit_wait_grant       (GTask            *task,
                                                 BubusGrant       *grant);
GTask           *_bubus_permit_wait_pop_locked  (BubusPermitPool  *pool);

G_END_DECLS
