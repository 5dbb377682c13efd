/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  BUBUS_LINE_READER_LINE,     /* here is a line */
  BUBUS_LINE_READER_TOO_LONG, /* a line was longer than the limit: it is passed over */
  BUBUS_LINE_READER_HUNGRY,   /* more must be read before the next line is known */
  BUBUS_LINE_READER_END,      /* there are no more lines */
} BubusLineReaderStatus;

/* Bytes between newlines, whatever they are: NULs, invalid UTF-8, a last line without a newline. */
typedef struct
{
  const char *text;   /* not terminated; until the reader is asked for anything again */
  gsize       length; /* without the newline */
  guint64     number; /* from 1 */
} BubusLine;

#define BUBUS_TYPE_LINE_READER (bubus_line_reader_get_type ())

G_DECLARE_FINAL_TYPE (BubusLineReader, bubus_line_reader, BUBUS, LINE_READER, GObject)

BubusLineReader       *bubus_line_reader_new         (GInputStream         *stream,
                                                      gsize                 max_length) G_GNUC_WARN_UNUSED_RESULT;
BubusLineReaderStatus  bubus_line_reader_next        (BubusLineReader      *self,
                                                      BubusLine            *line);
void                   bubus_line_reader_fill_async  (BubusLineReader      *self,
                                                      GCancellable         *cancellable,
                                                      GAsyncReadyCallback   callback,
                                                      gpointer              user_data);
gboolean               bubus_line_reader_fill_finish (BubusLineReader      *self,
                                                      GAsyncResult         *result,
                                                      GError              **error);

G_END_DECLS
