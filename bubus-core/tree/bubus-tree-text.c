/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "bubus-tree-text-internal.h"

#include "base/bubus-error.h"
#include "bubus-tree-value-internal.h"
#include "event/bubus-event-internal.h"

/* ---- colours ---- */

void
_bubus_tree_begin_color (GString        *out,
                         BubusTreeFlags  flags,
                         BubusTreeColor  color)
{
  static const char *const codes[] = {
    [BUBUS_TREE_PLAIN] = "\033[0m",
    [BUBUS_TREE_STRONG] = "\033[1m",
    [BUBUS_TREE_FAINT] = "\033[2m",
    [BUBUS_TREE_BAD] = "\033[31m",
  };

  if (flags & BUBUS_TREE_COLOR)
    g_string_append (out, codes[color]);
}

void
_bubus_tree_end_color (GString        *out,
                       BubusTreeFlags  flags)
{
  _bubus_tree_begin_color (out, flags, BUBUS_TREE_PLAIN);
}

void
_bubus_tree_append_rule (GString *out)
{
  for (guint i = 0; i < 80; i++)
    g_string_append_c (out, '=');
  g_string_append_c (out, '\n');
}

/* ---- times ---- */

/* What takes less than a millisecond, as most handlers do, is told to the microsecond. */
static void
bubus_tree_append_duration (GString *out,
                            gint64   duration_ns)
{
  gboolean short_ns = duration_ns < 1000000;
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (text, sizeof text, short_ns ? "%.6f" : "%.3f", duration_ns / 1e9);
  g_string_append_printf (out, " (%ss)", text);
}

/* “[08:54:12.660 (0.041s)]”, in local time */
static void
bubus_tree_append_span (GString        *out,
                        BubusTreeFlags  flags,
                        gint64          start_ns,
                        gint64          end_ns)
{
  gint64 ms = start_ns / 1000000;
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (ms / 1000);
  g_autoptr (GDateTime) local = g_date_time_to_local (utc);

  _bubus_tree_begin_color (out, flags, BUBUS_TREE_FAINT);
  g_string_append_printf (out, "[%02d:%02d:%02d.%03d", g_date_time_get_hour (local), g_date_time_get_minute (local),
                          g_date_time_get_second (local), (int) (ms % 1000));
  if (end_ns != 0)
    bubus_tree_append_duration (out, end_ns - start_ns);
  g_string_append_c (out, ']');
  _bubus_tree_end_color (out, flags);
}

/* When its handlers began: an event that was recorded was created long before. */
gint64
_bubus_tree_get_event_start (BubusEvent *event)
{
  gint64 started_at = bubus_event_get_event_started_at (event);

  return started_at != 0 ? started_at : bubus_event_get_event_created_at (event);
}

/* ---- events ---- */

static BubusTreeSign
bubus_tree_get_event_sign (BubusEvent *event)
{
  static const BubusTreeSign signs[] = {
    [BUBUS_EVENT_STATUS_PENDING] = { "⏳", "[wait]" },
    [BUBUS_EVENT_STATUS_STARTED] = { "🏃", "[run]" },
    [BUBUS_EVENT_STATUS_COMPLETED] = { "✅", "[ok]" },
  };

  return signs[bubus_event_get_event_status (event)];
}

void
_bubus_tree_append_event (GString        *out,
                          BubusTreeFlags  flags,
                          BubusEvent     *event)
{
  g_string_append (out, _bubus_tree_sign_get (bubus_tree_get_event_sign (event), flags));
  g_string_append_c (out, ' ');
  _bubus_tree_begin_color (out, flags, BUBUS_TREE_STRONG);
  _bubus_tree_append_event_name (out, flags, event);
  _bubus_tree_end_color (out, flags);
  g_string_append_c (out, ' ');
  bubus_tree_append_span (out, flags, _bubus_tree_get_event_start (event), bubus_event_get_event_completed_at (event));
}

void
_bubus_tree_append_elsewhere (GString        *out,
                              BubusTreeFlags  flags,
                              BubusEvent     *event)
{
  _bubus_tree_append_event_name (out, flags, event);
  g_string_append (out, " (see below)");
}

/* ---- results ---- */

static BubusTreeSign
bubus_tree_get_result_sign (BubusEventResult *result)
{
  static const BubusTreeSign cut = { "🚫", "[cut]" };
  static const BubusTreeSign signs[] = {
    [BUBUS_RESULT_STATUS_PENDING] = { "⏳", "[wait]" },
    [BUBUS_RESULT_STATUS_STARTED] = { "🏃", "[run]" },
    [BUBUS_RESULT_STATUS_COMPLETED] = { "✅", "[ok]" },
    [BUBUS_RESULT_STATUS_ERROR] = { "❌", "[fail]" },
  };
  const GError *error = bubus_event_result_get_error (result);

  if (g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_CANCELLED) ||
      g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_ABORTED))
    return cut;
  return signs[bubus_event_result_get_status (result)];
}

/* The domain, but for the fates that handlers meet without having failed. */
char *
_bubus_tree_dup_error_name (const GError *error)
{
  const char *domain = g_quark_to_string (error->domain);

  if (g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT))
    return g_strdup ("Timeout");
  if (g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_CANCELLED))
    return g_strdup ("Cancelled");
  if (g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_ABORTED))
    return g_strdup ("Aborted");
  if (!g_str_has_suffix (domain, "-quark"))
    return g_strdup (domain);
  return g_strndup (domain, strlen (domain) - strlen ("-quark"));
}

/* Returns: (transfer full): @text in one line: errors of interpreters go on with where they were raised */
static char *
bubus_tree_join_lines (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GString *joined = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *line = g_strstrip (lines[i]);

      if (*line != '\0')
        g_string_append_printf (joined, "%s%s", joined->len > 0 ? " " : "", line);
    }
  return g_string_free (joined, FALSE);
}

static void
bubus_tree_append_error (GString        *out,
                         BubusTreeFlags  flags,
                         const GError   *error)
{
  gboolean timed_out = g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  BubusTreeSign sign = { timed_out ? "⏱️" : "☠️", "!!" };
  g_autofree char *name = _bubus_tree_dup_error_name (error);
  g_autofree char *message = bubus_tree_join_lines (error->message);

  g_string_append_c (out, ' ');
  _bubus_tree_begin_color (out, flags, BUBUS_TREE_BAD);
  g_string_append (out, _bubus_tree_sign_get (sign, flags));
  g_string_append_c (out, ' ');
  _bubus_tree_append_name (out, flags, name);
  g_string_append (out, ": ");
  _bubus_tree_append_name (out, flags, message);
  _bubus_tree_end_color (out, flags);
}

/* Nothing as long as there is none. */
void
_bubus_tree_append_outcome (GString          *out,
                            BubusTreeFlags    flags,
                            BubusEventResult *result)
{
  const GError *error = bubus_event_result_get_error (result);

  if (error != NULL)
    bubus_tree_append_error (out, flags, error);
  else if (bubus_event_result_get_status (result) == BUBUS_RESULT_STATUS_COMPLETED)
    {
      g_string_append (out, flags & BUBUS_TREE_ASCII ? " -> " : " → ");
      _bubus_tree_append_value (out, flags, bubus_event_result_get_value (result));
    }
}

void
_bubus_tree_append_handler (GString          *out,
                            BubusTreeFlags    flags,
                            BubusEventResult *result)
{
  _bubus_tree_append_name (out, flags, bubus_event_result_get_eventbus_name (result));
  g_string_append_c (out, '.');
  _bubus_tree_append_name (out, flags, bubus_event_result_get_handler_name (result));
}

void
_bubus_tree_append_result (GString          *out,
                           BubusTreeFlags    flags,
                           BubusEventResult *result)
{
  gint64 started_at = bubus_event_result_get_started_at (result);

  g_string_append (out, _bubus_tree_sign_get (bubus_tree_get_result_sign (result), flags));
  g_string_append_c (out, ' ');
  _bubus_tree_append_handler (out, flags, result);
  _bubus_tree_append_tail (out, _bubus_handler_info_get_id_text (result->handler));
  if (started_at != 0)
    {
      g_string_append_c (out, ' ');
      bubus_tree_append_span (out, flags, started_at, bubus_event_result_get_completed_at (result));
    }
  _bubus_tree_append_outcome (out, flags, result);
}
