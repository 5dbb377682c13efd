/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The lines of a journal, the oldest first, through everything that was put aside to the end of the file itself; and on
 * from there, when there is more. */
typedef struct _BubusJournalLines BubusJournalLines;

typedef struct
{
  char       *text;      /* may be written to; not terminated; until the next line is asked for */
  gsize       length;    /* without the newline */
  const char *path;      /* of the file it stands in */
  guint64     number;    /* in that file, from 1 */
  guint64     offset;    /* in that file, of its first byte; of what was compressed, before that */
  guint64     size;      /* as the length, also when @text is too long to be here */
  gboolean    too_long;  /* @text is empty */
  gboolean    torn;      /* no newline comes any more */
} BubusJournalLine;

typedef enum
{
  BUBUS_JOURNAL_LINES_ERROR,
  BUBUS_JOURNAL_LINES_LINE,
  BUBUS_JOURNAL_LINES_END,   /* for now */
} BubusJournalLinesStatus;

BubusJournalLines       *_bubus_journal_lines_new      (const char         *path) G_GNUC_WARN_UNUSED_RESULT;
void                     _bubus_journal_lines_free     (BubusJournalLines  *self);
BubusJournalLinesStatus  _bubus_journal_lines_next     (BubusJournalLines  *self,
                                                        BubusJournalLine   *line,
                                                        GError            **error);
gboolean                 _bubus_journal_lines_get_rest (BubusJournalLines  *self,
                                                        BubusJournalLine   *line);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusJournalLines, _bubus_journal_lines_free)

G_END_DECLS
