/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tree-fixture.h"

/* Ids differ from run to run. Takes over @text. */
char *
without_ids (char *text)
{
  g_autoptr (GRegex) regex = g_regex_new ("#[0-9a-f]{4}\\b", 0, 0, NULL);
  char *without = g_regex_replace_literal (regex, text, -1, 0, "#", 0, NULL);

  g_free (text);
  return without;
}

void
assert_event_tree (BubusEvent *event,
                   const char *expected)
{
  g_autofree char *text = without_ids (bubus_event_format_tree (event, BUBUS_TREE_NONE));

  g_assert_cmpstr (text, ==, expected);
}

/* With @data, a string, or with nothing. */
gboolean
answer (BubusEvent       *event,
        BubusInvocation  *invocation,
        gpointer          data,
        GError          **error)
{
  if (data != NULL)
    bubus_invocation_return_string (invocation, data);
  return TRUE;
}

gboolean
fail (BubusEvent       *event,
      BubusInvocation  *invocation,
      gpointer          data,
      GError          **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, data);
  return FALSE;
}
