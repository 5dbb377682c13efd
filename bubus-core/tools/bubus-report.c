/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include "bubus-console.h"
#include "bubus-report.h"
#include "bubus-summary.h"
#include "bubus-forest.h"

#define BUBUS_REPORT_PROGRESS_INTERVAL 200

typedef void (*BubusReportWriteFunc) (BubusReport *self,
                                      BubusEvent  *event);

struct _BubusReport
{
  BubusReportWriteFunc  write;       /* nullable */
  BubusOutput          *output;
  BubusTreeFlags        flags;       /* of what stands on standard output */
  BubusForest          *forest;      /* nullable */
  BubusSummary         *summary;
  guint                 progress_id;
  gint64                began;
  gint64                ended;
};

/* ---- completed events ---- */

static void
bubus_report_write_json (BubusReport *self,
                         BubusEvent  *event)
{
  GString *out = bubus_output_begin (self->output);

  bubus_event_append_json (event, out);
  g_string_append_c (out, '\n');
  bubus_output_end (self->output);
}

static void
bubus_report_append_local (GString    *out,
                           const char *text,
                           gsize       length)
{
  g_autofree char *local = NULL;

  if (bubus_console_is_utf8 ())
    g_string_append_len (out, text, length);
  else
    g_string_append (out, local = bubus_console_to_locale (text, length));
}

static void
bubus_report_write_text (BubusReport *self,
                         BubusEvent  *event)
{
  g_autofree char *line = bubus_event_format_line (event, self->flags);
  GString *out = bubus_output_begin (self->output);

  bubus_report_append_local (out, line, strlen (line));
  g_string_append_c (out, '\n');
  bubus_output_end (self->output);
}

static const struct
{
  const char           *name;
  BubusReportWriteFunc  write;
} forms[] = {
  { "text", bubus_report_write_text },
  { "json", bubus_report_write_json },
  { "none", NULL },
};

static void
bubus_report_add_tree (BubusReport *self,
                       BubusEvent  *event)
{
  g_autoptr (BubusEvent) parent = bubus_event_ref_parent (event);

  if (parent == NULL)
    bubus_forest_add_root (self->forest, event);
}

void
bubus_report_note_event (BubusReport      *self,
                         BubusEvent       *event,
                         BubusEventStatus  status)
{
  bubus_summary_note_event (self->summary, event, status);
  if (status != BUBUS_EVENT_STATUS_COMPLETED)
    return;

  if (self->write != NULL)
    self->write (self, event);
  if (self->forest != NULL)
    bubus_report_add_tree (self, event);
}

/* ---- progress ---- */

static gboolean
bubus_report_progress_cb (gpointer user_data)
{
  BubusReport *self = user_data;
  guint64 n_events = bubus_summary_get_n_completed (self->summary);
  double seconds = (g_get_monotonic_time () - self->began) / (double) G_TIME_SPAN_SECOND;
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT " events, %.0f per second", n_events,
                                           n_events / seconds);

  bubus_console_show_progress (text);
  return G_SOURCE_CONTINUE;
}

/* Progress is shown only where it is seen, and not between lines of events. */
void
bubus_report_start (BubusReport *self)
{
  self->began = g_get_monotonic_time ();
  if (bubus_console_is_terminal (STDERR_FILENO) && (self->write == NULL || !isatty (STDOUT_FILENO)))
    self->progress_id = g_timeout_add (BUBUS_REPORT_PROGRESS_INTERVAL, bubus_report_progress_cb, self);
}

void
bubus_report_stop (BubusReport *self)
{
  self->ended = g_get_monotonic_time ();
  g_clear_handle_id (&self->progress_id, g_source_remove);
  bubus_console_hide_progress ();
  bubus_output_flush (self->output);
}

/* ---- the end ---- */

/* Trees stand where events do not have to be alone. */
static int
bubus_report_get_tree_fd (BubusReport *self)
{
  return self->write == bubus_report_write_json ? STDERR_FILENO : STDOUT_FILENO;
}

static void
bubus_report_print_tree (BubusReport   *self,
                         const GString *text)
{
  if (bubus_report_get_tree_fd (self) == STDERR_FILENO)
    {
      bubus_console_print (text->str);
      return;
    }
  bubus_report_append_local (bubus_output_begin (self->output), text->str, text->len);
  bubus_output_flush (self->output);
}

/* If trees were asked for. */
void
bubus_report_print_trees (BubusReport *self,
                          const char  *bus_name)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (self->forest == NULL)
    return;

  bubus_forest_append (self->forest, bus_name, text);
  bubus_report_print_tree (self, text);
}

void
bubus_report_append_summary (BubusReport *self,
                             GString     *out)
{
  bubus_summary_append (self->summary, (self->ended - self->began) / (double) G_TIME_SPAN_SECOND, out);
}

guint64
bubus_report_get_n_failed_results (BubusReport *self)
{
  return bubus_summary_get_n_failed_results (self->summary);
}

/* ---- making ---- */

static int
bubus_report_find_form (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      if (g_str_equal (forms[i].name, name))
        return i;
    }
  return -1;
}

/* How events are written for people who read @fd. */
/* Returns NULL when there is no such form. */
BubusReport *
bubus_report_new (const char      *form,
                  int              n_trees,
                  BubusOutputFunc  failed,
                  gpointer         user_data)
{
  int index = bubus_report_find_form (form);
  BubusReport *self;

  if (index < 0)
    return NULL;

  self = g_new0 (BubusReport, 1);
  self->write = forms[index].write;
  self->output = bubus_output_new (STDOUT_FILENO, failed, user_data);
  self->flags = bubus_console_get_tree_flags (STDOUT_FILENO);
  self->summary = bubus_summary_new ();
  if (n_trees != BUBUS_REPORT_NO_TREES)
    self->forest = bubus_forest_new (n_trees, bubus_console_get_tree_flags (bubus_report_get_tree_fd (self)));
  return self;
}

void
bubus_report_free (BubusReport *self)
{
  g_clear_handle_id (&self->progress_id, g_source_remove);
  g_clear_pointer (&self->forest, bubus_forest_free);
  bubus_output_free (self->output);
  bubus_summary_free (self->summary);
  g_free (self);
}
