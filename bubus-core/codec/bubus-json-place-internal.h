/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-error.h"
#include "base/bubus-json-scanner-internal.h"
#include "base/bubus-uuid-internal.h"

G_BEGIN_DECLS

/* Where a value was found, so that what is wrong with it can be said. */
typedef struct
{
  const char *text;  /* the whole text: positions are counted from here */
  const char *name;  /* of the member, or a word for the value */
  BubusError  code;
} BubusJsonPlace;

/* The name that a span says; *@owned keeps it when it had to be made. */
static inline const char *
_bubus_json_span_peek_name (const BubusJsonSpan  *span,
                            char                **owned,
                            gsize                *length)
{
  *owned = NULL;
  *length = span->length - 2;
  if (G_LIKELY (!(span->flags & BUBUS_JSON_SPAN_ESCAPED)))
    return span->start + 1;
  return *owned = _bubus_json_span_dup_string (span, length);
}

int       _bubus_json_find_key           (const char *const     *keys,
                                          int                    n_keys,
                                          const char            *name,
                                          gsize                  length,
                                          int                    hint);
void      _bubus_json_prefix_position    (GError               **error,
                                          const char            *text,
                                          const char            *at);

gboolean  _bubus_json_place_refuse       (const BubusJsonPlace  *self,
                                          const BubusJsonSpan   *span,
                                          const char            *wanted,
                                          GError               **error);

/* Of these, the ones with “optional” accept null, and leave the value as it is then. */
char     *_bubus_json_place_dup_string   (const BubusJsonPlace  *self,
                                          const BubusJsonSpan   *span,
                                          GError               **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean  _bubus_json_place_read_optional_string
                                         (const BubusJsonPlace  *self,
                                          const BubusJsonSpan   *span,
                                          char                 **string,
                                          GError               **error);
gboolean  _bubus_json_place_read_uuid    (const BubusJsonPlace  *self,
                                          const BubusJsonSpan   *span,
                                          BubusUuid             *id,
                                          GError               **error);
gboolean  _bubus_json_place_read_optional_time
                                         (const BubusJsonPlace  *self,
                                          const BubusJsonSpan   *span,
                                          gint64                *time_ns,
                                          GError               **error);
char    **_bubus_json_place_dup_strv     (const BubusJsonPlace  *self,
                                          const BubusJsonSpan   *span,
                                          GError               **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean  _bubus_json_place_read_nick    (const BubusJsonPlace  *self,
                                          const BubusJsonSpan   *span,
                                          const char *const     *nicks,
                                          guint                  n_nicks,
                                          guint                 *index,
                                          GError               **error);

G_END_DECLS
