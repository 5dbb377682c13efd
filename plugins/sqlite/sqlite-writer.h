/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "sqlite-row.h"

G_BEGIN_DECLS

/* Rows wait in a queue for a thread that writes as many in one transaction as have come together. So a bus never waits
 * for the disk, or for another process. The queue is limited: rows for which there is no room are lost, as are those
 * that could not be written several times. That is counted and told, in the main context. */
typedef struct _SqliteWriter SqliteWriter;

typedef struct
{
  const char *path;
  guint       busy_timeout;   /* milliseconds */
  guint       retry_limit;
  gboolean    full;           /* each transaction is on the disk before the next one begins */
  gsize       max_backlog;    /* bytes */
} SqliteWriterOptions;

SqliteWriter *sqlite_writer_new    (const SqliteWriterOptions  *options,
                                    GMainContext               *main_context,
                                    GError                    **error) G_GNUC_WARN_UNUSED_RESULT;
void          sqlite_writer_append (SqliteWriter               *self,
                                    SqliteRow                  *row);
void          sqlite_writer_close  (SqliteWriter               *self);

G_END_DECLS
