/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/* A file of SQLite with what has happened on buses: “events_log” and “event_results_log” have a row for each change. Used
 * by one thread at a time; several processes may write into one file. */
typedef struct
{
  char    *name;    /* for messages */
  sqlite3 *handle;
} HistoryDatabase;

HistoryDatabase *history_database_open_to_read  (const char       *path,
                                                 guint             busy_timeout,
                                                 GError          **error) G_GNUC_WARN_UNUSED_RESULT;
HistoryDatabase *history_database_open_to_write (const char       *path,
                                                 guint             busy_timeout,
                                                 GError          **error) G_GNUC_WARN_UNUSED_RESULT;
void             history_database_close         (HistoryDatabase  *self);
gboolean         history_database_run           (HistoryDatabase  *self,
                                                 const char       *sql,
                                                 GError          **error);
sqlite3_stmt    *history_database_prepare       (HistoryDatabase  *self,
                                                 const char       *sql,
                                                 GError          **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean         history_database_fail          (HistoryDatabase  *self,
                                                 const char       *what,
                                                 GError          **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HistoryDatabase, history_database_close)

G_END_DECLS
