/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bubus-console.h"
#include "bubus-text.h"

/* Whether the last line on the terminal is a progress line, which the next message takes the place of. */
static gboolean progress_shown = FALSE;

gboolean
bubus_console_is_utf8 (void)
{
  return g_get_charset (NULL);
}

gboolean
bubus_console_is_terminal (int fd)
{
  const char *term = g_getenv ("TERM");

  return isatty (fd) && term != NULL && !g_str_equal (term, "dumb");
}

/* See https://no-color.org */
gboolean
bubus_console_has_colours (int fd)
{
  const char *no_color = g_getenv ("NO_COLOR");

  return (no_color == NULL || *no_color == '\0') && bubus_console_is_terminal (fd);
}

/* How trees are written to @fd. */
BubusTreeFlags
bubus_console_get_tree_flags (int fd)
{
  return (bubus_console_is_utf8 () ? BUBUS_TREE_NONE : BUBUS_TREE_ASCII)
         | (bubus_console_has_colours (fd) ? BUBUS_TREE_COLOR : BUBUS_TREE_NONE);
}

/* What the locale cannot show becomes \uXXXX. */
char *
bubus_console_to_locale (const char *text,
                         gssize      length)
{
  const char *charset;
  char *converted;

  if (g_get_charset (&charset))
    return length < 0 ? g_strdup (text) : g_strndup (text, length);

  converted = g_convert_with_fallback (text, length, charset, "UTF-8", NULL, NULL, NULL, NULL);
  return converted != NULL ? converted : g_str_to_ascii (text, "C");
}

/* On standard output. JSON is written as it is, whatever the locale. */
void
bubus_console_write (const char *text,
                     gboolean    as_is)
{
  g_autofree char *local = as_is ? NULL : bubus_console_to_locale (text, -1);

  fputs (as_is ? text : local, stdout);
}

void
bubus_console_print (const char *text)
{
  g_autofree char *local = bubus_console_to_locale (text, -1);

  bubus_console_hide_progress ();
  fputs (local, stderr);
  fflush (stderr);
}

/* One line about what is wrong. Some of what it names was written by others: it cannot steer the terminal. */
void
bubus_console_report (const char *format,
                      ...)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);

  bubus_text_append_lines (line, message);
  g_string_append_c (line, '\n');
  bubus_console_print (line->str);
}

void
bubus_console_show_progress (const char *text)
{
  g_autofree char *local = bubus_console_to_locale (text, -1);

  fprintf (stderr, "\r%s\033[K", local);
  fflush (stderr);
  progress_shown = TRUE;
}

void
bubus_console_hide_progress (void)
{
  if (!progress_shown)
    return;

  fputs ("\r\033[K", stderr);
  fflush (stderr);
  progress_shown = FALSE;
}
