/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A file that lines are appended to. When it would become too large, it is put aside as FILE.1, what was there before
 * as FILE.2, and so on. May be used from any thread. */
typedef struct _LogFile LogFile;

LogFile *log_file_new   (const char  *path,
                         gint64       max_size,
                         guint        n_kept,
                         GError     **error);
void     log_file_free  (LogFile     *self);
void     log_file_write (LogFile     *self,
                         const char  *line,
                         gsize        length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LogFile, log_file_free)

G_END_DECLS
