/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-results-private.h"

#include "base/bubus-error.h"
#include "bubus-event-internal.h"

static gboolean
bubus_results_check_complete (BubusResults  *self,
                              GError       **error)
{
  if (_bubus_event_is_completed (self->event))
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_WOULD_BLOCK,
               "“%s” is not complete yet: its results must be waited for", bubus_event_get_event_type (self->event));
  return FALSE;
}

/* An event as a value is what forwarding leaves behind in other runtimes (B-5.14). */
static gboolean
bubus_event_result_has_value (BubusEventResult *result)
{
  const GValue *value = bubus_event_result_get_value (result);

  return value != NULL && !(G_VALUE_HOLDS_OBJECT (value) && BUBUS_IS_EVENT (g_value_get_object (value)));
}

static gboolean
bubus_results_any_has_value (const GPtrArray *results)
{
  for (guint i = 0; i < results->len; i++)
    if (bubus_event_result_has_value (results->pdata[i]))
      return TRUE;
  return FALSE;
}

static gboolean
bubus_error_is_giving_up (const GError *error)
{
  return g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_ABORTED)
         || g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_CANCELLED);
}

/* Over all handlers, whether or not they are included (B-5.16). */
static gboolean
bubus_results_check_errors (BubusResults     *self,
                            const GPtrArray  *results,
                            GError          **error)
{
  gboolean won = bubus_results_any_has_value (results);
  const GError *first = NULL;
  guint n_more = 0;

  if (!self->raise_if_any)
    return TRUE;

  for (guint i = 0; i < results->len; i++)
    {
      const GError *failure = bubus_event_result_get_error (results->pdata[i]);

      if (failure == NULL || (won && bubus_error_is_giving_up (failure)))
        continue;
      if (first == NULL)
        first = failure;
      else
        n_more++;
    }
  if (first == NULL)
    return TRUE;

  if (n_more == 0)
    g_propagate_error (error, g_error_copy (first));
  else
    g_set_error (error, first->domain, first->code, "%s (and %u more %s failed)", first->message, n_more,
                 n_more == 1 ? "handler has" : "handlers have");
  return FALSE;
}

/* FALSE when the filter has failed. Without a filter, what has a value is included. */
static gboolean
bubus_results_ask (BubusResults      *self,
                   BubusEventResult  *result,
                   gboolean           any_will_do,
                   gboolean          *included,
                   GError           **error)
{
  GError *failure = NULL;

  *included = _bubus_event_result_is_final (result)
              && ((any_will_do && self->include != NULL) || bubus_event_result_has_value (result));
  if (!*included || self->include == NULL)
    return TRUE;

  *included = self->include (result, self->include_data, &failure) && failure == NULL;
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, failure);
  return FALSE;
}

static GPtrArray *
bubus_results_pick (BubusResults     *self,
                    const GPtrArray  *results,
                    gboolean          any_will_do,
                    GError          **error)
{
  g_autoptr (GPtrArray) picked = g_ptr_array_new ();

  for (guint i = 0; i < results->len; i++)
    {
      gboolean included;

      if (!bubus_results_ask (self, results->pdata[i], any_will_do, &included, error))
        return NULL;
      if (included)
        g_ptr_array_add (picked, results->pdata[i]);
    }
  return g_steal_pointer (&picked);
}

static GPtrArray *
bubus_results_gather (BubusResults  *self,
                      gboolean       any_will_do,
                      GError       **error)
{
  g_autoptr (GPtrArray) results = NULL;

  if (!bubus_results_check_complete (self, error))
    return NULL;

  results = bubus_event_list_results (self->event);
  if (!bubus_results_check_errors (self, results, error))
    return NULL;
  return bubus_results_pick (self, results, any_will_do, error);
}

/* The included results that have a value; NULL when an error is raised. */
GPtrArray *
_bubus_results_gather_values (BubusResults  *self,
                              GError       **error)
{
  return bubus_results_gather (self, FALSE, error);
}

/* @required is whether finding nothing is an error as long as nobody has said so. */
gboolean
_bubus_results_check_found (BubusResults  *self,
                            gboolean       found,
                            gboolean       required,
                            const char    *what,
                            GError       **error)
{
  if (found || !(self->raise_if_none_set ? self->raise_if_none : required))
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_NO_RESULT,
               "No handler of “%s” returned %s", bubus_event_get_event_type (self->event), what);
  return FALSE;
}

static GPtrArray *
bubus_results_gather_some (BubusResults  *self,
                           gboolean       any_will_do,
                           GError       **error)
{
  g_autoptr (GPtrArray) results = bubus_results_gather (self, any_will_do, error);

  if (results == NULL || !_bubus_results_check_found (self, results->len > 0, TRUE, "a value that is wanted", error))
    return NULL;
  return g_steal_pointer (&results);
}

/**
 * bubus_results_get_first:
 * @self: results
 * @error: (nullable): where to put what is raised
 *
 * Gives the first value in the order of the handlers.
 *
 * Returns: (transfer none) (nullable): the value, which belongs to the event; or %NULL when there is none, also without
 *   an error when [property@Results:raise-if-none] is %FALSE
 *
 * Since: 1.0
 */
const GValue *
bubus_results_get_first (BubusResults  *self,
                         GError       **error)
{
  g_autoptr (GPtrArray) results = NULL;

  g_return_val_if_fail (BUBUS_IS_RESULTS (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  results = bubus_results_gather_some (self, FALSE, error);
  return results != NULL && results->len > 0 ? bubus_event_result_get_value (results->pdata[0]) : NULL;
}

/**
 * bubus_results_list:
 * @self: results
 * @error: (nullable): where to put what is raised
 *
 * Lists the values in the order of the handlers.
 *
 * Returns: (transfer container) (element-type GValue): the values, which belong to the event; %NULL when there are
 *   none, or with an error
 *
 * Since: 1.0
 */
GList *
bubus_results_list (BubusResults  *self,
                    GError       **error)
{
  g_autoptr (GPtrArray) results = NULL;
  GList *values = NULL;

  g_return_val_if_fail (BUBUS_IS_RESULTS (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  results = bubus_results_gather_some (self, FALSE, error);
  for (guint i = results != NULL ? results->len : 0; i > 0; i--)
    values = g_list_prepend (values, (gpointer) bubus_event_result_get_value (results->pdata[i - 1]));
  return values;
}

/**
 * bubus_results_filter:
 * @self: results
 * @error: (nullable): where to put what is raised
 *
 * Lists the results themselves, in the order of the handlers.
 *
 * The function that was set with [method@Results.set_include] is asked about every handler here, also those that have
 * failed and those that returned nothing.
 *
 * Returns: (transfer container) (element-type BubusEventResult) (nullable): the results, which belong to the event; or
 *   %NULL with an error
 *
 * Since: 1.0
 */
GPtrArray *
bubus_results_filter (BubusResults  *self,
                      GError       **error)
{
  g_return_val_if_fail (BUBUS_IS_RESULTS (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return bubus_results_gather_some (self, TRUE, error);
}

/**
 * bubus_results_by_handler_id:
 * @self: results
 * @error: (nullable): where to put what is raised
 *
 * Gives the values by the ids of their handlers.
 *
 * Returns: (transfer container) (element-type utf8 GValue) (nullable): a table of values that belong to the event; or
 *   %NULL with an error
 *
 * Since: 1.0
 */
GHashTable *
bubus_results_by_handler_id (BubusResults  *self,
                             GError       **error)
{
  g_autoptr (GPtrArray) results = NULL;
  GHashTable *table;

  g_return_val_if_fail (BUBUS_IS_RESULTS (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  results = bubus_results_gather_some (self, FALSE, error);
  if (results == NULL)
    return NULL;

  table = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < results->len; i++)
    {
      BubusEventResult *result = results->pdata[i];

      g_hash_table_replace (table, (gpointer) _bubus_handler_info_get_id_text (result->handler),
                            (gpointer) bubus_event_result_get_value (result));
    }
  return table;
}

/* That no result before has a handler of the same name. */
static gboolean
bubus_results_check_name (const GPtrArray  *results,
                          guint             index,
                          GError          **error)
{
  const BubusEventResult *result = results->pdata[index];

  for (guint i = 0; i < index; i++)
    {
      const BubusEventResult *before = results->pdata[i];

      if (!g_str_equal (before->handler->name, result->handler->name))
        continue;
      g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_CONFLICT, "Two handlers are called “%s”: one on %s and one on %s",
                   result->handler->name, _bubus_result_get_visit (before)->bus_info->label,
                   _bubus_result_get_visit (result)->bus_info->label);
      return FALSE;
    }
  return TRUE;
}

/**
 * bubus_results_by_handler_name:
 * @self: results
 * @error: (nullable): where to put what is raised
 *
 * Gives the values by the names of their handlers.
 *
 * That two handlers have the same name is a conflict; see [property@Results:raise-if-conflicts].
 *
 * Returns: (transfer container) (element-type utf8 GValue) (nullable): a table of values that belong to the event; or
 *   %NULL with an error
 *
 * Since: 1.0
 */
GHashTable *
bubus_results_by_handler_name (BubusResults  *self,
                               GError       **error)
{
  g_autoptr (GPtrArray) results = NULL;
  g_autoptr (GHashTable) table = NULL;

  g_return_val_if_fail (BUBUS_IS_RESULTS (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  results = bubus_results_gather_some (self, FALSE, error);
  if (results == NULL)
    return NULL;

  table = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < results->len; i++)
    {
      BubusEventResult *result = results->pdata[i];

      if (self->raise_if_conflicts && !bubus_results_check_name (results, i, error))
        return NULL;
      g_hash_table_replace (table, (gpointer) result->handler->name, (gpointer) bubus_event_result_get_value (result));
    }
  return g_steal_pointer (&table);
}
