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
                            const char *key)
{
  BubusSagaInstance *instance = _bubus_saga_find (self, key);
  g_autoptr (BubusSagaInstance) created = NULL;
  gint64 now, deadline;

  if (instance != NULL)
    return instance;

  now = bubus_clock_get_time (self->clock);
  deadline = self->timeout > 0 ? now + (gint64) (MIN (self->timeout, MAX_TIMEOUT) * 1e9) : 0;
  created = _bubus_saga_instance_new (key, now, deadline);
  _bubus_saga_adopt (self, created);
  return created;
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

static void
bubus_saga_instance_expired_cb (gpointer data)
{
  BubusSagaInstance *instance = data;
  BubusSaga *self = instance->saga;
  double seconds = (instance->deadline - instance->started_at) / 1e9;

  instance->timeout_id = 0;
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

  instance = bubus_saga_ensure_instance (self, key);
  if (bubus_saga_instance_get_event (instance, bubus_event_get_event_type (event)) == NULL)
    g_ptr_array_add (instance->events, g_object_ref (event));
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
