/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-saga-private.h"

/**
 * BubusSagaInstance:
 *
 * What a [class@Saga] has gathered of one key.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (BubusSagaInstance, bubus_saga_instance, G_TYPE_OBJECT)

static void
bubus_saga_instance_finalize (GObject *object)
{
  BubusSagaInstance *self = BUBUS_SAGA_INSTANCE (object);

  g_ptr_array_unref (self->events);
  g_free (self->key);

  G_OBJECT_CLASS (bubus_saga_instance_parent_class)->finalize (object);
}

static void
bubus_saga_instance_class_init (BubusSagaInstanceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bubus_saga_instance_finalize;
}

static void
bubus_saga_instance_init (BubusSagaInstance *self)
{
  self->events = g_ptr_array_new_with_free_func (g_object_unref);
}

BubusSagaInstance *
_bubus_saga_instance_new (const char *key,
                          gint64      started_at,
                          gint64      deadline)
{
  BubusSagaInstance *self = g_object_new (BUBUS_TYPE_SAGA_INSTANCE, NULL);

  self->key = g_strdup (key);
  self->started_at = started_at;
  self->deadline = deadline;
  return self;
}

/**
 * bubus_saga_instance_get_key:
 * @self: an instance
 *
 * Gives what its events have in common.
 *
 * Returns: the key
 *
 * Since: 1.0
 */
const char *
bubus_saga_instance_get_key (BubusSagaInstance *self)
{
  g_return_val_if_fail (BUBUS_IS_SAGA_INSTANCE (self), NULL);

  return self->key;
}

/**
 * bubus_saga_instance_get_started_at:
 * @self: an instance
 *
 * Says when its first event came.
 *
 * Returns: the time in nanoseconds since the Unix epoch
 *
 * Since: 1.0
 */
gint64
bubus_saga_instance_get_started_at (BubusSagaInstance *self)
{
  g_return_val_if_fail (BUBUS_IS_SAGA_INSTANCE (self), 0);

  return self->started_at;
}

/**
 * bubus_saga_instance_get_deadline:
 * @self: an instance
 *
 * Says when it will be aborted if it is not complete.
 *
 * Returns: the time in nanoseconds since the Unix epoch; 0: never
 *
 * Since: 1.0
 */
gint64
bubus_saga_instance_get_deadline (BubusSagaInstance *self)
{
  g_return_val_if_fail (BUBUS_IS_SAGA_INSTANCE (self), 0);

  return self->deadline;
}

/**
 * bubus_saga_instance_dup_steps:
 * @self: an instance
 *
 * Lists the steps that have been made.
 *
 * Returns: (transfer full) (array zero-terminated=1): event types, in the order in which they came
 *
 * Since: 1.0
 */
char **
bubus_saga_instance_dup_steps (BubusSagaInstance *self)
{
  char **steps;

  g_return_val_if_fail (BUBUS_IS_SAGA_INSTANCE (self), NULL);

  steps = g_new0 (char *, self->events->len + 1);
  for (guint i = 0; i < self->events->len; i++)
    steps[i] = g_strdup (bubus_event_get_event_type (self->events->pdata[i]));
  return steps;
}

/**
 * bubus_saga_instance_get_event:
 * @self: an instance
 * @event_type: an event type
 *
 * Gives the event of a step.
 *
 * Returns: (transfer none) (nullable): the event, or %NULL if it has not come yet
 *
 * Since: 1.0
 */
BubusEvent *
bubus_saga_instance_get_event (BubusSagaInstance *self,
                               const char        *event_type)
{
  g_return_val_if_fail (BUBUS_IS_SAGA_INSTANCE (self), NULL);
  g_return_val_if_fail (event_type != NULL, NULL);

  for (guint i = 0; i < self->events->len; i++)
    if (g_str_equal (bubus_event_get_event_type (self->events->pdata[i]), event_type))
      return self->events->pdata[i];
  return NULL;
}
