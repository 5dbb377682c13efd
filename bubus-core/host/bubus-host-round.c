/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-host-round-private.h"

typedef struct
{
  guint   n_left;  /* operations, and one until the round is ended */
  GError *error;   /* nullable: the first */
} BubusHostRound;

static void
bubus_host_round_free (gpointer data)
{
  BubusHostRound *self = data;

  g_clear_error (&self->error);
  g_free (self);
}

void
_bubus_host_begin_round (GTask *task)
{
  BubusHostRound *self = g_new0 (BubusHostRound, 1);

  self->n_left = 1;
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, self, bubus_host_round_free);
}

static void
bubus_host_round_activated_cb (GObject      *source,
                               GAsyncResult *result,
                               gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  bubus_host_activate_plugin_finish (BUBUS_HOST (source), result, &error);
  _bubus_host_end_round (task, error);
}

/* Activates a plugin, after what has been asked for before. */
void
_bubus_host_activate_too (GTask      *task,
                          const char *name)
{
  BubusHostRound *self = g_task_get_task_data (task);

  self->n_left++;
  bubus_host_activate_plugin_async (g_task_get_source_object (task), name, g_task_get_cancellable (task),
                                    bubus_host_round_activated_cb, g_object_ref (task));
}

/* One thing less to wait for. The task returns with the last one, and with the first error. Takes @error. */
void
_bubus_host_end_round (GTask  *task,
                       GError *error)
{
  BubusHostRound *self = g_task_get_task_data (task);

  if (self->error == NULL)
    self->error = error;
  else
    g_clear_error (&error);
  if (--self->n_left > 0)
    return;

  if (self->error != NULL)
    g_task_return_error (task, g_steal_pointer (&self->error));
  else
    g_task_return_boolean (task, TRUE);
}
