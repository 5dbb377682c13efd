/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-query-sql.h"

#include <bubus.h>

/* A statement is put together of texts that stand in this file. What the user has written is bound to it and never
 * becomes a part of it. A condition that is not wanted is left out, so that an index can serve the others. */
typedef struct
{
  GString   *sql;
  GPtrArray *values;  /* of text, in the order of the parameters */
} BubusQuery;

/* @condition is a text of this file with one parameter. Takes @value over; when it is NULL, it does not matter. */
static void
bubus_query_add (BubusQuery *self,
                 const char *condition,
                 char       *value)
{
  if (value == NULL)
    return;
  g_string_append (self->sql, condition);
  g_ptr_array_add (self->values, value);
}

/* In patterns of the bus a bracket means itself. */
static char *
bubus_query_dup_pattern (const char *pattern)
{
  g_autoptr (GString) text = NULL;

  if (pattern == NULL)
    return NULL;
  text = g_string_new (pattern);
  g_string_replace (text, "[", "[[]", 0);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
bubus_query_dup_id (const char *id)
{
  return id != NULL ? g_ascii_strdown (id, -1) : NULL;
}

/* Times are stored as texts of one length, which have their order. */
static char *
bubus_query_dup_time (gint64 time_ns)
{
  return time_ns != 0 ? bubus_time_to_iso8601 (time_ns) : NULL;
}

/* Each event as it is known last. */
static void
bubus_query_add_events (BubusQuery             *self,
                        const BubusQueryFilter *filter)
{
  g_string_append (self->sql,
                   "WITH wanted AS (SELECT e.id, e.event_id, e.event_json FROM events_log AS e WHERE NOT EXISTS"
                   " (SELECT 1 FROM events_log AS f WHERE f.event_id = e.event_id AND f.id > e.id)");
  bubus_query_add (self, " AND e.event_type GLOB ?", bubus_query_dup_pattern (filter->type));
  bubus_query_add (self, " AND e.event_id = ?", bubus_query_dup_id (filter->id));
  bubus_query_add (self, " AND e.event_parent_id = ?", bubus_query_dup_id (filter->parent));
  bubus_query_add (self, " AND e.event_status = ?", g_strdup (filter->status));
  bubus_query_add (self, " AND e.event_created_at >= ?", bubus_query_dup_time (filter->since));
  bubus_query_add (self, " AND e.event_created_at < ?", bubus_query_dup_time (filter->until));
  if (filter->failed)
    g_string_append (self->sql,
                     " AND EXISTS (SELECT 1 FROM event_results_log AS r WHERE r.event_id = e.event_id"
                     " AND r.status = 'error')");
  if (filter->limit >= 0)
    bubus_query_add (self, " ORDER BY e.id DESC LIMIT CAST (? AS INTEGER)", g_strdup_printf ("%d", filter->limit));
  g_string_append (self->sql, ") ");
}

static sqlite3_stmt *
bubus_query_bind (BubusQuery       *self,
                  HistoryDatabase  *database,
                  GError          **error)
{
  sqlite3_stmt *statement = history_database_prepare (database, self->sql->str, error);

  for (guint i = 0; statement != NULL && i < self->values->len; i++)
    sqlite3_bind_text (statement, i + 1, self->values->pdata[i], -1, SQLITE_TRANSIENT);
  return statement;
}

/* Its rows are texts of JSON, or with @results what #BubusQueryColumn says, the oldest first. */
sqlite3_stmt *
bubus_query_prepare (HistoryDatabase         *database,
                     const BubusQueryFilter  *filter,
                     gboolean                 results,
                     GError                 **error)
{
  BubusQuery self = { g_string_new (NULL), g_ptr_array_new_with_free_func (g_free) };
  sqlite3_stmt *statement;

  bubus_query_add_events (&self, filter);
  if (results)
    g_string_append (self.sql,
                     "SELECT r.event_result_json, r.inserted_at, r.event_type, r.event_id, r.handler_name, r.status,"
                     " r.result_repr, r.error_repr FROM wanted JOIN event_results_log AS r"
                     " ON r.event_id = wanted.event_id WHERE NOT EXISTS (SELECT 1 FROM event_results_log AS s"
                     " WHERE s.event_id = r.event_id AND s.event_result_id = r.event_result_id AND s.id > r.id)"
                     " ORDER BY wanted.id, r.id");
  else
    g_string_append (self.sql, "SELECT event_json FROM wanted ORDER BY id");
  statement = bubus_query_bind (&self, database, error);
  g_string_free (self.sql, TRUE);
  g_ptr_array_unref (self.values);
  return statement;
}
