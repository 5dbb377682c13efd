/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "bubus-text.h"

/* Results and errors longer than this are cut: they are for a glance. */
#define BUBUS_TEXT_MAX_CHARACTERS 72

/* ---- what others have written ---- */

/* Control characters steer terminals, and some others reverse what stands around them. */
static gboolean
bubus_text_is_dangerous (gunichar c)
{
  return g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029 || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069);
}

static void
bubus_text_append_character (GString  *out,
                             gunichar  c)
{
  if (bubus_text_is_dangerous (c))
    g_string_append_printf (out, "\\u%04x", c);
  else
    g_string_append_unichar (out, c);
}

static void
bubus_text_append_cut (GString    *out,
                       const char *string,
                       glong       max_characters,
                       const char *escaped)
{
  g_autofree char *valid = g_utf8_make_valid (string, -1);
  glong n = 0;

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      if (n++ == max_characters)
        {
          g_string_append (out, "...");
          break;
        }
      if (strchr (escaped, *p) != NULL)
        g_string_append_c (out, '\\');
      bubus_text_append_character (out, g_utf8_get_char (p));
    }
}

void
bubus_text_append_safe (GString    *out,
                        const char *string)
{
  bubus_text_append_cut (out, string, G_MAXLONG, "");
}

void
bubus_text_append_quoted (GString    *out,
                          const char *string)
{
  g_string_append_c (out, '"');
  bubus_text_append_cut (out, string, BUBUS_TEXT_MAX_CHARACTERS, "\"\\");
  g_string_append_c (out, '"');
}

/* ---- values ---- */

static void
bubus_text_append_double (GString *out,
                          double   value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (text, sizeof text, "%.15g", value);
  if (g_ascii_strtod (text, NULL) != value)
    g_ascii_dtostr (text, sizeof text, value);
  g_string_append (out, text);
}

/* Of a structure only its size is told. */
static void
bubus_text_append_variant (GString  *out,
                           GVariant *variant)
{
  g_autofree char *text = NULL;

  if (g_variant_is_of_type (variant, G_VARIANT_TYPE_STRING))
    bubus_text_append_quoted (out, g_variant_get_string (variant, NULL));
  else if (g_variant_is_of_type (variant, G_VARIANT_TYPE_DICTIONARY))
    g_string_append_printf (out, "dict(%" G_GSIZE_FORMAT " items)", g_variant_n_children (variant));
  else if (g_variant_is_container (variant))
    g_string_append_printf (out, "list(%" G_GSIZE_FORMAT " items)", g_variant_n_children (variant));
  else
    bubus_text_append_safe (out, text = g_variant_print (variant, FALSE));
}

static void
bubus_text_append_json (GString   *out,
                        BubusJson *json)
{
  g_autoptr (GVariant) variant = bubus_json_to_variant (json, NULL, NULL);

  if (variant == NULL)
    g_string_append (out, "json(...)");
  else if (g_variant_is_of_type (variant, G_VARIANT_TYPE_VARIANT))
    g_string_append (out, "None");
  else
    bubus_text_append_variant (out, variant);
}

static void
bubus_text_append_event_name (GString    *out,
                              BubusEvent *event)
{
  const char *id = bubus_event_get_event_id (event);

  bubus_text_append_cut (out, bubus_event_get_event_type (event), BUBUS_TEXT_MAX_CHARACTERS, "");
  g_string_append_printf (out, "#%s", id + strlen (id) - 4);
}

static void
bubus_text_append_boxed (GString      *out,
                         const GValue *value)
{
  gpointer boxed = g_value_get_boxed (value);

  if (boxed == NULL)
    g_string_append (out, "None");
  else if (G_VALUE_HOLDS (value, G_TYPE_STRV))
    g_string_append_printf (out, "list(%u items)", g_strv_length (boxed));
  else if (G_VALUE_HOLDS (value, BUBUS_TYPE_JSON))
    bubus_text_append_json (out, boxed);
  else
    g_string_append_printf (out, "%s(...)", G_VALUE_TYPE_NAME (value));
}

static void
bubus_text_append_object (GString *out,
                          GObject *object)
{
  if (object == NULL)
    g_string_append (out, "None");
  else if (!BUBUS_IS_EVENT (object))
    g_string_append_printf (out, "%s(...)", G_OBJECT_TYPE_NAME (object));
  else
    {
      g_string_append (out, "Event(");
      bubus_text_append_event_name (out, BUBUS_EVENT (object));
      g_string_append_c (out, ')');
    }
}

static void
bubus_text_append_string_or_none (GString    *out,
                                  const char *string)
{
  if (string != NULL)
    bubus_text_append_quoted (out, string);
  else
    g_string_append (out, "None");
}

static void
bubus_text_append_other (GString      *out,
                         const GValue *value)
{
  g_auto (GValue) text = G_VALUE_INIT;

  g_value_init (&text, G_TYPE_STRING);
  if (g_value_transform (value, &text) && g_value_get_string (&text) != NULL)
    bubus_text_append_cut (out, g_value_get_string (&text), BUBUS_TEXT_MAX_CHARACTERS, "");
  else
    g_string_append_printf (out, "%s(...)", G_VALUE_TYPE_NAME (value));
}

void
bubus_text_append_value (GString      *out,
                         const GValue *value)
{
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_BOOLEAN:
      g_string_append (out, g_value_get_boolean (value) ? "true" : "false");
      break;

    case G_TYPE_DOUBLE:
      bubus_text_append_double (out, g_value_get_double (value));
      break;

    case G_TYPE_STRING:
      bubus_text_append_string_or_none (out, g_value_get_string (value));
      break;

    case G_TYPE_BOXED:
      bubus_text_append_boxed (out, value);
      break;

    case G_TYPE_OBJECT:
      bubus_text_append_object (out, g_value_get_object (value));
      break;

    case G_TYPE_VARIANT:
      if (g_value_get_variant (value) != NULL)
        bubus_text_append_variant (out, g_value_get_variant (value));
      else
        g_string_append (out, "None");
      break;

    default:
      bubus_text_append_other (out, value);
    }
}

/* ---- events and results ---- */

void
bubus_text_begin (GString              *out,
                  const BubusTextStyle *style,
                  BubusTextColour       colour)
{
  static const char *const codes[] = {
    [BUBUS_TEXT_PLAIN] = "\033[0m",
    [BUBUS_TEXT_STRONG] = "\033[1m",
    [BUBUS_TEXT_FAINT] = "\033[2m",
    [BUBUS_TEXT_BAD] = "\033[31m",
  };

  if (style->colours)
    g_string_append (out, codes[colour]);
}

void
bubus_text_end (GString              *out,
                const BubusTextStyle *style)
{
  bubus_text_begin (out, style, BUBUS_TEXT_PLAIN);
}

/* In seconds; what takes less than a millisecond, as most handlers do, is told to the microsecond. */
static void
bubus_text_append_duration (GString *out,
                            gint64   duration_ns)
{
  g_string_append_printf (out, " (%.*fs)", duration_ns >= 1000000 ? 3 : 6, duration_ns / 1e9);
}

/* “[08:54:12.660 (0.041s)]”, in local time */
static void
bubus_text_append_span (GString              *out,
                        const BubusTextStyle *style,
                        gint64                start_ns,
                        gint64                end_ns)
{
  gint64 ms = start_ns / 1000000;
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (ms / 1000);
  g_autoptr (GDateTime) local = g_date_time_to_local (utc);

  bubus_text_begin (out, style, BUBUS_TEXT_FAINT);
  g_string_append_printf (out, "[%02d:%02d:%02d.%03d", g_date_time_get_hour (local), g_date_time_get_minute (local),
                          g_date_time_get_second (local), (int) (ms % 1000));
  if (end_ns != 0)
    bubus_text_append_duration (out, end_ns - start_ns);
  g_string_append_c (out, ']');
  bubus_text_end (out, style);
}

static const char *
bubus_text_get_event_icon (const BubusTextStyle *style,
                           BubusEventStatus      status)
{
  static const char *const icons[][2] = {
    [BUBUS_EVENT_STATUS_PENDING] = { "[wait]", "⏳" },
    [BUBUS_EVENT_STATUS_STARTED] = { "[run]", "🏃" },
    [BUBUS_EVENT_STATUS_COMPLETED] = { "[ok]", "✅" },
  };

  return icons[status][!!style->utf8];
}

static const char *
bubus_text_get_result_icon (const BubusTextStyle *style,
                            BubusEventResult     *result)
{
  static const char *const icons[][2] = {
    [BUBUS_RESULT_STATUS_PENDING] = { "[wait]", "⏳" },
    [BUBUS_RESULT_STATUS_STARTED] = { "[run]", "🏃" },
    [BUBUS_RESULT_STATUS_COMPLETED] = { "[ok]", "✅" },
    [BUBUS_RESULT_STATUS_ERROR] = { "[fail]", "❌" },
  };
  const GError *error = bubus_event_result_get_error (result);

  if (g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_CANCELLED) ||
      g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_ABORTED))
    return style->utf8 ? "🚫" : "[cut]";
  return icons[bubus_event_result_get_status (result)][!!style->utf8];
}

/* When its handlers began: a recorded event was created long before. */
static gint64
bubus_text_get_start (BubusEvent *event)
{
  gint64 started_at = bubus_event_get_event_started_at (event);

  return started_at != 0 ? started_at : bubus_event_get_event_created_at (event);
}

void
bubus_text_append_event (GString              *out,
                         const BubusTextStyle *style,
                         BubusEvent           *event)
{
  g_string_append (out, bubus_text_get_event_icon (style, bubus_event_get_event_status (event)));
  g_string_append_c (out, ' ');
  bubus_text_begin (out, style, BUBUS_TEXT_STRONG);
  bubus_text_append_event_name (out, event);
  bubus_text_end (out, style);
  g_string_append_c (out, ' ');
  bubus_text_append_span (out, style, bubus_text_get_start (event), bubus_event_get_event_completed_at (event));
}

static void
bubus_text_append_error (GString              *out,
                         const BubusTextStyle *style,
                         const GError         *error)
{
  const char *domain = g_quark_to_string (error->domain);
  int length = g_str_has_suffix (domain, "-quark") ? strlen (domain) - strlen ("-quark") : strlen (domain);

  bubus_text_begin (out, style, BUBUS_TEXT_BAD);
  g_string_append_printf (out, " %s %.*s: ", style->utf8 ? "☠️" : "!!", length, domain);
  bubus_text_append_cut (out, error->message, BUBUS_TEXT_MAX_CHARACTERS, "");
  bubus_text_end (out, style);
}

static void
bubus_text_append_outcome (GString              *out,
                           const BubusTextStyle *style,
                           BubusEventResult     *result)
{
  const GError *error = bubus_event_result_get_error (result);
  const GValue *value = bubus_event_result_get_value (result);

  if (error != NULL)
    bubus_text_append_error (out, style, error);
  else if (bubus_event_result_get_status (result) == BUBUS_RESULT_STATUS_COMPLETED)
    {
      g_string_append (out, style->utf8 ? " → " : " -> ");
      if (value != NULL)
        bubus_text_append_value (out, value);
      else
        g_string_append (out, "None");
    }
}

static void
bubus_text_append_handler (GString          *out,
                           BubusEventResult *result)
{
  bubus_text_append_cut (out, bubus_event_result_get_eventbus_name (result), BUBUS_TEXT_MAX_CHARACTERS, "");
  g_string_append_c (out, '.');
  bubus_text_append_cut (out, bubus_event_result_get_handler_name (result), BUBUS_TEXT_MAX_CHARACTERS, "");
}

void
bubus_text_append_result (GString              *out,
                          const BubusTextStyle *style,
                          BubusEventResult     *result)
{
  g_autofree char *handler_id = bubus_event_result_dup_handler_id (result);
  gint64 started_at = bubus_event_result_get_started_at (result);

  g_string_append (out, bubus_text_get_result_icon (style, result));
  g_string_append_c (out, ' ');
  bubus_text_append_handler (out, result);
  g_string_append_printf (out, "#%s", handler_id + strlen (handler_id) - 4);
  if (started_at != 0)
    {
      g_string_append_c (out, ' ');
      bubus_text_append_span (out, style, started_at, bubus_event_result_get_completed_at (result));
    }
  bubus_text_append_outcome (out, style, result);
}

/* An event and its results in one line. */
void
bubus_text_append_line (GString              *out,
                        const BubusTextStyle *style,
                        BubusEvent           *event)
{
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);

  bubus_text_append_event (out, style, event);
  for (guint i = 0; i < results->len; i++)
    {
      BubusEventResult *result = g_ptr_array_index (results, i);

      g_string_append (out, i == 0 ? "  " : "; ");
      bubus_text_append_handler (out, result);
      bubus_text_append_outcome (out, style, result);
    }
  g_string_append_c (out, '\n');
}
