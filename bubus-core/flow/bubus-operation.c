/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-operation-private.h"

#include "base/bubus-error.h"

/**
 * BubusOperation:
 *
 * Something that can be tried, more than once: what a [iface@Policy] works on.
 *
 * Since: 1.0
 */

struct _BubusOperation
{
  GObject             parent_instance;

  BubusOperationFunc  func;       /* or, when NULL, … */
  gpointer            user_data;
  GDestroyNotify      notify;
  BubusPolicy        *policy;     /* … what rules over … */
  BubusOperation     *inner;      /* … this */
  GWeakRef            owner;
  BubusPermit        *held;       /* nullable */
  char               *name;       /* nullable */
};

typedef enum
{
  PROP_OWNER = 1,
  PROP_HELD,
  PROP_NAME,
} BubusOperationProperty;

static GParamSpec *properties[PROP_NAME + 1];

G_DEFINE_FINAL_TYPE (BubusOperation, bubus_operation, G_TYPE_OBJECT)

static void
bubus_operation_finalize (GObject *object)
{
  BubusOperation *self = BUBUS_OPERATION (object);

  if (self->notify != NULL)
    self->notify (self->user_data);
  g_clear_object (&self->policy);
  g_clear_object (&self->inner);
  g_clear_object (&self->held);
  g_weak_ref_clear (&self->owner);
  g_free (self->name);

  G_OBJECT_CLASS (bubus_operation_parent_class)->finalize (object);
}

static void
bubus_operation_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  switch ((BubusOperationProperty) prop_id)
    {
    case PROP_OWNER:
      g_value_take_object (value, bubus_operation_ref_owner (BUBUS_OPERATION (object)));
      break;
    case PROP_HELD:
      g_value_set_object (value, bubus_operation_get_held (BUBUS_OPERATION (object)));
      break;

    case PROP_NAME:
      g_value_set_string (value, bubus_operation_get_name (BUBUS_OPERATION (object)));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_operation_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  switch ((BubusOperationProperty) prop_id)
    {
    case PROP_OWNER:
      bubus_operation_set_owner (BUBUS_OPERATION (object), g_value_get_object (value));
      break;
    case PROP_HELD:
      bubus_operation_set_held (BUBUS_OPERATION (object), g_value_get_object (value));
      break;

    case PROP_NAME:
      bubus_operation_set_name (BUBUS_OPERATION (object), g_value_get_string (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_operation_class_init (BubusOperationClass *klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = bubus_operation_finalize;
  object_class->get_property = bubus_operation_get_property;
  object_class->set_property = bubus_operation_set_property;

  /**
   * BubusOperation:owner: (getter ref_owner) (setter set_owner)
   *
   * On whose behalf the operation acts, or %NULL; it is not kept alive. Semaphores of the scopes %BUBUS_SCOPE_CLASS and
   * %BUBUS_SCOPE_SELF count by it.
   *
   * Since: 1.0
   */
  properties[PROP_OWNER] = g_param_spec_object ("owner", NULL, NULL, G_TYPE_OBJECT, flags);

  /**
   * BubusOperation:name: (getter get_name) (setter set_name)
   *
   * What to call the operation in logs, or %NULL.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);

  /**
   * BubusOperation:held: (getter get_held) (setter set_held)
   *
   * What the chain of calls has of semaphores already, or %NULL; it does not wait for that a second time.
   *
   * Since: 1.0
   */
  properties[PROP_HELD] = g_param_spec_object ("held", NULL, NULL, BUBUS_TYPE_PERMIT, flags);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bubus_operation_init (BubusOperation *self)
{
  g_weak_ref_init (&self->owner, NULL);
}

BubusOperation *
_bubus_operation_new_wrapped (BubusPolicy    *policy,
                              BubusOperation *inner)
{
  g_autoptr (GObject) owner = bubus_operation_ref_owner (inner);
  BubusOperation *self = g_object_new (BUBUS_TYPE_OPERATION, "owner", owner, "name", inner->name, NULL);

  self->policy = g_object_ref (policy);
  self->inner = g_object_ref (inner);
  return self;
}

static void
bubus_operation_call (BubusOperation *self,
                      BubusAttempt   *attempt)
{
  g_autoptr (GError) error = NULL;

  if (self->func (attempt, self->user_data, &error))
    return;

  if (error != NULL)
    bubus_attempt_return_error (attempt, error);
  else
    bubus_attempt_return_error_literal (attempt, BUBUS_ERROR, BUBUS_ERROR_HANDLER_FAILED,
                                        "The operation failed without giving a reason");
}

/* @attempt is answered once, then or later. */
void
_bubus_operation_start (BubusOperation *self,
                        BubusAttempt   *attempt)
{
  g_autoptr (BubusOperation) alive = g_object_ref (self);
  g_autoptr (BubusAttempt) kept = g_object_ref (attempt);

  if (alive->func != NULL)
    bubus_operation_call (alive, kept);
  else
    BUBUS_POLICY_GET_IFACE (alive->policy)->execute (alive->policy, alive->inner, kept);
}

/**
 * bubus_operation_new:
 * @func: (scope notified) (closure user_data) (destroy notify): starts an attempt
 * @user_data: passed to @func
 * @notify: called when @user_data is not needed any more
 *
 * Makes an operation of a function.
 *
 * Returns: (transfer full): a new operation
 *
 * Since: 1.0
 */
BubusOperation *
bubus_operation_new (BubusOperationFunc  func,
                     gpointer            user_data,
                     GDestroyNotify      notify)
{
  BubusOperation *self;

  g_return_val_if_fail (func != NULL, NULL);

  self = g_object_new (BUBUS_TYPE_OPERATION, NULL);
  self->func = func;
  self->user_data = user_data;
  self->notify = notify;
  return self;
}

/**
 * bubus_operation_ref_owner: (get-property owner)
 * @self: an operation
 *
 * Gives the object on whose behalf the operation acts. May be called from any thread.
 *
 * Returns: (transfer full) (nullable): the owner
 *
 * Since: 1.0
 */
GObject *
bubus_operation_ref_owner (BubusOperation *self)
{
  g_return_val_if_fail (BUBUS_IS_OPERATION (self), NULL);

  return g_weak_ref_get (&self->owner);
}

/**
 * bubus_operation_set_owner: (set-property owner)
 * @self: an operation
 * @owner: (nullable): an object
 *
 * Says on whose behalf the operation acts.
 *
 * Since: 1.0
 */
void
bubus_operation_set_owner (BubusOperation *self,
                           GObject        *owner)
{
  g_autoptr (GObject) before = NULL;

  g_return_if_fail (BUBUS_IS_OPERATION (self));
  g_return_if_fail (owner == NULL || G_IS_OBJECT (owner));

  before = g_weak_ref_get (&self->owner);
  if (before == owner)
    return;

  g_weak_ref_set (&self->owner, owner);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OWNER]);
}

/**
 * bubus_operation_get_held: (get-property held)
 * @self: an operation
 *
 * Gives what the chain of calls has already.
 *
 * Returns: (transfer none) (nullable): the permit that was acquired last
 *
 * Since: 1.0
 */
BubusPermit *
bubus_operation_get_held (BubusOperation *self)
{
  g_return_val_if_fail (BUBUS_IS_OPERATION (self), NULL);

  return self->held;
}

/**
 * bubus_operation_set_held: (set-property held)
 * @self: an operation
 * @held: (nullable): the permit that was acquired last
 *
 * Says what the chain of calls has already, when the operation is run next: in an attempt that is
 * [method@Attempt.get_permit]. Whoever has a place of a semaphore, and runs something that needs one of the same, would
 * wait for itself otherwise.
 *
 * What runs under a policy inside of another policy does not need this.
 *
 * Since: 1.0
 */
void
bubus_operation_set_held (BubusOperation *self,
                          BubusPermit    *held)
{
  g_return_if_fail (BUBUS_IS_OPERATION (self));
  g_return_if_fail (held == NULL || BUBUS_IS_PERMIT (held));

  if (g_set_object (&self->held, held))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HELD]);
}

/**
 * bubus_operation_get_name: (get-property name)
 * @self: an operation
 *
 * Says what the operation is called in logs.
 *
 * Returns: (nullable): the name
 *
 * Since: 1.0
 */
const char *
bubus_operation_get_name (BubusOperation *self)
{
  g_return_val_if_fail (BUBUS_IS_OPERATION (self), NULL);

  return self->name;
}

/**
 * bubus_operation_set_name: (set-property name)
 * @self: an operation that has not been started
 * @name: (nullable): what to call it
 *
 * Says what the operation is called in logs.
 *
 * Since: 1.0
 */
void
bubus_operation_set_name (BubusOperation *self,
                          const char     *name)
{
  g_return_if_fail (BUBUS_IS_OPERATION (self));

  if (g_strcmp0 (self->name, name) == 0)
    return;

  g_free (self->name);
  self->name = g_strdup (name);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NAME]);
}
