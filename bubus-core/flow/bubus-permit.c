/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-permit-private.h"

/**
 * BubusPermit:
 *
 * A place that was acquired from a [class@Semaphore].
 *
 * It is given back by [method@Permit.release], or when the permit is freed. A permit is also the token by which a chain
 * of calls is known: who passes it on when something further is acquired does not wait for a place that the chain has
 * already.
 *
 * May be used from any thread.
 *
 * Since: 1.0
 */

struct _BubusPermit
{
  GObject      parent_instance;

  BubusGrant  *grant;  /* atomic; NULL: released, or given without a place */
  BubusPermit *outer;  /* nullable: what the chain of calls had before */
};

G_DEFINE_FINAL_TYPE (BubusPermit, bubus_permit, G_TYPE_OBJECT)

static void
bubus_permit_finalize (GObject *object)
{
  BubusPermit *self = BUBUS_PERMIT (object);

  bubus_permit_release (self);
  g_clear_object (&self->outer);

  G_OBJECT_CLASS (bubus_permit_parent_class)->finalize (object);
}

static void
bubus_permit_class_init (BubusPermitClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bubus_permit_finalize;
}

static void
bubus_permit_init (BubusPermit *self)
{
}

/* Takes over @grant, which is nullable. */
BubusPermit *
_bubus_permit_new (BubusGrant  *grant,
                   BubusPermit *outer)
{
  BubusPermit *self = g_object_new (BUBUS_TYPE_PERMIT, NULL);

  self->grant = grant;
  g_set_object (&self->outer, outer);
  return self;
}

/* What the chain of calls has of @pool: a new reference, or NULL. A released permit has nothing, but what was acquired
 * before it still counts. */
BubusGrant *
_bubus_permit_find_grant (BubusPermit     *self,
                          BubusPermitPool *pool)
{
  BubusGrant *grant = NULL;

  for (; self != NULL && grant == NULL; self = self->outer)
    grant = _bubus_permit_pool_share (pool, &self->grant);
  return grant;
}

/**
 * bubus_permit_is_held:
 * @self: a permit
 *
 * Says whether a place is taken: not after it was released, and not when a lax semaphore has given a permit without
 * one.
 *
 * Returns: whether the permit holds a place
 *
 * Since: 1.0
 */
gboolean
bubus_permit_is_held (BubusPermit *self)
{
  g_return_val_if_fail (BUBUS_IS_PERMIT (self), FALSE);

  return g_atomic_pointer_get (&self->grant) != NULL;
}

/**
 * bubus_permit_release:
 * @self: a permit
 *
 * Gives the place back, to whoever has waited longest. The second time, nothing happens.
 *
 * A place that several permits of one chain share is free when the last of them has been released.
 *
 * Since: 1.0
 */
void
bubus_permit_release (BubusPermit *self)
{
  BubusGrant *grant;

  g_return_if_fail (BUBUS_IS_PERMIT (self));

  grant = _bubus_permit_pool_take (&self->grant);
  if (grant != NULL)
    _bubus_grant_unref (grant);
}
