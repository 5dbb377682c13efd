/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "sqlite-writer.h"
#include "support/history-database.h"
#include "support/plugin-trouble.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean bad;
  char    *text;
} SqliteNews;

struct _SqliteWriter
{
  gatomicrefcount  ref_count;
  char            *path;
  char            *name;          /* for messages */
  guint            busy_timeout;
  guint            retry_limit;
  gboolean         full;
  gsize            max_backlog;
  GMainContext    *main_context;
  BubusClock      *clock;

  GMutex           lock;          /* guards what follows */
  GCond            wake;
  GThread         *thread;
  GPtrArray       *filling;       /* rows whose turn has not come */
  gsize            backlog;       /* bytes of all rows that are not written */
  gboolean         stopping;
  gboolean         retry_due;
  guint            retry_id;      /* a timeout; 0: none */
  guint64          n_lost;        /* rows */
  PluginTrouble    trouble;
  GQueue           news;          /* of SqliteNews, to be told in the main context */

  /* The thread's own. */
  HistoryDatabase *database;      /* nullable */
  sqlite3_stmt    *statements[SQLITE_N_TABLES];
  GPtrArray       *batch;         /* rows that are being written, or have to be tried again */
  guint            n_attempts;    /* that have failed with this batch */
};

SqliteWriter *sqlite_writer_ref            (SqliteWriter *self);
void          sqlite_writer_unref          (gpointer      data);
gboolean      sqlite_writer_open_database  (SqliteWriter  *self,
                                            GError       **error);
void          sqlite_writer_close_database (SqliteWriter  *self);
void          sqlite_writer_tell_locked    (SqliteWriter *self,
                                            gboolean      bad,
                                            char         *text);
gpointer      sqlite_writer_thread         (gpointer      data);

G_END_DECLS
