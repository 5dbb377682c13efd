/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "bubus-saga-private.h"

#include "base/bubus-error.h"

/**
 * BubusSaga:
 *
 * Waits for several events that belong together, in any order, and says what follows.
 *
 * The events of one instance have the same key: the value of a property that all of them have. When one event of each
 * step has come, the saga dispatches the event that its completion makes. When the time is over before, or an event
 * comes that stands for a failure, or [method@Saga.abort] is called, it dispatches for each event that has come, the
 * last first, the event that its compensation makes.
 *
 * Of several events of one step the first counts. An instance that is over is forgotten: a later event of its key
 * begins a new one.
 *
 * Instances can be written as JSON and read again, by another process for example; or, after a crash, gathered again from
 * the events of a journal ([method@Saga.recall]). A saga is used in the main context of its bus; it gathers events until
 * it is freed.
 *
 * Since: 1.0
 */

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
    _bubus_saga_drop (self, instances->pdata[i]);
  for (guint i = 0; i < self->handlers->len; i++)
    bubus_event_bus_off (self->bus, self->handlers->pdata[i]);
  g_ptr_array_set_size (self->handlers, 0);

  G_OBJECT_CLASS (bubus_saga_parent_class)->dispose (object);
}

static void
bubus_saga_finalize (GObject *object)
{
  BubusSaga *self = BUBUS_SAGA (object);

  g_clear_pointer (&self->completion, _bubus_saga_closure_free);
  g_hash_table_unref (self->compensations);
  g_hash_table_unref (self->failures);
  g_clear_pointer (&self->recalled_failures, g_hash_table_unref);
  g_hash_table_unref (self->instances);
  g_ptr_array_unref (self->handlers);
  g_ptr_array_unref (self->steps);
  _bubus_saga_link_unref (self->link);
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
bubus_saga_install_properties (GObjectClass *object_class)
{
  const GParamFlags once = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

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
}

static void
bubus_saga_install_signals (BubusSagaClass *klass)
{
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
bubus_saga_class_init (BubusSagaClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = bubus_saga_constructed;
  object_class->dispose = bubus_saga_dispose;
  object_class->finalize = bubus_saga_finalize;
  object_class->get_property = bubus_saga_get_property;
  object_class->set_property = bubus_saga_set_property;

  bubus_saga_install_properties (object_class);
  bubus_saga_install_signals (klass);
}

static void
bubus_saga_init (BubusSaga *self)
{
  self->link = g_new0 (BubusSagaLink, 1);
  self->link->ref_count = 1;
  self->link->saga = self;
  self->steps = g_ptr_array_new_with_free_func (g_free);
  self->failures = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->handlers = g_ptr_array_new_with_free_func (g_object_unref);
  self->compensations = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, _bubus_saga_closure_free);
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

  _bubus_saga_fail (self, instance, g_error_new_literal (BUBUS_ERROR, BUBUS_ERROR_ABORTED,
                                                        reason != NULL ? reason : "The saga was aborted"));
  return TRUE;
}
