/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "bubus-journal.h"

#include "base/bubus-error.h"
#include "codec/bubus-event-json.h"

/**
 * BubusJournal:
 *
 * A middleware that appends every completed event to a file, as one line of JSON with its results.
 *
 * The file is opened when the first event is complete, and made then if it does not exist, with the directories it
 * lies in; others may read it as far as the process's umask allows that. Every line is handed to the system with one
 * write, so that several journals, also of other processes, may share a file.
 *
 * One journal may be added to several buses, in one thread or in many. An event is complete on one bus only, so that
 * one journal holds it once.
 *
 * A line that cannot be written is lost, and changes nothing for its event: see
 * [signal@Bubus.Journal::failed] and [method@Bubus.Journal.get_n_failed]. The next event is tried again.
 *
 * Since: 1.0
 */

struct _BubusJournal
{
  GObject   parent_instance;

  GFile    *file;       /* set once */

  GMutex    mutex;      /* guards what follows */
  int       fd;         /* -1 as long as the file is not open */
  gboolean  torn;       /* the file ends with a piece of a line */
  gboolean  failing;    /* the last event was lost */
  guint64   n_written;
  guint64   n_failed;
};

typedef enum
{
  PROP_FILE = 1,
} BubusJournalProperty;

static GParamSpec *properties[PROP_FILE + 1];

enum
{
  SIGNAL_FAILED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* ---- the file ---- */

static gboolean
bubus_journal_set_error (BubusJournal  *self,
                         const char    *what,
                         int            code,
                         GError       **error)
{
  g_autofree char *name = g_file_get_parse_name (self->file);

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_JOURNAL, "the journal “%s” cannot be %s: %s", name, what,
               g_strerror (code));
  return FALSE;
}

static int
bubus_journal_open_path (const char *path)
{
  return g_open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);
}

/* Makes the directories only when they turn out to be missing. */
static int
bubus_journal_open_path_in_new_directory (const char *path)
{
  g_autofree char *directory = g_path_get_dirname (path);

  if (g_mkdir_with_parents (directory, 0777) != 0)
    return -1;
  return bubus_journal_open_path (path);
}

static gboolean
bubus_journal_ensure_open_locked (BubusJournal  *self,
                                  GError       **error)
{
  const char *path = g_file_peek_path (self->file);

  if (self->fd >= 0)
    return TRUE;
  if (path == NULL)
    return bubus_journal_set_error (self, "opened", ENOTSUP, error);

  self->fd = bubus_journal_open_path (path);
  if (self->fd < 0 && errno == ENOENT)
    self->fd = bubus_journal_open_path_in_new_directory (path);
  if (self->fd < 0)
    return bubus_journal_set_error (self, "opened", errno, error);
  return TRUE;
}

static gboolean
bubus_journal_write_locked (BubusJournal  *self,
                            const char    *text,
                            gsize          length,
                            GError       **error)
{
  while (length > 0)
    {
      gssize n = write (self->fd, text, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return bubus_journal_set_error (self, "written", n < 0 ? errno : EIO, error);
      text += n;
      length -= n;
      self->torn = length > 0;
    }
  return TRUE;
}

/* A piece of a line that an earlier failure has left must not spoil this line, too. */
static gboolean
bubus_journal_append_line_locked (BubusJournal  *self,
                                  GString       *line,
                                  GError       **error)
{
  if (!bubus_journal_ensure_open_locked (self, error))
    return FALSE;
  if (self->torn)
    g_string_prepend_c (line, '\n');
  return bubus_journal_write_locked (self, line->str, line->len, error);
}

/* Whether this is the first loss after a success. */
static gboolean
bubus_journal_count_locked (BubusJournal *self,
                            gboolean      written)
{
  gboolean first = !written && !self->failing;

  self->failing = !written;
  if (written)
    self->n_written++;
  else
    self->n_failed++;
  return first;
}

/* Once per streak: a full disk is not told with every event. */
static void
bubus_journal_report (BubusJournal *self,
                      const GError *error)
{
  if (g_signal_has_handler_pending (self, signals[SIGNAL_FAILED], 0, FALSE))
    g_signal_emit (self, signals[SIGNAL_FAILED], 0, error);
  else
    g_message ("%s", error->message);
}

static void
bubus_journal_append (BubusJournal *self,
                      BubusEvent   *event)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  gboolean written, first;

  bubus_event_append_json (event, line);
  g_string_append_c (line, '\n');

  g_mutex_lock (&self->mutex);
  written = bubus_journal_append_line_locked (self, line, &error);
  first = bubus_journal_count_locked (self, written);
  g_mutex_unlock (&self->mutex);

  if (first)
    bubus_journal_report (self, error);
}

/* ---- middleware ---- */

static void
bubus_journal_event_changed (BubusMiddleware  *middleware,
                             BubusEventBus    *bus,
                             BubusEvent       *event,
                             BubusEventStatus  status)
{
  if (status == BUBUS_EVENT_STATUS_COMPLETED)
    bubus_journal_append (BUBUS_JOURNAL (middleware), event);
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
bubus_journal_finalize (GObject *object)
{
  BubusJournal *self = BUBUS_JOURNAL (object);

  if (self->fd >= 0)
    close (self->fd);
  g_mutex_clear (&self->mutex);
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

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_journal_class_init (BubusJournalClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = bubus_journal_finalize;
  object_class->get_property = bubus_journal_get_property;
  object_class->set_property = bubus_journal_set_property;

  /**
   * BubusJournal:file:
   *
   * The file that events are appended to. It must be a local one.
   *
   * Since: 1.0
   */
  properties[PROP_FILE] =
    g_param_spec_object ("file", NULL, NULL, G_TYPE_FILE,
                         (G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  /**
   * BubusJournal::failed:
   * @self: the journal
   * @error: why
   *
   * An event could not be written, and none was lost just before it.
   *
   * Emitted in the thread of the bus whose event was lost. Without a handler, the reason is logged as a message.
   *
   * Since: 1.0
   */
  signals[SIGNAL_FAILED] =
    g_signal_new ("failed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
bubus_journal_init (BubusJournal *self)
{
  g_mutex_init (&self->mutex);
  self->fd = -1;
}

/**
 * bubus_journal_new:
 * @file: a local file
 *
 * Makes a journal. Nothing is opened before the first event is complete.
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

static guint64
bubus_journal_read_count (BubusJournal  *self,
                          const guint64 *count)
{
  guint64 value;

  g_mutex_lock (&self->mutex);
  value = *count;
  g_mutex_unlock (&self->mutex);
  return value;
}

/**
 * bubus_journal_get_n_written:
 * @self: a journal
 *
 * Says how many events have been written. May be called from any thread.
 *
 * Returns: the number of events
 *
 * Since: 1.0
 */
guint64
bubus_journal_get_n_written (BubusJournal *self)
{
  g_return_val_if_fail (BUBUS_IS_JOURNAL (self), 0);

  return bubus_journal_read_count (self, &self->n_written);
}

/**
 * bubus_journal_get_n_failed:
 * @self: a journal
 *
 * Says how many events were lost because they could not be written. May be called from any thread.
 *
 * Returns: the number of events
 *
 * Since: 1.0
 */
guint64
bubus_journal_get_n_failed (BubusJournal *self)
{
  g_return_val_if_fail (BUBUS_IS_JOURNAL (self), 0);

  return bubus_journal_read_count (self, &self->n_failed);
}
