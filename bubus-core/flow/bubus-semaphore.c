/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-semaphore-private.h"

#include "base/bubus-error.h"
#include "bubus-permit-private.h"

/**
 * BubusSemaphore:
 *
 * A limit on how many do something at a time.
 *
 * All semaphores of the same name and scope share their places; what the limit is, is said by the one that is used
 * first, as long as somebody uses it. Places are given in the order in which they were asked for. A chain of calls that
 * has a place does not wait for a second one, if it passes on the [class@Permit] that it has; operations that run under
 * a policy do this by themselves.
 *
 * Places of the scope %BUBUS_SCOPE_MULTIPROCESS are locks on files, which the system drops when their holder dies. They
 * lie in the folder `$BUBUS_SEMAPHORE_DIR`, or else `bubus/semaphores` in the user's runtime directory, which must be
 * the user's alone. The files are named by the first 40 hexadecimal digits of the SHA-256 of the name, a dot, the
 * number of the place in two digits, and `.lock`; a place belongs to whoever has an exclusive `flock()` on it, in
 * whatever language. The order between processes is not fixed. Waiting costs nothing until a place is given back; if
 * that is done by unlocking without closing the file, it is seen within a second.
 *
 * As a [iface@Policy], a semaphore takes a place for as long as the operation lasts: with
 * [property@Semaphore:max-waiting] it is what is known as a bulkhead.
 *
 * May be used from any thread.
 *
 * Since: 1.0
 */

struct _BubusSemaphore
{
  GObject     parent_instance;

  char       *name;         /* these are set once */
  guint       limit;
  BubusScope  scope;
  gboolean    lax;
  double      timeout;      /* seconds; 0: none; negative: unset */
  int         max_waiting;  /* negative: any number */
};

typedef enum
{
  PROP_NAME = 1,
  PROP_LIMIT,
  PROP_SCOPE,
  PROP_LAX,
  PROP_TIMEOUT,
  PROP_MAX_WAITING,
} BubusSemaphoreProperty;

static GParamSpec *properties[PROP_MAX_WAITING + 1];

G_DEFINE_ENUM_TYPE (BubusScope, bubus_scope,
                    G_DEFINE_ENUM_VALUE (BUBUS_SCOPE_GLOBAL, "global"),
                    G_DEFINE_ENUM_VALUE (BUBUS_SCOPE_CLASS, "class"),
                    G_DEFINE_ENUM_VALUE (BUBUS_SCOPE_SELF, "self"),
                    G_DEFINE_ENUM_VALUE (BUBUS_SCOPE_MULTIPROCESS, "multiprocess"))

static void
bubus_semaphore_policy_init (BubusPolicyInterface *iface)
{
  iface->execute = _bubus_semaphore_execute;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusSemaphore, bubus_semaphore, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_POLICY, bubus_semaphore_policy_init))

/* ---- places ---- */

static BubusPermitPool *
bubus_semaphore_find_pool (BubusSemaphore *self,
                           GObject        *owner)
{
  g_autofree char *key = NULL;

  switch (self->scope)
    {
    case BUBUS_SCOPE_SELF:
      return _bubus_permit_pool_find (self->name, owner, FALSE, self->limit);

    case BUBUS_SCOPE_CLASS:
      if (owner != NULL)
        key = g_strdup_printf ("%s.%s", G_OBJECT_TYPE_NAME (owner), self->name);
      break;

    case BUBUS_SCOPE_MULTIPROCESS:
      return _bubus_permit_pool_find (self->name, NULL, TRUE, self->limit);

    case BUBUS_SCOPE_GLOBAL:
    default:
      break;
    }
  return _bubus_permit_pool_find (key != NULL ? key : self->name, NULL, FALSE, self->limit);
}

void
_bubus_semaphore_acquire (BubusSemaphore *self,
                          GObject        *owner,
                          BubusPermit    *held,
                          BubusClock     *clock,
                          double          default_timeout,
                          GTask          *task)
{
  double timeout = self->timeout >= 0 ? self->timeout : default_timeout;

  if (self->limit == 0)
    g_task_return_pointer (task, _bubus_permit_new (NULL, held), g_object_unref);
  else if (!g_task_return_error_if_cancelled (task))
    _bubus_permit_wait_start (bubus_semaphore_find_pool (self, owner), held, clock, timeout, self->lax,
                              self->max_waiting, task);
}

/* ---- object ---- */

static void
bubus_semaphore_finalize (GObject *object)
{
  g_free (BUBUS_SEMAPHORE (object)->name);

  G_OBJECT_CLASS (bubus_semaphore_parent_class)->finalize (object);
}

static void
bubus_semaphore_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  BubusSemaphore *self = BUBUS_SEMAPHORE (object);

  switch ((BubusSemaphoreProperty) prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, bubus_semaphore_get_name (self));
      break;
    case PROP_LIMIT:
      g_value_set_uint (value, bubus_semaphore_get_limit (self));
      break;
    case PROP_SCOPE:
      g_value_set_enum (value, bubus_semaphore_get_scope (self));
      break;
    case PROP_LAX:
      g_value_set_boolean (value, bubus_semaphore_get_lax (self));
      break;
    case PROP_TIMEOUT:
      g_value_set_double (value, bubus_semaphore_get_timeout (self));
      break;
    case PROP_MAX_WAITING:
      g_value_set_int (value, bubus_semaphore_get_max_waiting (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_semaphore_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  BubusSemaphore *self = BUBUS_SEMAPHORE (object);

  switch ((BubusSemaphoreProperty) prop_id)
    {
    case PROP_NAME:
      self->name = g_strdup (g_value_get_string (value) != NULL ? g_value_get_string (value) : "");
      break;
    case PROP_LIMIT:
      self->limit = g_value_get_uint (value);
      break;
    case PROP_SCOPE:
      self->scope = g_value_get_enum (value);
      break;
    case PROP_LAX:
      self->lax = g_value_get_boolean (value);
      break;
    case PROP_TIMEOUT:
      self->timeout = g_value_get_double (value);
      break;
    case PROP_MAX_WAITING:
      self->max_waiting = g_value_get_int (value);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_semaphore_install_properties (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  /**
   * BubusSemaphore:name:
   *
   * What the semaphore limits. Semaphores of the same name and scope are the same.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);

  /**
   * BubusSemaphore:limit:
   *
   * How many places there are; 0 is no limit.
   *
   * Since: 1.0
   */
  properties[PROP_LIMIT] = g_param_spec_uint ("limit", NULL, NULL, 0, 10000, 1, flags);

  /**
   * BubusSemaphore:scope:
   *
   * Who shares the places.
   *
   * Since: 1.0
   */
  properties[PROP_SCOPE] =
    g_param_spec_enum ("scope", NULL, NULL, BUBUS_TYPE_SCOPE, BUBUS_SCOPE_GLOBAL, flags);

  /**
   * BubusSemaphore:lax:
   *
   * Whether who has waited for [property@Semaphore:timeout] goes on without a place, which is logged as a message. If
   * not, it fails with %BUBUS_ERROR_TIMED_OUT.
   *
   * Since: 1.0
   */
  properties[PROP_LAX] = g_param_spec_boolean ("lax", NULL, NULL, TRUE, flags);

  /**
   * BubusSemaphore:timeout:
   *
   * How long to wait for a place, in seconds; 0 is for ever. Negative, the default, is for ever, too; but under a
   * [class@RetryPolicy] it is that policy's time limit for one attempt, times one less than the number of places, and
   * at least once.
   *
   * Since: 1.0
   */
  properties[PROP_TIMEOUT] = g_param_spec_double ("timeout", NULL, NULL, -1, G_MAXDOUBLE, -1, flags);

  /**
   * BubusSemaphore:max-waiting:
   *
   * How many may wait for a place; who comes after them fails at once with %BUBUS_ERROR_FULL. Negative is any number.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_WAITING] = g_param_spec_int ("max-waiting", NULL, NULL, -1, G_MAXINT, -1, flags);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bubus_semaphore_class_init (BubusSemaphoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = bubus_semaphore_finalize;
  object_class->get_property = bubus_semaphore_get_property;
  object_class->set_property = bubus_semaphore_set_property;

  bubus_semaphore_install_properties (object_class);
}

static void
bubus_semaphore_init (BubusSemaphore *self)
{
}

/* ---- public ---- */

/**
 * bubus_semaphore_new:
 * @name: what the semaphore limits
 * @limit: how many places there are; 0 is no limit
 * @scope: who shares them
 *
 * Makes a semaphore. Everything else is said by properties.
 *
 * Returns: (transfer full): a new semaphore
 *
 * Since: 1.0
 */
BubusSemaphore *
bubus_semaphore_new (const char *name,
                     guint       limit,
                     BubusScope  scope)
{
  g_return_val_if_fail (name != NULL, NULL);

  return g_object_new (BUBUS_TYPE_SEMAPHORE, "name", name, "limit", limit, "scope", scope, NULL);
}

/**
 * bubus_semaphore_get_name: (get-property name)
 * @self: a semaphore
 *
 * Gives what the semaphore limits.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
bubus_semaphore_get_name (BubusSemaphore *self)
{
  g_return_val_if_fail (BUBUS_IS_SEMAPHORE (self), NULL);

  return self->name;
}

/**
 * bubus_semaphore_get_limit: (get-property limit)
 * @self: a semaphore
 *
 * Gives the number of places.
 *
 * Returns: how many there are; 0: no limit
 *
 * Since: 1.0
 */
guint
bubus_semaphore_get_limit (BubusSemaphore *self)
{
  g_return_val_if_fail (BUBUS_IS_SEMAPHORE (self), 0);

  return self->limit;
}

/**
 * bubus_semaphore_get_scope: (get-property scope)
 * @self: a semaphore
 *
 * Says who shares the places.
 *
 * Returns: the scope
 *
 * Since: 1.0
 */
BubusScope
bubus_semaphore_get_scope (BubusSemaphore *self)
{
  g_return_val_if_fail (BUBUS_IS_SEMAPHORE (self), BUBUS_SCOPE_GLOBAL);

  return self->scope;
}

/**
 * bubus_semaphore_get_lax: (get-property lax)
 * @self: a semaphore
 *
 * Says whether who has waited long enough goes on without a place.
 *
 * Returns: whether the semaphore is lax
 *
 * Since: 1.0
 */
gboolean
bubus_semaphore_get_lax (BubusSemaphore *self)
{
  g_return_val_if_fail (BUBUS_IS_SEMAPHORE (self), FALSE);

  return self->lax;
}

/**
 * bubus_semaphore_get_timeout: (get-property timeout)
 * @self: a semaphore
 *
 * Says how long is waited for a place.
 *
 * Returns: seconds; 0: for ever; negative: unset
 *
 * Since: 1.0
 */
double
bubus_semaphore_get_timeout (BubusSemaphore *self)
{
  g_return_val_if_fail (BUBUS_IS_SEMAPHORE (self), -1);

  return self->timeout;
}

/**
 * bubus_semaphore_get_max_waiting: (get-property max-waiting)
 * @self: a semaphore
 *
 * Says how many may wait for a place.
 *
 * Returns: how many; negative: any number
 *
 * Since: 1.0
 */
int
bubus_semaphore_get_max_waiting (BubusSemaphore *self)
{
  g_return_val_if_fail (BUBUS_IS_SEMAPHORE (self), -1);

  return self->max_waiting;
}

/**
 * bubus_semaphore_acquire_async:
 * @self: a semaphore
 * @owner: (nullable): on whose behalf; the scopes %BUBUS_SCOPE_CLASS and %BUBUS_SCOPE_SELF count by it
 * @held: (nullable): what the chain of calls has already
 * @cancellable: (nullable): gives up
 * @callback: (scope async) (closure user_data): called when there is a place
 * @user_data: passed to @callback
 *
 * Waits for a place, by the clock that is thread-default now.
 *
 * Without an @owner, the scopes that count by it are as %BUBUS_SCOPE_GLOBAL.
 *
 * Since: 1.0
 */
void
bubus_semaphore_acquire_async (BubusSemaphore      *self,
                               GObject             *owner,
                               BubusPermit         *held,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  g_autoptr (BubusClock) clock = NULL;
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (BUBUS_IS_SEMAPHORE (self));
  g_return_if_fail (owner == NULL || G_IS_OBJECT (owner));
  g_return_if_fail (held == NULL || BUBUS_IS_PERMIT (held));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  clock = bubus_clock_ref_thread_default ();
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, bubus_semaphore_acquire_async);
  _bubus_semaphore_acquire (self, owner, held, clock, 0, task);
}

/**
 * bubus_semaphore_acquire_finish:
 * @self: a semaphore
 * @result: what the callback was given
 * @error: (nullable): where to put why there is no place
 *
 * Finishes [method@Semaphore.acquire_async].
 *
 * Fails with %BUBUS_ERROR_TIMED_OUT when a semaphore that is not lax had no place in time, and with %BUBUS_ERROR_FULL
 * when too many waited already. A lax semaphore then gives a permit that [method@Permit.is_held] says no place of.
 *
 * Returns: (transfer full) (nullable): the permit, or %NULL on error
 *
 * Since: 1.0
 */
BubusPermit *
bubus_semaphore_acquire_finish (BubusSemaphore  *self,
                                GAsyncResult    *result,
                                GError         **error)
{
  g_return_val_if_fail (BUBUS_IS_SEMAPHORE (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * bubus_semaphore_try_acquire:
 * @self: a semaphore
 * @owner: (nullable): on whose behalf; see [method@Semaphore.acquire_async]
 * @held: (nullable): what the chain of calls has already
 * @error: (nullable): where to put why there is no place
 *
 * Takes a place if there is one now and nobody waits for it; fails with %BUBUS_ERROR_FULL if not.
 *
 * Returns: (transfer full) (nullable): the permit, or %NULL on error
 *
 * Since: 1.0
 */
BubusPermit *
bubus_semaphore_try_acquire (BubusSemaphore  *self,
                             GObject         *owner,
                             BubusPermit     *held,
                             GError         **error)
{
  g_autoptr (GError) reason = NULL;
  BubusPermitPool *pool;
  BubusGrant *grant;

  g_return_val_if_fail (BUBUS_IS_SEMAPHORE (self), NULL);
  g_return_val_if_fail (owner == NULL || G_IS_OBJECT (owner), NULL);
  g_return_val_if_fail (held == NULL || BUBUS_IS_PERMIT (held), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (self->limit == 0)
    return _bubus_permit_new (NULL, held);

  pool = bubus_semaphore_find_pool (self, owner);
  grant = _bubus_permit_find_grant (held, pool);
  if (grant == NULL)
    grant = _bubus_permit_pool_try (pool, FALSE, &reason);
  _bubus_permit_pool_unref (pool);

  if (grant != NULL)
    return _bubus_permit_new (grant, held);
  if (reason == NULL)
    reason = g_error_new (BUBUS_ERROR, BUBUS_ERROR_FULL, "All of the semaphore “%s” (limit %u) is taken", self->name,
                          self->limit);
  g_propagate_error (error, g_steal_pointer (&reason));
  return NULL;
}
