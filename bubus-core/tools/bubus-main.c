/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>

#include <glib/gi18n.h>

#include "bubus-console.h"
#include "bubus-verbs.h"

typedef struct
{
  const char *name;
  const char *summary;
  int       (*main) (char **arguments);
} BubusVerb;

static const BubusVerb verbs[] = {
  { "run", N_("Run a bus with plugins over streams of events"), bubus_run_main },
  { "plugins", N_("List the plugins that are found"), bubus_plugins_main },
  { "types", N_("List the event types that plugins define"), bubus_types_main },
  { "new-plugin", N_("Make a plugin to begin with"), bubus_new_plugin_main },
  { "replay", N_("Dispatch the events of a journal again"), bubus_replay_main },
  { "tail", N_("Show the last events of a journal"), bubus_tail_main },
  { "tree", N_("Show the trees of events of a journal"), bubus_tree_main },
  { "verify", N_("Check every line of a journal"), bubus_verify_main },
  { "stats", N_("Count the events of a journal by type"), bubus_stats_main },
  { "query", N_("Look for events in a history that the plugin sqlite has written"), bubus_query_main },
};

static int
bubus_main_print_version (char **arguments)
{
  bubus_console_write ("bubus " PACKAGE_VERSION "\n", FALSE);
  return BUBUS_EXIT_OK;
}

static void
bubus_main_append_line (GString    *text,
                        const char *name,
                        const char *summary)
{
  g_string_append_printf (text, "  %-16s %s\n", name, summary);
}

static int
bubus_main_print_help (char **arguments)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "%s\n  bubus %s\n\n%s\n\n%s\n", _("Usage:"), _("COMMAND [OPTION…] [ARGUMENT…]"),
                          _("A host for event buses and their plugins."), _("Commands:"));
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    bubus_main_append_line (text, verbs[i].name, _(verbs[i].summary));
  g_string_append_printf (text, "\n%s\n", _("Options:"));
  bubus_main_append_line (text, "-h, --help", _("Show this help; “bubus COMMAND --help” tells about a command"));
  bubus_main_append_line (text, "--version", _("Show the version"));
  bubus_console_write (text->str, FALSE);
  return BUBUS_EXIT_OK;
}

/* What may stand in a verb's place. */
static const BubusVerb options[] = {
  { "--help", NULL, bubus_main_print_help },
  { "-h", NULL, bubus_main_print_help },
  { "help", NULL, bubus_main_print_help },
  { "--version", NULL, bubus_main_print_version },
};

static const BubusVerb *
bubus_main_find (const BubusVerb *table,
                 guint            length,
                 const char      *name)
{
  for (guint i = 0; i < length; i++)
    {
      if (g_str_equal (table[i].name, name))
        return &table[i];
    }
  return NULL;
}

static int
bubus_main_run_verb (const BubusVerb *verb,
                     char           **arguments)
{
  g_autofree char *program = g_strdup_printf ("bubus %s", verb->name);

  g_set_prgname (program);
  return verb->main (arguments);
}

static int
bubus_main_refuse (const char *what,
                   const char *name)
{
  if (name != NULL)
    bubus_console_report ("bubus: %s “%s”", what, name);
  else
    bubus_console_report ("bubus: %s", what);
  bubus_console_report (_("Try “%s --help”"), "bubus");
  return BUBUS_EXIT_USAGE;
}

static int
bubus_main_dispatch (char **arguments)
{
  const char *name = arguments[0] != NULL ? arguments[1] : NULL;
  const BubusVerb *found;

  if (name == NULL)
    return bubus_main_refuse (_("a command is missing"), NULL);

  found = bubus_main_find (verbs, G_N_ELEMENTS (verbs), name);
  if (found != NULL)
    return bubus_main_run_verb (found, arguments + 1);

  found = bubus_main_find (options, G_N_ELEMENTS (options), name);
  if (found != NULL)
    return found->main (arguments + 1);
  return bubus_main_refuse (*name == '-' ? _("unknown option") : _("unknown command"), name);
}

/* Standard output is often a pipe or a file: what was to be said there and was not is a failure. */
static int
bubus_main_close_stdout (int status)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return status;

  bubus_console_report ("bubus: %s", _("standard output cannot be written"));
  return BUBUS_EXIT_FAILED;
}

int
main (int    argc,
      char **argv)
{
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname ("bubus");

  /* A write to a pipe that nobody reads is to return an error, and to end nothing. */
  signal (SIGPIPE, SIG_IGN);

  return bubus_main_close_stdout (bubus_main_dispatch (argv));
}
