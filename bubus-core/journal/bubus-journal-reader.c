/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <stdio.h>

#include <gio/gio.h>

#include "bubus-journal-reader.h"

#include "base/bubus-error.h"
#include "bubus-journal-checksum-private.h"
#include "bubus-journal-filter-private.h"
#include "bubus-journal-line-private.h"
#include "codec/bubus-event-json.h"

/**
 * BubusJournalReader:
 *
 * Reads the events of a journal, the oldest first: those of the files that were put aside, also of compressed ones, and
 * then those of the file itself.
 *
 * At the end it can be asked again: when the journal has grown, it goes on, also in a new file that has taken the place
 * of the one that it read. It never waits for anything but the disk; to be told that a journal grows, watch the folder
 * that it lies in with a [class@Gio.FileMonitor].
 *
 * It reads what [class@Journal] and the other runtimes write. Checksums are checked and taken out.
 *
 * Filters say which events are wanted. Use it in one thread at a time.
 *
 * Since: 1.0
 */

struct _BubusJournalReader
{
  GObject             parent_instance;

  GFile              *file;
  BubusJournalFilter  filter;
  BubusJournalLines  *lines;    /* made with the first event */
  BubusJournalLine    line;     /* the last one */
  char               *path;     /* in which it stands */
  GString            *text;     /* of it, without a checksum */
  gboolean            checked;
};

typedef enum
{
  PROP_FILE = 1,
  PROP_TYPE_PATTERN,
  PROP_SINCE,
  PROP_UNTIL,
  PROP_EVENT_ID,
  PROP_PARENT_ID,
  PROP_STATUS,
} BubusJournalReaderProperty;

static GParamSpec *properties[PROP_STATUS + 1];

G_DEFINE_FINAL_TYPE (BubusJournalReader, bubus_journal_reader, G_TYPE_OBJECT)

static void
bubus_journal_reader_finalize (GObject *object)
{
  BubusJournalReader *self = BUBUS_JOURNAL_READER (object);

  g_clear_pointer (&self->lines, _bubus_journal_lines_free);
  _bubus_journal_filter_clear (&self->filter);
  g_string_free (self->text, TRUE);
  g_free (self->path);
  g_clear_object (&self->file);

  G_OBJECT_CLASS (bubus_journal_reader_parent_class)->finalize (object);
}

static void
bubus_journal_reader_get_property (GObject    *object,
                                   guint       prop_id,
                                   GValue     *value,
                                   GParamSpec *pspec)
{
  BubusJournalReader *self = BUBUS_JOURNAL_READER (object);

  switch ((BubusJournalReaderProperty) prop_id)
    {
    case PROP_FILE:
      g_value_set_object (value, self->file);
      break;

    case PROP_TYPE_PATTERN:
      g_value_set_string (value, self->filter.type_pattern);
      break;

    case PROP_SINCE:
      g_value_set_int64 (value, self->filter.since);
      break;

    case PROP_UNTIL:
      g_value_set_int64 (value, self->filter.until);
      break;

    case PROP_EVENT_ID:
      g_value_set_string (value, self->filter.event_id);
      break;

    case PROP_PARENT_ID:
      g_value_set_string (value, self->filter.parent_id);
      break;

    case PROP_STATUS:
      g_value_set_string (value, self->filter.status);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_journal_reader_set_string (char         **string,
                                 const GValue  *value)
{
  g_free (*string);
  *string = g_value_dup_string (value);
}

static void
bubus_journal_reader_set_property (GObject      *object,
                                   guint         prop_id,
                                   const GValue *value,
                                   GParamSpec   *pspec)
{
  BubusJournalReader *self = BUBUS_JOURNAL_READER (object);

  switch ((BubusJournalReaderProperty) prop_id)
    {
    case PROP_FILE:
      self->file = g_value_dup_object (value);
      break;

    case PROP_TYPE_PATTERN:
      _bubus_journal_filter_set_pattern (&self->filter, g_value_get_string (value));
      break;

    case PROP_SINCE:
      self->filter.since = g_value_get_int64 (value);
      break;

    case PROP_UNTIL:
      self->filter.until = g_value_get_int64 (value);
      break;

    case PROP_EVENT_ID:
      bubus_journal_reader_set_string (&self->filter.event_id, value);
      break;

    case PROP_PARENT_ID:
      bubus_journal_reader_set_string (&self->filter.parent_id, value);
      break;

    case PROP_STATUS:
      bubus_journal_reader_set_string (&self->filter.status, value);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_journal_reader_install_filters (void)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  /**
   * BubusJournalReader:type-pattern:
   *
   * A glob that the event type has to match, or %NULL for any type.
   *
   * Since: 1.0
   */
  properties[PROP_TYPE_PATTERN] = g_param_spec_string ("type-pattern", NULL, NULL, NULL, flags);

  /**
   * BubusJournalReader:since:
   *
   * The earliest time of creation, in nanoseconds since the Unix epoch; 0 for any.
   *
   * Since: 1.0
   */
  properties[PROP_SINCE] = g_param_spec_int64 ("since", NULL, NULL, 0, G_MAXINT64, 0, flags);

  /**
   * BubusJournalReader:until:
   *
   * The time before which the event was made, in nanoseconds since the Unix epoch; 0 for any.
   *
   * Since: 1.0
   */
  properties[PROP_UNTIL] = g_param_spec_int64 ("until", NULL, NULL, 0, G_MAXINT64, 0, flags);

  /**
   * BubusJournalReader:event-id:
   *
   * The event's id, or %NULL for any.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_ID] = g_param_spec_string ("event-id", NULL, NULL, NULL, flags);

  /**
   * BubusJournalReader:parent-id:
   *
   * The id of the event's parent, or %NULL for any and none.
   *
   * Since: 1.0
   */
  properties[PROP_PARENT_ID] = g_param_spec_string ("parent-id", NULL, NULL, NULL, flags);

  /**
   * BubusJournalReader:status:
   *
   * What had become of the event when the line was written: `pending`, `started` or `completed`; %NULL for any.
   *
   * Since: 1.0
   */
  properties[PROP_STATUS] = g_param_spec_string ("status", NULL, NULL, NULL, flags);
}

static void
bubus_journal_reader_class_init (BubusJournalReaderClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = bubus_journal_reader_finalize;
  object_class->get_property = bubus_journal_reader_get_property;
  object_class->set_property = bubus_journal_reader_set_property;

  /**
   * BubusJournalReader:file:
   *
   * The journal's file. It must be a local one.
   *
   * Since: 1.0
   */
  properties[PROP_FILE] =
    g_param_spec_object ("file", NULL, NULL, G_TYPE_FILE,
                         (G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS));

  bubus_journal_reader_install_filters ();
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bubus_journal_reader_init (BubusJournalReader *self)
{
  self->text = g_string_new (NULL);
}

/**
 * bubus_journal_reader_new:
 * @file: a local file
 *
 * Makes a reader of a journal. The file need not exist yet.
 *
 * Returns: (transfer full): a new reader, before the first event
 *
 * Since: 1.0
 */
BubusJournalReader *
bubus_journal_reader_new (GFile *file)
{
  g_return_val_if_fail (G_IS_FILE (file), NULL);

  return g_object_new (BUBUS_TYPE_JOURNAL_READER, "file", file, NULL);
}

/**
 * bubus_journal_reader_get_file:
 * @self: a reader
 *
 * Gives the journal's file.
 *
 * Returns: (transfer none): the file
 *
 * Since: 1.0
 */
GFile *
bubus_journal_reader_get_file (BubusJournalReader *self)
{
  g_return_val_if_fail (BUBUS_IS_JOURNAL_READER (self), NULL);

  return self->file;
}

/* ---- reading ---- */

static gboolean
bubus_journal_reader_ensure_open (BubusJournalReader  *self,
                                  GError             **error)
{
  const char *path = g_file_peek_path (self->file);

  if (self->lines == NULL && path != NULL)
    self->lines = _bubus_journal_lines_new (path);
  if (self->lines != NULL)
    return TRUE;

  g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_JOURNAL, "a journal that is not a local file cannot be read");
  return FALSE;
}

/* A line is the first one of its own text: what the codec says about lines is not about the journal's. */
static BubusEvent *
bubus_journal_reader_refuse (BubusJournalReader  *self,
                             const char          *reason,
                             GError             **error)
{
  g_autofree char *name = g_filename_display_name (self->path);
  guint line, column;
  int length = 0;

  if (sscanf (reason, "line %u, column %u: %n", &line, &column, &length) == 2 && length > 0)
    g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_JSON, "%s:%" G_GUINT64_FORMAT ":%u: %s", name,
                 self->line.number, column, reason + length);
  else
    g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_JSON, "%s:%" G_GUINT64_FORMAT ": %s", name,
                 self->line.number, reason);
  return NULL;
}

static BubusEvent *
bubus_journal_reader_parse (BubusJournalReader  *self,
                            GError             **error)
{
  g_autoptr (GError) reason = NULL;
  BubusChecksum checksum;
  BubusEvent *event;

  g_string_truncate (self->text, 0);
  if (self->line.too_long)
    return bubus_journal_reader_refuse (self, "the line is too long", error);

  checksum = _bubus_checksum_take (self->line.text, &self->line.length);
  self->checked = checksum == BUBUS_CHECKSUM_GOOD;
  g_string_append_len (self->text, self->line.text, self->line.length);
  if (checksum == BUBUS_CHECKSUM_BAD)
    return bubus_journal_reader_refuse (self, "the checksum is another one: the line was changed, or damaged", error);

  event = bubus_event_new_from_json (self->text->str, self->text->len, BUBUS_JSON_NONE, &reason);
  return event != NULL ? event : bubus_journal_reader_refuse (self, reason->message, error);
}

/* FALSE at the end, and for an error. */
static gboolean
bubus_journal_reader_step (BubusJournalReader  *self,
                           GError             **error)
{
  do
    if (_bubus_journal_lines_next (self->lines, &self->line, error) != BUBUS_JOURNAL_LINES_LINE)
      return FALSE;
  while (!_bubus_journal_line_trim (&self->line));

  if (g_strcmp0 (self->path, self->line.path) != 0)
    {
      g_free (self->path);
      self->path = g_strdup (self->line.path);
    }
  return TRUE;
}

/**
 * bubus_journal_reader_next:
 * @self: a reader
 * @error: (nullable): where to put what is wrong
 *
 * Reads the next event that the filters let through.
 *
 * At the end of the journal, %NULL is returned without an error; there may be more later. A last line that is not
 * complete is waited for. Empty lines, a byte order mark at the beginning of a file and carriage returns before line ends
 * are passed over. In recovery mode a journal holds several lines for one event: when it was accepted, and when
 * it was complete.
 *
 * Fails with %BUBUS_ERROR_INVALID_JSON for a line that is no event, or whose checksum is wrong; the message begins with
 * the file, the line and, if it is known, the column. The next call goes on behind that line. Fails with
 * %BUBUS_ERROR_JOURNAL when a file cannot be read; when it is one that was put aside, the next call goes on behind it.
 *
 * Returns: (transfer full) (nullable): an event, or %NULL
 *
 * Since: 1.0
 */
BubusEvent *
bubus_journal_reader_next (BubusJournalReader  *self,
                           GError             **error)
{
  g_return_val_if_fail (BUBUS_IS_JOURNAL_READER (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!bubus_journal_reader_ensure_open (self, error))
    return NULL;

  while (bubus_journal_reader_step (self, error))
    {
      BubusEvent *event = bubus_journal_reader_parse (self, error);

      if (event == NULL || _bubus_journal_filter_matches (&self->filter, event))
        return event;
      g_object_unref (event);
    }
  return NULL;
}

/**
 * bubus_journal_reader_get_text:
 * @self: a reader
 *
 * Gives the text of the last line that was read: of an event, or of what is none. It may be anything then.
 *
 * Returns: the text, without the newline and the checksum; valid until the next event is read
 *
 * Since: 1.0
 */
const char *
bubus_journal_reader_get_text (BubusJournalReader *self)
{
  g_return_val_if_fail (BUBUS_IS_JOURNAL_READER (self), NULL);

  return self->text->str;
}

/**
 * bubus_journal_reader_get_path:
 * @self: a reader
 *
 * Gives the file in which the last line that was read stands.
 *
 * Returns: (type filename) (nullable): the path, or %NULL before the first line; valid until the next event is read
 *
 * Since: 1.0
 */
const char *
bubus_journal_reader_get_path (BubusJournalReader *self)
{
  g_return_val_if_fail (BUBUS_IS_JOURNAL_READER (self), NULL);

  return self->path;
}

/**
 * bubus_journal_reader_get_line:
 * @self: a reader
 *
 * Gives the number of the last line that was read, in its file.
 *
 * Returns: the number, from 1; 0 before the first line
 *
 * Since: 1.0
 */
guint64
bubus_journal_reader_get_line (BubusJournalReader *self)
{
  g_return_val_if_fail (BUBUS_IS_JOURNAL_READER (self), 0);

  return self->line.number;
}

/**
 * bubus_journal_reader_is_checked:
 * @self: a reader
 *
 * Says whether the last line that was read has a checksum that is right.
 *
 * Returns: whether it has
 *
 * Since: 1.0
 */
gboolean
bubus_journal_reader_is_checked (BubusJournalReader *self)
{
  g_return_val_if_fail (BUBUS_IS_JOURNAL_READER (self), FALSE);

  return self->checked;
}

/**
 * bubus_journal_reader_is_over:
 * @self: a reader
 *
 * Says whether a recovery would take the last line that was read for the end of its event: it is complete, or was
 * refused after all, or the line is one of the original, which writes only events that it has handled.
 *
 * Returns: whether the event would not be dispatched again
 *
 * Since: 1.0
 */
gboolean
bubus_journal_reader_is_over (BubusJournalReader *self)
{
  BubusJournalLine line = { NULL };
  BubusJournalEntry entry;

  g_return_val_if_fail (BUBUS_IS_JOURNAL_READER (self), FALSE);

  line.text = self->text->str;
  line.length = self->text->len;
  return _bubus_journal_line_parse (&line, &entry, NULL) && entry.over;
}

/**
 * bubus_journal_reader_is_torn:
 * @self: a reader at the end of its journal
 *
 * Says whether the journal ends with a line that is not complete: somebody is writing it, or died while doing so.
 *
 * Returns: whether it does
 *
 * Since: 1.0
 */
gboolean
bubus_journal_reader_is_torn (BubusJournalReader *self)
{
  BubusJournalLine rest;

  g_return_val_if_fail (BUBUS_IS_JOURNAL_READER (self), FALSE);

  return self->lines != NULL && _bubus_journal_lines_get_rest (self->lines, &rest);
}
