/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-json.h"

#include <string.h>

#include "base/bubus-json-scanner-internal.h"
#include "bubus-json-internal.h"

/**
 * BubusJson:
 *
 * A JSON text (RFC 8259): a value that is passed on as it is.
 *
 * The text is known to be well-formed, and it is compact: there is no white space outside of strings. Everything
 * else, such as the order of members, the spelling of numbers and escapes in strings, is as it was given, so that
 * nothing is lost between two programs. It is never changed, and may be used in any thread.
 *
 * Since: 1.0
 */

struct _BubusJson
{
  gatomicrefcount ref_count;
  gsize           size;
  char            text[];
};

G_DEFINE_BOXED_TYPE (BubusJson, bubus_json, bubus_json_ref, bubus_json_unref)

static BubusJson *
bubus_json_allocate (gsize size)
{
  BubusJson *self = g_malloc (sizeof (BubusJson) + size + 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->size = size;
  return self;
}

BubusJson *
_bubus_json_new_trusted (const char *text,
                         gsize       length)
{
  BubusJson *self = bubus_json_allocate (length);

  memcpy (self->text, text, length);
  self->text[length] = '\0';
  return self;
}

/* For a value that a scanner has read. */
BubusJson *
_bubus_json_new_from_span (const BubusJsonSpan *span)
{
  BubusJson *self = bubus_json_allocate (span->length);

  self->size = _bubus_json_span_compact (span, self->text);
  if (self->size < span->length)
    self = g_realloc (self, sizeof (BubusJson) + self->size + 1);
  self->text[self->size] = '\0';
  return self;
}

/**
 * bubus_json_new:
 * @text: a JSON text in UTF-8
 * @length: the length of @text in bytes, or -1 when it ends with a NUL
 * @error: (nullable): where to put what is wrong
 *
 * Checks a text and keeps a compact copy of it.
 *
 * Arrays and objects may lie in each other up to 128 deep. Escaped surrogates must come in pairs, and no member name
 * may contain U+0000, because neither could be given to a program in UTF-8.
 *
 * Fails with %BUBUS_ERROR_INVALID_JSON, whose message begins with the line and the column.
 *
 * Returns: (transfer full): the value, or %NULL
 *
 * Since: 1.0
 */
BubusJson *
bubus_json_new (const char  *text,
                gssize       length,
                GError     **error)
{
  BubusJsonScanner scanner;
  BubusJsonSpan span;

  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  _bubus_json_scanner_init (&scanner, text, length < 0 ? strlen (text) : (gsize) length);
  if (!_bubus_json_scanner_read_document (&scanner, &span, error))
    return NULL;
  return _bubus_json_new_from_span (&span);
}

/**
 * bubus_json_ref:
 * @self: a JSON text
 *
 * Keeps the text. May be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
BubusJson *
bubus_json_ref (BubusJson *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * bubus_json_unref:
 * @self: (transfer full): a JSON text
 *
 * Gives back a reference. May be called from any thread.
 *
 * Since: 1.0
 */
void
bubus_json_unref (BubusJson *self)
{
  g_return_if_fail (self != NULL);

  if (g_atomic_ref_count_dec (&self->ref_count))
    g_free (self);
}

/**
 * bubus_json_get_text:
 * @self: a JSON text
 *
 * Gives the text.
 *
 * Returns: the text, which ends with a NUL and contains no other
 *
 * Since: 1.0
 */
const char *
bubus_json_get_text (const BubusJson *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->text;
}

/**
 * bubus_json_get_size:
 * @self: a JSON text
 *
 * Gives the length of the text.
 *
 * Returns: the number of bytes, without the final NUL
 *
 * Since: 1.0
 */
gsize
bubus_json_get_size (const BubusJson *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->size;
}

/**
 * bubus_json_equal:
 * @a: a JSON text
 * @b: another
 *
 * Compares two texts byte by byte: `1` and `1.0` are different, and so are objects whose members are in another
 * order.
 *
 * Returns: whether the texts are the same
 *
 * Since: 1.0
 */
gboolean
bubus_json_equal (const BubusJson *a,
                  const BubusJson *b)
{
  g_return_val_if_fail (a != NULL && b != NULL, FALSE);

  return a == b || (a->size == b->size && memcmp (a->text, b->text, a->size) == 0);
}
