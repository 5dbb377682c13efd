/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "base/bubus-error.h"
#include "bubus-journal-private.h"
#include "bubus-journal-properties-private.h"
#include "event/bubus-event-internal.h"

/**
 * BubusJournal:
 *
 * A middleware that appends every completed event to a file, as one line of JSON with its results.
 *
 * The file is opened when there is something to write, and made then if it does not exist, with the directories it lies
 * in; others may read it as far as the process's umask allows that. Lines are whole, whatever happens: several
 * journals, also of other processes, may share a file. When another process has put the file aside, the next line goes
 * to the new one. One journal may be added to several buses, in one thread or in many. An event is complete on one bus
 * only, so that one journal holds it once.
 *
 * A thread of the journal's own writes. Nothing but [method@Journal.flush] and the end of the journal ever waits for
 * the disk. What is not written yet is limited by [property@Journal:max-backlog].
 *
 * When the file cannot be written, that changes nothing for the events: see [signal@Journal::failed]. The lines are
 * kept and tried again, [property@Journal:retry-limit] times; those that are lost are counted by
 * [method@Journal.get_n_failed].
 *
 * A journal in recovery mode ([property@Journal:recovery]) writes a line also when an event is accepted by a bus. When
 * the process has died, [method@Journal.recover_async] of the next one dispatches again what was accepted and is not
 * complete.
 *
 * What is told about the journal itself, its signals and the changes of its properties, comes in the main context that
 * was thread-default when it was made.
 *
 * Since: 1.0
 */

static GParamSpec *properties[PROP_CONGESTED + 1];

enum
{
  SIGNAL_FAILED,
  SIGNAL_DAMAGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* ---- what is told ---- */

/* For who looks for it in the system's log: which journal, and how many lines it has lost by now. */
static void
bubus_journal_log (BubusJournal *self,
                   const char   *message)
{
  g_autofree char *name = g_file_get_parse_name (self->file);
  g_autofree char *n_lost = g_strdup_printf ("%" G_GUINT64_FORMAT, bubus_journal_get_n_failed (self));

  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE, "BUBUS_JOURNAL", name, "BUBUS_JOURNAL_LOST", n_lost,
                    "MESSAGE", "%s", message);
}

static void
bubus_journal_tell_error (BubusJournal *self,
                          const GError *error)
{
  if (g_signal_has_handler_pending (self, signals[SIGNAL_FAILED], 0, FALSE))
    g_signal_emit (self, signals[SIGNAL_FAILED], 0, error);
  else
    bubus_journal_log (self, error->message);
}

static void
bubus_journal_update (BubusJournal *self,
                      gboolean     *told,
                      gboolean      value,
                      GParamSpec   *pspec)
{
  if (*told == value)
    return;
  *told = value;
  g_object_notify_by_pspec (G_OBJECT (self), pspec);
}

/* In the journal's main context. */
static void
bubus_journal_tell_state (BubusJournal *self,
                          const GError *error)
{
  BubusJournalState state;

  _bubus_journal_writer_get_state (self->writer, &state);
  bubus_journal_update (self, &self->failing, state.failing, properties[PROP_FAILING]);
  bubus_journal_update (self, &self->congested, state.congested, properties[PROP_CONGESTED]);
  if (error != NULL)
    bubus_journal_tell_error (self, error);
}

void
_bubus_journal_tell_damage (BubusJournal *self,
                            const char   *message)
{
  if (g_signal_has_handler_pending (self, signals[SIGNAL_DAMAGED], 0, FALSE))
    g_signal_emit (self, signals[SIGNAL_DAMAGED], 0, message);
  else
    bubus_journal_log (self, message);
}

/* ---- for the other files of the journal ---- */

BubusJournalWriter *
_bubus_journal_get_writer (BubusJournal *self)
{
  return self->writer;
}

BubusJournalMailbox *
_bubus_journal_get_mailbox (BubusJournal *self)
{
  return self->mailbox;
}

int *
_bubus_journal_get_n_parked (BubusJournal *self)
{
  return &self->n_parked;
}

BubusJournalGates *
_bubus_journal_get_gates (BubusJournal *self)
{
  return &self->gates;
}

BubusJournalAdmissions *
_bubus_journal_get_admissions (BubusJournal *self)
{
  return &self->admissions;
}

BubusJournalKeeper *
_bubus_journal_get_keeper (BubusJournal *self)
{
  return &self->keeper;
}

BubusJournalLive *
_bubus_journal_get_live (BubusJournal *self)
{
  return &self->live;
}

gboolean
_bubus_journal_is_recovering (BubusJournal *self)
{
  return self->recovery;
}

gboolean
_bubus_journal_check_recovering (BubusJournal  *self,
                                 GError       **error)
{
  if (self->recovery)
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_JOURNAL, "the journal “%s” is not in recovery mode", self->options.name);
  return FALSE;
}

gboolean
_bubus_journal_is_required (BubusJournal *self)
{
  return self->require;
}

gboolean
_bubus_journal_has_checksums (BubusJournal *self)
{
  return self->options.checksums;
}

/* ---- middleware ---- */

static void
bubus_journal_event_changed (BubusMiddleware  *middleware,
                             BubusEventBus    *bus,
                             BubusEvent       *event,
                             BubusEventStatus  status)
{
  BubusJournal *self = BUBUS_JOURNAL (middleware);

  if (status == BUBUS_EVENT_STATUS_COMPLETED
      && !(self->durable_completion && _bubus_journal_keeper_forget (&self->keeper, event)))
    _bubus_journal_record_completion (self, event);
  else if (status == BUBUS_EVENT_STATUS_PENDING && self->recovery && !_bubus_journal_is_admitting (self, event))
    _bubus_journal_record_pending (self, event);
}

/* Whether an event waits until its acceptance is on the disk. */
static gboolean
bubus_journal_intercepts (BubusMiddleware *middleware)
{
  BubusJournal *self = BUBUS_JOURNAL (middleware);

  return self->recovery && (self->require || self->options.durability == BUBUS_JOURNAL_DURABILITY_BEFORE_ACK);
}

static gboolean
bubus_journal_intercept (BubusMiddleware    *middleware,
                         BubusEventBus      *bus,
                         BubusEvent         *event,
                         BubusInterception  *interception,
                         GError            **error)
{
  BubusJournal *self = BUBUS_JOURNAL (middleware);

  if (bubus_journal_intercepts (middleware)
      && _bubus_event_get_status (event) != BUBUS_EVENT_STATUS_COMPLETED
      && !_bubus_journal_is_admitting (self, event)
      && !_bubus_journal_live_is_waited_for (&self->live, &_bubus_event_get_private (event)->id))
    _bubus_journal_gates_enter (self, interception);
  return TRUE;
}

static gboolean
bubus_journal_defers_completion (BubusMiddleware *middleware)
{
  return BUBUS_JOURNAL (middleware)->durable_completion;
}

static void
bubus_journal_event_completing (BubusMiddleware *middleware,
                                BubusEventBus   *bus,
                                BubusEvent      *event)
{
  if (bubus_journal_defers_completion (middleware))
    _bubus_journal_keep (BUBUS_JOURNAL (middleware), bus, event);
}

static void
bubus_journal_middleware_init (BubusMiddlewareInterface *iface)
{
  iface->event_changed = bubus_journal_event_changed;
  iface->intercept = bubus_journal_intercept;
  iface->intercepts = bubus_journal_intercepts;
  iface->event_completing = bubus_journal_event_completing;
  iface->defers_completion = bubus_journal_defers_completion;
}

/* ---- object ---- */

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusJournal, bubus_journal, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, bubus_journal_middleware_init))

static void
bubus_journal_constructed (GObject *object)
{
  BubusJournal *self = BUBUS_JOURNAL (object);

  G_OBJECT_CLASS (bubus_journal_parent_class)->constructed (object);

  self->reporter = _bubus_journal_reporter_new (self, bubus_journal_tell_state);
  self->options.name = g_file_get_parse_name (self->file);
  self->options.path = g_strdup (g_file_peek_path (self->file));
  self->options.clock = bubus_clock_ref_thread_default ();
  self->options.context = g_main_context_ref_thread_default ();
  self->options.checksums = self->options.checksums || self->recovery;
  self->options.live = self->recovery ? &self->live : NULL;
  self->mailbox = self->options.mailbox = _bubus_journal_mailbox_new (self->options.context);
  self->writer = _bubus_journal_writer_new (&self->options, _bubus_journal_reporter_changed, self->reporter);
}

static void
bubus_journal_finalize (GObject *object)
{
  BubusJournal *self = BUBUS_JOURNAL (object);
  g_autoptr (GError) error = NULL;

  _bubus_journal_writer_stop (self->writer);
  error = _bubus_journal_reporter_steal_error (self->reporter);
  if (error != NULL)
    bubus_journal_log (self, error->message);

  g_clear_pointer (&self->writer, _bubus_journal_writer_unref);
  g_clear_pointer (&self->mailbox, _bubus_journal_mailbox_unref);
  g_clear_pointer (&self->reporter, _bubus_journal_reporter_unref);
  _bubus_journal_live_clear (&self->live);
  _bubus_journal_gates_clear (&self->gates);
  _bubus_journal_admissions_clear (&self->admissions);
  _bubus_journal_keeper_clear (&self->keeper);
  g_clear_object (&self->file);

  G_OBJECT_CLASS (bubus_journal_parent_class)->finalize (object);
}

static void
bubus_journal_class_init (BubusJournalClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = bubus_journal_constructed;
  object_class->finalize = bubus_journal_finalize;
  object_class->get_property = _bubus_journal_get_property;
  object_class->set_property = _bubus_journal_set_property;

  _bubus_journal_make_properties (properties);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  /**
   * BubusJournal::failed:
   * @self: the journal
   * @error: why
   *
   * Lines could not be written, and there was no such failure just before.
   *
   * They may still be written later. Without a handler, the reason is logged as a structured message, with the journal as
   * `BUBUS_JOURNAL` and the number of lines lost as `BUBUS_JOURNAL_LOST`.
   *
   * Since: 1.0
   */
  signals[SIGNAL_FAILED] =
    g_signal_new ("failed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);

  /**
   * BubusJournal::damaged:
   * @self: the journal
   * @message: the file and the line, what was done, and why
   *
   * Recovery has found something that is no event: a last line that is not complete, which is cut off, or another line,
   * which is copied to the file beside the journal whose name ends with `.quarantine`.
   *
   * Without a handler, it is logged as [signal@Journal::failed] is.
   *
   * Since: 1.0
   */
  signals[SIGNAL_DAMAGED] =
    g_signal_new ("damaged", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
bubus_journal_init (BubusJournal *self)
{
  _bubus_journal_live_init (&self->live);
  _bubus_journal_gates_init (&self->gates);
  _bubus_journal_admissions_init (&self->admissions);
  _bubus_journal_keeper_init (&self->keeper);
}

/**
 * bubus_journal_new:
 * @file: a local file
 *
 * Makes a journal that writes completed events. Others are made with the properties that they are to have.
 *
 * Nothing is opened before there is something to write.
 *
 * Returns: (transfer full): a new journal, to be added to a bus with [method@Bubus.EventBus.add_middleware]
 *
 * Since: 1.0
 */
BubusJournal *
bubus_journal_new (GFile *file)
{
  g_return_val_if_fail (G_IS_FILE (file), NULL);

  return g_object_new (BUBUS_TYPE_JOURNAL, "file", file, NULL);
}

/**
 * bubus_journal_attach:
 * @bus: a bus
 * @path: (type filename): where its completed events are to be written
 *
 * Makes a journal and adds it to a bus: what `wal_path` is to the original.
 *
 * Returns: (transfer full): a new journal, which the bus keeps, too
 *
 * Since: 1.0
 */
BubusJournal *
bubus_journal_attach (BubusEventBus *bus,
                      const char    *path)
{
  g_autoptr (GFile) file = NULL;
  BubusJournal *self;

  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (bus), NULL);
  g_return_val_if_fail (path != NULL, NULL);

  file = g_file_new_for_path (path);
  self = bubus_journal_new (file);
  bubus_event_bus_add_middleware (bus, BUBUS_MIDDLEWARE (self));
  return self;
}

/**
 * bubus_journal_get_file:
 * @self: a journal
 *
 * Gives the file that events are appended to.
 *
 * Returns: (transfer none): the file
 *
 * Since: 1.0
 */
GFile *
bubus_journal_get_file (BubusJournal *self)
{
  g_return_val_if_fail (BUBUS_IS_JOURNAL (self), NULL);

  return self->file;
}

static BubusJournalState
bubus_journal_get_state (BubusJournal *self)
{
  BubusJournalState state;

  _bubus_journal_writer_get_state (self->writer, &state);
  return state;
}

/**
 * bubus_journal_get_n_written:
 * @self: a journal
 *
 * Says how many lines have been written, by this journal. May be called from any thread.
 *
 * Returns: the number of lines
 *
 * Since: 1.0
 */
guint64
bubus_journal_get_n_written (BubusJournal *self)
{
  g_return_val_if_fail (BUBUS_IS_JOURNAL (self), 0);

  return bubus_journal_get_state (self).n_written;
}

/**
 * bubus_journal_get_n_failed:
 * @self: a journal
 *
 * Says how many lines were lost because they could not be written. May be called from any thread.
 *
 * Returns: the number of lines
 *
 * Since: 1.0
 */
guint64
bubus_journal_get_n_failed (BubusJournal *self)
{
  g_return_val_if_fail (BUBUS_IS_JOURNAL (self), 0);

  return bubus_journal_get_state (self).n_lost;
}

/**
 * bubus_journal_is_failing: (get-property failing)
 * @self: a journal
 *
 * Says whether the last attempt to write has failed. May be called from any thread.
 *
 * Returns: whether it has
 *
 * Since: 1.0
 */
gboolean
bubus_journal_is_failing (BubusJournal *self)
{
  g_return_val_if_fail (BUBUS_IS_JOURNAL (self), FALSE);

  return bubus_journal_get_state (self).failing;
}

/**
 * bubus_journal_is_congested: (get-property congested)
 * @self: a journal
 *
 * Says whether so much waits to be written that whoever makes events should be slower. May be called from any thread.
 *
 * Returns: whether it does
 *
 * Since: 1.0
 */
gboolean
bubus_journal_is_congested (BubusJournal *self)
{
  g_return_val_if_fail (BUBUS_IS_JOURNAL (self), FALSE);

  return bubus_journal_get_state (self).congested;
}
