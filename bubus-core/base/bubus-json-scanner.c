/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "base/bubus-error.h"
#include "base/bubus-json-scanner-internal.h"

/* What a byte can begin, or be. */
enum
{
  OTHER,
  SPACE,
  DIGIT,
  MINUS,
  QUOTE,
  BRACE,
  BRACKET,
  LITERAL,
};

static const guint8 classes[256] = {
  [' '] = SPACE, ['\t'] = SPACE, ['\n'] = SPACE, ['\r'] = SPACE,
  ['0'] = DIGIT, ['1'] = DIGIT, ['2'] = DIGIT, ['3'] = DIGIT, ['4'] = DIGIT,
  ['5'] = DIGIT, ['6'] = DIGIT, ['7'] = DIGIT, ['8'] = DIGIT, ['9'] = DIGIT,
  ['-'] = MINUS, ['"'] = QUOTE, ['{'] = BRACE, ['['] = BRACKET,
  ['t'] = LITERAL, ['f'] = LITERAL, ['n'] = LITERAL,
};

static gboolean
bubus_json_scanner_report (BubusJsonScanner  *self,
                           GError           **error)
{
  _bubus_json_set_error (error, BUBUS_ERROR_INVALID_JSON, self->text, self->error_at, "%s", self->reason);
  return FALSE;
}

static gboolean
bubus_json_scanner_fail (BubusJsonScanner *self,
                         const char       *at,
                         const char       *reason)
{
  self->error_at = at;
  self->reason = at < self->end ? reason : "the text ends too early";
  return FALSE;
}

static inline void
bubus_json_scanner_skip_space (BubusJsonScanner *self)
{
  while (self->pos < self->end && classes[(guint8) *self->pos] == SPACE)
    {
      self->pos++;
      self->spaced = TRUE;
    }
}

static inline char
bubus_json_scanner_peek (BubusJsonScanner *self)
{
  return self->pos < self->end ? *self->pos : '\0';
}

/* The value of the four hexadecimal digits of a \u escape at @pos; -1 if they are not that. */
static int
bubus_json_scanner_hex (const char *pos,
                        const char *end)
{
  int value = 0;

  if (end - pos < 6 || pos[0] != '\\' || pos[1] != 'u')
    return -1;
  for (guint i = 2; i < 6; i++)
    {
      int digit = g_ascii_xdigit_value (pos[i]);

      if (digit < 0)
        return -1;
      value = value * 16 + digit;
    }
  return value;
}

/* Steps over the \u escape at @pos, or over two that are one character. */
static gboolean
bubus_json_scanner_skip_unicode (BubusJsonScanner   *self,
                                 const char        **pos,
                                 BubusJsonSpanFlags *flags)
{
  int code = bubus_json_scanner_hex (*pos, self->end);

  if (code < 0)
    return bubus_json_scanner_fail (self, *pos, "“\\u” needs four hexadecimal digits");
  if (code >= 0xdc00 && code <= 0xdfff)
    return bubus_json_scanner_fail (self, *pos, "a lone surrogate cannot be represented in UTF-8");

  if (code >= 0xd800 && code <= 0xdbff)
    {
      int low = bubus_json_scanner_hex (*pos + 6, self->end);

      if (low < 0xdc00 || low > 0xdfff)
        return bubus_json_scanner_fail (self, *pos, "a lone surrogate cannot be represented in UTF-8");
      *pos += 6;
    }

  if (code == 0)
    *flags |= BUBUS_JSON_SPAN_NUL;
  *pos += 6;
  return TRUE;
}

static gboolean
bubus_json_scanner_skip_escape (BubusJsonScanner   *self,
                                const char        **pos,
                                BubusJsonSpanFlags *flags)
{
  const char *next = *pos + 1;

  *flags |= BUBUS_JSON_SPAN_ESCAPED;
  if (next >= self->end)
    return bubus_json_scanner_fail (self, next, "");
  if (*next == 'u')
    return bubus_json_scanner_skip_unicode (self, pos, flags);
  if (*next == '\0' || strchr ("\"\\/bfnrt", *next) == NULL)
    return bubus_json_scanner_fail (self, *pos, "unknown escape");

  *pos += 2;
  return TRUE;
}

/* Steps over what stopped the plain run at @pos inside of a string. */
static gboolean
bubus_json_scanner_skip_special (BubusJsonScanner   *self,
                                 const char        **pos,
                                 BubusJsonSpanFlags *flags)
{
  guint length;

  if (**pos == '\\')
    return bubus_json_scanner_skip_escape (self, pos, flags);

  if ((guint8) **pos < 0x20)
    return bubus_json_scanner_fail (self, *pos, "a control character in a string must be escaped");

  length = _bubus_json_utf8_length (*pos, self->end);
  if (length == 0)
    return bubus_json_scanner_fail (self, *pos, "not valid UTF-8");
  *pos += length;
  return TRUE;
}

static gboolean
bubus_json_scanner_skip_string (BubusJsonScanner   *self,
                                BubusJsonSpanFlags *flags)
{
  const char *pos = self->pos + 1;

  for (;;)
    {
      pos = _bubus_json_skip_plain (pos, self->end);
      if (pos == self->end)
        return bubus_json_scanner_fail (self, pos, "");
      if (*pos == '"')
        break;
      if (!bubus_json_scanner_skip_special (self, &pos, flags))
        return FALSE;
    }

  self->pos = pos + 1;
  return TRUE;
}

static gboolean
bubus_json_scanner_skip_digits (BubusJsonScanner *self)
{
  if (classes[(guint8) bubus_json_scanner_peek (self)] != DIGIT)
    return bubus_json_scanner_fail (self, self->pos, "a digit was expected");
  while (self->pos < self->end && classes[(guint8) *self->pos] == DIGIT)
    self->pos++;
  return TRUE;
}

static gboolean
bubus_json_scanner_skip_number (BubusJsonScanner *self,
                                BubusJsonKind    *kind)
{
  const char *digits;

  *kind = BUBUS_JSON_KIND_INTEGER;
  if (*self->pos == '-')
    self->pos++;
  digits = self->pos;
  if (!bubus_json_scanner_skip_digits (self))
    return FALSE;
  if (*digits == '0' && self->pos - digits > 1)
    return bubus_json_scanner_fail (self, digits, "a number cannot begin with 0");

  if (bubus_json_scanner_peek (self) == '.')
    {
      *kind = BUBUS_JSON_KIND_DOUBLE;
      self->pos++;
      if (!bubus_json_scanner_skip_digits (self))
        return FALSE;
    }
  if (g_ascii_tolower (bubus_json_scanner_peek (self)) == 'e')
    {
      *kind = BUBUS_JSON_KIND_DOUBLE;
      self->pos++;
      if (bubus_json_scanner_peek (self) == '+' || bubus_json_scanner_peek (self) == '-')
        self->pos++;
      return bubus_json_scanner_skip_digits (self);
    }
  return TRUE;
}

static gboolean
bubus_json_scanner_skip_literal (BubusJsonScanner *self,
                                 BubusJsonKind    *kind)
{
  static const struct { const char *text; guint length; BubusJsonKind kind; } literals[] = {
    { "null", 4, BUBUS_JSON_KIND_NULL },
    { "false", 5, BUBUS_JSON_KIND_FALSE },
    { "true", 4, BUBUS_JSON_KIND_TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (literals); i++)
    if ((gsize) (self->end - self->pos) >= literals[i].length &&
        memcmp (self->pos, literals[i].text, literals[i].length) == 0)
      {
        *kind = literals[i].kind;
        self->pos += literals[i].length;
        return TRUE;
      }
  return bubus_json_scanner_fail (self, self->pos, "a value was expected");
}

/* A member name with the colon behind it. */
static gboolean
bubus_json_scanner_skip_name (BubusJsonScanner *self,
                              BubusJsonSpan    *name)
{
  bubus_json_scanner_skip_space (self);
  *name = (BubusJsonSpan) { .start = self->pos, .kind = BUBUS_JSON_KIND_STRING };
  if (bubus_json_scanner_peek (self) != '"')
    return bubus_json_scanner_fail (self, self->pos, "a member name in quotes was expected");
  if (!bubus_json_scanner_skip_string (self, &name->flags))
    return FALSE;
  if (name->flags & BUBUS_JSON_SPAN_NUL)
    return bubus_json_scanner_fail (self, name->start, "a member name cannot contain U+0000");
  name->length = self->pos - name->start;

  bubus_json_scanner_skip_space (self);
  if (bubus_json_scanner_peek (self) != ':')
    return bubus_json_scanner_fail (self, self->pos, "“:” was expected");
  self->pos++;
  return TRUE;
}

static gboolean
bubus_json_scanner_push (BubusJsonScanner *self,
                         gboolean          is_object)
{
  guint64 bit = G_GUINT64_CONSTANT (1) << (self->depth % 64);

  if (self->depth == BUBUS_JSON_MAX_DEPTH)
    return bubus_json_scanner_fail (self, self->pos, "too many arrays and objects lie in each other");

  if (is_object)
    self->objects[self->depth / 64] |= bit;
  else
    self->objects[self->depth / 64] &= ~bit;
  self->depth++;
  self->pos++;
  return TRUE;
}

static inline gboolean
bubus_json_scanner_in_object (BubusJsonScanner *self)
{
  guint top = self->depth - 1;

  return (self->objects[top / 64] >> (top % 64)) & 1;
}

static inline gboolean
bubus_json_scanner_pop_if (BubusJsonScanner *self)
{
  if (bubus_json_scanner_peek (self) != (bubus_json_scanner_in_object (self) ? '}' : ']'))
    return FALSE;
  self->pos++;
  self->depth--;
  return TRUE;
}

/* Goes into a container, up to its first value. @opened is FALSE when there is none: then it is behind us. */
static gboolean
bubus_json_scanner_open (BubusJsonScanner *self,
                         gboolean          is_object,
                         gboolean         *opened)
{
  BubusJsonSpan name;

  if (!bubus_json_scanner_push (self, is_object))
    return FALSE;
  bubus_json_scanner_skip_space (self);
  *opened = !bubus_json_scanner_pop_if (self);
  return !*opened || !is_object || bubus_json_scanner_skip_name (self, &name);
}

/* One token that begins a value: a scalar is behind us then, of a container only its beginning. */
static gboolean
bubus_json_scanner_begin_value (BubusJsonScanner *self,
                                BubusJsonSpan    *value,
                                gboolean         *opened)
{
  *opened = FALSE;
  switch (classes[(guint8) bubus_json_scanner_peek (self)])
    {
    case QUOTE:
      value->kind = BUBUS_JSON_KIND_STRING;
      return bubus_json_scanner_skip_string (self, &value->flags);
    case DIGIT:
    case MINUS:
      return bubus_json_scanner_skip_number (self, &value->kind);
    case BRACE:
      value->kind = BUBUS_JSON_KIND_OBJECT;
      return bubus_json_scanner_open (self, TRUE, opened);
    case BRACKET:
      value->kind = BUBUS_JSON_KIND_ARRAY;
      return bubus_json_scanner_open (self, FALSE, opened);
    case LITERAL:
      return bubus_json_scanner_skip_literal (self, &value->kind);
    default:
      return bubus_json_scanner_fail (self, self->pos, "a value was expected");
    }
}

/* Behind a value: to the next one, or out of as many containers as end here. */
static gboolean
bubus_json_scanner_end_value (BubusJsonScanner *self,
                              guint             depth)
{
  BubusJsonSpan name;

  while (self->depth > depth)
    {
      bubus_json_scanner_skip_space (self);
      if (bubus_json_scanner_pop_if (self))
        continue;

      if (bubus_json_scanner_peek (self) != ',')
        return bubus_json_scanner_fail (self, self->pos, bubus_json_scanner_in_object (self)
                                                         ? "“,” or “}” was expected"
                                                         : "“,” or “]” was expected");
      self->pos++;
      return !bubus_json_scanner_in_object (self) || bubus_json_scanner_skip_name (self, &name);
    }
  return TRUE;
}

/* What lies inside of a container. */
static gboolean
bubus_json_scanner_skip_content (BubusJsonScanner *self,
                                 guint             depth)
{
  BubusJsonSpan inner = { 0, };
  gboolean opened;

  while (self->depth > depth)
    {
      bubus_json_scanner_skip_space (self);
      if (!bubus_json_scanner_begin_value (self, &inner, &opened))
        return FALSE;
      if (!opened && !bubus_json_scanner_end_value (self, depth))
        return FALSE;
    }
  return TRUE;
}

static gboolean
bubus_json_scanner_read_value (BubusJsonScanner *self,
                               BubusJsonSpan    *value)
{
  guint depth = self->depth;
  gboolean opened;

  bubus_json_scanner_skip_space (self);
  *value = (BubusJsonSpan) { .start = self->pos };
  self->spaced = FALSE;
  if (!bubus_json_scanner_begin_value (self, value, &opened))
    return FALSE;
  if (opened && !bubus_json_scanner_skip_content (self, depth))
    return FALSE;

  value->length = self->pos - value->start;
  if (self->spaced)
    value->flags |= BUBUS_JSON_SPAN_SPACED;
  return TRUE;
}

static gboolean
bubus_json_scanner_expect_end (BubusJsonScanner *self)
{
  bubus_json_scanner_skip_space (self);
  return self->pos == self->end ||
         bubus_json_scanner_fail (self, self->pos, "nothing may follow the value");
}

void
_bubus_json_scanner_init (BubusJsonScanner *self,
                          const char       *text,
                          gsize             length)
{
  g_assert (text != NULL);

  *self = (BubusJsonScanner) { .text = text, .pos = text, .end = text + length };
}

/* For a value that has been read from @text. */
void
_bubus_json_scanner_init_span (BubusJsonScanner    *self,
                               const char          *text,
                               const BubusJsonSpan *span)
{
  *self = (BubusJsonScanner) { .text = text, .pos = span->start, .end = span->start + span->length };
}

/* Reads one value and white space around it, and nothing else. */
gboolean
_bubus_json_scanner_read_document (BubusJsonScanner  *self,
                                   BubusJsonSpan     *value,
                                   GError           **error)
{
  if (!bubus_json_scanner_read_value (self, value) || !bubus_json_scanner_expect_end (self))
    return bubus_json_scanner_report (self, error);
  return TRUE;
}

/* Goes into the array or object that the text holds. */
gboolean
_bubus_json_scanner_enter (BubusJsonScanner  *self,
                           BubusJsonKind      kind,
                           GError           **error)
{
  gboolean is_object = kind == BUBUS_JSON_KIND_OBJECT;

  g_assert (is_object || kind == BUBUS_JSON_KIND_ARRAY);

  bubus_json_scanner_skip_space (self);
  self->first = TRUE;
  if (bubus_json_scanner_peek (self) != (is_object ? '{' : '['))
    bubus_json_scanner_fail (self, self->pos, is_object ? "an object was expected" : "an array was expected");
  else if (bubus_json_scanner_push (self, is_object))
    return TRUE;
  return bubus_json_scanner_report (self, error);
}

/* To the next member or element; FALSE at the end of the container, and when something is wrong. */
static gboolean
bubus_json_scanner_advance (BubusJsonScanner *self)
{
  if (self->depth == 0)
    return FALSE;

  bubus_json_scanner_skip_space (self);
  if (bubus_json_scanner_pop_if (self))
    return FALSE;
  if (!self->first && bubus_json_scanner_peek (self) != ',')
    return bubus_json_scanner_fail (self, self->pos, bubus_json_scanner_in_object (self)
                                                     ? "“,” or “}” was expected"
                                                     : "“,” or “]” was expected");
  if (!self->first)
    self->pos++;
  self->first = FALSE;
  return TRUE;
}

/* Returns FALSE without an error behind the last member. */
gboolean
_bubus_json_scanner_next_member (BubusJsonScanner  *self,
                                 BubusJsonSpan     *name,
                                 BubusJsonSpan     *value,
                                 GError           **error)
{
  if (bubus_json_scanner_advance (self) &&
      bubus_json_scanner_skip_name (self, name) &&
      bubus_json_scanner_read_value (self, value))
    return TRUE;
  return self->error_at != NULL ? bubus_json_scanner_report (self, error) : FALSE;
}

/* Returns FALSE without an error behind the last element. */
gboolean
_bubus_json_scanner_next_element (BubusJsonScanner  *self,
                                  BubusJsonSpan     *value,
                                  GError           **error)
{
  if (bubus_json_scanner_advance (self) && bubus_json_scanner_read_value (self, value))
    return TRUE;
  return self->error_at != NULL ? bubus_json_scanner_report (self, error) : FALSE;
}

/* To be called when there is no further member: whether everything up to the end of the text was right.
 * An error that the last step has reported already is not reported twice. */
gboolean
_bubus_json_scanner_finish (BubusJsonScanner  *self,
                            GError           **error)
{
  if (self->error_at != NULL)
    return FALSE;
  return bubus_json_scanner_expect_end (self) || bubus_json_scanner_report (self, error);
}
