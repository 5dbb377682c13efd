/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "metrics-file.h"

#include <errno.h>
#include <string.h>

#include <glib/gstdio.h>

#include "support/plugin-trouble.h"

struct _MetricsFile
{
  char          *path;
  char          *new_path;      /* in the same directory, so that one becomes the other at once */
  BubusMetrics  *metrics;
  BubusClock    *clock;
  GMainContext  *main_context;
  gint64         interval_ns;
  guint          timeout_id;
  PluginTrouble  trouble;
};

/* Not synchronized to the disk: after a crash of the machine, old numbers are worth nothing. */
static gboolean
metrics_file_write (MetricsFile  *self,
                    GError      **error)
{
  g_autofree char *text = bubus_metrics_to_text (self->metrics);
  int code;

  if (!g_file_set_contents_full (self->new_path, text, -1, G_FILE_SET_CONTENTS_NONE, 0644, error))
    {
      g_unlink (self->new_path);
      return FALSE;
    }
  if (g_rename (self->new_path, self->path) == 0)
    return TRUE;

  code = errno;
  g_unlink (self->new_path);
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "The metrics “%s” cannot be replaced: %s", self->path,
               g_strerror (code));
  return FALSE;
}

static void
metrics_file_update (MetricsFile *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *bad = NULL;
  g_autofree char *good = NULL;

  if (metrics_file_write (self, &error))
    good = plugin_trouble_note_success (&self->trouble, self->path, 1);
  else
    bad = plugin_trouble_note_failure (&self->trouble, error);
  if (bad != NULL)
    g_warning ("%s", bad);
  if (good != NULL)
    g_message ("%s", good);
}

static void metrics_file_start (MetricsFile *self);

static void
metrics_file_timeout_cb (gpointer user_data)
{
  MetricsFile *self = user_data;

  metrics_file_update (self);
  metrics_file_start (self);
}

static void
metrics_file_start (MetricsFile *self)
{
  self->timeout_id = bubus_clock_add_timeout (self->clock, self->interval_ns, self->main_context,
                                              metrics_file_timeout_cb, self, NULL);
}

/* The first version is written at once: that it cannot be is known then. */
MetricsFile *
metrics_file_new (const char    *path,
                  double         interval,
                  GMainContext  *main_context,
                  BubusMetrics  *metrics,
                  GError       **error)
{
  g_autoptr (MetricsFile) self = g_new0 (MetricsFile, 1);

  self->path = g_canonicalize_filename (path, NULL);
  self->new_path = g_strconcat (self->path, ".new", NULL);
  self->metrics = g_object_ref (metrics);
  self->clock = bubus_clock_ref_thread_default ();
  self->main_context = g_main_context_ref (main_context);
  self->interval_ns = interval * 1e9;
  if (!metrics_file_write (self, error))
    return NULL;

  metrics_file_start (self);
  return g_steal_pointer (&self);
}

/* Ends with the last version. */
void
metrics_file_free (MetricsFile *self)
{
  if (self->timeout_id != 0)
    {
      bubus_clock_remove_timeout (self->clock, self->timeout_id);
      metrics_file_update (self);
    }
  g_object_unref (self->metrics);
  g_object_unref (self->clock);
  g_main_context_unref (self->main_context);
  g_free (self->path);
  g_free (self->new_path);
  g_free (self);
}
