/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus-host.h>

G_BEGIN_DECLS

/* What is to be written of a change, in the order of the columns after the id. */
typedef enum
{
  SQLITE_TABLE_EVENTS,
  SQLITE_TABLE_RESULTS,
} SqliteTable;

#define SQLITE_N_TABLES   (SQLITE_TABLE_RESULTS + 1)
#define SQLITE_MAX_VALUES 13

typedef struct
{
  SqliteTable  table;
  guint        n_values;
  gsize        size;                       /* in bytes, about */
  char        *values[SQLITE_MAX_VALUES];  /* nullable each */
} SqliteRow;

extern const char *const sqlite_row_statements[SQLITE_N_TABLES];

SqliteRow *sqlite_row_new_event  (BubusEventBus     *bus,
                                  BubusEvent        *event,
                                  BubusEventStatus   status,
                                  gint64             time_ns) G_GNUC_WARN_UNUSED_RESULT;
SqliteRow *sqlite_row_new_result (BubusEventBus     *bus,
                                  BubusEvent        *event,
                                  BubusEventResult  *result,
                                  BubusResultStatus  status,
                                  gint64             time_ns) G_GNUC_WARN_UNUSED_RESULT;
void       sqlite_row_free       (gpointer           data);

G_END_DECLS
