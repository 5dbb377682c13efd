/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a journal asks of the system. Tests put something worse in its place. */
typedef struct
{
  int    (*open)     (const char    *path,
                      int            flags,
                      int            mode);
  gssize (*write)    (int            fd,
                      gconstpointer  data,
                      gsize          length);
  int    (*sync)     (int            fd);
  int    (*truncate) (int            fd,
                      gint64         length);
} BubusFileCalls;

extern BubusFileCalls _bubus_file_calls;

/* A file that lines are appended to, by several processes if need be: each appends while it holds the file's lock, and
 * follows when another one has put a new file in its place. Used by one thread at a time. */
typedef struct
{
  char     *name;            /* for messages */
  char     *path;            /* nullable: the file is not a local one */
  int       fd;              /* -1: not open */
  int       owner_fd;        /* of the file whose lock says that this process owns the journal; -1: not locked */
  gboolean  exclusive;       /* no other process may write the journal */
  gboolean  sync_directory;  /* when the file is new, so that it is found again after a power failure */
  gboolean  torn;            /* the file ends with a piece of a line */
  gboolean  dirty;           /* something was written since the last sync */
  guint     n_opened;        /* how often: another number, another file */
} BubusJournalFile;

void     _bubus_journal_file_init      (BubusJournalFile  *self,
                                        const char        *name,
                                        const char        *path);
void     _bubus_journal_file_clear     (BubusJournalFile  *self);
void     _bubus_journal_file_close     (BubusJournalFile  *self);
gboolean _bubus_journal_file_set_error (BubusJournalFile  *self,
                                        const char        *what,
                                        int                code,
                                        GError           **error);
gboolean _bubus_journal_file_lock      (BubusJournalFile  *self,
                                        GError           **error);
void     _bubus_journal_file_unlock    (BubusJournalFile  *self);
gint64   _bubus_journal_file_get_size  (BubusJournalFile  *self);
gboolean _bubus_journal_file_append    (BubusJournalFile  *self,
                                        const char        *text,
                                        gsize              length,
                                        gsize             *kept,
                                        GError           **error);
gboolean _bubus_journal_file_sync      (BubusJournalFile  *self,
                                        GError           **error);
gboolean _bubus_journal_file_take_back (BubusJournalFile  *self,
                                        gsize              length);
void     _bubus_journal_file_sync_directory (const char   *path);

G_END_DECLS
