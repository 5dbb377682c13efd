/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-recorded-error-internal.h"

#include <stdlib.h>

#include "base/bubus-json-writer-internal.h"
#include "bubus-event-json.h"

/* What the JavaScript runtime calls an error that has no other type. */
#define DEFAULT_TYPE "Error"

/* Of an error whose domain is the whole type, as with an exception of another language. */
#define TYPE_CODE (-1)

/* In the order of BubusError. */
static const char *const code_names[] = {
  "FAILED", "INVALID_EVENT", "INVALID_JSON", "FULL", "STOPPED", "TOO_DEEP", "RECURSION", "WOULD_BLOCK",
  "WOULD_DEADLOCK", "TIMED_OUT", "ABORTED", "CANCELLED", "RESULT_TYPE", "HANDLER_FAILED", "NOT_DISPATCHED",
  "NO_RESULT", "CONFLICT", "PLUGIN", "PLUGIN_NOT_FOUND", "PLUGIN_ABI", "PLUGIN_UNTRUSTED", "PLUGIN_DEPENDENCY",
  "JOURNAL", "DROPPED", "CIRCUIT_OPEN", "NO_HANDLERS", "RECIPIENT_FAILURE",
  "ALREADY_REGISTERED",
  "DENIED",
  "RATE_LIMITED",
  "VERSION",
  "PLUGIN_CRASHED",
};
G_STATIC_ASSERT (G_N_ELEMENTS (code_names) == BUBUS_ERROR_PLUGIN_CRASHED + 1);

/* What a recorded error is beyond its message. */
typedef struct
{
  char *type;
  char *members;  /* nullable: what was said besides type and message, as JSON, with a comma in front of each */
} BubusRecordedErrorPrivate;

static void
_bubus_recorded_error_private_init (BubusRecordedErrorPrivate *self)
{
}

static void
_bubus_recorded_error_private_copy (const BubusRecordedErrorPrivate *from,
                                   BubusRecordedErrorPrivate       *to)
{
  to->type = g_strdup (from->type);
  to->members = g_strdup (from->members);
}

static void
_bubus_recorded_error_private_clear (BubusRecordedErrorPrivate *self)
{
  g_free (self->type);
  g_free (self->members);
}

/* The macro itself casts from bytes, which clang takes for a mistake; GLib aligns what lies in front of an error. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-align"
G_DEFINE_EXTENDED_ERROR (BubusRecordedError, _bubus_recorded_error)
#pragma GCC diagnostic pop

/* ---- writing ---- */

static char *
bubus_recorded_error_dup_type (const GError *error)
{
  const char *type = NULL;

  if (error->domain == BUBUS_ERROR && error->code >= 0 && error->code < (int) G_N_ELEMENTS (code_names))
    return g_strconcat ("BubusError.", code_names[error->code], NULL);
  if (error->domain != BUBUS_RECORDED_ERROR && error->code != TYPE_CODE)
    return g_strdup_printf ("%s.%d", g_quark_to_string (error->domain), error->code);

  if (error->domain == BUBUS_RECORDED_ERROR)
    type = _bubus_recorded_error_get_private (error)->type;
  else
    type = g_quark_to_string (error->domain);
  return g_strdup (type != NULL ? type : DEFAULT_TYPE);
}

static void
bubus_recorded_error_append_type (const GError *error,
                                  GString      *out)
{
  g_autofree char *type = bubus_recorded_error_dup_type (error);

  _bubus_json_append_string (out, type);
}

void
_bubus_recorded_error_append (const GError *error,
                              GString      *out)
{
  _bubus_json_append_literal (out, "{\"type\":");
  bubus_recorded_error_append_type (error, out);
  _bubus_json_append_literal (out, ",\"message\":");
  _bubus_json_append_string (out, error->message != NULL ? error->message : "");
  if (error->domain == BUBUS_RECORDED_ERROR && _bubus_recorded_error_get_private (error)->members != NULL)
    g_string_append (out, _bubus_recorded_error_get_private (error)->members);
  g_string_append_c (out, '}');
}

/* ---- reading ---- */

static gboolean
bubus_recorded_error_parse_own_type (const char *type,
                                     int        *code)
{
  if (!g_str_has_prefix (type, "BubusError."))
    return FALSE;

  for (*code = 0; *code < (int) G_N_ELEMENTS (code_names); (*code)++)
    if (g_str_equal (type + strlen ("BubusError."), code_names[*code]))
      return TRUE;
  return FALSE;
}

/* “domain.code”; what is not exactly what would be written is not understood. */
static gboolean
bubus_recorded_error_parse_code (const char *type,
                                 GQuark     *domain,
                                 int        *code)
{
  const char *dot = strrchr (type, '.');
  g_autofree char *name = NULL, *again = NULL;

  if (dot == NULL)
    return FALSE;

  name = g_strndup (type, dot - type);
  *domain = g_quark_try_string (name);
  *code = (int) strtol (dot + 1, NULL, 10);
  again = g_strdup_printf ("%s.%d", name, *code);
  return *domain != 0 && *code != TYPE_CODE && g_str_equal (again, type);
}

/* Only domains that are known here: what comes from outside makes no new ones. */
static gboolean
bubus_recorded_error_parse_type (const char *type,
                                 GQuark     *domain,
                                 int        *code)
{
  *domain = BUBUS_ERROR;
  if (bubus_recorded_error_parse_own_type (type, code))
    return TRUE;

  if (!bubus_recorded_error_parse_code (type, domain, code))
    {
      *domain = g_quark_try_string (type);
      *code = TYPE_CODE;
    }
  return *domain != 0 && *domain != BUBUS_ERROR && *domain != BUBUS_RECORDED_ERROR;
}

/* Takes everything but the message. */
static GError *
bubus_recorded_error_new (char       *type,
                          const char *message,
                          char       *members)
{
  GError *error;
  GQuark domain;
  int code;

  if (members == NULL && type != NULL && bubus_recorded_error_parse_type (type, &domain, &code))
    {
      g_free (type);
      return g_error_new_literal (domain, code, message);
    }

  error = g_error_new_literal (BUBUS_RECORDED_ERROR, 0, message);
  _bubus_recorded_error_get_private (error)->type = type;
  _bubus_recorded_error_get_private (error)->members = members;
  return error;
}

static void
bubus_recorded_error_keep_member (GString             **members,
                                  const BubusJsonSpan  *name,
                                  const BubusJsonSpan  *value)
{
  if (*members == NULL)
    *members = g_string_new (NULL);
  g_string_append_c (*members, ',');
  _bubus_json_span_append (name, *members);
  g_string_append_c (*members, ':');
  _bubus_json_span_append (value, *members);
}

/* A type or a message that is no C string is taken as the text that it is in JSON; null is none. */
static gboolean
bubus_recorded_error_read_text (const BubusJsonSpan  *name,
                                const BubusJsonSpan  *value,
                                const char           *wanted,
                                char                **text)
{
  if (!_bubus_json_span_equals (name, wanted))
    return FALSE;

  g_clear_pointer (text, g_free);
  if (value->kind == BUBUS_JSON_KIND_STRING && !(value->flags & BUBUS_JSON_SPAN_NUL))
    *text = _bubus_json_span_dup_string (value, NULL);
  else if (value->kind != BUBUS_JSON_KIND_NULL)
    *text = g_strndup (value->start, value->length);
  return TRUE;
}

static GError *
bubus_recorded_error_read_object (const BubusJsonPlace *place,
                                  const BubusJsonSpan  *span)
{
  g_autofree char *type = NULL, *message = NULL;
  GString *members = NULL;
  BubusJsonScanner scanner;
  BubusJsonSpan name, value;

  _bubus_json_scanner_init_span (&scanner, place->text, span);
  _bubus_json_scanner_enter (&scanner, BUBUS_JSON_KIND_OBJECT, NULL);
  while (_bubus_json_scanner_next_member (&scanner, &name, &value, NULL))
    if (!bubus_recorded_error_read_text (&name, &value, "type", &type) &&
        !bubus_recorded_error_read_text (&name, &value, "message", &message))
      bubus_recorded_error_keep_member (&members, &name, &value);

  return bubus_recorded_error_new (g_steal_pointer (&type), message != NULL ? message : "",
                                   members != NULL ? g_string_free (members, FALSE) : NULL);
}

/* Accepts what the runtimes write (B-1.33): a string, or an object, which may be empty. */
GError *
_bubus_recorded_error_read (const BubusJsonPlace  *place,
                            const BubusJsonSpan   *span,
                            GError               **error)
{
  g_autofree char *message = NULL;

  if (span->kind == BUBUS_JSON_KIND_OBJECT)
    return bubus_recorded_error_read_object (place, span);
  if (span->kind != BUBUS_JSON_KIND_STRING)
    {
      _bubus_json_place_refuse (place, span, "a string, an object or null", error);
      return NULL;
    }

  message = _bubus_json_place_dup_string (place, span, error);
  return message != NULL ? bubus_recorded_error_new (NULL, message, NULL) : NULL;
}

/**
 * bubus_event_result_dup_error_type:
 * @self: a result
 *
 * Gives the type of the error as JSON has it: `BubusError.` and the name of the code for an error of the library, the
 * domain and the code for one of another domain. An error whose code is −1 has the domain alone: this is how bindings
 * give the names of exceptions. The type of an error that was read from JSON is kept, whatever it is.
 *
 * Returns: (transfer full) (nullable): the type, or %NULL when the handler has not failed
 *
 * Since: 1.0
 */
char *
bubus_event_result_dup_error_type (BubusEventResult *self)
{
  const GError *error;

  g_return_val_if_fail (self != NULL, NULL);

  error = bubus_event_result_get_error (self);
  return error != NULL ? bubus_recorded_error_dup_type (error) : NULL;
}
