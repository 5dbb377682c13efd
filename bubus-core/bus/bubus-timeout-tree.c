/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-timeout-tree-private.h"

#include "base/bubus-clock-internal.h"
#include "base/bubus-error.h"
#include "bubus-dispatch-table-private.h"
#include "bubus-event-bus-private.h"
#include "bubus-handler-limits-private.h"
#include "bubus-handler-private.h"
#include "tree/bubus-tree-text-internal.h"
#include "tree/bubus-tree-walk-internal.h"

/* Where a handler was that has used up its time (B-10.7): everything from the eldest ancestor of its event down, with
 * what had become of it when the handler was over. */

#define INDENTATION 4
#define TIMING_COLUMN 64

/* What became of a handler. */
typedef enum
{
  FATE_DONE,
  FATE_EXPIRED,
  FATE_RUNNING,
  FATE_INTERRUPTED,
  FATE_FAILED,
  FATE_CANCELLED,
  FATE_NOT_REACHED,
} BubusTimeoutFate;

typedef struct
{
  BubusTreeSign icon;
  BubusTreeSign timing;
  BubusTreeSign marker;
} BubusTimeoutSigns;

static const BubusTimeoutSigns signs[] = {
  [FATE_DONE] = { { "☑️", "[ok]" }, { "", "" }, { "✓", "ok" } },
  [FATE_EXPIRED] = { { "⏰", "[TIME]" }, { "⌛️", "over" }, { "⬅️ TIMEOUT HERE ⏰", "<-- TIMEOUT HERE" } },
  [FATE_RUNNING] = { { "➡️", "[run]" }, { "⏳", "since" }, { "", "" } },
  [FATE_INTERRUPTED] = { { "➡️", "[cut]" }, { "⏳", "since" }, { "⬅️ INTERRUPTED ✂️", "<-- INTERRUPTED" } },
  [FATE_FAILED] = { { "❌", "[fail]" }, { "", "" }, { "☠️", "!!" } },
  [FATE_CANCELLED] = { { "🔚", "[cut]" }, { "🔜", "never" }, { "⛔️ Cancelled", "!! Cancelled" } },
  [FATE_NOT_REACHED] = { { "🔜", "[wait]" }, { "🔜", "not yet" }, { "", "" } },
};

/* It will be cancelled as soon as the bus comes to it. */
static gboolean
bubus_timeout_tree_is_abandoned (BubusEventResult *result)
{
  return _bubus_event_has_flags (_bubus_event_get_private (_bubus_result_get_event (result)), BUBUS_EVENT_ABANDONED);
}

static BubusTimeoutFate
bubus_timeout_tree_get_fate (BubusEventResult *result,
                             BubusEventResult *expired)
{
  const GError *error = bubus_event_result_get_error (result);

  if (result == expired)
    return FATE_EXPIRED;
  if (g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_ABORTED))
    return FATE_INTERRUPTED;
  if (g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_CANCELLED))
    return FATE_CANCELLED;
  if (error != NULL)
    return FATE_FAILED;
  if (bubus_event_result_get_status (result) == BUBUS_RESULT_STATUS_COMPLETED)
    return FATE_DONE;
  if (bubus_event_result_get_started_at (result) != 0)
    return FATE_RUNNING;
  return bubus_timeout_tree_is_abandoned (result) ? FATE_CANCELLED : FATE_NOT_REACHED;
}

/* ---- times ---- */

static void
bubus_timeout_tree_append_seconds (GString *out,
                                   gint64   duration_ns)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (text, sizeof text, "%.3f", duration_ns / 1e9);
  g_string_append_printf (out, "%ss", text);
}

/* The handler that belongs to a result, as long as the bus has it at hand. Only the bus whose handler has expired can
 * be asked: others may run in other threads, and be gone at any time. */
static BubusHandler *
bubus_timeout_tree_get_handler (BubusEventResult *result,
                                BubusEventBus    *bus)
{
  const BubusVisit *visit = _bubus_result_get_visit (result);
  const BubusHandlerList *list;
  guint index = result->index;

  if (_bubus_visit_get_bus (visit) != bus || visit->state == BUBUS_VISIT_DONE)
    return NULL;

  list = _bubus_visit_get_handlers (visit);
  if (list == NULL || index >= list->n_handlers || list->handlers[index]->info != result->handler)
    return NULL;
  return list->handlers[index];
}

/* In seconds; 0: there is none, or it is not known any more. */
static double
bubus_timeout_tree_get_limit (BubusEventResult *result,
                              BubusEventBus    *bus)
{
  BubusHandler *handler = bubus_timeout_tree_get_handler (result, bus);

  return handler != NULL ? _bubus_handler_get_limit (handler, result, BUBUS_EVENT_TIME_HANDLER) : 0;
}

static void
bubus_timeout_tree_append_limit (GString *out,
                                 double   seconds)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (text, sizeof text, "%g", seconds);
  g_string_append_printf (out, "%ss", text);
}

static gint64
bubus_timeout_tree_get_end (gint64            completed_at,
                            BubusEventResult *expired)
{
  gint64 expired_at = bubus_event_result_get_completed_at (expired);

  if (completed_at != 0)
    return completed_at;
  return expired_at != 0 ? expired_at : _bubus_clock_now_thread_default ();
}

static gint64
bubus_timeout_tree_get_elapsed (BubusEventResult *result,
                                BubusEventResult *expired)
{
  gint64 end = bubus_timeout_tree_get_end (bubus_event_result_get_completed_at (result), expired);

  return MAX (end - bubus_event_result_get_started_at (result), 0);
}

/* ---- lines ---- */

static void
bubus_timeout_tree_append_spaces (GString *out,
                                  glong    n)
{
  while (n-- > 0)
    g_string_append_c (out, ' ');
}

static void
bubus_timeout_tree_append_event (GString          *out,
                                 BubusTreeFlags    flags,
                                 BubusEvent       *event,
                                 BubusEventResult *expired)
{
  static const BubusTreeSign icon = { "📣", "*" };
  gint64 end = bubus_timeout_tree_get_end (bubus_event_get_event_completed_at (event), expired);

  g_string_append (out, _bubus_tree_sign_get (icon, flags));
  g_string_append_c (out, ' ');
  _bubus_tree_append_event_name (out, flags, event);
  g_string_append_c (out, ' ');
  bubus_timeout_tree_append_seconds (out, MAX (end - _bubus_tree_get_event_start (event), 0));
}

static void
bubus_timeout_tree_append_timing (GString          *out,
                                  BubusTreeFlags    flags,
                                  BubusEventResult *result,
                                  BubusEventResult *expired)
{
  const BubusTimeoutSigns *sign = &signs[bubus_timeout_tree_get_fate (result, expired)];
  const char *timing = _bubus_tree_sign_get (sign->timing, flags);
  double limit = bubus_timeout_tree_get_limit (result, _bubus_result_get_bus (expired));

  g_string_append (out, timing);
  if (bubus_event_result_get_started_at (result) == 0)
    return;

  if (*timing != '\0')
    g_string_append_c (out, ' ');
  bubus_timeout_tree_append_seconds (out, bubus_timeout_tree_get_elapsed (result, expired));
  if (limit <= 0)
    return;
  g_string_append_c (out, '/');
  bubus_timeout_tree_append_limit (out, limit);
}

static void
bubus_timeout_tree_append_marker (GString          *out,
                                  BubusTreeFlags    flags,
                                  BubusEventResult *result,
                                  BubusEventResult *expired)
{
  BubusTimeoutFate fate = bubus_timeout_tree_get_fate (result, expired);
  const char *marker = _bubus_tree_sign_get (signs[fate].marker, flags);
  g_autofree char *name = NULL;

  if (*marker == '\0')
    return;

  g_string_append_c (out, ' ');
  g_string_append (out, marker);
  if (fate != FATE_FAILED)
    return;
  name = _bubus_tree_dup_error_name (bubus_event_result_get_error (result));
  g_string_append_c (out, ' ');
  _bubus_tree_append_name (out, flags, name);
}

static void
bubus_timeout_tree_append_result (GString          *out,
                                  BubusTreeFlags    flags,
                                  BubusEventResult *result,
                                  BubusEventResult *expired,
                                  gsize             line_start)
{
  const char *id = bubus_event_get_event_id (bubus_event_result_get_event (result));
  BubusTimeoutFate fate = bubus_timeout_tree_get_fate (result, expired);

  g_string_append (out, _bubus_tree_sign_get (signs[fate].icon, flags));
  g_string_append_c (out, ' ');
  _bubus_tree_append_handler (out, flags, result);
  g_string_append_printf (out, "(#%s) ", id + strlen (id) - 4);
  bubus_timeout_tree_append_spaces (out, TIMING_COLUMN - g_utf8_strlen (out->str + line_start, -1));
  bubus_timeout_tree_append_timing (out, flags, result, expired);
  bubus_timeout_tree_append_marker (out, flags, result, expired);
}

static void
bubus_timeout_tree_append_line (GString             *out,
                                BubusTreeFlags       flags,
                                const BubusTreeLine *line,
                                BubusEventResult    *expired)
{
  gsize line_start = out->len;

  bubus_timeout_tree_append_spaces (out, line->depth * INDENTATION);
  switch (line->kind)
    {
    case BUBUS_TREE_LINE_EVENT:
      bubus_timeout_tree_append_event (out, flags, line->item, expired);
      break;

    case BUBUS_TREE_LINE_RESULT:
      bubus_timeout_tree_append_result (out, flags, line->item, expired, line_start);
      break;

    case BUBUS_TREE_LINE_ELSEWHERE:
      _bubus_tree_append_elsewhere (out, flags, line->item);
      break;

    default:
      g_assert_not_reached ();
    }
  g_string_append_c (out, '\n');
}

/* ---- the whole ---- */

static void
bubus_timeout_tree_append_head (GString          *out,
                                BubusTreeFlags    flags,
                                BubusEventResult *expired)
{
  static const BubusTreeSign clock = { "⏱️ ", "" };
  double limit = bubus_timeout_tree_get_limit (expired, _bubus_result_get_bus (expired));

  _bubus_tree_append_rule (out);
  g_string_append (out, _bubus_tree_sign_get (clock, flags));
  g_string_append (out, "TIMEOUT ERROR - Handling took more than ");
  bubus_timeout_tree_append_limit (out, limit > 0 ? limit : bubus_timeout_tree_get_elapsed (expired, expired) / 1e9);
  g_string_append (out, " for ");
  _bubus_tree_append_handler (out, flags, expired);
  g_string_append_c (out, '(');
  _bubus_tree_append_event_name (out, flags, _bubus_result_get_event (expired));
  g_string_append (out, ")\n");
  _bubus_tree_append_rule (out);
}

/* To be called in the main context of the bus whose handler has expired, while the bus is alive. */
char *
_bubus_timeout_tree_format (BubusEventResult *expired,
                            BubusTreeFlags    flags)
{
  g_autoptr (BubusTreeWalk) walk = NULL;
  BubusEvent *root = _bubus_result_get_event (expired);
  GString *out = g_string_new (NULL);

  while (_bubus_event_get_parent (root) != NULL)
    root = _bubus_event_get_parent (root);

  bubus_timeout_tree_append_head (out, flags, expired);
  walk = _bubus_tree_walk_event (root);
  for (guint i = 0; i < walk->lines->len; i++)
    bubus_timeout_tree_append_line (out, flags, &g_array_index (walk->lines, BubusTreeLine, i), expired);
  _bubus_tree_append_rule (out);
  return g_string_free (out, FALSE);
}

/* The tree is not written when nobody would see it: many handlers below one root may expire together. */
void
_bubus_timeout_tree_log (BubusEventResult *expired)
{
  g_autofree char *text = NULL;

  if (g_log_writer_default_would_drop (G_LOG_LEVEL_DEBUG, G_LOG_DOMAIN))
    return;

  text = _bubus_timeout_tree_format (expired, g_get_console_charset (NULL) ? BUBUS_TREE_NONE : BUBUS_TREE_ASCII);
  g_debug ("%s", g_strchomp (text));
}
