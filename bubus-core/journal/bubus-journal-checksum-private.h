/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <string.h>

#include <glib.h>

#include "base/bubus-json-writer-internal.h"

G_BEGIN_DECLS

/* A line may end with a member that holds the CRC-32C of all bytes before that member's comma, as eight hexadecimal
 * digits. To other readers it is a member like any other; the event's class does not know it. */
#define BUBUS_CHECKSUM_HEAD   ",\"journal_crc32c\":\""
#define BUBUS_CHECKSUM_DIGITS 8
#define BUBUS_CHECKSUM_TAIL   "\"}"
#define BUBUS_CHECKSUM_BLANK  BUBUS_CHECKSUM_HEAD "00000000" BUBUS_CHECKSUM_TAIL
#define BUBUS_CHECKSUM_SIZE   (sizeof BUBUS_CHECKSUM_BLANK - 1)

typedef enum
{
  BUBUS_CHECKSUM_NONE,  /* the line has none */
  BUBUS_CHECKSUM_GOOD,
  BUBUS_CHECKSUM_BAD,   /* the line is not what it was */
} BubusChecksum;

guint32       _bubus_checksum_compute   (const char *text,
                                         gsize       length);
guint32       _bubus_checksum_compute_by_tables (const char *text,
                                                 gsize       length);
void          _bubus_checksum_fill      (char       *lines,
                                         gsize       length);
BubusChecksum _bubus_checksum_take      (char       *line,
                                         gsize      *length);

/* Puts the place for a checksum into a line that is an object, instead of its closing brace. */
static inline void
_bubus_checksum_reserve (GString *line)
{
  line->len--;
  _bubus_json_append_literal (line, BUBUS_CHECKSUM_BLANK);
}

G_END_DECLS
