/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "bubus-saga-private.h"

#include "base/bubus-error.h"
#include "codec/bubus-generic-event.h"
#include "codec/bubus-json-variant.h"

/**
 * BubusSaga:
 *
 * Waits for several events that belong together, in any order, and says what follows.
 *
 * The events of one instance have the same key: the value of a property that all of them have. When one event of each
 * step has come, the saga dispatches the event that its completion makes. When the time is over before, or an event comes
 * that stands for a failure, or [method@Saga.abort] is called, it dispatches for each event that has come, the last
 * first, the event that its compensation makes.
 *
 * Of several events of one step the first counts. An instance that is over is forgotten: a later event of its key begins
 * a new one.
 *
 * Instances can be written as JSON and read again, by another process for example. A saga is used in the main context of
 * its bus; it gathers events until it is freed.
 *
 * Since: 1.0
 */

/* Cannot be counted in nanoseconds beyond a hundred years. */
#define MAX_TIMEOUT 3155760000.0

typedef struct
{
  BubusSagaFunc   func;
  gpointer        user_data;
  GDestroyNotify  notify;
} BubusSagaClosure;

/* What the bus's handlers have of a saga: they may be called for the last time when it is gone. */
typedef struct
{
  int        ref_count;  /* the bus's thread only */
  BubusSaga *saga;       /* NULL when it is gone */
} BubusSagaLink;

struct _BubusSaga
{
  GObject            parent_instance;

  BubusEventBus     *bus;
  BubusClock        *clock;
  char              *name;
  char              *key_property;
  double             timeout;        /* seconds; 0: none */
  GPtrArray         *steps;          /* event types */
  GPtrArray         *handlers;       /* owned; of the bus */
  BubusSagaLink     *link;
  BubusSagaClosure  *completion;     /* nullable */
  GHashTable        *compensations;  /* event type → BubusSagaClosure */
  GHashTable        *instances;      /* key → BubusSagaInstance, owned */
};

typedef enum
{
  PROP_BUS = 1,
  PROP_NAME,
  PROP_KEY_PROPERTY,
  PROP_TIMEOUT,
} BubusSagaProperty;

static GParamSpec *properties[PROP_TIMEOUT + 1];

enum
{
  SIGNAL_COMPLETED,
  SIGNAL_ABORTED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BubusSaga, bubus_saga, G_TYPE_OBJECT)

static void
bubus_saga_closure_free (gpointer data)
{
  BubusSagaClosure *self = data;

  if (self->notify != NULL)
    self->notify (self->user_data);
  g_free (self);
}

static BubusSagaClosure *
bubus_saga_closure_new (BubusSagaFunc  func,
                        gpointer       user_data,
                        GDestroyNotify notify)
{
  BubusSagaClosure *self = g_new0 (BubusSagaClosure, 1);

  self->func = func;
  self->user_data = user_data;
  self->notify = notify;
  return self;
}

static void
bubus_saga_link_unref (gpointer data)
{
  BubusSagaLink *self = data;

  if (--self->ref_count == 0)
    g_free (self);
}

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
static void
bubus_saga_drop (BubusSaga         *self,
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
    g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_EVENT, "“%s” has no “%s”, by which the saga “%s” would know it",
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
static void
bubus_saga_fail (BubusSaga         *self,
                 BubusSagaInstance *instance,
                 GError            *reason)
{
  g_autoptr (BubusSaga) alive = g_object_ref (self);
  g_autoptr (BubusSagaInstance) failed = g_object_ref (instance);
  g_autoptr (GError) owned = reason;

  bubus_saga_drop (alive, failed);
  for (guint i = failed->events->len; i > 0; i--)
    bubus_saga_compensate (alive, failed, failed->events->pdata[i - 1]);
  g_signal_emit (alive, signals[SIGNAL_ABORTED], 0, failed, owned);
}

static void
bubus_saga_instance_expired_cb (gpointer data)
{
  BubusSagaInstance *instance = data;
  BubusSaga *self = instance->saga;
  double seconds = (instance->deadline - instance->started_at) / 1e9;

  instance->timeout_id = 0;
  bubus_saga_fail (self, instance,
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
    bubus_saga_drop (alive, completed);
  g_signal_emit (alive, signals[SIGNAL_COMPLETED], 0, completed, event);
  return TRUE;
}

/* ---- handlers ---- */

static gboolean
bubus_saga_step_cb (BubusEvent       *event,
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

static gboolean
bubus_saga_failure_cb (BubusEvent       *event,
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
    bubus_saga_fail (self, instance, g_error_new (BUBUS_ERROR, BUBUS_ERROR_ABORTED, "“%s” of “%s” was ended by “%s”",
                                                  key, self->name, bubus_event_get_event_type (event)));
  return TRUE;
}

static void
bubus_saga_listen (BubusSaga        *self,
                   const char       *event_type,
                   BubusHandlerFunc  func)
{
  BubusHandler *handler;

  self->link->ref_count++;
  handler = bubus_event_bus_on_pattern (self->bus, event_type, self->name, func, self->link, bubus_saga_link_unref);
  g_ptr_array_add (self->handlers, g_object_ref (handler));
}

/* ---- object ---- */

static void
bubus_saga_constructed (GObject *object)
{
  BubusSaga *self = BUBUS_SAGA (object);

  G_OBJECT_CLASS (bubus_saga_parent_class)->constructed (object);

  g_object_get (self->bus, "clock", &self->clock, NULL);
}

static void
bubus_saga_dispose (GObject *object)
{
  BubusSaga *self = BUBUS_SAGA (object);
  g_autoptr (GPtrArray) instances = bubus_saga_list_instances (self);

  self->link->saga = NULL;
  for (guint i = 0; i < instances->len; i++)
    bubus_saga_drop (self, instances->pdata[i]);
  for (guint i = 0; i < self->handlers->len; i++)
    bubus_event_bus_off (self->bus, self->handlers->pdata[i]);
  g_ptr_array_set_size (self->handlers, 0);

  G_OBJECT_CLASS (bubus_saga_parent_class)->dispose (object);
}

static void
bubus_saga_finalize (GObject *object)
{
  BubusSaga *self = BUBUS_SAGA (object);

  g_clear_pointer (&self->completion, bubus_saga_closure_free);
  g_hash_table_unref (self->compensations);
  g_hash_table_unref (self->instances);
  g_ptr_array_unref (self->handlers);
  g_ptr_array_unref (self->steps);
  bubus_saga_link_unref (self->link);
  g_clear_object (&self->clock);
  g_clear_object (&self->bus);
  g_free (self->name);
  g_free (self->key_property);

  G_OBJECT_CLASS (bubus_saga_parent_class)->finalize (object);
}

static void
bubus_saga_get_property (GObject    *object,
                         guint       prop_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  BubusSaga *self = BUBUS_SAGA (object);

  switch ((BubusSagaProperty) prop_id)
    {
    case PROP_BUS:
      g_value_set_object (value, bubus_saga_get_bus (self));
      break;
    case PROP_NAME:
      g_value_set_string (value, bubus_saga_get_name (self));
      break;
    case PROP_KEY_PROPERTY:
      g_value_set_string (value, bubus_saga_get_key_property (self));
      break;
    case PROP_TIMEOUT:
      g_value_set_double (value, bubus_saga_get_timeout (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_saga_set_property (GObject      *object,
                         guint         prop_id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  BubusSaga *self = BUBUS_SAGA (object);

  switch ((BubusSagaProperty) prop_id)
    {
    case PROP_BUS:
      self->bus = g_value_dup_object (value);
      break;
    case PROP_NAME:
      self->name = g_value_dup_string (value);
      break;
    case PROP_KEY_PROPERTY:
      self->key_property = g_value_dup_string (value);
      break;
    case PROP_TIMEOUT:
      bubus_saga_set_timeout (self, g_value_get_double (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_saga_class_init (BubusSagaClass *klass)
{
  const GParamFlags once = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = bubus_saga_constructed;
  object_class->dispose = bubus_saga_dispose;
  object_class->finalize = bubus_saga_finalize;
  object_class->get_property = bubus_saga_get_property;
  object_class->set_property = bubus_saga_set_property;

  /**
   * BubusSaga:bus: (getter get_bus)
   *
   * Where the events come from, and what follows goes to.
   *
   * Since: 1.0
   */
  properties[PROP_BUS] = g_param_spec_object ("bus", NULL, NULL, BUBUS_TYPE_EVENT_BUS, once);

  /**
   * BubusSaga:name: (getter get_name)
   *
   * What the saga is called in results and logs.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, once);

  /**
   * BubusSaga:key-property: (getter get_key_property)
   *
   * The property that events which belong together have the same value of: a text, or what has a form as text.
   *
   * Since: 1.0
   */
  properties[PROP_KEY_PROPERTY] = g_param_spec_string ("key-property", NULL, NULL, NULL, once);

  /**
   * BubusSaga:timeout: (getter get_timeout) (setter set_timeout)
   *
   * How long an instance may take from its first event on, by the clock of the bus, in seconds; 0 is for ever.
   *
   * Since: 1.0
   */
  properties[PROP_TIMEOUT] =
    g_param_spec_double ("timeout", NULL, NULL, 0, G_MAXDOUBLE, 0,
                         (G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  /**
   * BubusSaga::completed:
   * @self: the saga
   * @instance: the instance
   * @event: (nullable): what was dispatched
   *
   * All steps of an instance have been made.
   *
   * Since: 1.0
   */
  signals[SIGNAL_COMPLETED] =
    g_signal_new ("completed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, BUBUS_TYPE_SAGA_INSTANCE, BUBUS_TYPE_EVENT);

  /**
   * BubusSaga::aborted:
   * @self: the saga
   * @instance: the instance
   * @reason: why
   *
   * An instance has been aborted, and what it had gathered has been made up for.
   *
   * Since: 1.0
   */
  signals[SIGNAL_ABORTED] =
    g_signal_new ("aborted", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, BUBUS_TYPE_SAGA_INSTANCE, G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
bubus_saga_init (BubusSaga *self)
{
  self->link = g_new0 (BubusSagaLink, 1);
  self->link->ref_count = 1;
  self->link->saga = self;
  self->steps = g_ptr_array_new_with_free_func (g_free);
  self->handlers = g_ptr_array_new_with_free_func (g_object_unref);
  self->compensations = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, bubus_saga_closure_free);
  self->instances = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_object_unref);
}

/* ---- public ---- */

/**
 * bubus_saga_new:
 * @bus: a bus
 * @name: what to call the saga in results and logs
 * @key_property: the property that events which belong together have the same value of
 *
 * Makes a saga, which has no steps yet.
 *
 * Returns: (transfer full): a new saga
 *
 * Since: 1.0
 */
BubusSaga *
bubus_saga_new (BubusEventBus *bus,
                const char    *name,
                const char    *key_property)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (bus), NULL);
  g_return_val_if_fail (name != NULL && key_property != NULL, NULL);

  return g_object_new (BUBUS_TYPE_SAGA, "bus", bus, "name", name, "key-property", key_property, NULL);
}

/**
 * bubus_saga_get_bus: (get-property bus)
 * @self: a saga
 *
 * Gives the bus.
 *
 * Returns: (transfer none): the bus
 *
 * Since: 1.0
 */
BubusEventBus *
bubus_saga_get_bus (BubusSaga *self)
{
  g_return_val_if_fail (BUBUS_IS_SAGA (self), NULL);

  return self->bus;
}

/**
 * bubus_saga_get_name: (get-property name)
 * @self: a saga
 *
 * Says what the saga is called.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
bubus_saga_get_name (BubusSaga *self)
{
  g_return_val_if_fail (BUBUS_IS_SAGA (self), NULL);

  return self->name;
}

/**
 * bubus_saga_get_key_property: (get-property key-property)
 * @self: a saga
 *
 * Says which property makes events belong together.
 *
 * Returns: the name of the property
 *
 * Since: 1.0
 */
const char *
bubus_saga_get_key_property (BubusSaga *self)
{
  g_return_val_if_fail (BUBUS_IS_SAGA (self), NULL);

  return self->key_property;
}

/**
 * bubus_saga_get_timeout: (get-property timeout)
 * @self: a saga
 *
 * Says how long an instance may take from its first event on.
 *
 * Returns: seconds; 0: for ever
 *
 * Since: 1.0
 */
double
bubus_saga_get_timeout (BubusSaga *self)
{
  g_return_val_if_fail (BUBUS_IS_SAGA (self), 0);

  return self->timeout;
}

/**
 * bubus_saga_set_timeout: (set-property timeout)
 * @self: a saga
 * @seconds: seconds; 0 is for ever
 *
 * Says how long an instance may take from its first event on. Those that have begun keep their time.
 *
 * Since: 1.0
 */
void
bubus_saga_set_timeout (BubusSaga *self,
                        double     seconds)
{
  g_return_if_fail (BUBUS_IS_SAGA (self));
  g_return_if_fail (seconds >= 0);

  if (self->timeout == seconds)
    return;

  self->timeout = seconds;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TIMEOUT]);
}

/**
 * bubus_saga_add_step:
 * @self: a saga
 * @event_type: an event type
 *
 * Adds a step: an event of that type belongs to every instance.
 *
 * All steps are to be added before the first event comes.
 *
 * Since: 1.0
 */
void
bubus_saga_add_step (BubusSaga  *self,
                     const char *event_type)
{
  g_return_if_fail (BUBUS_IS_SAGA (self));
  g_return_if_fail (event_type != NULL && *event_type != '\0');
  g_return_if_fail (!_bubus_saga_has_step (self, event_type));

  g_ptr_array_add (self->steps, g_strdup (event_type));
  bubus_saga_listen (self, event_type, bubus_saga_step_cb);
}

/**
 * bubus_saga_add_failure:
 * @self: a saga
 * @event_type: an event type
 *
 * Has an event of that type abort the instance of its key.
 *
 * Since: 1.0
 */
void
bubus_saga_add_failure (BubusSaga  *self,
                        const char *event_type)
{
  g_return_if_fail (BUBUS_IS_SAGA (self));
  g_return_if_fail (event_type != NULL && *event_type != '\0');

  bubus_saga_listen (self, event_type, bubus_saga_failure_cb);
}

/**
 * bubus_saga_set_completion:
 * @self: a saga
 * @func: (scope notified) (closure user_data) (destroy notify): makes what follows when an instance is complete
 * @user_data: passed to @func
 * @notify: called when @user_data is not needed any more
 *
 * Says what follows when all steps have been made.
 *
 * The event is dispatched in the handler of the last step, and becomes a child of that event.
 *
 * Since: 1.0
 */
void
bubus_saga_set_completion (BubusSaga      *self,
                           BubusSagaFunc   func,
                           gpointer        user_data,
                           GDestroyNotify  notify)
{
  g_return_if_fail (BUBUS_IS_SAGA (self));
  g_return_if_fail (func != NULL);

  g_clear_pointer (&self->completion, bubus_saga_closure_free);
  self->completion = bubus_saga_closure_new (func, user_data, notify);
}

/**
 * bubus_saga_set_compensation:
 * @self: a saga
 * @event_type: the event type of a step
 * @func: (scope notified) (closure user_data) (destroy notify): makes what makes up for an event of that type
 * @user_data: passed to @func
 * @notify: called when @user_data is not needed any more
 *
 * Says what makes up for a step when its instance is aborted.
 *
 * Since: 1.0
 */
void
bubus_saga_set_compensation (BubusSaga      *self,
                             const char     *event_type,
                             BubusSagaFunc   func,
                             gpointer        user_data,
                             GDestroyNotify  notify)
{
  g_return_if_fail (BUBUS_IS_SAGA (self));
  g_return_if_fail (event_type != NULL);
  g_return_if_fail (func != NULL);

  g_hash_table_replace (self->compensations, g_strdup (event_type), bubus_saga_closure_new (func, user_data, notify));
}

static int
bubus_saga_instance_compare (gconstpointer a,
                             gconstpointer b)
{
  const BubusSagaInstance *left = *(const BubusSagaInstance *const *) a;
  const BubusSagaInstance *right = *(const BubusSagaInstance *const *) b;

  /* Older ones first. */
  if (left->started_at != right->started_at)
    return left->started_at < right->started_at ? -1 : 1;
  /* Of one time, by their keys. */
  return strcmp (left->key, right->key);
}

/**
 * bubus_saga_list_instances:
 * @self: a saga
 *
 * Lists the instances that are neither complete nor aborted.
 *
 * Returns: (transfer container) (element-type BubusSagaInstance): the instances, in the order in which they began
 *
 * Since: 1.0
 */
GPtrArray *
bubus_saga_list_instances (BubusSaga *self)
{
  GPtrArray *instances;
  GHashTableIter iter;
  gpointer instance;

  g_return_val_if_fail (BUBUS_IS_SAGA (self), NULL);

  instances = g_ptr_array_new_with_free_func (g_object_unref);
  g_hash_table_iter_init (&iter, self->instances);
  while (g_hash_table_iter_next (&iter, NULL, &instance))
    g_ptr_array_add (instances, g_object_ref (instance));
  g_ptr_array_sort (instances, bubus_saga_instance_compare);
  return instances;
}

/**
 * bubus_saga_abort:
 * @self: a saga
 * @key: a key
 * @reason: (nullable): why
 *
 * Aborts an instance, and makes up for what it has gathered.
 *
 * Returns: whether there was an instance of that key
 *
 * Since: 1.0
 */
gboolean
bubus_saga_abort (BubusSaga  *self,
                  const char *key,
                  const char *reason)
{
  BubusSagaInstance *instance;

  g_return_val_if_fail (BUBUS_IS_SAGA (self), FALSE);
  g_return_val_if_fail (key != NULL, FALSE);

  instance = _bubus_saga_find (self, key);
  if (instance == NULL)
    return FALSE;

  bubus_saga_fail (self, instance, g_error_new_literal (BUBUS_ERROR, BUBUS_ERROR_ABORTED,
                                                        reason != NULL ? reason : "The saga was aborted"));
  return TRUE;
}
