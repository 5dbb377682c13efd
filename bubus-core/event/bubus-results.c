/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-results-private.h"

/**
 * BubusResults:
 *
 * What the handlers of an event returned, gathered in the form that is wanted: the first value, a list, by handler, or
 * merged into one dictionary or list.
 *
 * It is a way to look at an event; it keeps nothing but the event and what to include. The functions that gather need
 * the event to be complete, and fail with %BUBUS_ERROR_WOULD_BLOCK before. [method@Results.wait_async] waits until
 * then.
 *
 * Unless it is set otherwise:
 *
 * - Included are the handlers that returned a value. That a handler returned nothing is never included; a value that is
 *   itself an event counts as nothing, and so does what is passed on to another bus.
 * - An error of any handler, included or not, is an error of the gathering: the first in the order of the handlers,
 *   whose message says how many more have failed. When a handler did return a value, those that were given up for
 *   it, with %BUBUS_ERROR_ABORTED or %BUBUS_ERROR_CANCELLED, do not count.
 * - Finding nothing is an error, %BUBUS_ERROR_NO_RESULT.
 * - Values that are in each other's way are an error, %BUBUS_ERROR_CONFLICT.
 *
 * Values belong to the event, and live as long as it does. The order is always that of [method@Event.list_results].
 *
 * Since: 1.0
 */

typedef enum
{
  PROP_EVENT = 1,
  PROP_TIMEOUT,
  PROP_RAISE_IF_ANY,
  PROP_RAISE_IF_NONE,
  PROP_RAISE_IF_CONFLICTS,
} BubusResultsProperty;

static GParamSpec *properties[PROP_RAISE_IF_CONFLICTS + 1];

G_DEFINE_FINAL_TYPE (BubusResults, bubus_results, G_TYPE_OBJECT)

static void
bubus_results_drop_include (BubusResults *self)
{
  GDestroyNotify notify = g_steal_pointer (&self->include_notify);

  self->include = NULL;
  if (notify != NULL)
    notify (g_steal_pointer (&self->include_data));
}

static void
bubus_results_finalize (GObject *object)
{
  BubusResults *self = BUBUS_RESULTS (object);

  bubus_results_drop_include (self);
  g_clear_object (&self->event);

  G_OBJECT_CLASS (bubus_results_parent_class)->finalize (object);
}

static void
bubus_results_get_property (GObject    *object,
                            guint       prop_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  BubusResults *self = BUBUS_RESULTS (object);

  switch ((BubusResultsProperty) prop_id)
    {
    case PROP_EVENT:
      g_value_set_object (value, bubus_results_get_event (self));
      break;
    case PROP_TIMEOUT:
      g_value_set_double (value, bubus_results_get_timeout (self));
      break;
    case PROP_RAISE_IF_ANY:
      g_value_set_boolean (value, bubus_results_get_raise_if_any (self));
      break;
    case PROP_RAISE_IF_NONE:
      g_value_set_boolean (value, bubus_results_get_raise_if_none (self));
      break;
    case PROP_RAISE_IF_CONFLICTS:
      g_value_set_boolean (value, bubus_results_get_raise_if_conflicts (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_results_set_property (GObject      *object,
                            guint         prop_id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  BubusResults *self = BUBUS_RESULTS (object);

  switch ((BubusResultsProperty) prop_id)
    {
    case PROP_EVENT:
      self->event = g_value_dup_object (value);
      break;
    case PROP_TIMEOUT:
      bubus_results_set_timeout (self, g_value_get_double (value));
      break;
    case PROP_RAISE_IF_ANY:
      bubus_results_set_raise_if_any (self, g_value_get_boolean (value));
      break;
    case PROP_RAISE_IF_NONE:
      bubus_results_set_raise_if_none (self, g_value_get_boolean (value));
      break;
    case PROP_RAISE_IF_CONFLICTS:
      bubus_results_set_raise_if_conflicts (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_results_class_init (BubusResultsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags writable = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = bubus_results_finalize;
  object_class->get_property = bubus_results_get_property;
  object_class->set_property = bubus_results_set_property;

  /**
   * BubusResults:event: (getter get_event)
   *
   * Whose results they are.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT] =
    g_param_spec_object ("event", NULL, NULL, BUBUS_TYPE_EVENT, writable | G_PARAM_CONSTRUCT_ONLY);
  /**
   * BubusResults:timeout: (getter get_timeout) (setter set_timeout)
   *
   * How long [method@Results.wait_async] waits at most, in seconds on the clock of the event's bus; a negative value,
   * the default, is without limit.
   *
   * Since: 1.0
   */
  properties[PROP_TIMEOUT] = g_param_spec_double ("timeout", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, -1, writable);
  /**
   * BubusResults:raise-if-any: (getter get_raise_if_any) (setter set_raise_if_any)
   *
   * Whether an error of any handler is an error of the gathering.
   *
   * Since: 1.0
   */
  properties[PROP_RAISE_IF_ANY] = g_param_spec_boolean ("raise-if-any", NULL, NULL, TRUE, writable);
  /**
   * BubusResults:raise-if-none: (getter get_raise_if_none) (setter set_raise_if_none)
   *
   * Whether it is an error that nothing is found.
   *
   * Until it is set, it is an error for all functions but [method@Results.flat_dict] and
   * [method@Results.flat_json_dict], for which a dictionary with nothing in it is as good as any.
   *
   * Since: 1.0
   */
  properties[PROP_RAISE_IF_NONE] = g_param_spec_boolean ("raise-if-none", NULL, NULL, TRUE, writable);
  /**
   * BubusResults:raise-if-conflicts: (getter get_raise_if_conflicts) (setter set_raise_if_conflicts)
   *
   * Whether it is an error that two handlers return values for the same key. Otherwise the last one counts.
   *
   * Since: 1.0
   */
  properties[PROP_RAISE_IF_CONFLICTS] = g_param_spec_boolean ("raise-if-conflicts", NULL, NULL, TRUE, writable);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bubus_results_init (BubusResults *self)
{
  self->timeout = -1;
  self->raise_if_any = TRUE;
  self->raise_if_none = TRUE;
  self->raise_if_conflicts = TRUE;
}

/**
 * bubus_results_new:
 * @event: an event
 *
 * Makes a way to look at the results of an event.
 *
 * Returns: (transfer full): a new object
 *
 * Since: 1.0
 */
BubusResults *
bubus_results_new (BubusEvent *event)
{
  g_return_val_if_fail (BUBUS_IS_EVENT (event), NULL);

  return g_object_new (BUBUS_TYPE_RESULTS, "event", event, NULL);
}

/**
 * bubus_results_get_event: (get-property event)
 * @self: results
 *
 * Gives the event whose results they are.
 *
 * Returns: (transfer none): the event
 *
 * Since: 1.0
 */
BubusEvent *
bubus_results_get_event (BubusResults *self)
{
  g_return_val_if_fail (BUBUS_IS_RESULTS (self), NULL);

  return self->event;
}

/**
 * bubus_results_get_timeout: (get-property timeout)
 * @self: results
 *
 * Says how long is waited at most.
 *
 * Returns: a duration in seconds; negative: without limit
 *
 * Since: 1.0
 */
double
bubus_results_get_timeout (BubusResults *self)
{
  g_return_val_if_fail (BUBUS_IS_RESULTS (self), -1);

  return self->timeout;
}

/**
 * bubus_results_set_timeout: (set-property timeout)
 * @self: results
 * @seconds: a duration in seconds; negative: without limit
 *
 * Sets how long is waited at most.
 *
 * Since: 1.0
 */
void
bubus_results_set_timeout (BubusResults *self,
                           double        seconds)
{
  g_return_if_fail (BUBUS_IS_RESULTS (self));

  if (self->timeout == seconds)
    return;

  self->timeout = seconds;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TIMEOUT]);
}

/**
 * bubus_results_get_raise_if_any: (get-property raise-if-any)
 * @self: results
 *
 * Says whether an error of any handler is an error.
 *
 * Returns: whether it is
 *
 * Since: 1.0
 */
gboolean
bubus_results_get_raise_if_any (BubusResults *self)
{
  g_return_val_if_fail (BUBUS_IS_RESULTS (self), TRUE);

  return self->raise_if_any;
}

static void
bubus_results_change_flag (BubusResults         *self,
                           gboolean             *flag,
                           gboolean              value,
                           BubusResultsProperty  property)
{
  value = !!value;
  if (*flag == value)
    return;

  *flag = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/**
 * bubus_results_set_raise_if_any: (set-property raise-if-any)
 * @self: results
 * @raise_if_any: whether an error of any handler is an error
 *
 * Sets whether an error of any handler is an error.
 *
 * Since: 1.0
 */
void
bubus_results_set_raise_if_any (BubusResults *self,
                                gboolean      raise_if_any)
{
  g_return_if_fail (BUBUS_IS_RESULTS (self));

  bubus_results_change_flag (self, &self->raise_if_any, raise_if_any, PROP_RAISE_IF_ANY);
}

/**
 * bubus_results_get_raise_if_none: (get-property raise-if-none)
 * @self: results
 *
 * Says whether it is an error that nothing is found. See [property@Results:raise-if-none].
 *
 * Returns: whether it is
 *
 * Since: 1.0
 */
gboolean
bubus_results_get_raise_if_none (BubusResults *self)
{
  g_return_val_if_fail (BUBUS_IS_RESULTS (self), TRUE);

  return self->raise_if_none;
}

/**
 * bubus_results_set_raise_if_none: (set-property raise-if-none)
 * @self: results
 * @raise_if_none: whether it is an error that nothing is found
 *
 * Sets whether it is an error that nothing is found, for all functions.
 *
 * Since: 1.0
 */
void
bubus_results_set_raise_if_none (BubusResults *self,
                                 gboolean      raise_if_none)
{
  g_return_if_fail (BUBUS_IS_RESULTS (self));

  self->raise_if_none_set = TRUE;
  bubus_results_change_flag (self, &self->raise_if_none, raise_if_none, PROP_RAISE_IF_NONE);
}

/**
 * bubus_results_get_raise_if_conflicts: (get-property raise-if-conflicts)
 * @self: results
 *
 * Says whether it is an error that two handlers return values for the same key.
 *
 * Returns: whether it is
 *
 * Since: 1.0
 */
gboolean
bubus_results_get_raise_if_conflicts (BubusResults *self)
{
  g_return_val_if_fail (BUBUS_IS_RESULTS (self), TRUE);

  return self->raise_if_conflicts;
}

/**
 * bubus_results_set_raise_if_conflicts: (set-property raise-if-conflicts)
 * @self: results
 * @raise_if_conflicts: whether it is an error that two handlers return values for the same key
 *
 * Sets whether it is an error that two handlers return values for the same key.
 *
 * Since: 1.0
 */
void
bubus_results_set_raise_if_conflicts (BubusResults *self,
                                      gboolean      raise_if_conflicts)
{
  g_return_if_fail (BUBUS_IS_RESULTS (self));

  bubus_results_change_flag (self, &self->raise_if_conflicts, raise_if_conflicts, PROP_RAISE_IF_CONFLICTS);
}

/**
 * bubus_results_set_include:
 * @self: results
 * @include: (scope notified) (closure user_data) (destroy notify) (nullable): says which results to include, or %NULL
 *   for all that have a value
 * @user_data: passed to @include
 * @notify: called when @user_data is not needed any more
 *
 * Sets which results are included.
 *
 * The function is called while results are gathered, by whoever gathers them, once for each handler that returned a
 * value; for [method@Results.filter] once for each handler.
 *
 * Since: 1.0
 */
void
bubus_results_set_include (BubusResults      *self,
                           BubusResultFilter  include,
                           gpointer           user_data,
                           GDestroyNotify     notify)
{
  g_return_if_fail (BUBUS_IS_RESULTS (self));

  bubus_results_drop_include (self);
  self->include = include;
  self->include_data = user_data;
  self->include_notify = notify;
}
