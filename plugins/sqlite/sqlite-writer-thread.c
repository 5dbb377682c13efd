/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sqlite-writer-private.h"

#define LINGER      (5 * G_TIME_SPAN_MILLISECOND)  /* in which rows become one transaction */
#define EAGER       500                            /* rows for which nobody lingers */
#define RETRY_DELAY (G_GINT64_CONSTANT (1000000000))

/* ---- the database ---- */

void
sqlite_writer_close_database (SqliteWriter *self)
{
  for (guint i = 0; i < SQLITE_N_TABLES; i++)
    {
      sqlite3_finalize (self->statements[i]);
      self->statements[i] = NULL;
    }
  g_clear_pointer (&self->database, history_database_close);
}

static gboolean
sqlite_writer_prepare (SqliteWriter  *self,
                       GError       **error)
{
  if (self->full && !history_database_run (self->database, "PRAGMA synchronous = FULL", error))
    return FALSE;

  for (guint i = 0; i < SQLITE_N_TABLES; i++)
    {
      self->statements[i] = history_database_prepare (self->database, sqlite_row_statements[i], error);
      if (self->statements[i] == NULL)
        return FALSE;
    }
  return TRUE;
}

gboolean
sqlite_writer_open_database (SqliteWriter  *self,
                             GError       **error)
{
  if (self->database != NULL)
    return TRUE;

  self->database = history_database_open_to_write (self->path, self->busy_timeout, error);
  if (self->database == NULL)
    return FALSE;
  if (sqlite_writer_prepare (self, error))
    return TRUE;
  sqlite_writer_close_database (self);
  return FALSE;
}

/* ---- a transaction ---- */

static gboolean
sqlite_writer_insert (SqliteWriter     *self,
                      const SqliteRow  *row,
                      GError          **error)
{
  sqlite3_stmt *statement = self->statements[row->table];
  gboolean inserted;

  for (guint i = 0; i < row->n_values; i++)
    sqlite3_bind_text (statement, i + 1, row->values[i], -1, SQLITE_STATIC);
  inserted = sqlite3_step (statement) == SQLITE_DONE || history_database_fail (self->database, "written", error);
  sqlite3_reset (statement);
  return inserted;
}

static gboolean
sqlite_writer_insert_batch (SqliteWriter  *self,
                            GError       **error)
{
  for (guint i = 0; i < self->batch->len; i++)
    if (!sqlite_writer_insert (self, self->batch->pdata[i], error))
      return FALSE;
  return TRUE;
}

/* After a failure the file is opened anew: it may have been replaced. */
static gboolean
sqlite_writer_commit (SqliteWriter  *self,
                      GError       **error)
{
  if (!sqlite_writer_open_database (self, error))
    return FALSE;
  if (history_database_run (self->database, "BEGIN IMMEDIATE", error) && sqlite_writer_insert_batch (self, error)
      && history_database_run (self->database, "COMMIT", error))
    return TRUE;

  sqlite3_exec (self->database->handle, "ROLLBACK", NULL, NULL, NULL);
  sqlite_writer_close_database (self);
  return FALSE;
}

/* ---- what an attempt leads to ---- */

static void
sqlite_writer_retry_cb (gpointer data)
{
  SqliteWriter *self = data;

  g_mutex_lock (&self->lock);
  self->retry_due = TRUE;
  self->retry_id = 0;
  g_cond_signal (&self->wake);
  g_mutex_unlock (&self->lock);
}

static void
sqlite_writer_plan_retry (SqliteWriter *self)
{
  guint id = bubus_clock_add_timeout (self->clock, RETRY_DELAY, self->main_context, sqlite_writer_retry_cb,
                                      sqlite_writer_ref (self), sqlite_writer_unref);

  g_mutex_lock (&self->lock);
  if (!self->retry_due)
    self->retry_id = id;
  g_mutex_unlock (&self->lock);
}

static void
sqlite_writer_forget_batch_locked (SqliteWriter *self)
{
  for (guint i = 0; i < self->batch->len; i++)
    self->backlog -= ((SqliteRow *) self->batch->pdata[i])->size;
  g_ptr_array_set_size (self->batch, 0);
  self->n_attempts = 0;
}

static void
sqlite_writer_succeed (SqliteWriter *self)
{
  g_mutex_lock (&self->lock);
  sqlite_writer_forget_batch_locked (self);
  sqlite_writer_tell_locked (self, FALSE, plugin_trouble_note_success (&self->trouble, self->name, 1));
  g_mutex_unlock (&self->lock);
}

static void
sqlite_writer_fail (SqliteWriter *self,
                    const GError *error)
{
  gboolean over;

  g_mutex_lock (&self->lock);
  over = self->stopping || ++self->n_attempts > self->retry_limit;
  sqlite_writer_tell_locked (self, TRUE, plugin_trouble_note_failure (&self->trouble, error));
  if (over)
    {
      self->n_lost += self->batch->len;
      sqlite_writer_forget_batch_locked (self);
    }
  g_mutex_unlock (&self->lock);
  if (!over)
    sqlite_writer_plan_retry (self);
}

/* ---- the thread ---- */

static gboolean
sqlite_writer_has_work_locked (SqliteWriter *self)
{
  return self->stopping || (self->batch->len > 0 ? self->retry_due : self->filling->len > 0);
}

static void
sqlite_writer_linger_locked (SqliteWriter *self)
{
  gint64 until = g_get_monotonic_time () + LINGER;

  while (!self->stopping && self->batch->len == 0 && self->filling->len < EAGER
         && g_cond_wait_until (&self->wake, &self->lock, until))
    continue;
}

/* Whether there is anything to be written. */
static gboolean
sqlite_writer_take (SqliteWriter *self)
{
  g_mutex_lock (&self->lock);
  while (!sqlite_writer_has_work_locked (self))
    g_cond_wait (&self->wake, &self->lock);
  sqlite_writer_linger_locked (self);
  if (self->batch->len == 0)
    {
      GPtrArray *empty = self->batch;

      self->batch = self->filling;
      self->filling = empty;
    }
  self->retry_due = FALSE;
  g_mutex_unlock (&self->lock);
  return self->batch->len > 0;
}

gpointer
sqlite_writer_thread (gpointer data)
{
  SqliteWriter *self = data;

  while (sqlite_writer_take (self))
    {
      g_autoptr (GError) error = NULL;

      if (sqlite_writer_commit (self, &error))
        sqlite_writer_succeed (self);
      else
        sqlite_writer_fail (self, error);
    }
  return NULL;
}
