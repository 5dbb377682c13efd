/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-json-span-internal.h"
#include "base/bubus-json-text-internal.h"

G_BEGIN_DECLS

/* How many arrays and objects may lie in each other. */
#define BUBUS_JSON_MAX_DEPTH 128

/* A reader of JSON as RFC 8259 has it, and nothing more: it allocates nothing, does not recurse, and checks
 * every byte before it hands out a span. It goes through the members of one object or the elements of one
 * array; for those of a value inside, a second scanner is set on that value's span. */
typedef struct
{
  const char *text;      /* the whole text: positions are counted from here */
  const char *pos;
  const char *end;
  const char *error_at;  /* NULL as long as nothing was wrong */
  const char *reason;
  guint       depth;
  guint64     objects[BUBUS_JSON_MAX_DEPTH / 64];  /* one bit per open container: set for an object */
  gboolean    first;     /* nothing has been read since the container was entered */
  gboolean    spaced;
} BubusJsonScanner;

void        _bubus_json_scanner_init          (BubusJsonScanner       *self,
                                               const char             *text,
                                               gsize                   length);
void        _bubus_json_scanner_init_span     (BubusJsonScanner       *self,
                                               const char             *text,
                                               const BubusJsonSpan    *span);
gboolean    _bubus_json_scanner_read_document (BubusJsonScanner       *self,
                                               BubusJsonSpan          *value,
                                               GError                **error);
gboolean    _bubus_json_scanner_enter         (BubusJsonScanner       *self,
                                               BubusJsonKind           kind,
                                               GError                **error);
gboolean    _bubus_json_scanner_next_member   (BubusJsonScanner       *self,
                                               BubusJsonSpan          *name,
                                               BubusJsonSpan          *value,
                                               GError                **error);
gboolean    _bubus_json_scanner_next_element  (BubusJsonScanner       *self,
                                               BubusJsonSpan          *value,
                                               GError                **error);
gboolean    _bubus_json_scanner_finish        (BubusJsonScanner       *self,
                                               GError                **error);

G_END_DECLS
