/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-filter-private.h"

void
_bubus_journal_filter_clear (BubusJournalFilter *self)
{
  g_clear_pointer (&self->type_pattern, g_free);
  g_clear_pointer (&self->glob, g_pattern_spec_free);
  g_clear_pointer (&self->event_id, g_free);
  g_clear_pointer (&self->parent_id, g_free);
  g_clear_pointer (&self->status, g_free);
}

void
_bubus_journal_filter_set_pattern (BubusJournalFilter *self,
                                   const char         *pattern)
{
  g_clear_pointer (&self->glob, g_pattern_spec_free);
  g_free (self->type_pattern);
  self->type_pattern = g_strdup (pattern);
  if (pattern != NULL)
    self->glob = g_pattern_spec_new (pattern);
}

static gboolean
bubus_journal_filter_matches_time (BubusJournalFilter *self,
                                   BubusEvent         *event)
{
  gint64 time = bubus_event_get_event_created_at (event);

  return time >= self->since && (self->until == 0 || time < self->until);
}

static gboolean
bubus_journal_filter_matches_id (const char *wanted,
                                 const char *id)
{
  return wanted == NULL || (id != NULL && g_ascii_strcasecmp (wanted, id) == 0);
}

static gboolean
bubus_journal_filter_matches_status (BubusJournalFilter *self,
                                     BubusEvent         *event)
{
  g_autoptr (GEnumClass) klass = NULL;

  if (self->status == NULL)
    return TRUE;
  klass = g_type_class_ref (BUBUS_TYPE_EVENT_STATUS);
  return g_str_equal (g_enum_get_value (klass, bubus_event_get_event_status (event))->value_nick, self->status);
}

gboolean
_bubus_journal_filter_matches (BubusJournalFilter *self,
                               BubusEvent         *event)
{
  return (self->glob == NULL || g_pattern_spec_match_string (self->glob, bubus_event_get_event_type (event)))
         && bubus_journal_filter_matches_time (self, event)
         && bubus_journal_filter_matches_id (self->event_id, bubus_event_get_event_id (event))
         && bubus_journal_filter_matches_id (self->parent_id, bubus_event_get_event_parent_id (event))
         && bubus_journal_filter_matches_status (self, event);
}
