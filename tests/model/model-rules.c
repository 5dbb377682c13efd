/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model.h"

/* What the words of a program mean, written down again: which handlers an event has, and which setting holds. */

/* ---- patterns (R-9) ---- */

static gboolean glob_matches (const char *pattern,
                              const char *text,
                              gboolean    first);

static gboolean
glob_star_matches (const char *pattern,
                   const char *text,
                   gboolean    whole)
{
  for (guint n = 0;; n++)
    {
      if ((n > 0 || !whole) && glob_matches (pattern, text + n, FALSE))
        return TRUE;
      if (text[n] == '\0' || text[n] == '.')
        return FALSE;
    }
}

static gboolean
glob_segments_match (const char *pattern,
                     const char *text)
{
  for (guint n = 1; text[n - 1] != '\0'; n++)
    if ((text[n] == '\0' || text[n] == '.') && glob_matches (pattern, text + n, FALSE))
      return TRUE;
  return FALSE;
}

/* @first: at the begin of a segment. */
static gboolean
glob_matches (const char *pattern,
              const char *text,
              gboolean    first)
{
  if (*pattern == '\0')
    return *text == '\0';
  if (first && g_str_has_prefix (pattern, "**"))
    return glob_segments_match (pattern + 2, text);
  if (*pattern == '*')
    return glob_star_matches (pattern + 1, text, first && (pattern[1] == '\0' || pattern[1] == '.'));
  if (*text == '\0' || (*pattern == '?' ? *text == '.' : *pattern != *text))
    return FALSE;
  return glob_matches (pattern + 1, text + 1, *pattern == '.');
}

/* How near the handler's pattern is to the type, nearest first; -1: does not match. */
static int
handler_get_rank (const HandlerSpec *handler,
                  guint              type)
{
  const char *pattern = model_patterns[handler->pattern];

  if (g_str_has_prefix (pattern, "type:") && handler->target >= 0)
    return 3;
  if (g_str_has_prefix (pattern, "type:"))
    {
      guint wanted = (guint) (pattern[5] - '0');

      return wanted == type ? 0 : wanted == 0 && type == 1 ? 1 : -1;
    }
  if (g_str_equal (pattern, model_type_get_name (type)))
    return 0;
  if (g_str_equal (pattern, "*"))
    return 3;
  return strpbrk (pattern, "*?") != NULL && glob_matches (pattern, model_type_get_name (type), TRUE) ? 2 : -1;
}

/* The handlers of a bus for a type in the order in which they must be selected. */
guint
program_select (const Program *program,
                guint          bus,
                guint          type,
                guint         *selected)
{
  guint n = 0;

  for (int priority = 1; priority >= -1; priority--)
    for (int rank = 0; rank <= 3; rank++)
      for (guint i = 0; i < program->n_handlers; i++)
        {
          const HandlerSpec *handler = &program->handlers[i];

          if (handler->used && !handler->late && handler->bus == bus && handler->priority == priority
              && handler_get_rank (handler, type) == rank)
            selected[n++] = i;
        }
  return n;
}

/* ---- settings: the event's go before the bus's (B-1.16) ---- */

BubusEventConcurrency
program_get_concurrency (const Program *program,
                         guint          bus,
                         guint          type)
{
  BubusEventConcurrency own = program->types[type].concurrency;

  if (own == BUBUS_EVENT_CONCURRENCY_INHERIT)
    own = program->buses[bus].concurrency;
  return own == BUBUS_EVENT_CONCURRENCY_INHERIT ? BUBUS_EVENT_CONCURRENCY_BUS_SERIAL : own;
}

gboolean
program_may_race (const Program *program,
                  guint          bus,
                  guint          type)
{
  BubusHandlerCompletion own = program->types[type].completion;

  if (own == BUBUS_HANDLER_COMPLETION_INHERIT)
    own = program->buses[bus].completion;
  return own == BUBUS_HANDLER_COMPLETION_FIRST;
}

gboolean
program_has_deadline (const Program *program,
                      guint          bus,
                      guint          type)
{
  double own = program->types[type].deadline;

  return (own >= 0 ? own : program->buses[bus].deadline) > 0;
}

/* In seconds; 0: unlimited. */
double
program_get_timeout (const Program *program,
                     guint          handler,
                     guint          type)
{
  const HandlerSpec *spec = &program->handlers[handler];

  if (spec->timeout >= 0)
    return spec->timeout;
  return program->types[type].timeout >= 0 ? program->types[type].timeout : program->buses[spec->bus].timeout;
}
