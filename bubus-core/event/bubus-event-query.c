/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-query-private.h"

#include <string.h>

/**
 * BubusEventQuery:
 *
 * Says which events are looked for.
 *
 * An event matches when everything that has been set is true of it: its class or type, its ancestor, its fields, and
 * what a function says. Without anything, every event matches.
 *
 * The windows of time and the limit are for [method@EventBus.find_async] and [method@EventBus.filter].
 *
 * A query belongs to the main context of the bus that it is used with, in which its functions are called, and is not
 * to be changed while somebody waits for what it finds.
 *
 * Since: 1.0
 */

typedef enum
{
  PROP_EVENT_TYPE = 1,
  PROP_PATTERN,
  PROP_CHILD_OF,
  PROP_PAST,
  PROP_FUTURE,
  PROP_LIMIT,
} BubusEventQueryProperty;

static GParamSpec *properties[PROP_LIMIT + 1];

G_DEFINE_FINAL_TYPE (BubusEventQuery, bubus_event_query, G_TYPE_OBJECT)

/* The data may be freed by code of the user, which sees the query as it is afterwards. */
static void
bubus_predicate_set (BubusPredicate      *self,
                     BubusEventPredicate  func,
                     gpointer             data,
                     GDestroyNotify       notify)
{
  BubusPredicate before = *self;

  *self = (BubusPredicate) { func, data, notify };
  if (before.notify != NULL)
    before.notify (before.data);
}

static void
bubus_event_query_finalize (GObject *object)
{
  BubusEventQuery *self = BUBUS_EVENT_QUERY (object);

  bubus_predicate_set (&self->include, NULL, NULL, NULL);
  bubus_predicate_set (&self->exclude, NULL, NULL, NULL);
  g_clear_pointer (&self->fields, g_array_unref);
  g_clear_pointer (&self->pattern, g_free);
  g_clear_object (&self->child_of);

  G_OBJECT_CLASS (bubus_event_query_parent_class)->finalize (object);
}

static void
bubus_event_query_get_property (GObject    *object,
                                guint       prop_id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  BubusEventQuery *self = BUBUS_EVENT_QUERY (object);

  switch ((BubusEventQueryProperty) prop_id)
    {
    case PROP_EVENT_TYPE:
      g_value_set_gtype (value, bubus_event_query_get_event_type (self));
      break;
    case PROP_PATTERN:
      g_value_set_string (value, bubus_event_query_get_pattern (self));
      break;
    case PROP_CHILD_OF:
      g_value_set_object (value, bubus_event_query_get_child_of (self));
      break;
    case PROP_PAST:
      g_value_set_double (value, bubus_event_query_get_past (self));
      break;
    case PROP_FUTURE:
      g_value_set_double (value, bubus_event_query_get_future (self));
      break;
    case PROP_LIMIT:
      g_value_set_int (value, bubus_event_query_get_limit (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

/* A binding may say “no type” in either way. */
static void
bubus_event_query_take_type (BubusEventQuery *self,
                             GType            type)
{
  if (type == G_TYPE_NONE || type == G_TYPE_INVALID)
    return;

  g_return_if_fail (g_type_is_a (type, BUBUS_TYPE_EVENT));
  self->event_type = type;
}

static void
bubus_event_query_take_pattern (BubusEventQuery *self,
                                const char      *pattern)
{
  self->pattern = g_strdup (pattern);
}

static void
bubus_event_query_set_property (GObject      *object,
                                guint         prop_id,
                                const GValue *value,
                                GParamSpec   *pspec)
{
  BubusEventQuery *self = BUBUS_EVENT_QUERY (object);

  switch ((BubusEventQueryProperty) prop_id)
    {
    case PROP_EVENT_TYPE:
      bubus_event_query_take_type (self, g_value_get_gtype (value));
      break;
    case PROP_PATTERN:
      bubus_event_query_take_pattern (self, g_value_get_string (value));
      break;
    case PROP_CHILD_OF:
      bubus_event_query_set_child_of (self, g_value_get_object (value));
      break;
    case PROP_PAST:
      bubus_event_query_set_past (self, g_value_get_double (value));
      break;
    case PROP_FUTURE:
      bubus_event_query_set_future (self, g_value_get_double (value));
      break;
    case PROP_LIMIT:
      bubus_event_query_set_limit (self, g_value_get_int (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_event_query_install_properties (GObjectClass *object_class)
{
  const GParamFlags writable = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * BubusEventQuery:event-type: (getter get_event_type)
   *
   * The class of the events, or a class that theirs is derived from; %G_TYPE_INVALID for any.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_TYPE] =
    g_param_spec_gtype ("event-type", NULL, NULL, G_TYPE_NONE, writable | G_PARAM_CONSTRUCT_ONLY);
  /**
   * BubusEventQuery:pattern: (getter get_pattern)
   *
   * The type of the events, a glob of types, or `*`; %NULL for any.
   *
   * Since: 1.0
   */
  properties[PROP_PATTERN] = g_param_spec_string ("pattern", NULL, NULL, NULL, writable | G_PARAM_CONSTRUCT_ONLY);
  /**
   * BubusEventQuery:child-of: (getter get_child_of) (setter set_child_of)
   *
   * An event of which the events are children, or children of children, at any depth and on any bus.
   *
   * Since: 1.0
   */
  properties[PROP_CHILD_OF] = g_param_spec_object ("child-of", NULL, NULL, BUBUS_TYPE_EVENT, writable);
  /**
   * BubusEventQuery:past: (getter get_past) (setter set_past)
   *
   * How old the events may be that the bus knows already, in seconds since their creation. Negative, the default, is
   * without limit; 0 looks for none of them.
   *
   * Since: 1.0
   */
  properties[PROP_PAST] = g_param_spec_double ("past", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, -1, writable);
  /**
   * BubusEventQuery:future: (getter get_future) (setter set_future)
   *
   * How long to wait for events that are still to come, in seconds on the clock of the bus. Negative is without limit;
   * 0, the default, does not wait.
   *
   * Since: 1.0
   */
  properties[PROP_FUTURE] = g_param_spec_double ("future", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0, writable);
  /**
   * BubusEventQuery:limit: (getter get_limit) (setter set_limit)
   *
   * How many events [method@EventBus.filter] gives at most; negative, the default, is without limit.
   *
   * Since: 1.0
   */
  properties[PROP_LIMIT] = g_param_spec_int ("limit", NULL, NULL, G_MININT, G_MAXINT, -1, writable);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bubus_event_query_class_init (BubusEventQueryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = bubus_event_query_finalize;
  object_class->get_property = bubus_event_query_get_property;
  object_class->set_property = bubus_event_query_set_property;

  bubus_event_query_install_properties (object_class);
}

static void
bubus_event_query_init (BubusEventQuery *self)
{
  self->event_type = G_TYPE_INVALID;
  self->past = -1;
  self->limit = -1;
}

/**
 * bubus_event_query_new:
 * @event_type: a class of events, or %G_TYPE_INVALID for any
 *
 * Makes a query for events of a class, and of classes derived from it.
 *
 * Returns: (transfer full): a new query
 *
 * Since: 1.0
 */
BubusEventQuery *
bubus_event_query_new (GType event_type)
{
  return g_object_new (BUBUS_TYPE_EVENT_QUERY, "event-type", event_type, NULL);
}

/**
 * bubus_event_query_new_for_pattern:
 * @pattern: an event type, a glob such as `Order*` or `order.**`, or `*` for everything
 *
 * Makes a query for events by their type.
 *
 * Returns: (transfer full): a new query
 *
 * Since: 1.0
 */
BubusEventQuery *
bubus_event_query_new_for_pattern (const char *pattern)
{
  g_return_val_if_fail (pattern != NULL, NULL);

  return g_object_new (BUBUS_TYPE_EVENT_QUERY, "pattern", pattern, NULL);
}

/**
 * bubus_event_query_get_event_type: (get-property event-type)
 * @self: a query
 *
 * Gives the class of the events that are looked for.
 *
 * Returns: the class, or %G_TYPE_INVALID for any
 *
 * Since: 1.0
 */
GType
bubus_event_query_get_event_type (BubusEventQuery *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_QUERY (self), G_TYPE_INVALID);

  return self->event_type;
}

/**
 * bubus_event_query_get_pattern: (get-property pattern)
 * @self: a query
 *
 * Gives the type of the events that are looked for.
 *
 * Returns: (nullable): a type or a glob, or %NULL for any
 *
 * Since: 1.0
 */
const char *
bubus_event_query_get_pattern (BubusEventQuery *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_QUERY (self), NULL);

  return self->pattern;
}

/**
 * bubus_event_query_get_child_of: (get-property child-of)
 * @self: a query
 *
 * Gives the event whose children are looked for.
 *
 * Returns: (transfer none) (nullable): the event, or %NULL
 *
 * Since: 1.0
 */
BubusEvent *
bubus_event_query_get_child_of (BubusEventQuery *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_QUERY (self), NULL);

  return self->child_of;
}

/**
 * bubus_event_query_set_child_of: (set-property child-of)
 * @self: a query
 * @ancestor: (nullable): an event, or %NULL
 *
 * Looks for children of an event, and for their children, at any depth and on any bus. Not for the event itself.
 *
 * Since: 1.0
 */
void
bubus_event_query_set_child_of (BubusEventQuery *self,
                                BubusEvent      *ancestor)
{
  g_return_if_fail (BUBUS_IS_EVENT_QUERY (self));
  g_return_if_fail (ancestor == NULL || BUBUS_IS_EVENT (ancestor));

  if (g_set_object (&self->child_of, ancestor))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CHILD_OF]);
}

/**
 * bubus_event_query_get_past: (get-property past)
 * @self: a query
 *
 * Says how old events may be. See [property@EventQuery:past].
 *
 * Returns: seconds
 *
 * Since: 1.0
 */
double
bubus_event_query_get_past (BubusEventQuery *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_QUERY (self), -1);

  return self->past;
}

/**
 * bubus_event_query_set_past: (set-property past)
 * @self: a query
 * @seconds: how old events may be; negative: without limit; 0: none of the past
 *
 * Sets how old events may be.
 *
 * Since: 1.0
 */
void
bubus_event_query_set_past (BubusEventQuery *self,
                            double           seconds)
{
  g_return_if_fail (BUBUS_IS_EVENT_QUERY (self));

  if (self->past == seconds)
    return;

  self->past = seconds;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PAST]);
}

/**
 * bubus_event_query_get_future: (get-property future)
 * @self: a query
 *
 * Says how long is waited for events. See [property@EventQuery:future].
 *
 * Returns: seconds
 *
 * Since: 1.0
 */
double
bubus_event_query_get_future (BubusEventQuery *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_QUERY (self), 0);

  return self->future;
}

/**
 * bubus_event_query_set_future: (set-property future)
 * @self: a query
 * @seconds: how long to wait; negative: without limit; 0: not at all
 *
 * Sets how long is waited for events that are still to come.
 *
 * Since: 1.0
 */
void
bubus_event_query_set_future (BubusEventQuery *self,
                              double           seconds)
{
  g_return_if_fail (BUBUS_IS_EVENT_QUERY (self));

  if (self->future == seconds)
    return;

  self->future = seconds;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FUTURE]);
}

/**
 * bubus_event_query_get_limit: (get-property limit)
 * @self: a query
 *
 * Says how many events are looked for.
 *
 * Returns: how many; negative: without limit
 *
 * Since: 1.0
 */
int
bubus_event_query_get_limit (BubusEventQuery *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_QUERY (self), -1);

  return self->limit;
}

/**
 * bubus_event_query_set_limit: (set-property limit)
 * @self: a query
 * @n_events: how many; negative: without limit
 *
 * Sets how many events are looked for.
 *
 * Since: 1.0
 */
void
bubus_event_query_set_limit (BubusEventQuery *self,
                             int              n_events)
{
  g_return_if_fail (BUBUS_IS_EVENT_QUERY (self));

  if (self->limit == n_events)
    return;

  self->limit = n_events;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LIMIT]);
}

static BubusFieldMatch *
bubus_event_query_find_field (BubusEventQuery *self,
                              const char      *name)
{
  for (guint i = 0; i < self->fields->len; i++)
    {
      BubusFieldMatch *field = &g_array_index (self->fields, BubusFieldMatch, i);

      if (g_str_equal (field->name, name))
        return field;
    }
  return NULL;
}

/**
 * bubus_event_query_set_field:
 * @self: a query
 * @name: the name of a property, or of a member of a [class@GenericEvent]
 * @value: what the field must be equal to
 *
 * Looks for events a field of which is equal to a value.
 *
 * A number is equal to the same number of another type; otherwise the types must be the same. A property of the event
 * itself, such as `event-status`, is a field too. An event without the field does not match.
 *
 * Since: 1.0
 */
void
bubus_event_query_set_field (BubusEventQuery *self,
                             const char      *name,
                             const GValue    *value)
{
  BubusFieldMatch *field;

  g_return_if_fail (BUBUS_IS_EVENT_QUERY (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (G_IS_VALUE (value));

  if (self->fields == NULL)
    {
      self->fields = g_array_new (FALSE, TRUE, sizeof (BubusFieldMatch));
      g_array_set_clear_func (self->fields, (GDestroyNotify) _bubus_field_match_clear);
    }
  field = bubus_event_query_find_field (self, name);
  if (field == NULL)
    {
      g_array_set_size (self->fields, self->fields->len + 1);
      field = &g_array_index (self->fields, BubusFieldMatch, self->fields->len - 1);
      field->name = g_strdup (name);
    }
  else
    g_value_unset (&field->value);
  g_value_init (&field->value, G_VALUE_TYPE (value));
  g_value_copy (value, &field->value);
}

/**
 * bubus_event_query_set_include:
 * @self: a query
 * @include: (scope notified) (closure user_data) (destroy notify) (nullable): says of an event whether it matches, or
 *   %NULL
 * @user_data: passed to @include
 * @notify: called when @user_data is not needed any more
 *
 * Looks for events of which a function says so.
 *
 * The function is called last, for events that match otherwise, in the main context of the bus and outside of every
 * handler. When it fails, that is logged, and the event does not match.
 *
 * Since: 1.0
 */
void
bubus_event_query_set_include (BubusEventQuery     *self,
                               BubusEventPredicate  include,
                               gpointer             user_data,
                               GDestroyNotify       notify)
{
  g_return_if_fail (BUBUS_IS_EVENT_QUERY (self));

  bubus_predicate_set (&self->include, include, user_data, notify);
}

/**
 * bubus_event_query_set_exclude:
 * @self: a query
 * @exclude: (scope notified) (closure user_data) (destroy notify) (nullable): says of an event whether it does not
 *   match, or %NULL
 * @user_data: passed to @exclude
 * @notify: called when @user_data is not needed any more
 *
 * Keeps out events of which a function says so, also when they would be included. It is called as that of
 * [method@EventQuery.set_include] is, and after it.
 *
 * Since: 1.0
 */
void
bubus_event_query_set_exclude (BubusEventQuery     *self,
                               BubusEventPredicate  exclude,
                               gpointer             user_data,
                               GDestroyNotify       notify)
{
  g_return_if_fail (BUBUS_IS_EVENT_QUERY (self));

  bubus_predicate_set (&self->exclude, exclude, user_data, notify);
}
