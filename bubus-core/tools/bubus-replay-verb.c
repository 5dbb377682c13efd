/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "bubus-console.h"
#include "bubus-interrupt.h"
#include "bubus-journal-options.h"
#include "bubus-options.h"
#include "bubus-report.h"
#include "bubus-tap.h"
#include "bubus-verbs.h"

typedef struct
{
  /* As it was asked for. */
  BubusHostOptions     host_options;
  BubusJournalOptions  journal_options;
  char                *bus_name;
  char                *output_name;
  double               speed;
  gboolean             dry_run;

  BubusHost           *host;
  BubusEventBus       *bus;
  BubusTap            *tap;
  BubusReport         *report;
  BubusReplay         *replay;
  GCancellable        *cancellable;
  guint64              n_malformed;
  gboolean             failed;
  gboolean             done;
} BubusReplayVerb;

/* ---- what happens ---- */

static void
bubus_replay_verb_event_changed_cb (BubusEvent       *event,
                                    BubusEventStatus  status,
                                    gpointer          user_data)
{
  BubusReplayVerb *self = user_data;

  bubus_report_note_event (self->report, event, status);
}

static void
bubus_replay_verb_fail (BubusReplayVerb *self,
                        const char      *reason)
{
  bubus_console_report ("%s: %s", g_get_prgname (), reason);
  self->failed = TRUE;
}

static void
bubus_replay_verb_output_failed_cb (const char *reason,
                                    gpointer    user_data)
{
  BubusReplayVerb *self = user_data;

  bubus_replay_verb_fail (self, reason);
  g_cancellable_cancel (self->cancellable);
}

static void
bubus_replay_verb_malformed_cb (BubusReplay  *replay,
                                const GError *error,
                                gpointer      user_data)
{
  BubusReplayVerb *self = user_data;

  bubus_console_report ("%s", error->message);
  self->n_malformed++;
}

static void
bubus_replay_verb_interrupt_cb (gpointer user_data)
{
  BubusReplayVerb *self = user_data;

  g_cancellable_cancel (self->cancellable);
}

/* ---- the end ---- */

static void bubus_replay_verb_drain (BubusReplayVerb *self);

static void
bubus_replay_verb_idle_cb (GObject      *object,
                           GAsyncResult *result,
                           gpointer      user_data)
{
  BubusReplayVerb *self = user_data;

  bubus_event_bus_wait_until_idle_finish (BUBUS_EVENT_BUS (object), result, NULL);
  bubus_replay_verb_drain (self);
}

/* What one bus does last may give another one work. */
static void
bubus_replay_verb_drain (BubusReplayVerb *self)
{
  g_autoptr (GPtrArray) buses = bubus_host_list_buses (self->host);

  for (guint i = 0; i < buses->len; i++)
    if (!bubus_event_bus_is_idle (buses->pdata[i]))
      {
        bubus_event_bus_wait_until_idle_async (buses->pdata[i], NULL, bubus_replay_verb_idle_cb, self);
        return;
      }
  self->done = TRUE;
}

static void
bubus_replay_verb_replayed_cb (GObject      *object,
                               GAsyncResult *result,
                               gpointer      user_data)
{
  BubusReplayVerb *self = user_data;
  g_autoptr (BubusJournalReader) reader = NULL;
  g_autoptr (GError) error = NULL;

  g_object_get (object, "reader", &reader, NULL);
  if (bubus_replay_run_finish (BUBUS_REPLAY (object), result, &error))
    bubus_journal_options_tell_torn (reader);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    bubus_replay_verb_fail (self, error->message);
  bubus_replay_verb_drain (self);
}

/* ---- setting up ---- */

static void
bubus_replay_verb_bus_added_cb (BubusHost     *host,
                                BubusEventBus *bus,
                                gpointer       user_data)
{
  BubusReplayVerb *self = user_data;

  bubus_event_bus_add_middleware (bus, BUBUS_MIDDLEWARE (self->tap));
}

static gboolean
bubus_replay_verb_set_up_host (BubusReplayVerb *self)
{
  g_autoptr (GError) error = NULL;

  self->tap = bubus_tap_new (bubus_replay_verb_event_changed_cb, self);
  self->bus = bubus_event_bus_new (self->bus_name != NULL ? self->bus_name : "MainBus");
  bubus_event_bus_add_middleware (self->bus, BUBUS_MIDDLEWARE (self->tap));
  self->host = bubus_host_new (self->bus);
  g_signal_connect (self->host, "bus-added", G_CALLBACK (bubus_replay_verb_bus_added_cb), self);
  if (bubus_host_options_apply_paths (&self->host_options, self->host, &error)
      && bubus_host_options_activate_plugins (&self->host_options, self->host, &error))
    return TRUE;

  bubus_console_report ("%s: %s", g_get_prgname (), error->message);
  return FALSE;
}

static gboolean
bubus_replay_verb_set_up_replay (BubusReplayVerb *self)
{
  g_autoptr (BubusJournalReader) reader = bubus_journal_options_open (&self->journal_options, TRUE);

  if (reader == NULL)
    return FALSE;
  self->replay = bubus_replay_new (reader, self->bus);
  bubus_replay_set_speed (self->replay, self->speed);
  bubus_replay_set_dry_run (self->replay, self->dry_run);
  g_signal_connect (self->replay, "malformed", G_CALLBACK (bubus_replay_verb_malformed_cb), self);
  return TRUE;
}

static gboolean
bubus_replay_verb_set_up (BubusReplayVerb *self)
{
  if (!(self->speed >= 0))
    {
      bubus_options_refuse (_("a speed cannot be negative"));
      return FALSE;
    }
  self->cancellable = g_cancellable_new ();
  self->report = bubus_report_new (self->output_name, BUBUS_REPORT_NO_TREES, bubus_replay_verb_output_failed_cb, self);
  if (self->report == NULL)
    {
      bubus_options_refuse (_("unknown output “%s”: it can be text, json or none"), self->output_name);
      return FALSE;
    }
  return bubus_replay_verb_set_up_host (self) && bubus_replay_verb_set_up_replay (self);
}

/* ---- the run ---- */

static void
bubus_replay_verb_print_summary (BubusReplayVerb *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (!self->dry_run)
    bubus_report_append_summary (self->report, text);
  g_string_append_printf (text, "%" G_GUINT64_FORMAT " events replayed, %" G_GUINT64_FORMAT " malformed\n",
                          bubus_replay_get_n_events (self->replay), self->n_malformed);
  bubus_console_print (text->str);
}

static int
bubus_replay_verb_execute (BubusReplayVerb *self)
{
  g_autoptr (GError) error = NULL;

  if (!bubus_replay_verb_set_up (self))
    return BUBUS_EXIT_USAGE;
  if (!bubus_interrupt_watch (bubus_replay_verb_interrupt_cb, self, &error))
    bubus_replay_verb_fail (self, error->message);

  bubus_report_start (self->report);
  bubus_replay_run_async (self->replay, self->cancellable, bubus_replay_verb_replayed_cb, self);
  while (!self->done)
    g_main_context_iteration (NULL, TRUE);

  g_clear_error (&error);
  if (!bubus_host_deactivate_all (self->host, &error))
    bubus_replay_verb_fail (self, error->message);
  bubus_report_stop (self->report);
  bubus_interrupt_unwatch ();
  bubus_replay_verb_print_summary (self);
  return self->failed || self->n_malformed > 0 ? BUBUS_EXIT_FAILED : BUBUS_EXIT_OK;
}

static gboolean
bubus_replay_verb_parse (BubusReplayVerb *self,
                         char           **arguments)
{
  g_autoptr (GOptionContext) context =
    bubus_options_new (N_("FILE"),
                       N_("Dispatches the events of a journal again, each once, and lets the handlers of plugins\n"
                          "work on them."));
  const GOptionEntry entries[] = {
    { "bus", 0, 0, G_OPTION_ARG_STRING, &self->bus_name, N_("Call the bus that events are read for NAME"), N_("NAME") },
    { "output", 0, 0, G_OPTION_ARG_STRING, &self->output_name,
      N_("Write completed events as text (the default), json or none"), N_("FORM") },
    { "speed", 0, 0, G_OPTION_ARG_DOUBLE, &self->speed,
      N_("Keep the pauses between events, N times shorter; 0 for none (the default)"), N_("N") },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &self->dry_run, N_("Only read and count the events"), NULL },
    { NULL },
  };

  bubus_host_options_add_paths (&self->host_options, context);
  bubus_host_options_add_plugins (&self->host_options, context);
  bubus_journal_options_add (&self->journal_options, context);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!bubus_options_parse (context, arguments))
    return FALSE;
  if (self->output_name == NULL)
    self->output_name = g_strdup ("text");
  return TRUE;
}

static void
bubus_replay_verb_unwatch_buses (BubusReplayVerb *self)
{
  g_autoptr (GPtrArray) buses = bubus_host_list_buses (self->host);

  g_signal_handlers_disconnect_by_data (self->host, self);
  for (guint i = 0; i < buses->len; i++)
    bubus_event_bus_remove_middleware (buses->pdata[i], BUBUS_MIDDLEWARE (self->tap));
}

static void
bubus_replay_verb_clear (BubusReplayVerb *self)
{
  if (self->tap != NULL)
    bubus_tap_stop (self->tap);
  if (self->host != NULL)
    bubus_replay_verb_unwatch_buses (self);

  g_clear_object (&self->replay);
  g_clear_object (&self->host);
  g_clear_object (&self->bus);
  g_clear_object (&self->tap);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->report, bubus_report_free);
  bubus_journal_options_clear (&self->journal_options);
  bubus_host_options_clear (&self->host_options);
  g_clear_pointer (&self->bus_name, g_free);
  g_clear_pointer (&self->output_name, g_free);
}

int
bubus_replay_main (char **arguments)
{
  BubusReplayVerb verb = { 0 };
  int status = BUBUS_EXIT_USAGE;

  if (bubus_replay_verb_parse (&verb, arguments))
    status = bubus_replay_verb_execute (&verb);
  bubus_replay_verb_clear (&verb);
  return status;
}
