/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sqlite-writer-private.h"

static void
sqlite_news_free (gpointer data)
{
  SqliteNews *self = data;

  g_free (self->text);
  g_free (self);
}

SqliteWriter *
sqlite_writer_ref (SqliteWriter *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
sqlite_writer_unref (gpointer data)
{
  SqliteWriter *self = data;

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  sqlite_writer_close_database (self);
  g_ptr_array_unref (self->filling);
  g_ptr_array_unref (self->batch);
  g_queue_clear_full (&self->news, sqlite_news_free);
  g_main_context_unref (self->main_context);
  g_object_unref (self->clock);
  g_cond_clear (&self->wake);
  g_mutex_clear (&self->lock);
  g_free (self->name);
  g_free (self->path);
  g_free (self);
}

/* The file is opened at once: that it cannot be is known then. */
SqliteWriter *
sqlite_writer_new (const SqliteWriterOptions  *options,
                   GMainContext               *main_context,
                   GError                    **error)
{
  SqliteWriter *self = g_new0 (SqliteWriter, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->path = g_canonicalize_filename (options->path, NULL);
  self->name = g_filename_display_name (self->path);
  self->busy_timeout = options->busy_timeout;
  self->retry_limit = options->retry_limit;
  self->full = options->full;
  self->max_backlog = options->max_backlog;
  self->main_context = g_main_context_ref (main_context);
  self->clock = bubus_clock_ref_thread_default ();
  self->filling = g_ptr_array_new_with_free_func (sqlite_row_free);
  self->batch = g_ptr_array_new_with_free_func (sqlite_row_free);
  g_mutex_init (&self->lock);
  g_cond_init (&self->wake);
  if (sqlite_writer_open_database (self, error))
    return self;

  sqlite_writer_unref (self);
  return NULL;
}

/* ---- what is told ---- */

static SqliteNews *
sqlite_writer_take_news (SqliteWriter *self)
{
  SqliteNews *news;

  g_mutex_lock (&self->lock);
  news = g_queue_pop_head (&self->news);
  g_mutex_unlock (&self->lock);
  return news;
}

static void
sqlite_writer_tell_news (SqliteWriter *self)
{
  SqliteNews *news;

  while ((news = sqlite_writer_take_news (self)) != NULL)
    {
      if (news->bad)
        g_warning ("%s", news->text);
      else
        g_message ("%s", news->text);
      sqlite_news_free (news);
    }
}

static gboolean
sqlite_writer_tell_cb (gpointer data)
{
  sqlite_writer_tell_news (data);
  return G_SOURCE_REMOVE;
}

/* Takes @text over, which is nullable. */
void
sqlite_writer_tell_locked (SqliteWriter *self,
                           gboolean      bad,
                           char         *text)
{
  g_autoptr (GSource) source = NULL;
  SqliteNews *news;

  if (text == NULL)
    return;
  news = g_new (SqliteNews, 1);
  *news = (SqliteNews) { bad, text };
  g_queue_push_tail (&self->news, news);
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, sqlite_writer_tell_cb, sqlite_writer_ref (self), sqlite_writer_unref);
  g_source_attach (source, self->main_context);
}

/* ---- from the buses ---- */

static void
sqlite_writer_overflow_locked (SqliteWriter *self)
{
  g_autoptr (GError) error =
    g_error_new (G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                 "The history “%s” cannot be written as fast as it is made: %" G_GSIZE_FORMAT " bytes wait, which is the "
                 "limit", self->name, self->backlog);

  self->n_lost++;
  sqlite_writer_tell_locked (self, TRUE, plugin_trouble_note_failure (&self->trouble, error));
}

/* The thread is started with the first row. */
static void
sqlite_writer_push_locked (SqliteWriter *self,
                           SqliteRow    *row)
{
  self->backlog += row->size;
  g_ptr_array_add (self->filling, row);
  if (self->thread == NULL)
    self->thread = g_thread_new ("bubus-sqlite", sqlite_writer_thread, self);
  else if (self->filling->len == 1)
    g_cond_signal (&self->wake);
}

/* Takes @row over. From any thread. */
void
sqlite_writer_append (SqliteWriter *self,
                      SqliteRow    *row)
{
  gboolean taken;

  g_mutex_lock (&self->lock);
  taken = !self->stopping && self->backlog + row->size <= self->max_backlog;
  if (taken)
    sqlite_writer_push_locked (self, row);
  else if (!self->stopping)
    sqlite_writer_overflow_locked (self);
  g_mutex_unlock (&self->lock);
  if (!taken)
    sqlite_row_free (row);
}

/* ---- the end ---- */

static void
sqlite_writer_tell_loss (SqliteWriter *self)
{
  sqlite_writer_tell_news (self);
  if (self->n_lost > 0)
    g_warning ("%" G_GUINT64_FORMAT " rows of the history “%s” are lost", self->n_lost, self->name);
}

/* Waits until all rows are written, or have been tried once more. */
void
sqlite_writer_close (SqliteWriter *self)
{
  GThread *thread;
  guint retry_id;

  g_mutex_lock (&self->lock);
  self->stopping = TRUE;
  thread = g_steal_pointer (&self->thread);
  g_cond_signal (&self->wake);
  g_mutex_unlock (&self->lock);
  if (thread != NULL)
    g_thread_join (thread);

  g_mutex_lock (&self->lock);
  retry_id = self->retry_id;
  self->retry_id = 0;
  g_mutex_unlock (&self->lock);
  if (retry_id != 0)
    bubus_clock_remove_timeout (self->clock, retry_id);
  sqlite_writer_tell_loss (self);
  sqlite_writer_close_database (self);
  sqlite_writer_unref (self);
}
