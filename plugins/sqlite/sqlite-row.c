/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sqlite-row.h"

#include <string.h>

const char *const sqlite_row_statements[SQLITE_N_TABLES] = {
  [SQLITE_TABLE_EVENTS] =
    "INSERT INTO events_log (event_id, event_type, event_status, eventbus_id, eventbus_name, phase, event_json,"
    " inserted_at, event_parent_id, event_created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  [SQLITE_TABLE_RESULTS] =
    "INSERT INTO event_results_log (event_result_id, event_id, handler_id, handler_name, eventbus_id, eventbus_name,"
    " event_type, status, phase, result_repr, error_repr, event_result_json, inserted_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
};

static const char *
sqlite_row_name_event_status (BubusEventStatus status)
{
  static const char *const names[] = { "pending", "started", "completed" };

  return names[status];
}

static const char *
sqlite_row_name_result_status (BubusResultStatus status)
{
  static const char *const names[] = { "pending", "started", "completed", "error" };

  return names[status];
}

/* Takes @value over. */
static void
sqlite_row_take (SqliteRow *self,
                 char      *value)
{
  if (value != NULL)
    self->size += strlen (value) + 1;
  self->values[self->n_values++] = value;
}

static void
sqlite_row_add (SqliteRow  *self,
                const char *value)
{
  sqlite_row_take (self, g_strdup (value));
}

static SqliteRow *
sqlite_row_new (SqliteTable table)
{
  SqliteRow *self = g_new0 (SqliteRow, 1);

  self->table = table;
  self->size = sizeof (SqliteRow);
  return self;
}

SqliteRow *
sqlite_row_new_event (BubusEventBus    *bus,
                      BubusEvent       *event,
                      BubusEventStatus  status,
                      gint64            time_ns)
{
  SqliteRow *self = sqlite_row_new (SQLITE_TABLE_EVENTS);

  sqlite_row_add (self, bubus_event_get_event_id (event));
  sqlite_row_add (self, bubus_event_get_event_type (event));
  sqlite_row_add (self, sqlite_row_name_event_status (bubus_event_get_event_status (event)));
  sqlite_row_add (self, bubus_event_bus_get_id (bus));
  sqlite_row_add (self, bubus_event_bus_get_name (bus));
  sqlite_row_add (self, sqlite_row_name_event_status (status));
  sqlite_row_take (self, bubus_event_to_json (event));
  sqlite_row_take (self, bubus_time_to_iso8601 (time_ns));
  sqlite_row_add (self, bubus_event_get_event_parent_id (event));
  sqlite_row_take (self, bubus_time_to_iso8601 (bubus_event_get_event_created_at (event)));
  return self;
}

/* Returns: (transfer full) (nullable): what the handler has returned, as JSON */
static char *
sqlite_row_describe_value (BubusEventResult *result)
{
  const GValue *value = bubus_event_result_get_value (result);
  g_autoptr (BubusJson) json = value != NULL ? bubus_json_new_from_value (value) : NULL;

  return json != NULL ? g_strdup (bubus_json_get_text (json)) : NULL;
}

static char *
sqlite_row_describe_error (BubusEventResult *result)
{
  const GError *error = bubus_event_result_get_error (result);

  if (error == NULL)
    return NULL;
  return g_strdup_printf ("%s %d: %s", g_quark_to_string (error->domain), error->code, error->message);
}

SqliteRow *
sqlite_row_new_result (BubusEventBus     *bus,
                       BubusEvent        *event,
                       BubusEventResult  *result,
                       BubusResultStatus  status,
                       gint64             time_ns)
{
  SqliteRow *self = sqlite_row_new (SQLITE_TABLE_RESULTS);

  sqlite_row_take (self, bubus_event_result_dup_id (result));
  sqlite_row_add (self, bubus_event_get_event_id (event));
  sqlite_row_take (self, bubus_event_result_dup_handler_id (result));
  sqlite_row_add (self, bubus_event_result_get_handler_name (result));
  sqlite_row_add (self, bubus_event_bus_get_id (bus));
  sqlite_row_add (self, bubus_event_bus_get_name (bus));
  sqlite_row_add (self, bubus_event_get_event_type (event));
  sqlite_row_add (self, sqlite_row_name_result_status (bubus_event_result_get_status (result)));
  /* A handler that has failed is done, too. */
  sqlite_row_add (self, sqlite_row_name_result_status (MIN (status, BUBUS_RESULT_STATUS_COMPLETED)));
  sqlite_row_take (self, sqlite_row_describe_value (result));
  sqlite_row_take (self, sqlite_row_describe_error (result));
  sqlite_row_take (self, bubus_event_result_to_json (result));
  sqlite_row_take (self, bubus_time_to_iso8601 (time_ns));
  return self;
}

void
sqlite_row_free (gpointer data)
{
  SqliteRow *self = data;

  for (guint i = 0; i < self->n_values; i++)
    g_free (self->values[i]);
  g_free (self);
}
