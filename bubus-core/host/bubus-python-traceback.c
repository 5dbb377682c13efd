/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-python-private.h"

#include <stdio.h>
#include <string.h>

/* When a module cannot be imported, all that there is is what Python prints: first how it came there, through its own
 * importer, and what is wrong in the last line. Turned round, it looks like what is raised later. */

#define TITLE "Traceback (most recent call last):\n"

/* A place is of the form “  File "PATH", line NUMBER, in FUNCTION”; that of an error of syntax has no function. */
static void
bubus_python_prepend_place (GString    *places,
                            const char *line)
{
  const char *path = line + strlen ("  File \"");
  const char *end = strstr (path, "\", line ");
  g_autofree char *file = end != NULL ? g_strndup (path, end - path) : NULL;
  g_autofree char *place = NULL;
  const char *function;
  int number = 0;

  if (file == NULL || *file == '<' || strstr (file, "/importlib/") != NULL
      || sscanf (end, "\", line %d", &number) != 1)
    return;

  function = strstr (end, ", in ");
  function = function != NULL && strcmp (function, ", in <module>") != 0 ? function + strlen (", in ") : "(module)";
  place = g_strdup_printf ("\n    at %s (%s:%d)", function, file, number);
  g_string_prepend (places, place);
}

/* Returns: (transfer full) (nullable): what was raised, and where, from the innermost function outwards; or %NULL if
 *   @text has no traceback */
char *
_bubus_python_read_traceback (const char *text)
{
  const char *start = g_strrstr (text, TITLE);
  g_auto (GStrv) lines = start != NULL ? g_strsplit (start + strlen (TITLE), "\n", -1) : NULL;
  g_autoptr (GString) places = g_string_new (NULL);

  for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
    {
      if (g_str_has_prefix (lines[i], "  File \""))
        bubus_python_prepend_place (places, lines[i]);
      else if (*lines[i] != ' ' && *lines[i] != '\0')
        return g_strconcat (lines[i], places->str, NULL);
    }
  return NULL;
}
