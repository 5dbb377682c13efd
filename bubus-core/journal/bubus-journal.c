/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-private.h"

/**
 * BubusJournal:
 *
 * A middleware that appends every completed event to a file, as one line of JSON with its results.
 *
 * The file is opened when there is something to write, and made then if it does not exist, with the directories it lies
 * in; others may read it as far as the process's umask allows that. Lines are whole, whatever happens: several journals,
 * also of other processes, may share a file. When another process has put the file aside, the next line goes to the new
 * one. One journal may be added to several buses, in one thread or in many. An event is complete on one bus only, so that
 * one journal holds it once.
 *
 * A thread of the journal's own writes. Nothing but [method@Journal.flush] and the end of the journal ever waits for
 * the disk. What is not written yet is limited by [property@Journal:max-backlog].
 *
 * When the file cannot be written, that changes nothing for the events: see [signal@Journal::failed]. The lines are kept
 * and tried again, [property@Journal:retry-limit] times; those that are lost are counted by
 * [method@Journal.get_n_failed].
 *
 * A journal in recovery mode ([property@Journal:recovery]) writes a line also when an event is accepted by a bus. When the
 * process has died, [method@Journal.recover_async] of the next one dispatches again what was accepted and is not
 * complete.
 *
 * What is told about the journal itself, its signals and the changes of its properties, comes in the main context that was
 * thread-default when it was made.
 *
 * Since: 1.0
 */

#define BUBUS_JOURNAL_DEFAULT_BACKLOG (64 * 1024 * 1024)

/* What the writer's thread tells; it outlives the journal. */
typedef struct
{
  gatomicrefcount  ref_count;
  GWeakRef         journal;
  GMainContext    *context;
  GMutex           lock;
  GError          *error;    /* nullable: not told yet; guarded by @lock */
  gboolean         queued;   /* guarded by @lock */
} BubusJournalReporter;

struct _BubusJournal
{
  GObject               parent_instance;

  GFile                *file;       /* set once, as what follows */
  BubusJournalOptions   options;
  gboolean              recovery;
  gboolean              require;
  BubusJournalReporter *reporter;
  BubusJournalLive      live;
  BubusJournalWriter   *writer;
  BubusJournalMailbox  *mailbox;
  int                   n_parked;   /* atomic: events that are recorded and wait for room on a bus */

  gboolean              failing;    /* as it was told; in the journal's main context */
  gboolean              congested;
};

typedef enum
{
  PROP_FILE = 1,
  PROP_DURABILITY,
  PROP_SYNC_INTERVAL,
  PROP_RECOVERY,
  PROP_REQUIRE,
  PROP_CHECKSUMS,
  PROP_RETRY_LIMIT,
  PROP_RETRY_DELAY,
  PROP_MAX_BACKLOG,
  PROP_ROTATE_SIZE,
  PROP_ROTATE_AGE,
  PROP_MAX_TOTAL_SIZE,
  PROP_COMPRESS,
  PROP_FAILING,
  PROP_CONGESTED,
} BubusJournalProperty;

static GParamSpec *properties[PROP_CONGESTED + 1];

enum
{
  SIGNAL_FAILED,
  SIGNAL_DAMAGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_ENUM_TYPE (BubusJournalDurability, bubus_journal_durability,
                    G_DEFINE_ENUM_VALUE (BUBUS_JOURNAL_DURABILITY_NONE, "none"),
                    G_DEFINE_ENUM_VALUE (BUBUS_JOURNAL_DURABILITY_PERIODIC, "periodic"),
                    G_DEFINE_ENUM_VALUE (BUBUS_JOURNAL_DURABILITY_BEFORE_ACK, "before-ack"))

/* ---- reports ---- */

static BubusJournalReporter *
bubus_journal_reporter_new (BubusJournal *journal)
{
  BubusJournalReporter *self = g_new0 (BubusJournalReporter, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_weak_ref_init (&self->journal, journal);
  self->context = g_main_context_ref_thread_default ();
  g_mutex_init (&self->lock);
  return self;
}

static void
bubus_journal_reporter_unref (gpointer data)
{
  BubusJournalReporter *self = data;

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_weak_ref_clear (&self->journal);
  g_main_context_unref (self->context);
  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static GError *
bubus_journal_reporter_steal_error (BubusJournalReporter *self)
{
  GError *error;

  g_mutex_lock (&self->lock);
  error = g_steal_pointer (&self->error);
  self->queued = FALSE;
  g_mutex_unlock (&self->lock);
  return error;
}

static void
bubus_journal_tell_error (BubusJournal *self,
                          const GError *error)
{
  if (g_signal_has_handler_pending (self, signals[SIGNAL_FAILED], 0, FALSE))
    g_signal_emit (self, signals[SIGNAL_FAILED], 0, error);
  else
    g_message ("%s", error->message);
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

static gboolean
bubus_journal_reporter_cb (gpointer data)
{
  BubusJournalReporter *self = data;
  g_autoptr (BubusJournal) journal = g_weak_ref_get (&self->journal);
  g_autoptr (GError) error = NULL;
  BubusJournalState state;

  if (journal == NULL)
    return G_SOURCE_REMOVE;

  error = bubus_journal_reporter_steal_error (self);
  _bubus_journal_writer_get_state (journal->writer, &state);
  bubus_journal_update (journal, &journal->failing, state.failing, properties[PROP_FAILING]);
  bubus_journal_update (journal, &journal->congested, state.congested, properties[PROP_CONGESTED]);
  if (error != NULL)
    bubus_journal_tell_error (journal, error);
  return G_SOURCE_REMOVE;
}

static void
bubus_journal_reporter_queue (BubusJournalReporter *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_atomic_ref_count_inc (&self->ref_count);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, bubus_journal_reporter_cb, self, bubus_journal_reporter_unref);
  g_source_attach (source, self->context);
}

/* In any thread. */
static void
bubus_journal_state_changed (const GError *error,
                             gpointer      data)
{
  BubusJournalReporter *self = data;
  gboolean queued;

  g_mutex_lock (&self->lock);
  if (error != NULL && self->error == NULL)
    self->error = g_error_copy (error);
  queued = self->queued;
  self->queued = TRUE;
  g_mutex_unlock (&self->lock);

  if (!queued)
    bubus_journal_reporter_queue (self);
}

void
_bubus_journal_tell_damage (BubusJournal *self,
                            const char   *message)
{
  if (g_signal_has_handler_pending (self, signals[SIGNAL_DAMAGED], 0, FALSE))
    g_signal_emit (self, signals[SIGNAL_DAMAGED], 0, message);
  else
    g_message ("%s", message);
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

  if (status == BUBUS_EVENT_STATUS_COMPLETED)
    _bubus_journal_record_completion (self, event);
  else if (status == BUBUS_EVENT_STATUS_PENDING && self->recovery)
    _bubus_journal_record_pending (self, event);
}

static void
bubus_journal_middleware_init (BubusMiddlewareInterface *iface)
{
  iface->event_changed = bubus_journal_event_changed;
}

/* ---- object ---- */

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusJournal, bubus_journal, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, bubus_journal_middleware_init))

static void
bubus_journal_constructed (GObject *object)
{
  BubusJournal *self = BUBUS_JOURNAL (object);

  G_OBJECT_CLASS (bubus_journal_parent_class)->constructed (object);

  self->reporter = bubus_journal_reporter_new (self);
  self->options.name = g_file_get_parse_name (self->file);
  self->options.path = g_strdup (g_file_peek_path (self->file));
  self->options.clock = bubus_clock_ref_thread_default ();
  self->options.context = g_main_context_ref_thread_default ();
  self->options.checksums = self->options.checksums || self->recovery;
  self->options.live = self->recovery ? &self->live : NULL;
  self->mailbox = _bubus_journal_mailbox_new (self->options.context);
  self->writer = _bubus_journal_writer_new (&self->options, bubus_journal_state_changed, self->reporter);
}

static void
bubus_journal_finalize (GObject *object)
{
  BubusJournal *self = BUBUS_JOURNAL (object);
  g_autoptr (GError) error = NULL;

  _bubus_journal_writer_stop (self->writer);
  error = bubus_journal_reporter_steal_error (self->reporter);
  if (error != NULL)
    g_message ("%s", error->message);

  g_clear_pointer (&self->writer, _bubus_journal_writer_unref);
  g_clear_pointer (&self->mailbox, _bubus_journal_mailbox_unref);
  g_clear_pointer (&self->reporter, bubus_journal_reporter_unref);
  _bubus_journal_live_clear (&self->live);
  g_clear_object (&self->file);

  G_OBJECT_CLASS (bubus_journal_parent_class)->finalize (object);
}

static void
bubus_journal_get_property (GObject    *object,
                            guint       prop_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  BubusJournal *self = BUBUS_JOURNAL (object);

  switch ((BubusJournalProperty) prop_id)
    {
    case PROP_FILE:
      g_value_set_object (value, bubus_journal_get_file (self));
      break;

    case PROP_DURABILITY:
      g_value_set_enum (value, self->options.durability);
      break;

    case PROP_SYNC_INTERVAL:
      g_value_set_double (value, self->options.sync_interval);
      break;

    case PROP_RECOVERY:
      g_value_set_boolean (value, self->recovery);
      break;

    case PROP_REQUIRE:
      g_value_set_boolean (value, self->require);
      break;

    case PROP_CHECKSUMS:
      g_value_set_boolean (value, self->options.checksums);
      break;

    case PROP_RETRY_LIMIT:
      g_value_set_uint (value, self->options.retry_limit);
      break;

    case PROP_RETRY_DELAY:
      g_value_set_double (value, self->options.retry_delay);
      break;

    case PROP_MAX_BACKLOG:
      g_value_set_uint64 (value, self->options.max_backlog);
      break;

    case PROP_ROTATE_SIZE:
      g_value_set_uint64 (value, self->options.rotate_size);
      break;

    case PROP_ROTATE_AGE:
      g_value_set_double (value, self->options.rotate_age);
      break;

    case PROP_MAX_TOTAL_SIZE:
      g_value_set_uint64 (value, self->options.max_total);
      break;

    case PROP_COMPRESS:
      g_value_set_boolean (value, self->options.compress);
      break;

    case PROP_FAILING:
      g_value_set_boolean (value, bubus_journal_is_failing (self));
      break;

    case PROP_CONGESTED:
      g_value_set_boolean (value, bubus_journal_is_congested (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_journal_set_property (GObject      *object,
                            guint         prop_id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  BubusJournal *self = BUBUS_JOURNAL (object);

  switch ((BubusJournalProperty) prop_id)
    {
    case PROP_FILE:
      self->file = g_value_dup_object (value);
      break;

    case PROP_DURABILITY:
      self->options.durability = g_value_get_enum (value);
      break;

    case PROP_SYNC_INTERVAL:
      self->options.sync_interval = g_value_get_double (value);
      break;

    case PROP_RECOVERY:
      self->recovery = g_value_get_boolean (value);
      break;

    case PROP_REQUIRE:
      self->require = g_value_get_boolean (value);
      break;

    case PROP_CHECKSUMS:
      self->options.checksums = g_value_get_boolean (value);
      break;

    case PROP_RETRY_LIMIT:
      self->options.retry_limit = g_value_get_uint (value);
      break;

    case PROP_RETRY_DELAY:
      self->options.retry_delay = g_value_get_double (value);
      break;

    case PROP_MAX_BACKLOG:
      self->options.max_backlog = g_value_get_uint64 (value);
      break;

    case PROP_ROTATE_SIZE:
      self->options.rotate_size = g_value_get_uint64 (value);
      break;

    case PROP_ROTATE_AGE:
      self->options.rotate_age = g_value_get_double (value);
      break;

    case PROP_MAX_TOTAL_SIZE:
      self->options.max_total = g_value_get_uint64 (value);
      break;

    case PROP_COMPRESS:
      self->options.compress = g_value_get_boolean (value);
      break;

    case PROP_FAILING:
    case PROP_CONGESTED:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_journal_install_durability (void)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  /**
   * BubusJournal:file:
   *
   * The file that events are appended to. It must be a local one.
   *
   * Since: 1.0
   */
  properties[PROP_FILE] = g_param_spec_object ("file", NULL, NULL, G_TYPE_FILE, flags);

  /**
   * BubusJournal:durability:
   *
   * What a record that is acknowledged survives.
   *
   * Since: 1.0
   */
  properties[PROP_DURABILITY] =
    g_param_spec_enum ("durability", NULL, NULL, BUBUS_TYPE_JOURNAL_DURABILITY, BUBUS_JOURNAL_DURABILITY_NONE, flags);

  /**
   * BubusJournal:sync-interval:
   *
   * For how long, in seconds, a record may be lost to a power failure, with periodic durability.
   *
   * Since: 1.0
   */
  properties[PROP_SYNC_INTERVAL] = g_param_spec_double ("sync-interval", NULL, NULL, 0, 86400, 1, flags);

  /**
   * BubusJournal:recovery:
   *
   * Whether a line is written also when a bus accepts an event, so that [method@Journal.recover_async] knows what was
   * left unfinished. No other process can write the journal then, and its lines have checksums.
   *
   * Since: 1.0
   */
  properties[PROP_RECOVERY] = g_param_spec_boolean ("recovery", NULL, NULL, FALSE, flags);

  /**
   * BubusJournal:require:
   *
   * Whether [method@Journal.dispatch_async] refuses an event whose acceptance cannot be recorded.
   *
   * Since: 1.0
   */
  properties[PROP_REQUIRE] = g_param_spec_boolean ("require", NULL, NULL, FALSE, flags);

  /**
   * BubusJournal:checksums:
   *
   * Whether each line ends with a checksum: a member called `journal_crc32c` that holds the CRC-32C of all bytes before
   * its comma, in eight hexadecimal digits.
   *
   * Since: 1.0
   */
  properties[PROP_CHECKSUMS] = g_param_spec_boolean ("checksums", NULL, NULL, FALSE, flags);
}

static void
bubus_journal_install_failures (void)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  /**
   * BubusJournal:retry-limit:
   *
   * How often lines that could not be written are tried again before they are lost.
   *
   * Since: 1.0
   */
  properties[PROP_RETRY_LIMIT] = g_param_spec_uint ("retry-limit", NULL, NULL, 0, G_MAXUINT, 5, flags);

  /**
   * BubusJournal:retry-delay:
   *
   * How long, in seconds, until lines are tried again for the first time. It doubles from one time to the next, up to a
   * minute.
   *
   * Since: 1.0
   */
  properties[PROP_RETRY_DELAY] = g_param_spec_double ("retry-delay", NULL, NULL, 0, 60, 1, flags);

  /**
   * BubusJournal:max-backlog:
   *
   * How many bytes may wait to be written. Lines for which there is no room are lost, and counted.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_BACKLOG] =
    g_param_spec_uint64 ("max-backlog", NULL, NULL, 0, G_MAXUINT64, BUBUS_JOURNAL_DEFAULT_BACKLOG, flags);

  /**
   * BubusJournal:failing: (getter is_failing)
   *
   * Whether the last attempt to write has failed.
   *
   * Since: 1.0
   */
  properties[PROP_FAILING] =
    g_param_spec_boolean ("failing", NULL, NULL, FALSE, (G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS));

  /**
   * BubusJournal:congested: (getter is_congested)
   *
   * Whether so much waits to be written that whoever makes events should be slower: more than half of
   * [property@Journal:max-backlog], and not yet less than a quarter again.
   *
   * Since: 1.0
   */
  properties[PROP_CONGESTED] =
    g_param_spec_boolean ("congested", NULL, NULL, FALSE, (G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS));
}

static void
bubus_journal_install_rotation (void)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  /**
   * BubusJournal:rotate-size:
   *
   * The size, in bytes, that the file may reach before it is put aside; 0 for any. What is written at once is not
   * divided, so that a file can be larger than that.
   *
   * A file is put aside under its name with a number: the first as `.000001`. The oldest has the lowest.
   *
   * Since: 1.0
   */
  properties[PROP_ROTATE_SIZE] = g_param_spec_uint64 ("rotate-size", NULL, NULL, 0, G_MAXUINT64, 0, flags);

  /**
   * BubusJournal:rotate-age:
   *
   * The age, in seconds, of the first event in the file at which the file is put aside; 0 for any. It is looked at when
   * something is written.
   *
   * Since: 1.0
   */
  properties[PROP_ROTATE_AGE] = g_param_spec_double ("rotate-age", NULL, NULL, 0, G_MAXDOUBLE, 0, flags);

  /**
   * BubusJournal:max-total-size:
   *
   * The size, in bytes, of all files together that are put aside; 0 for unlimited. The oldest ones are removed, but for
   * those that recovery needs.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_TOTAL_SIZE] = g_param_spec_uint64 ("max-total-size", NULL, NULL, 0, G_MAXUINT64, 0, flags);

  /**
   * BubusJournal:compress:
   *
   * Whether files that are put aside are compressed with gzip, and get `.gz` behind their names.
   *
   * Since: 1.0
   */
  properties[PROP_COMPRESS] = g_param_spec_boolean ("compress", NULL, NULL, FALSE, flags);
}

static void
bubus_journal_class_init (BubusJournalClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = bubus_journal_constructed;
  object_class->finalize = bubus_journal_finalize;
  object_class->get_property = bubus_journal_get_property;
  object_class->set_property = bubus_journal_set_property;

  bubus_journal_install_durability ();
  bubus_journal_install_failures ();
  bubus_journal_install_rotation ();
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  /**
   * BubusJournal::failed:
   * @self: the journal
   * @error: why
   *
   * Lines could not be written, and there was no such failure just before.
   *
   * They may still be written later. Without a handler, the reason is logged as a message.
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
   * Without a handler, it is logged as a message.
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
