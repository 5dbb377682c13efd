/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <string.h>

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "bubus-console.h"
#include "bubus-options.h"
#include "bubus-verbs.h"

#define TEMPLATES "/org/bubus/tools/templates/"

/* Plugins that others can write are not trusted, whatever the umask. */
#define DIRECTORY_MODE 0755
#define FILE_MODE      0644

/* A file of a plugin: in its name, “@” stands for that of the plugin. */
typedef struct
{
  const char *template;
  const char *name;
  int         mode;
} BubusTemplate;

typedef struct
{
  const char    *name;
  const char    *loader;
  const char    *next;         /* what to do first, nullable */
  BubusTemplate  templates[3]; /* besides those of all languages */
} BubusLanguage;

static const BubusLanguage languages[] = {
  { "c", "C", "meson setup build && meson test -C build",
    { { "c/plugin.c", "@.c", FILE_MODE }, { "c/meson.build", "meson.build", FILE_MODE } } },
  { "python", BUBUS_PYTHON_LOADER, "./check", { { "python/plugin.py", "@.py", FILE_MODE } } },
  { "js", "js", "./check", { { "js/plugin.js", "@.js", FILE_MODE } } },
};

static const BubusTemplate common_templates[] = {
  { "plugin.plugin", "@.plugin", FILE_MODE },
  { "test.jsonl", "test.jsonl", FILE_MODE },
  { "check", "check", DIRECTORY_MODE },
};

/* “my_plugin” → “MyPlugin” */
static char *
bubus_new_plugin_make_camel (const char *name)
{
  GString *camel = g_string_new (NULL);
  gboolean upper = TRUE;

  for (; *name != '\0'; name++)
    {
      if (*name != '_')
        g_string_append_c (camel, upper ? g_ascii_toupper (*name) : *name);
      upper = *name == '_';
    }
  return g_string_free (camel, FALSE);
}

/* As many blanks as bring the parameters of “NAME_plugin_greet (” below each other. */
static char *
bubus_new_plugin_make_indent (const char *name)
{
  return g_strnfill (strlen (name) + strlen ("_plugin_greet ("), ' ');
}

static char *
bubus_new_plugin_expand (GBytes              *template,
                         const BubusLanguage *language,
                         const char          *name)
{
  g_autofree char *camel = bubus_new_plugin_make_camel (name);
  g_autofree char *indent = bubus_new_plugin_make_indent (name);
  gsize length;
  const char *data = g_bytes_get_data (template, &length);
  GString *text = g_string_new_len (data, (gssize) length);

  g_string_replace (text, "@NAME@", name, 0);
  g_string_replace (text, "@CAMEL@", camel, 0);
  g_string_replace (text, "@INDENT@", indent, 0);
  g_string_replace (text, "@LOADER@", language->loader, 0);
  return g_string_free (text, FALSE);
}

static gboolean
bubus_new_plugin_write (const BubusTemplate  *template,
                        const BubusLanguage  *language,
                        const char           *name,
                        const char           *directory,
                        GError              **error)
{
  g_autofree char *resource = g_strconcat (TEMPLATES, template->template, NULL);
  g_autoptr (GBytes) bytes = g_resources_lookup_data (resource, G_RESOURCE_LOOKUP_FLAGS_NONE, error);
  g_autoptr (GString) file_name = g_string_new (template->name);
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;

  if (bytes == NULL)
    return FALSE;

  g_string_replace (file_name, "@", name, 0);
  path = g_build_filename (directory, file_name->str, NULL);
  text = bubus_new_plugin_expand (bytes, language, name);
  if (!g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, template->mode, error))
    return FALSE;
  g_chmod (path, template->mode);
  return TRUE;
}

static gboolean
bubus_new_plugin_write_all (const BubusLanguage  *language,
                            const char           *name,
                            const char           *directory,
                            GError              **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (common_templates); i++)
    if (!bubus_new_plugin_write (&common_templates[i], language, name, directory, error))
      return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (language->templates) && language->templates[i].template != NULL; i++)
    if (!bubus_new_plugin_write (&language->templates[i], language, name, directory, error))
      return FALSE;
  return TRUE;
}

/* A name must do as that of a directory, of a module in every language, and of functions in C. */
static gboolean
bubus_new_plugin_check_name (const char *name)
{
  gsize length = strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789_");

  return g_ascii_islower (*name) && name[length] == '\0';
}

static const BubusLanguage *
bubus_new_plugin_find_language (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (languages); i++)
    if (g_str_equal (languages[i].name, name))
      return &languages[i];
  return NULL;
}

static int
bubus_new_plugin_execute (const BubusLanguage *language,
                          const char          *name)
{
  g_autoptr (GError) error = NULL;

  /* One that is there already is left alone. */
  if (g_mkdir (name, DIRECTORY_MODE) != 0)
    {
      bubus_console_report ("%s: %s: %s", g_get_prgname (), name, g_strerror (errno));
      return BUBUS_EXIT_FAILED;
    }

  g_chmod (name, DIRECTORY_MODE);
  if (!bubus_new_plugin_write_all (language, name, name, &error))
    {
      bubus_console_report ("%s: %s", g_get_prgname (), error->message);
      return BUBUS_EXIT_FAILED;
    }

  bubus_console_report (_("The plugin is in the directory “%s”. To see that it works, go there and run: %s"), name,
                        language->next);
  return BUBUS_EXIT_OK;
}

static int
bubus_new_plugin_check (char       **names,
                        const char  *language_name)
{
  const BubusLanguage *language = bubus_new_plugin_find_language (language_name != NULL ? language_name : "c");

  if (names == NULL || names[0] == NULL || names[1] != NULL)
    bubus_options_refuse (_("one name of a plugin is needed"));
  else if (!bubus_new_plugin_check_name (names[0]))
    bubus_options_refuse (_("“%s” is not a name of lower-case letters, digits and “_”, with a letter first"), names[0]);
  else if (language == NULL)
    bubus_options_refuse (_("unknown language “%s”: it can be c, python or js"), language_name);
  else
    return bubus_new_plugin_execute (language, names[0]);
  return BUBUS_EXIT_USAGE;
}

int
bubus_new_plugin_main (char **arguments)
{
  g_autoptr (GOptionContext) context =
    bubus_options_new (N_("NAME"), N_("Makes a directory NAME with a plugin that works, and a test for it."));
  g_autofree char *language = NULL;
  g_auto (GStrv) names = NULL;
  const GOptionEntry entries[] = {
    { "language", 0, 0, G_OPTION_ARG_STRING, &language, N_("Write it in c (the default), python or js"),
      N_("LANGUAGE") },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &names, NULL, NULL },
    { NULL },
  };

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!bubus_options_parse (context, arguments))
    return BUBUS_EXIT_USAGE;
  return bubus_new_plugin_check (names, language);
}
