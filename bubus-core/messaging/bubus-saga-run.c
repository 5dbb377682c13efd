/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-saga-private.h"

#include "base/bubus-error.h"
#include "codec/bubus-generic-event.h"
#include "codec/bubus-json-variant.h"

/* Cannot be counted in nanoseconds beyond a hundred years. */
#define MAX_TIMEOUT 3155760000.0

/* ---- instances ---- */

BubusClock *
_bubus_saga_get_clock (BubusSaga *self)
{
  return self->clock;
}

BubusSagaInstance *
_bubus_saga_find (BubusSaga  *self,
                  const char *key)
{
  return g_hash_table_lookup (self->instances, key);
}

gboolean
_bubus_saga_has_step (BubusSaga  *self,
                      const char *event_type)
{
  return g_ptr_array_find_with_equal_func (self->steps, event_type, g_str_equal, NULL);
}

static void
bubus_saga_instance_disarm (BubusSagaInstance *instance)
{
  guint timeout_id = instance->timeout_id;

  instance->timeout_id = 0;
  if (timeout_id != 0)
    bubus_clock_remove_timeout (instance->saga->clock, timeout_id);
}

/* The caller has a reference to the instance. */
void
_bubus_saga_drop (BubusSaga         *self,
                  BubusSagaInstance *instance)
{
  bubus_saga_instance_disarm (instance);
  instance->saga = NULL;
  g_hash_table_remove (self->instances, instance->key);
}

static void bubus_saga_instance_expired_cb (gpointer data);

void
_bubus_saga_adopt (BubusSaga         *self,
                   BubusSagaInstance *instance)
{
  instance->saga = self;
  g_hash_table_insert (self->instances, instance->key, g_object_ref (instance));
  if (instance->deadline != 0)
    instance->timeout_id =
      bubus_clock_add_timeout (self->clock, instance->deadline - bubus_clock_get_time (self->clock),
                               bubus_event_bus_get_main_context (self->bus), bubus_saga_instance_expired_cb, instance,
                               NULL);
}

static BubusSagaInstance *
bubus_saga_ensure_instance (BubusSaga  *self,
                            const char *key,
                            gint64      now)
{
  BubusSagaInstance *instance = _bubus_saga_find (self, key);
  g_autoptr (BubusSagaInstance) created = NULL;
  gint64 deadline;

  if (instance != NULL)
    return instance;

  deadline = self->timeout > 0 ? now + (gint64) (MIN (self->timeout, MAX_TIMEOUT) * 1e9) : 0;
  created = _bubus_saga_instance_new (key, now, deadline);
  _bubus_saga_adopt (self, created);
  return created;
}

/* Of several events of one step the first counts. */
static gboolean
bubus_saga_instance_take (BubusSagaInstance *self,
                          BubusEvent        *event)
{
  if (bubus_saga_instance_get_event (self, bubus_event_get_event_type (event)) != NULL)
    return FALSE;

  g_ptr_array_add (self->events, g_object_ref (event));
  return TRUE;
}

/* ---- keys ---- */

/* A text is the key itself; anything else is its JSON, so that 42 is the same in all events. */
static char *
bubus_json_dup_key (BubusJson *json)
{
  g_autoptr (GVariant) text = NULL;

  if (json == NULL || g_str_equal (bubus_json_get_text (json), "null"))
    return NULL;
  if (bubus_json_get_text (json)[0] != '"')
    return g_strdup (bubus_json_get_text (json));

  text = bubus_json_to_variant (json, G_VARIANT_TYPE_STRING, NULL);
  return text != NULL ? g_variant_dup_string (text, NULL) : NULL;
}

static char *
bubus_event_dup_property_text (BubusEvent *event,
                               const char *name)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (event), name);
  g_auto (GValue) value = G_VALUE_INIT;
  g_auto (GValue) text = G_VALUE_INIT;

  if (pspec == NULL)
    return NULL;

  g_value_init (&value, pspec->value_type);
  g_object_get_property (G_OBJECT (event), name, &value);
  if (G_VALUE_HOLDS (&value, BUBUS_TYPE_JSON))
    return bubus_json_dup_key (g_value_get_boxed (&value));

  g_value_init (&text, G_TYPE_STRING);
  return g_value_transform (&value, &text) ? g_value_dup_string (&text) : NULL;
}

char *
_bubus_saga_dup_key (BubusSaga   *self,
                     BubusEvent  *event,
                     GError     **error)
{
  g_autoptr (BubusJson) member = NULL;
  char *key;

  if (BUBUS_IS_GENERIC_EVENT (event))
    {
      member = bubus_generic_event_dup_member (BUBUS_GENERIC_EVENT (event), self->key_property);
      key = bubus_json_dup_key (member);
    }
  else
    key = bubus_event_dup_property_text (event, self->key_property);

  if (key == NULL)
    g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_EVENT,
                 "“%s” has no “%s”, by which the saga “%s” would know it",
                 bubus_event_get_event_type (event), self->key_property, self->name);
  return key;
}

/* ---- the end of an instance ---- */

static BubusEvent *
bubus_saga_closure_call (BubusSagaClosure  *closure,
                         BubusSaga         *self,
                         BubusSagaInstance *instance,
                         BubusEvent        *event)
{
  return closure != NULL ? closure->func (self, instance, event, closure->user_data) : NULL;
}

/* What cannot be dispatched must not keep the rest from being made up for. */
static void
bubus_saga_compensate (BubusSaga         *self,
                       BubusSagaInstance *instance,
                       BubusEvent        *event)
{
  BubusSagaClosure *closure = g_hash_table_lookup (self->compensations, bubus_event_get_event_type (event));
  g_autoptr (BubusEvent) compensation = bubus_saga_closure_call (closure, self, instance, event);
  g_autoptr (GError) error = NULL;

  if (compensation != NULL && !bubus_event_bus_dispatch (self->bus, compensation, &error))
    g_message ("the saga “%s” cannot make up for “%s” of “%s”: %s", self->name, bubus_event_get_event_type (event),
               instance->key, error->message);
}

/* Takes over @reason. */
void
_bubus_saga_fail (BubusSaga         *self,
                  BubusSagaInstance *instance,
                  GError            *reason)
{
  g_autoptr (BubusSaga) alive = g_object_ref (self);
  g_autoptr (BubusSagaInstance) failed = g_object_ref (instance);
  g_autoptr (GError) owned = reason;

  _bubus_saga_drop (alive, failed);
  for (guint i = failed->events->len; i > 0; i--)
    bubus_saga_compensate (alive, failed, failed->events->pdata[i - 1]);
  g_signal_emit_by_name (alive, "aborted", failed, owned);
}

/* It has ended before a restart: what followed has been said then. */
static void
bubus_saga_forget (BubusSaga         *self,
                   BubusSagaInstance *instance)
{
  g_autoptr (BubusSagaInstance) over = g_object_ref (instance);

  _bubus_saga_drop (self, over);
}

static void
bubus_saga_instance_expired_cb (gpointer data)
{
  BubusSagaInstance *instance = data;
  BubusSaga *self = instance->saga;
  double seconds = (instance->deadline - instance->started_at) / 1e9;

  instance->timeout_id = 0;
  if (instance->recalled && instance->deadline <= self->recalled_at)
    {
      bubus_saga_forget (self, instance);
      return;
    }
  _bubus_saga_fail (self, instance,
                   g_error_new (BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT, "“%s” of “%s” was not complete after %g s",
                                instance->key, self->name, seconds));
}

/* If the bus refuses what follows, the instance stays: the next event of its key tries again. */
static gboolean
bubus_saga_complete (BubusSaga          *self,
                     BubusSagaInstance  *instance,
                     GError            **error)
{
  g_autoptr (BubusSaga) alive = g_object_ref (self);
  g_autoptr (BubusSagaInstance) completed = g_object_ref (instance);
  g_autoptr (BubusEvent) event = bubus_saga_closure_call (self->completion, self, instance, NULL);

  if (event != NULL && !bubus_event_bus_dispatch (alive->bus, event, error))
    return FALSE;

  if (completed->saga != NULL)
    _bubus_saga_drop (alive, completed);
  g_signal_emit_by_name (alive, "completed", completed, event);
  return TRUE;
}

/* ---- handlers ---- */

gboolean
_bubus_saga_step_cb (BubusEvent       *event,
                     BubusInvocation  *invocation,
                     gpointer          data,
                     GError          **error)
{
  BubusSaga *self = ((BubusSagaLink *) data)->saga;
  BubusSagaInstance *instance;
  g_autofree char *key = NULL;

  if (self == NULL)
    return TRUE;
  key = _bubus_saga_dup_key (self, event, error);
  if (key == NULL)
    return FALSE;

  instance = bubus_saga_ensure_instance (self, key, bubus_clock_get_time (self->clock));
  bubus_saga_instance_take (instance, event);
  return instance->events->len < self->steps->len || bubus_saga_complete (self, instance, error);
}

gboolean
_bubus_saga_failure_cb (BubusEvent       *event,
                        BubusInvocation  *invocation,
                        gpointer          data,
                        GError          **error)
{
  BubusSaga *self = ((BubusSagaLink *) data)->saga;
  BubusSagaInstance *instance;
  g_autofree char *key = NULL;

  if (self == NULL)
    return TRUE;
  key = _bubus_saga_dup_key (self, event, error);
  if (key == NULL)
    return FALSE;

  instance = _bubus_saga_find (self, key);
  if (instance != NULL)
    _bubus_saga_fail (self, instance, g_error_new (BUBUS_ERROR, BUBUS_ERROR_ABORTED, "“%s” of “%s” was ended by “%s”",
                                                  key, self->name, bubus_event_get_event_type (event)));
  return TRUE;
}

/* ---- what was before a restart ---- */

/* A journal has events in the order in which they were complete. So a failure may come before a step that it ended. */
static gboolean
bubus_saga_has_failed_since (BubusSaga  *self,
                             const char *key,
                             gint64      time)
{
  const gint64 *failed_at = self->recalled_failures != NULL ? g_hash_table_lookup (self->recalled_failures, key) : NULL;

  return failed_at != NULL && *failed_at >= time;
}

static void
bubus_saga_recall_failure (BubusSaga  *self,
                           const char *key,
                           gint64      time)
{
  BubusSagaInstance *instance = _bubus_saga_find (self, key);

  if (self->recalled_failures == NULL)
    self->recalled_failures = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_insert (self->recalled_failures, g_strdup (key), g_memdup2 (&time, sizeof time));
  if (instance != NULL)
    bubus_saga_forget (self, instance);
}

static void
bubus_saga_recall_step (BubusSaga  *self,
                        const char *key,
                        BubusEvent *event,
                        gint64      time)
{
  BubusSagaInstance *instance = _bubus_saga_find (self, key);

  if (bubus_saga_has_failed_since (self, key, time))
    return;
  if (instance != NULL && instance->recalled && instance->deadline != 0 && instance->deadline <= time)
    bubus_saga_forget (self, instance);

  instance = bubus_saga_ensure_instance (self, key, time);
  if (bubus_saga_instance_take (instance, event) && instance->events->len == 1)
    instance->recalled = TRUE;
  if (instance->events->len == self->steps->len)
    bubus_saga_forget (self, instance);
}

/**
 * bubus_saga_recall:
 * @self: a saga with all its steps
 * @event: an event that was handled before a restart
 * @error: (nullable): where to put why it cannot be recalled
 *
 * Takes an event into account that the saga has seen before a restart: from a journal, for example, whose events are
 * given to this function in their order, before others are dispatched.
 *
 * Nothing is dispatched for it. Instances that were complete, were ended by a failure, or whose time was over while
 * events still came, are over; the time of the others counts from their first event, and they are aborted presently if
 * it is over by now. What [method@Saga.abort] has ended comes back, as that is no event.
 *
 * Events that are not complete are left out: those the journal dispatches again. So are events of other types.
 *
 * Fails with %BUBUS_ERROR_INVALID_EVENT when the event has no key.
 *
 * Returns: whether the event could be recalled, or is none of the saga's
 *
 * Since: 1.0
 */
gboolean
bubus_saga_recall (BubusSaga   *self,
                   BubusEvent  *event,
                   GError     **error)
{
  g_autofree char *key = NULL;
  gboolean is_step, is_failure;
  gint64 time;

  g_return_val_if_fail (BUBUS_IS_SAGA (self), FALSE);
  g_return_val_if_fail (BUBUS_IS_EVENT (event), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (bubus_event_get_event_status (event) != BUBUS_EVENT_STATUS_COMPLETED)
    return TRUE;

  self->recalled_at = MAX (self->recalled_at, bubus_event_get_event_completed_at (event));
  is_step = _bubus_saga_has_step (self, bubus_event_get_event_type (event));
  is_failure = g_hash_table_contains (self->failures, bubus_event_get_event_type (event));
  if (!is_step && !is_failure)
    return TRUE;

  key = _bubus_saga_dup_key (self, event, error);
  if (key == NULL)
    return FALSE;

  time = bubus_event_get_event_started_at (event);
  if (is_failure)
    bubus_saga_recall_failure (self, key, time);
  if (is_step)
    bubus_saga_recall_step (self, key, event, time);
  return TRUE;
}
