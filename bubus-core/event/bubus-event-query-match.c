/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-query-private.h"

#include <string.h>

#include "bubus-event-internal.h"
#include "bubus-pattern-internal.h"

static gboolean
bubus_event_query_test_type (BubusEventQuery *self,
                             BubusEvent      *event)
{
  const char *name = bubus_event_get_event_type (event);

  if (self->event_type != G_TYPE_INVALID && !g_type_is_a (G_OBJECT_TYPE (event), self->event_type))
    return FALSE;
  return self->pattern == NULL || _bubus_pattern_matches (self->pattern, name);
}

/* At any depth, and never of itself (B-6.11). A parent that was read from JSON may be known by its id only; what was
 * above it is not known then. */
static gboolean
bubus_event_descends_from (BubusEvent *event,
                           BubusEvent *ancestor)
{
  const BubusUuid *wanted = &_bubus_event_get_private (ancestor)->id;

  for (; event != NULL; event = _bubus_event_get_parent (event))
    {
      BubusUuid parent;

      _bubus_event_get_parent_uuid (event, &parent);
      if (memcmp (&parent, wanted, sizeof (BubusUuid)) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
bubus_event_query_test_fields (BubusEventQuery *self,
                               BubusEvent      *event)
{
  for (guint i = 0; self->fields != NULL && i < self->fields->len; i++)
    if (!_bubus_field_match_test (&g_array_index (self->fields, BubusFieldMatch, i), event))
      return FALSE;
  return TRUE;
}

/* One that fails says neither yes nor no, and so keeps the event out. */
static gboolean
bubus_predicate_says (const BubusPredicate *self,
                      gboolean              wanted,
                      BubusEvent           *event)
{
  g_autoptr (GError) error = NULL;
  gboolean answer;

  if (self->func == NULL)
    return TRUE;

  answer = self->func (event, self->data, &error);
  if (error == NULL)
    return !!answer == wanted;

  g_message ("A query could not say whether it looks for “%s”: %s", bubus_event_get_event_type (event),
             error->message);
  return FALSE;
}

/**
 * bubus_event_query_matches:
 * @self: a query
 * @event: an event
 *
 * Says whether an event is one that is looked for. The windows of time and the limit do not matter.
 *
 * Returns: whether @event matches
 *
 * Since: 1.0
 */
gboolean
bubus_event_query_matches (BubusEventQuery *self,
                           BubusEvent      *event)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_QUERY (self), FALSE);
  g_return_val_if_fail (BUBUS_IS_EVENT (event), FALSE);

  return bubus_event_query_test_type (self, event)
         && (self->child_of == NULL || bubus_event_descends_from (event, self->child_of))
         && bubus_event_query_test_fields (self, event)
         && bubus_predicate_says (&self->include, TRUE, event)
         && bubus_predicate_says (&self->exclude, FALSE, event);
}
