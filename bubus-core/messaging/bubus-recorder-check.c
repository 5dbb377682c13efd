/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-recorder-private.h"

#include "base/bubus-error.h"

static void
bubus_recorder_append_seen (BubusRecorder *self,
                            GString       *text)
{
  if (self->events->len == 0)
    g_string_append (text, "nothing");
  for (guint i = 0; i < self->events->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", bubus_event_get_event_type (self->events->pdata[i]));
}

static char *
bubus_recorder_describe_seen (BubusRecorder *self)
{
  GString *text = g_string_new (NULL);

  bubus_recorder_append_seen (self, text);
  return g_string_free (text, FALSE);
}

/**
 * bubus_recorder_check_count:
 * @self: a recorder
 * @pattern: (nullable): an event type, a glob, or %NULL for everything
 * @expected: how many events there should be
 * @error: (nullable): where to put what was seen instead
 *
 * Checks how many events were dispatched.
 *
 * Returns: whether there were as many
 *
 * Since: 1.0
 */
gboolean
bubus_recorder_check_count (BubusRecorder  *self,
                            const char     *pattern,
                            guint           expected,
                            GError        **error)
{
  g_autofree char *seen = NULL;
  guint n_events;

  g_return_val_if_fail (BUBUS_IS_RECORDER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  n_events = bubus_recorder_count (self, pattern);
  if (n_events == expected)
    return TRUE;

  seen = bubus_recorder_describe_seen (self);
  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_FAILED, "Expected %u × %s, but there were %u; seen: %s", expected,
               pattern != NULL ? pattern : "*", n_events, seen);
  return FALSE;
}

static gboolean
bubus_recorder_matches_sequence (BubusRecorder     *self,
                                 const char *const *event_types)
{
  guint n = 0;

  for (; event_types[n] != NULL && n < self->events->len; n++)
    if (!g_str_equal (event_types[n], bubus_event_get_event_type (self->events->pdata[n])))
      return FALSE;
  return event_types[n] == NULL && n == self->events->len;
}

/**
 * bubus_recorder_check_sequence:
 * @self: a recorder
 * @event_types: (array zero-terminated=1): event types
 * @error: (nullable): where to put what was seen instead
 *
 * Checks that exactly these events were dispatched, in this order.
 *
 * Returns: whether it was so
 *
 * Since: 1.0
 */
gboolean
bubus_recorder_check_sequence (BubusRecorder      *self,
                               const char *const  *event_types,
                               GError            **error)
{
  g_autofree char *expected = NULL, *seen = NULL;

  g_return_val_if_fail (BUBUS_IS_RECORDER (self), FALSE);
  g_return_val_if_fail (event_types != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (bubus_recorder_matches_sequence (self, event_types))
    return TRUE;

  expected = g_strjoinv (", ", (char **) event_types);
  seen = bubus_recorder_describe_seen (self);
  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_FAILED, "Expected %s; seen: %s",
               *expected != '\0' ? expected : "nothing", seen);
  return FALSE;
}

/**
 * bubus_recorder_check_no_errors:
 * @self: a recorder
 * @error: (nullable): where to put the first failure
 *
 * Checks that no handler of a recorded event has failed.
 *
 * Returns: whether it was so
 *
 * Since: 1.0
 */
gboolean
bubus_recorder_check_no_errors (BubusRecorder  *self,
                                GError        **error)
{
  g_return_val_if_fail (BUBUS_IS_RECORDER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  for (guint i = 0; i < self->events->len; i++)
    {
      g_autoptr (GPtrArray) results = bubus_event_list_results (self->events->pdata[i]);

      for (guint j = 0; j < results->len; j++)
        {
          const GError *reason = bubus_event_result_get_error (results->pdata[j]);

          if (reason == NULL)
            continue;
          g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_FAILED, "%s of “%s” failed: %s",
                       bubus_event_result_get_handler_name (results->pdata[j]),
                       bubus_event_get_event_type (self->events->pdata[i]), reason->message);
          return FALSE;
        }
    }
  return TRUE;
}
