/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "history-database.h"

#include <errno.h>
#include <stdlib.h>

#include "history-path.h"

#define APPLICATION_ID 0x42754275               /* “BuBu”, in the head of the file: it is one of ours */
#define MAX_LENGTH     (64 * 1024 * 1024)       /* of what is read, in bytes */

/* What makes of a file of one version a file of the next. */
static const char *const steps[] = {
  "CREATE TABLE events_log ("
  " id INTEGER PRIMARY KEY, event_id TEXT NOT NULL, event_type TEXT NOT NULL, event_status TEXT NOT NULL,"
  " eventbus_id TEXT NOT NULL, eventbus_name TEXT NOT NULL, phase TEXT NOT NULL, event_json TEXT NOT NULL,"
  " inserted_at TEXT NOT NULL, event_parent_id TEXT, event_created_at TEXT NOT NULL);"
  "CREATE INDEX events_log_by_event ON events_log (event_id);"
  "CREATE INDEX events_log_by_parent ON events_log (event_parent_id) WHERE event_parent_id IS NOT NULL;"
  "CREATE INDEX events_log_by_time ON events_log (event_created_at);"
  "CREATE TABLE event_results_log ("
  " id INTEGER PRIMARY KEY, event_result_id TEXT NOT NULL, event_id TEXT NOT NULL, handler_id TEXT NOT NULL,"
  " handler_name TEXT NOT NULL, eventbus_id TEXT NOT NULL, eventbus_name TEXT NOT NULL, event_type TEXT NOT NULL,"
  " status TEXT NOT NULL, phase TEXT NOT NULL, result_repr TEXT, error_repr TEXT, event_result_json TEXT NOT NULL,"
  " inserted_at TEXT NOT NULL);"
  "CREATE INDEX event_results_log_by_event ON event_results_log (event_id);",
};

#define VERSION ((int) G_N_ELEMENTS (steps))

/* ---- errors ---- */

static GIOErrorEnum
history_database_translate (int code)
{
  switch (code & 0xff)
    {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return G_IO_ERROR_BUSY;
    case SQLITE_FULL:
      return G_IO_ERROR_NO_SPACE;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return G_IO_ERROR_INVALID_DATA;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return G_IO_ERROR_PERMISSION_DENIED;
    default:
      return G_IO_ERROR_FAILED;
    }
}

/* For the last call, which has failed. */
gboolean
history_database_fail (HistoryDatabase  *self,
                       const char       *what,
                       GError          **error)
{
  g_set_error (error, G_IO_ERROR, history_database_translate (sqlite3_errcode (self->handle)),
               "The history “%s” cannot be %s: %s", self->name, what, sqlite3_errmsg (self->handle));
  return FALSE;
}

static gboolean
history_database_refuse (HistoryDatabase  *self,
                         const char       *reason,
                         GError          **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "“%s” is not used: %s", self->name, reason);
  return FALSE;
}

/* ---- statements ---- */

/* @sql is never made of what others have written. */
gboolean
history_database_run (HistoryDatabase  *self,
                      const char       *sql,
                      GError          **error)
{
  return sqlite3_exec (self->handle, sql, NULL, NULL, NULL) == SQLITE_OK
         || history_database_fail (self, "used", error);
}

/* As history_database_run(). */
sqlite3_stmt *
history_database_prepare (HistoryDatabase  *self,
                          const char       *sql,
                          GError          **error)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v3 (self->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
    history_database_fail (self, "used", error);
  return statement;
}

static gboolean
history_database_get_number (HistoryDatabase  *self,
                             const char       *sql,
                             int              *number,
                             GError          **error)
{
  sqlite3_stmt *statement = history_database_prepare (self, sql, error);
  gboolean found;

  if (statement == NULL)
    return FALSE;
  found = sqlite3_step (statement) == SQLITE_ROW;
  if (found)
    *number = sqlite3_column_int (statement, 0);
  else
    history_database_fail (self, "read", error);
  sqlite3_finalize (statement);
  return found;
}

/* ---- whose file it is ---- */

/* Gives the version, which is 0 for a file that nobody has used yet. */
static gboolean
history_database_identify (HistoryDatabase  *self,
                           int              *version,
                           GError          **error)
{
  int application, n_objects;

  if (!history_database_get_number (self, "PRAGMA application_id", &application, error)
      || !history_database_get_number (self, "PRAGMA user_version", version, error)
      || !history_database_get_number (self, "SELECT count(*) FROM sqlite_master", &n_objects, error))
    return FALSE;

  if (application == 0 && *version == 0 && n_objects == 0)
    return TRUE;
  if (application != APPLICATION_ID || *version < 1)
    return history_database_refuse (self, "it is a database of another program", error);
  if (*version > VERSION)
    return history_database_refuse (self, "it was made by a newer version of this program", error);
  return TRUE;
}

static gboolean
history_database_climb (HistoryDatabase  *self,
                        int               version,
                        GError          **error)
{
  g_autofree char *end = g_strdup_printf ("PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
                                          APPLICATION_ID, VERSION);

  for (; version < VERSION; version++)
    if (!history_database_run (self, steps[version], error))
      return FALSE;
  return history_database_run (self, end, error);
}

/* Another process may do the same just now. */
static gboolean
history_database_migrate (HistoryDatabase  *self,
                          GError          **error)
{
  int version;

  if (!history_database_identify (self, &version, error))
    return FALSE;
  if (version == VERSION)
    return TRUE;

  if (!history_database_run (self, "BEGIN IMMEDIATE", error))
    return FALSE;
  if (history_database_identify (self, &version, error) && history_database_climb (self, version, error))
    return TRUE;
  sqlite3_exec (self->handle, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}

/* ---- opening ---- */

static HistoryDatabase *
history_database_open (const char  *path,
                       int          flags,
                       guint        busy_timeout,
                       GError     **error)
{
  HistoryDatabase *self = g_new0 (HistoryDatabase, 1);

  self->name = g_filename_display_name (path);
  if (sqlite3_open_v2 (path, &self->handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL) != SQLITE_OK)
    {
      history_database_fail (self, "opened", error);
      history_database_close (self);
      return NULL;
    }

  sqlite3_busy_timeout (self->handle, busy_timeout);
  sqlite3_db_config (self->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (self->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  return self;
}

/* A symbolic link is followed here, but not by SQLite, so that nobody can put another one in its place.
 *
 * Returns: (transfer full) (nullable): the path without any */
static char *
history_database_resolve (const char  *path,
                          GError     **error)
{
  g_autofree char *name = g_filename_display_name (path);
  char *real = realpath (path, NULL);

  if (real == NULL)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "The history “%s” cannot be opened: %s", name,
                 g_strerror (errno));
  return real;
}

/* @busy_timeout is how long, in milliseconds, is waited for other processes. */
HistoryDatabase *
history_database_open_to_read (const char  *path,
                               guint        busy_timeout,
                               GError     **error)
{
  g_autofree char *real = history_database_resolve (path, error);
  g_autoptr (HistoryDatabase) self = NULL;
  int version;

  if (real == NULL)
    return NULL;
  self = history_database_open (real, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOFOLLOW, busy_timeout, error);
  if (self == NULL || !history_database_identify (self, &version, error))
    return NULL;

  sqlite3_limit (self->handle, SQLITE_LIMIT_LENGTH, MAX_LENGTH);
  if (version == VERSION)
    return g_steal_pointer (&self);
  history_database_refuse (self, version == 0 ? "there is no history in it yet" : "it was made by an older version",
                           error);
  return NULL;
}

/* Makes the file if there is none. What is written is safe from the end of the process, and from a power failure but for
 * the last transactions, unless “PRAGMA synchronous” says more. */
HistoryDatabase *
history_database_open_to_write (const char  *path,
                                guint        busy_timeout,
                                GError     **error)
{
  g_autofree char *real = history_path_prepare (path, error);
  g_autoptr (HistoryDatabase) self = NULL;

  if (real == NULL)
    return NULL;
  self = history_database_open (real, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, busy_timeout, error);
  if (self == NULL || !history_database_migrate (self, error)
      || !history_database_run (self, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL", error))
    return NULL;
  return g_steal_pointer (&self);
}

/* Statements must have been finalized. */
void
history_database_close (HistoryDatabase *self)
{
  sqlite3_close (self->handle);
  g_free (self->name);
  g_free (self);
}
