/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/bubus-error.h"
#include "bubus-peas-private.h"
#include "bubus-plugin-abi-private.h"
#include "bubus-plugin-manifest-private.h"
#include "bubus-plugin-trust-private.h"

/* libpeas reads the same files, but drops those that are bad without telling anybody. So they are read here first,
 * and more strictly, and every complaint names the file and, where there is one, the line. */

#define GROUP "Plugin"

/* A text that is being read. */
typedef struct
{
  const char *path;
  char       *text;
  gsize       length;
  GKeyFile   *keys;
} BubusPluginManifestText;

static void
bubus_plugin_manifest_text_clear (BubusPluginManifestText *self)
{
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->keys, g_key_file_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BubusPluginManifestText, bubus_plugin_manifest_text_clear)

static char *
bubus_plugin_manifest_dup_stem (const char *file_name)
{
  const char *dot = strrchr (file_name, '.');

  return dot != NULL ? g_strndup (file_name, dot - file_name) : g_strdup (file_name);
}

/* A manifest of which nothing is known yet but where it is. */
BubusPluginManifest *
_bubus_plugin_manifest_new (const char *directory,
                            const char *file_name)
{
  BubusPluginManifest *self = g_new0 (BubusPluginManifest, 1);
  g_autofree char *display = g_filename_display_name (file_name);

  self->path = g_build_filename (directory, file_name, NULL);
  self->directory = g_strdup (directory);
  self->module = bubus_plugin_manifest_dup_stem (display);
  self->name = g_strdup (self->module);
  self->authors = g_new0 (char *, 1);
  self->depends = g_new0 (char *, 1);
  self->requires = g_new0 (char *, 1);
  self->after = g_new0 (char *, 1);
  self->before = g_new0 (char *, 1);
  self->loader_name = g_strdup ("C");
  return self;
}

void
_bubus_plugin_manifest_free (BubusPluginManifest *self)
{
  g_free (self->path);
  g_free (self->directory);
  g_free (self->module);
  g_free (self->name);
  g_free (self->description);
  g_free (self->version);
  g_free (self->website);
  g_free (self->settings_schema);
  g_strfreev (self->authors);
  g_strfreev (self->depends);
  g_strfreev (self->requires);
  g_strfreev (self->after);
  g_strfreev (self->before);
  g_free (self->loader_name);
  g_free (self);
}

/* A @line of 0 means the whole file. */
static void G_GNUC_PRINTF (5, 6)
bubus_plugin_manifest_complain (GError    **error,
                                int         code,
                                const char *path,
                                guint       line,
                                const char *format,
                                ...)
{
  g_autofree char *reason = NULL;
  va_list args;

  va_start (args, format);
  reason = g_strdup_vprintf (format, args);
  va_end (args);

  if (line > 0)
    g_set_error (error, BUBUS_ERROR, code, "%s:%u: %s", path, line, reason);
  else
    g_set_error (error, BUBUS_ERROR, code, "%s: %s", path, reason);
}

static guint
bubus_plugin_manifest_count_lines (const char *text,
                                   const char *end)
{
  guint n_lines = 1;

  while ((text = memchr (text, '\n', end - text)) != NULL)
    {
      n_lines++;
      text++;
    }
  return n_lines;
}

static gboolean
bubus_plugin_manifest_read_bytes (BubusPluginManifestText *text,
                                  int                      fd)
{
  gssize n_read = 0;

  text->text = g_malloc (BUBUS_PLUGIN_MANIFEST_MAX_SIZE + 2);
  do
    {
      text->length += n_read;
      n_read = read (fd, text->text + text->length, BUBUS_PLUGIN_MANIFEST_MAX_SIZE + 1 - text->length);
    }
  while (n_read > 0);
  text->text[text->length] = '\0';
  return n_read == 0;
}

/* What is trusted is the file that is open, not one that takes its place meanwhile. */
static gboolean
bubus_plugin_manifest_read_fd (BubusPluginManifestText *text,
                               int                      fd,
                               GError                 **error)
{
  struct stat status;

  if (fstat (fd, &status) != 0 || !S_ISREG (status.st_mode))
    bubus_plugin_manifest_complain (error, BUBUS_ERROR_PLUGIN, text->path, 0, "It is not a regular file");
  else if (!_bubus_plugin_trust_check_status (text->path, &status, error))
    return FALSE;
  else if (!bubus_plugin_manifest_read_bytes (text, fd))
    bubus_plugin_manifest_complain (error, BUBUS_ERROR_PLUGIN, text->path, 0, "It cannot be read: %s",
                                    g_strerror (errno));
  else if (text->length > BUBUS_PLUGIN_MANIFEST_MAX_SIZE)
    bubus_plugin_manifest_complain (error, BUBUS_ERROR_PLUGIN, text->path, 0, "It is larger than %d KiB",
                                    BUBUS_PLUGIN_MANIFEST_MAX_SIZE / 1024);
  else
    return TRUE;
  return FALSE;
}

static gboolean
bubus_plugin_manifest_read_file (BubusPluginManifestText *text,
                                 GError                 **error)
{
  /* Opening a pipe that nobody writes to would wait. */
  int fd = g_open (text->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
  gboolean succeeded;

  if (fd < 0)
    {
      bubus_plugin_manifest_complain (error, BUBUS_ERROR_PLUGIN, text->path, 0, "It cannot be opened: %s",
                                      g_strerror (errno));
      return FALSE;
    }

  succeeded = bubus_plugin_manifest_read_fd (text, fd, error);
  close (fd);
  return succeeded;
}

static gboolean
bubus_plugin_manifest_check_utf8 (BubusPluginManifestText *text,
                                  GError                 **error)
{
  const char *end;

  if (g_utf8_validate (text->text, text->length, &end))
    return TRUE;

  bubus_plugin_manifest_complain (error, BUBUS_ERROR_PLUGIN, text->path,
                                  bubus_plugin_manifest_count_lines (text->text, end), "It is not text in UTF-8");
  return FALSE;
}

static gboolean
bubus_plugin_manifest_can_parse (const char *text,
                                 gsize       length)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();

  return g_key_file_load_from_data (keys, text, length, G_KEY_FILE_NONE, NULL);
}

/* GKeyFile does not tell the line of what it cannot parse: it is the first one whose loss makes the rest before it
 * parse. */
static guint
bubus_plugin_manifest_find_bad_line (BubusPluginManifestText *text)
{
  g_autoptr (GArray) ends = g_array_new (FALSE, FALSE, sizeof (gsize));
  guint good = 0;
  guint bad;

  for (gsize i = 0; i < text->length; i++)
    {
      gsize end = i + 1;

      if (text->text[i] == '\n' || end == text->length)
        g_array_append_val (ends, end);
    }

  for (bad = ends->len; bad - good > 1;)
    {
      guint middle = good + (bad - good) / 2;

      if (bubus_plugin_manifest_can_parse (text->text, g_array_index (ends, gsize, middle - 1)))
        good = middle;
      else
        bad = middle;
    }
  return bad;
}

static gboolean
bubus_plugin_manifest_parse (BubusPluginManifestText *text,
                             GError                 **error)
{
  g_autoptr (GError) reason = NULL;

  text->keys = g_key_file_new ();
  if (g_key_file_load_from_data (text->keys, text->text, text->length, G_KEY_FILE_NONE, &reason))
    return TRUE;

  bubus_plugin_manifest_complain (error, BUBUS_ERROR_PLUGIN, text->path, bubus_plugin_manifest_find_bad_line (text),
                                  "%s", reason->message);
  return FALSE;
}

/* Returns: the line that sets @key, or 0 */
static guint
bubus_plugin_manifest_find_key (BubusPluginManifestText *text,
                                const char              *key)
{
  g_auto (GStrv) lines = g_strsplit (text->text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *line = g_strchug (lines[i]);

      if (g_str_has_prefix (line, key) && strchr (" \t=", line[strlen (key)]) != NULL)
        return i + 1;
    }
  return 0;
}

/* The value of @key takes the place of what @value holds. */
static gboolean
bubus_plugin_manifest_take_required (BubusPluginManifestText *text,
                                     const char              *key,
                                     char                   **value,
                                     GError                 **error)
{
  g_autofree char *found = g_key_file_get_locale_string (text->keys, GROUP, key, NULL, NULL);

  if (found == NULL || *found == '\0')
    {
      bubus_plugin_manifest_complain (error, BUBUS_ERROR_PLUGIN, text->path,
                                      bubus_plugin_manifest_find_key (text, key),
                                      "“%s” is missing from the group “[" GROUP "]”", key);
      return FALSE;
    }

  g_free (*value);
  *value = g_steal_pointer (&found);
  return TRUE;
}

/* Whether @name means something in the directory itself, and nothing hidden. */
static gboolean
bubus_plugin_manifest_is_file_name (const char *name)
{
  return *name != '\0' && *name != '.' && strpbrk (name, "/\\") == NULL;
}

static gboolean
bubus_plugin_manifest_check_module (BubusPluginManifest     *self,
                                    BubusPluginManifestText *text,
                                    GError                 **error)
{
  if (bubus_plugin_manifest_is_file_name (self->module))
    return TRUE;

  bubus_plugin_manifest_complain (error, BUBUS_ERROR_PLUGIN, text->path,
                                  bubus_plugin_manifest_find_key (text, "Module"),
                                  "“%s” is not the name of a module", self->module);
  return FALSE;
}

static gboolean
bubus_plugin_manifest_take_loader (BubusPluginManifest     *self,
                                   BubusPluginManifestText *text,
                                   GError                 **error)
{
  g_autofree char *loader = g_key_file_get_string (text->keys, GROUP, "Loader", NULL);
  guint line = bubus_plugin_manifest_find_key (text, "Loader");

  if (loader == NULL || *loader == '\0')
    return TRUE;

  g_free (self->loader_name);
  self->loader_name = g_steal_pointer (&loader);
  if (g_ascii_strcasecmp (self->loader_name, "c") == 0)
    self->loader = BUBUS_PLUGIN_LOADER_C;
  else if (g_ascii_strcasecmp (self->loader_name, BUBUS_PEAS_PYTHON_LOADER) == 0)
    self->loader = BUBUS_PLUGIN_LOADER_PYTHON;
  else if (g_ascii_strcasecmp (self->loader_name, "js") == 0)
    self->loader = BUBUS_PLUGIN_LOADER_JS;
  else
    {
      if (g_ascii_strcasecmp (self->loader_name, BUBUS_PEAS_OTHER_PYTHON_LOADER) == 0)
        bubus_plugin_manifest_complain (error, BUBUS_ERROR_PLUGIN, text->path, line,
                                        "This host uses libpeas %d, for which the loader “%s” is called “%s”",
                                        BUBUS_PEAS_API, self->loader_name, BUBUS_PEAS_PYTHON_LOADER);
      else
        bubus_plugin_manifest_complain (error, BUBUS_ERROR_PLUGIN, text->path, line,
                                        "There is no loader “%s”, there are “C”, “%s” and “js”",
                                        self->loader_name, BUBUS_PEAS_PYTHON_LOADER);
      return FALSE;
    }
  return TRUE;
}

/* “1” or “1.0” */
static gboolean
bubus_plugin_manifest_parse_version (const char *text,
                                     guint64    *major,
                                     guint64    *minor)
{
  g_auto (GStrv) parts = g_strsplit (text, ".", 2);

  *minor = 0;
  return parts[0] != NULL
         && g_ascii_string_to_unsigned (parts[0], 10, 0, G_MAXUINT16, major, NULL)
         && (parts[1] == NULL || g_ascii_string_to_unsigned (parts[1], 10, 0, G_MAXUINT16, minor, NULL));
}

static gboolean
bubus_plugin_manifest_check_abi (BubusPluginManifestText *text,
                                 GError                 **error)
{
  g_autofree char *version = g_key_file_get_string (text->keys, GROUP, "X-Bubus-ABI", NULL);
  guint line = bubus_plugin_manifest_find_key (text, "X-Bubus-ABI");
  guint64 major, minor;

  if (version == NULL)
    return TRUE;

  if (!bubus_plugin_manifest_parse_version (version, &major, &minor))
    {
      bubus_plugin_manifest_complain (error, BUBUS_ERROR_PLUGIN, text->path, line,
                                      "“%s” is not a version such as “1.0”", version);
      return FALSE;
    }

  if (_bubus_plugin_abi_check_version (major, minor, error))
    return TRUE;
  g_prefix_error (error, "%s:%u: ", text->path, line);
  return FALSE;
}

/* The list of @key takes the place of what @list holds. */
static void
bubus_plugin_manifest_take_list (BubusPluginManifestText   *text,
                                 const char                *key,
                                 char                    ***list)
{
  char **found = g_key_file_get_string_list (text->keys, GROUP, key, NULL, NULL);

  if (found == NULL)
    return;

  g_strfreev (*list);
  *list = found;
}

static gboolean
bubus_plugin_manifest_take_schema (BubusPluginManifest     *self,
                                   BubusPluginManifestText *text,
                                   GError                 **error)
{
  static const char key[] = "X-Bubus-Settings-Schema";

  self->settings_schema = g_key_file_get_string (text->keys, GROUP, key, NULL);
  if (self->settings_schema == NULL || bubus_plugin_manifest_is_file_name (self->settings_schema))
    return TRUE;

  bubus_plugin_manifest_complain (error, BUBUS_ERROR_PLUGIN, text->path, bubus_plugin_manifest_find_key (text, key),
                                  "“%s” is not the name of a file beside it", self->settings_schema);
  return FALSE;
}

/* libpeas wants to know every plugin that is in Depends, and knows none in JavaScript. */
static void
bubus_plugin_manifest_take_requirements (BubusPluginManifest     *self,
                                         BubusPluginManifestText *text)
{
  g_auto (GStrv) further = g_new0 (char *, 1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  bubus_plugin_manifest_take_list (text, "Depends", &self->depends);
  bubus_plugin_manifest_take_list (text, "X-Bubus-Requires", &further);
  g_strv_builder_addv (builder, (const char **) self->depends);
  g_strv_builder_addv (builder, (const char **) further);
  g_strfreev (self->requires);
  self->requires = g_strv_builder_end (builder);
}

static gboolean
bubus_plugin_manifest_take_isolation (BubusPluginManifest     *self,
                                      BubusPluginManifestText *text,
                                      GError                 **error)
{
  g_autofree char *isolation = g_key_file_get_string (text->keys, GROUP, "X-Bubus-Isolation", NULL);

  self->isolated = g_strcmp0 (isolation, "process") == 0;
  if (isolation == NULL || self->isolated || g_str_equal (isolation, "none"))
    return TRUE;

  bubus_plugin_manifest_complain (error, BUBUS_ERROR_PLUGIN, text->path,
                                  bubus_plugin_manifest_find_key (text, "X-Bubus-Isolation"),
                                  "There is no isolation “%s”, there are “none” and “process”", isolation);
  return FALSE;
}

static void
bubus_plugin_manifest_take_optional (BubusPluginManifest     *self,
                                     BubusPluginManifestText *text)
{
  self->description = g_key_file_get_locale_string (text->keys, GROUP, "Description", NULL, NULL);
  self->version = g_key_file_get_string (text->keys, GROUP, "Version", NULL);
  self->website = g_key_file_get_string (text->keys, GROUP, "Website", NULL);
  bubus_plugin_manifest_take_list (text, "Authors", &self->authors);
  bubus_plugin_manifest_take_list (text, "X-Bubus-After", &self->after);
  bubus_plugin_manifest_take_list (text, "X-Bubus-Before", &self->before);
  bubus_plugin_manifest_take_requirements (self, text);
}

static gboolean
bubus_plugin_manifest_take (BubusPluginManifest     *self,
                            BubusPluginManifestText *text,
                            GError                 **error)
{
  if (!g_key_file_has_group (text->keys, GROUP))
    {
      bubus_plugin_manifest_complain (error, BUBUS_ERROR_PLUGIN, text->path, 0, "It has no group “[" GROUP "]”");
      return FALSE;
    }

  bubus_plugin_manifest_take_optional (self, text);
  return bubus_plugin_manifest_take_required (text, "Module", &self->module, error)
         && bubus_plugin_manifest_check_module (self, text, error)
         && bubus_plugin_manifest_take_required (text, "Name", &self->name, error)
         && bubus_plugin_manifest_take_loader (self, text, error)
         && bubus_plugin_manifest_take_schema (self, text, error)
         && bubus_plugin_manifest_take_isolation (self, text, error)
         && bubus_plugin_manifest_check_abi (text, error);
}

/* Reads the file, once. When something is wrong, @self keeps what could be read before. */
gboolean
_bubus_plugin_manifest_read (BubusPluginManifest *self,
                             GError             **error)
{
  g_auto (BubusPluginManifestText) text = { .path = self->path };

  return bubus_plugin_manifest_read_file (&text, error)
         && bubus_plugin_manifest_check_utf8 (&text, error)
         && bubus_plugin_manifest_parse (&text, error)
         && bubus_plugin_manifest_take (self, &text, error);
}
