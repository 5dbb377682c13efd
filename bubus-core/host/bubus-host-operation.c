/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-host-operation-private.h"

#include "base/bubus-error.h"
#include "bubus-plugin-info-private.h"
#include "bubus-plugin-unit-private.h"

/* Plugins come and go one after the other. What is asked for waits in a queue; the first operation is under way, and
 * deals with one unit at a time. As long as that unit has not come to where it was sent, nothing happens but that
 * somebody wakes the host: the plugin when it answers, its last handler that is done, or the clock. */
typedef struct
{
  BubusHostGoal    goal;
  char            *name;
  GTask           *task;          /* nullable: nobody waits */
  GSource         *cancel_source; /* nullable */
  gboolean         begun;
  gboolean         refused;       /* it could not even begin */

  GPtrArray       *plan;          /* nullable: of BubusPluginInfo, what is to be activated */
  guint            next;          /* in the plan */
  guint            n_kept;        /* units that were there before: what came after is stopped if something fails */
  gboolean         rolling_back;
  GHashTable      *names;         /* nullable: what is to be deactivated, or NULL for all */

  BubusPluginUnit *unit;          /* nullable: the one that is dealt with */
  gboolean         stopping;      /* that unit */
  guint            timeout_id;    /* on the host's clock: how long it may take */
  GHashTable      *errors;        /* name → GError: what could not be activated just now */
  GError          *error;         /* nullable: what the operation ends with */
} BubusHostOperation;

static void
bubus_host_operation_free (BubusHostOperation *self)
{
  g_assert (self->unit == NULL && self->timeout_id == 0);

  if (self->cancel_source != NULL)
    g_source_destroy (self->cancel_source);
  g_clear_pointer (&self->cancel_source, g_source_unref);
  g_clear_pointer (&self->plan, g_ptr_array_unref);
  g_clear_pointer (&self->names, g_hash_table_unref);
  g_hash_table_unref (self->errors);
  g_clear_error (&self->error);
  g_clear_object (&self->task);
  g_free (self->name);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusHostOperation, bubus_host_operation_free)

static BubusHostOperation *
bubus_host_operation_new (BubusHostGoal  goal,
                          const char    *name)
{
  BubusHostOperation *self = g_new0 (BubusHostOperation, 1);

  self->goal = goal;
  self->name = g_strdup (name);
  self->errors = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_error_free);
  return self;
}

/* ---- beginning ---- */

static gboolean
bubus_host_needs_any (BubusPluginInfo *info,
                      GHashTable      *names)
{
  const char * const *depends = bubus_plugin_info_get_depends (info);

  for (guint i = 0; depends[i] != NULL; i++)
    {
      if (g_hash_table_contains (names, depends[i]))
        return TRUE;
    }
  return FALSE;
}

/* Returns: (transfer full): the names of @name and of everything active that depends on it */
static GHashTable *
bubus_host_list_dependents (BubusHost  *self,
                            const char *name)
{
  GHashTable *names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_hash_table_add (names, g_strdup (name));
  for (guint i = 0; i < self->units->len; i++)
    {
      BubusPluginInfo *info = _bubus_plugin_unit_get_info (g_ptr_array_index (self->units, i));

      if (bubus_host_needs_any (info, names))
        g_hash_table_add (names, g_strdup (bubus_plugin_info_get_name (info)));
    }
  return names;
}

static void
bubus_host_begin_activation (BubusHost          *self,
                             BubusHostOperation *operation,
                             BubusPluginInfo    *info)
{
  BubusPluginState state;

  operation->n_kept = self->units->len;
  if (bubus_plugin_info_get_state (info) == BUBUS_PLUGIN_STATE_ACTIVE)
    return;

  operation->plan = _bubus_plugin_plan_make (self->plugins, info, &state, &operation->error);
  if (operation->plan == NULL)
    _bubus_plugin_info_fail (info, state, operation->error);
}

static void
bubus_host_begin (BubusHost          *self,
                  BubusHostOperation *operation)
{
  BubusPluginInfo *info = NULL;

  operation->begun = TRUE;
  if (operation->task != NULL
      && g_cancellable_set_error_if_cancelled (g_task_get_cancellable (operation->task), &operation->error))
    return;

  if (operation->name != NULL)
    info = g_hash_table_lookup (self->plugins, operation->name);
  if (operation->name != NULL && info == NULL)
    g_set_error (&operation->error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_NOT_FOUND,
                 "There is no plugin “%s” in the search path", operation->name);
  else if (operation->goal == BUBUS_HOST_ACTIVATE)
    bubus_host_begin_activation (self, operation, info);
  else if (operation->goal == BUBUS_HOST_DEACTIVATE)
    operation->names = bubus_host_list_dependents (self, operation->name);
}

static void
bubus_host_ensure_begun (BubusHost          *self,
                         BubusHostOperation *operation)
{
  if (operation->begun)
    return;

  bubus_host_begin (self, operation);
  operation->refused = operation->error != NULL;
}

/* ---- one unit after the other ---- */

static void
bubus_host_wake_cb (gpointer user_data)
{
  _bubus_host_wake (user_data);
}

/* Of what @info needs, something that could not be activated just now. */
static const char *
bubus_host_find_blocker (BubusPluginInfo *info,
                         GHashTable      *errors)
{
  const char * const *depends = bubus_plugin_info_get_depends (info);

  for (guint i = 0; depends[i] != NULL; i++)
    {
      if (g_hash_table_contains (errors, depends[i]))
        return depends[i];
    }
  return NULL;
}

static void
bubus_host_skip (BubusPluginInfo *info,
                 GHashTable      *errors)
{
  const char *blocker = bubus_host_find_blocker (info, errors);
  GError *error;

  if (blocker == NULL)
    return;

  error = g_error_copy (g_hash_table_lookup (errors, blocker));
  _bubus_plugin_plan_explain (&error, info, blocker);
  g_hash_table_insert (errors, (gpointer) bubus_plugin_info_get_name (info), error);
  _bubus_plugin_info_fail (info, BUBUS_PLUGIN_STATE_SKIPPED, error);
}

/* Once something has failed, nothing more is started, and what needs it is skipped.
 *
 * Returns: whether there is a unit to deal with */
static gboolean
bubus_host_start_next (BubusHost          *self,
                       BubusHostOperation *operation)
{
  while (operation->plan != NULL && operation->next < operation->plan->len)
    {
      BubusPluginInfo *info = g_ptr_array_index (operation->plan, operation->next++);

      if (bubus_plugin_info_get_state (info) == BUBUS_PLUGIN_STATE_ACTIVE)
        continue;
      if (g_hash_table_size (operation->errors) > 0)
        {
          bubus_host_skip (info, operation->errors);
          continue;
        }
      operation->stopping = FALSE;
      operation->unit = _bubus_plugin_unit_start (self, self->engine, info);
      return TRUE;
    }
  return FALSE;
}

static gboolean
bubus_host_shall_stop (BubusHost          *self,
                       BubusHostOperation *operation,
                       guint               position)
{
  BubusPluginInfo *info = _bubus_plugin_unit_get_info (g_ptr_array_index (self->units, position));

  if (operation->goal == BUBUS_HOST_ACTIVATE)
    return position >= operation->n_kept;
  return operation->names == NULL || g_hash_table_contains (operation->names, bubus_plugin_info_get_name (info));
}

/* What has been activated last goes first.
 *
 * Returns: whether there is a unit to deal with */
static gboolean
bubus_host_stop_next (BubusHost          *self,
                      BubusHostOperation *operation)
{
  for (guint i = self->units->len; i-- > 0;)
    {
      if (!bubus_host_shall_stop (self, operation, i))
        continue;
      operation->stopping = TRUE;
      operation->unit = g_ptr_array_steal_index (self->units, i);
      _bubus_plugin_unit_stop (operation->unit, bubus_host_wake_cb, self);
      return TRUE;
    }
  return FALSE;
}

/* When something has failed, the error is that of the plugin which was asked for, and what has been started just for it
 * is stopped again. */
static void
bubus_host_roll_back (BubusHostOperation *operation)
{
  BubusPluginInfo *goal = g_ptr_array_index (operation->plan, operation->plan->len - 1);

  operation->rolling_back = TRUE;
  operation->error = g_error_copy (g_hash_table_lookup (operation->errors, bubus_plugin_info_get_name (goal)));
}

/* Returns: whether there is a unit to deal with */
static gboolean
bubus_host_take_next (BubusHost          *self,
                      BubusHostOperation *operation)
{
  if (operation->refused)
    return FALSE;
  if (operation->goal == BUBUS_HOST_ACTIVATE && !operation->rolling_back)
    {
      if (bubus_host_start_next (self, operation))
        return TRUE;
      if (g_hash_table_size (operation->errors) == 0)
        return FALSE;
      bubus_host_roll_back (operation);
    }
  return bubus_host_stop_next (self, operation);
}

static void
bubus_host_disarm (BubusHost          *self,
                   BubusHostOperation *operation)
{
  guint timeout_id = operation->timeout_id;

  operation->timeout_id = 0;
  if (timeout_id != 0)
    bubus_clock_remove_timeout (self->clock, timeout_id);
}

/* The unit has come to where it was sent. */
static void
bubus_host_settle_unit (BubusHost          *self,
                        BubusHostOperation *operation)
{
  BubusPluginUnit *unit = g_steal_pointer (&operation->unit);
  const GError *error = _bubus_plugin_unit_get_error (unit);

  bubus_host_disarm (self, operation);
  if (!_bubus_plugin_unit_is_gone (unit))
    {
      g_ptr_array_add (self->units, unit);
      return;
    }

  if (!operation->stopping)
    g_hash_table_insert (operation->errors,
                         (gpointer) bubus_plugin_info_get_name (_bubus_plugin_unit_get_info (unit)),
                         g_error_copy (error));
  else if (!operation->rolling_back && operation->error == NULL && error != NULL)
    operation->error = g_error_copy (error);
  _bubus_plugin_unit_free (unit);
}

/* Returns: whether the operation is over */
static gboolean
bubus_host_step (BubusHost          *self,
                 BubusHostOperation *operation)
{
  bubus_host_ensure_begun (self, operation);
  while (operation->unit != NULL || bubus_host_take_next (self, operation))
    {
      if (!_bubus_plugin_unit_advance (operation->unit))
        return FALSE;
      bubus_host_settle_unit (self, operation);
    }
  return TRUE;
}

static void
bubus_host_explain (BubusHostOperation *operation)
{
  if (operation->error == NULL || g_error_matches (operation->error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_NOT_FOUND))
    return;
  if (operation->goal == BUBUS_HOST_ACTIVATE)
    g_prefix_error (&operation->error, "Failed to activate “%s”: ", operation->name);
  else if (operation->goal == BUBUS_HOST_DEACTIVATE)
    g_prefix_error (&operation->error, "Failed to deactivate “%s” properly: ", operation->name);
}

/* ---- later ---- */

/* Takes @error. */
static void
bubus_host_force (BubusHost          *self,
                  BubusHostOperation *operation,
                  GError             *error)
{
  bubus_host_disarm (self, operation);
  self->busy = TRUE;
  _bubus_plugin_unit_force (operation->unit, error);
  self->busy = FALSE;
}

static void bubus_host_run_operations (BubusHost *self);

static void
bubus_host_expired_cb (gpointer user_data)
{
  BubusHost *self = user_data;
  BubusHostOperation *operation = g_queue_peek_head (&self->operations);
  BubusPluginInfo *info = _bubus_plugin_unit_get_info (operation->unit);

  operation->timeout_id = 0;
  bubus_host_force (self, operation,
                    g_error_new (BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT, "The plugin “%s” has not answered within %g s",
                                 bubus_plugin_info_get_name (info),
                                 operation->stopping ? self->deactivation_timeout : self->activation_timeout));
  bubus_host_run_operations (self);
}

static void
bubus_host_arm (BubusHost          *self,
                BubusHostOperation *operation)
{
  double seconds = operation->stopping ? self->deactivation_timeout : self->activation_timeout;

  if (operation->timeout_id == 0 && seconds > 0)
    operation->timeout_id = bubus_clock_add_timeout (self->clock, (gint64) (MIN (seconds, 1e9) * 1e9),
                                                     bubus_event_bus_get_main_context (self->main_bus),
                                                     bubus_host_expired_cb, self, NULL);
}

static void
bubus_host_finish (BubusHostOperation *operation)
{
  bubus_host_explain (operation);
  if (operation->error != NULL)
    g_task_return_error (operation->task, g_steal_pointer (&operation->error));
  else
    g_task_return_boolean (operation->task, TRUE);
  bubus_host_operation_free (operation);
}

/* Goes on as far as it can be gone without waiting. */
static void
bubus_host_run_operations (BubusHost *self)
{
  g_autoptr (BubusHost) keep = g_object_ref (self);

  while (!self->busy && self->operations.length > 0)
    {
      BubusHostOperation *operation = g_queue_peek_head (&self->operations);
      gboolean over;

      self->busy = TRUE;
      over = bubus_host_step (self, operation);
      self->busy = FALSE;
      if (!over)
        {
          bubus_host_arm (self, operation);
          return;
        }
      g_queue_pop_head (&self->operations);
      bubus_host_finish (operation);
    }
}

static gboolean
bubus_host_woken_cb (gpointer user_data)
{
  BubusHost *self = user_data;

  g_clear_pointer (&self->wake_source, g_source_unref);
  bubus_host_run_operations (self);
  return G_SOURCE_REMOVE;
}

/* The first operation is looked at in the next iteration, and not here, where code of a plugin may be on the stack. */
void
_bubus_host_wake (BubusHost *self)
{
  if (self->wake_source != NULL || self->operations.length == 0)
    return;

  self->wake_source = g_idle_source_new ();
  g_source_set_priority (self->wake_source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (self->wake_source, "Bubus host");
  g_source_set_callback (self->wake_source, bubus_host_woken_cb, self, NULL);
  g_source_attach (self->wake_source, bubus_event_bus_get_main_context (self->main_bus));
}

/* Whoever cancels does not want to wait any longer: what is waited for now is cut off. */
static gboolean
bubus_host_cancelled_cb (GCancellable *cancellable,
                         gpointer      user_data)
{
  GTask *task = user_data;
  BubusHost *self = g_task_get_source_object (task);
  BubusHostOperation *operation = g_queue_peek_head (&self->operations);

  if (operation != NULL && operation->task == task && operation->unit != NULL)
    {
      bubus_host_force (self, operation, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                                              "Nobody wanted to wait for the plugin any longer"));
      bubus_host_run_operations (self);
    }
  return G_SOURCE_REMOVE;
}

static void
bubus_host_watch_cancellable (BubusHost          *self,
                              BubusHostOperation *operation)
{
  GCancellable *cancellable = g_task_get_cancellable (operation->task);

  if (cancellable == NULL)
    return;

  operation->cancel_source = g_cancellable_source_new (cancellable);
  g_source_set_callback (operation->cancel_source, G_SOURCE_FUNC (bubus_host_cancelled_cb), operation->task, NULL);
  g_source_attach (operation->cancel_source, bubus_event_bus_get_main_context (self->main_bus));
}

/* Takes @task, which keeps the host as long as it lasts. */
void
_bubus_host_do_later (BubusHost     *self,
                      BubusHostGoal  goal,
                      const char    *name,
                      GTask         *task)
{
  BubusHostOperation *operation = bubus_host_operation_new (goal, name);

  g_task_set_check_cancellable (task, FALSE);
  operation->task = task;
  bubus_host_watch_cancellable (self, operation);
  g_queue_push_tail (&self->operations, operation);
  _bubus_host_wake (self);
}

/* ---- now ---- */

gboolean
_bubus_host_check_idle (BubusHost  *self,
                        GError    **error)
{
  if (!self->busy && self->operations.length == 0)
    return TRUE;

  g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN,
                       "The host is activating or deactivating another plugin");
  return FALSE;
}

/* A plugin cannot be let go of while its own handler is on the stack. */
static gboolean
bubus_host_check_stack (BubusHost           *self,
                        BubusHostOperation  *operation,
                        GError             **error)
{
  for (guint i = 0; i < self->units->len; i++)
    {
      BubusPluginUnit *unit = g_ptr_array_index (self->units, i);

      if (bubus_host_shall_stop (self, operation, i) && _bubus_plugin_unit_is_on_stack (unit))
        {
          g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_WOULD_DEADLOCK,
                       "A handler of “%s” is running: it can only be deactivated later",
                       bubus_plugin_info_get_name (_bubus_plugin_unit_get_info (unit)));
          return FALSE;
        }
    }
  return TRUE;
}

/* What would have to be waited for is cut off. */
static void
bubus_host_run_now (BubusHost          *self,
                    BubusHostOperation *operation)
{
  self->busy = TRUE;
  while (!bubus_host_step (self, operation))
    {
      BubusPluginInfo *info = _bubus_plugin_unit_get_info (operation->unit);

      _bubus_plugin_unit_force (operation->unit,
                                g_error_new (BUBUS_ERROR, BUBUS_ERROR_WOULD_BLOCK,
                                             "The plugin “%s” answers later, which needs the asynchronous functions "
                                             "of the host", bubus_plugin_info_get_name (info)));
    }
  self->busy = FALSE;
}

gboolean
_bubus_host_do_now (BubusHost      *self,
                    BubusHostGoal   goal,
                    const char     *name,
                    GError        **error)
{
  g_autoptr (BubusHostOperation) operation = NULL;

  if (!_bubus_host_check_idle (self, error))
    return FALSE;

  operation = bubus_host_operation_new (goal, name);
  bubus_host_ensure_begun (self, operation);
  if (goal != BUBUS_HOST_ACTIVATE && !operation->refused && !bubus_host_check_stack (self, operation, error))
    return FALSE;

  bubus_host_run_now (self, operation);
  bubus_host_explain (operation);
  if (operation->error == NULL)
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&operation->error));
  return FALSE;
}

/* The host goes, and with it all plugins: nobody can wait, as whoever does keeps the host. */
void
_bubus_host_close_operations (BubusHost *self)
{
  g_autoptr (BubusHostOperation) operation = bubus_host_operation_new (BUBUS_HOST_DEACTIVATE_ALL, NULL);

  g_assert (self->operations.length == 0);

  if (self->wake_source != NULL)
    g_source_destroy (self->wake_source);
  g_clear_pointer (&self->wake_source, g_source_unref);
  bubus_host_run_now (self, operation);
}
