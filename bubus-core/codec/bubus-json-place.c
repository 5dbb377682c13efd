/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-json-place-internal.h"

#include "base/bubus-clock.h"

/* Longer texts are no times (30 characters, or a few more with an offset). */
#define TIME_BUFFER 64

/* The index of a name in a list, or -1. @hint is tried first: members mostly come in one order. */
int
_bubus_json_find_key (const char *const *keys,
                      int                n_keys,
                      const char        *name,
                      gsize              length,
                      int                hint)
{
  for (int i = 0; i < n_keys; i++)
    {
      int key = hint + i < n_keys ? hint + i : hint + i - n_keys;

      if (keys[key][0] == name[0] && strncmp (keys[key], name, length) == 0 && keys[key][length] == '\0')
        return key;
    }
  return -1;
}

/* For an error that says what is wrong, but not where. */
void
_bubus_json_prefix_position (GError     **error,
                             const char  *text,
                             const char  *at)
{
  g_autoptr (GError) position = NULL;

  if (error == NULL || *error == NULL)
    return;
  _bubus_json_set_error (&position, BUBUS_ERROR_FAILED, text, at, "%s", (*error)->message);
  g_free ((*error)->message);
  (*error)->message = g_steal_pointer (&position->message);
}

/* Says what was wanted and what was found. Returns FALSE. */
gboolean
_bubus_json_place_refuse (const BubusJsonPlace  *self,
                          const BubusJsonSpan   *span,
                          const char            *wanted,
                          GError               **error)
{
  _bubus_json_set_error (error, self->code, self->text, span->start, "“%s” must be %s, but is %s",
                         self->name, wanted, _bubus_json_kind_get_name (span->kind));
  return FALSE;
}

static gboolean
bubus_json_place_complain (const BubusJsonPlace  *self,
                           const BubusJsonSpan   *span,
                           const char            *complaint,
                           GError               **error)
{
  _bubus_json_set_error (error, self->code, self->text, span->start, "“%s” %s", self->name, complaint);
  return FALSE;
}

/* A C string: U+0000 has no place in it. */
char *
_bubus_json_place_dup_string (const BubusJsonPlace  *self,
                              const BubusJsonSpan   *span,
                              GError               **error)
{
  if (span->kind != BUBUS_JSON_KIND_STRING)
    _bubus_json_place_refuse (self, span, "a string", error);
  else if (span->flags & BUBUS_JSON_SPAN_NUL)
    bubus_json_place_complain (self, span, "contains U+0000, which is not supported here", error);
  else
    return _bubus_json_span_dup_string (span, NULL);
  return NULL;
}

gboolean
_bubus_json_place_read_optional_string (const BubusJsonPlace  *self,
                                        const BubusJsonSpan   *span,
                                        char                 **string,
                                        GError               **error)
{
  char *read;

  if (span->kind == BUBUS_JSON_KIND_NULL)
    return TRUE;

  read = _bubus_json_place_dup_string (self, span, error);
  if (read == NULL)
    return FALSE;
  g_free (*string);
  *string = read;
  return TRUE;
}

/* Any version of UUID, in upper or lower case (B-1.2). */
gboolean
_bubus_json_place_read_uuid (const BubusJsonPlace  *self,
                             const BubusJsonSpan   *span,
                             BubusUuid             *id,
                             GError               **error)
{
  char text[BUBUS_UUID_TEXT_SIZE];

  if (span->kind != BUBUS_JSON_KIND_STRING)
    return _bubus_json_place_refuse (self, span, "a UUID", error);
  if (span->length != BUBUS_UUID_TEXT_SIZE + 1)
    return bubus_json_place_complain (self, span, "is not a UUID", error);

  memcpy (text, span->start + 1, BUBUS_UUID_TEXT_SIZE - 1);
  text[BUBUS_UUID_TEXT_SIZE - 1] = '\0';
  if (!_bubus_uuid_parse (id, text))
    return bubus_json_place_complain (self, span, "is not a UUID", error);
  return !_bubus_uuid_is_nil (id) || bubus_json_place_complain (self, span, "is the UUID that names nothing", error);
}

/* B-1.28. */
gboolean
_bubus_json_place_read_optional_time (const BubusJsonPlace  *self,
                                      const BubusJsonSpan   *span,
                                      gint64                *time_ns,
                                      GError               **error)
{
  g_autoptr (GError) local_error = NULL;
  char text[TIME_BUFFER];

  if (span->kind == BUBUS_JSON_KIND_NULL)
    return TRUE;
  if (span->kind != BUBUS_JSON_KIND_STRING)
    return _bubus_json_place_refuse (self, span, "a time", error);
  if (span->length > sizeof text)
    return bubus_json_place_complain (self, span, "is not a time of ISO 8601", error);

  memcpy (text, span->start + 1, span->length - 2);
  text[span->length - 2] = '\0';
  if (bubus_time_from_iso8601 (text, time_ns, &local_error))
    return TRUE;

  _bubus_json_set_error (error, self->code, self->text, span->start, "“%s”: %s", self->name, local_error->message);
  return FALSE;
}

char **
_bubus_json_place_dup_strv (const BubusJsonPlace  *self,
                            const BubusJsonSpan   *span,
                            GError               **error)
{
  g_autoptr (GStrvBuilder) builder = NULL;
  BubusJsonScanner scanner;
  BubusJsonSpan element;

  if (span->kind != BUBUS_JSON_KIND_ARRAY)
    {
      _bubus_json_place_refuse (self, span, "an array of strings", error);
      return NULL;
    }

  builder = g_strv_builder_new ();
  _bubus_json_scanner_init_span (&scanner, self->text, span);
  _bubus_json_scanner_enter (&scanner, BUBUS_JSON_KIND_ARRAY, NULL);
  while (_bubus_json_scanner_next_element (&scanner, &element, NULL))
    {
      g_autofree char *string = _bubus_json_place_dup_string (self, &element, error);

      if (string == NULL)
        return NULL;
      g_strv_builder_add (builder, string);
    }
  return g_strv_builder_end (builder);
}

/* One word of a list. */
gboolean
_bubus_json_place_read_nick (const BubusJsonPlace  *self,
                             const BubusJsonSpan   *span,
                             const char *const     *nicks,
                             guint                  n_nicks,
                             guint                 *index,
                             GError               **error)
{
  g_autofree char *list = NULL, *complaint = NULL;

  if (span->kind != BUBUS_JSON_KIND_STRING)
    return _bubus_json_place_refuse (self, span, "a string", error);
  for (*index = 0; *index < n_nicks; (*index)++)
    if (_bubus_json_span_equals (span, nicks[*index]))
      return TRUE;

  list = g_strjoinv ("”, “", (char **) nicks);
  complaint = g_strdup_printf ("must be one of “%s”", list);
  return bubus_json_place_complain (self, span, complaint, error);
}
