/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "bubus-console.h"
#include "bubus-feed.h"
#include "bubus-input.h"
#include "bubus-line-reader.h"
#include "bubus-seen-ids.h"

/* How many events are under way at most. Well below the limit of a bus, so that handlers find room for theirs. */
#define BUBUS_FEED_MAX_PENDING 50

/* A byte order mark may stand at the very beginning of a file, and means nothing. */
#define BYTE_ORDER_MARK "\357\273\277"

/* Between start and end exactly one thing is waited for: that a file gives more, or that the bus has room for the
 * event that was read last. */
struct _BubusFeed
{
  gboolean         strict;
  BubusEventBus   *bus;         /* not owned */
  BubusFeedFunc    ended;
  gpointer         user_data;

  GPtrArray       *inputs;
  guint            index;       /* of the input that is being read */
  BubusLineReader *reader;      /* of its lines */
  guint64          line;        /* that was read last */
  BubusSeenIds    *ids;
  GHashTable      *pending;     /* the events that have been dispatched and are not complete, not owned */
  BubusEvent      *parked;      /* nullable: it waits until there are fewer of them */
  BubusEvent      *offered;     /* nullable: it waits until the bus takes it */
  guint            resume_id;
  GCancellable    *cancellable; /* of reading, not of dispatching: what has been read is to be handled */

  guint64          n_lines;
  guint64          n_malformed;
  gboolean         failed;      /* what there was to read has not all been read */
  gboolean         stopped;
};

static void     bubus_feed_pump     (BubusFeed  *self);
static gboolean bubus_feed_dispatch (BubusFeed  *self,
                                     BubusEvent *event);

BubusFeed *
bubus_feed_new (gboolean strict)
{
  BubusFeed *self = g_new0 (BubusFeed, 1);

  self->strict = strict;
  self->inputs = g_ptr_array_new_with_free_func ((GDestroyNotify) bubus_input_free);
  self->ids = bubus_seen_ids_new ();
  self->pending = g_hash_table_new (NULL, NULL);
  self->cancellable = g_cancellable_new ();
  return self;
}

/* Not between start and end. */
void
bubus_feed_free (BubusFeed *self)
{
  g_clear_handle_id (&self->resume_id, g_source_remove);
  g_ptr_array_unref (self->inputs);
  bubus_seen_ids_free (self->ids);
  g_hash_table_unref (self->pending);
  g_clear_object (&self->parked);
  g_clear_object (&self->offered);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->reader);
  g_free (self);
}

/* Opens a file, and so finds out early whether it can be read. */
gboolean
bubus_feed_add_file (BubusFeed   *self,
                     const char  *name,
                     GError     **error)
{
  BubusInput *input = bubus_input_open (name, error);

  if (input == NULL)
    return FALSE;

  g_ptr_array_add (self->inputs, input);
  return TRUE;
}

/* Takes effect soon; what has been dispatched stays. */
void
bubus_feed_stop (BubusFeed *self)
{
  self->stopped = TRUE;
  g_cancellable_cancel (self->cancellable);
}

guint64
bubus_feed_get_n_lines (BubusFeed *self)
{
  return self->n_lines;
}

guint64
bubus_feed_get_n_malformed (BubusFeed *self)
{
  return self->n_malformed;
}

gboolean
bubus_feed_has_failed (BubusFeed *self)
{
  return self->failed;
}

/* ---- what is wrong ---- */

static const char *
bubus_feed_get_label (BubusFeed *self,
                      guint      index)
{
  const BubusInput *input = g_ptr_array_index (self->inputs, index);

  return input->label;
}

static void
bubus_feed_refuse (BubusFeed  *self,
                   guint       column,
                   const char *reason)
{
  bubus_console_report ("%s:%" G_GUINT64_FORMAT ":%u: %s", bubus_feed_get_label (self, self->index), self->line,
                        column, reason);
  self->n_malformed++;
  if (self->strict)
    bubus_feed_stop (self);
}

static void
bubus_feed_refuse_error (BubusFeed    *self,
                         const GError *error)
{
  guint line, column;
  int length = 0;

  if (sscanf (error->message, "line %u, column %u: %n", &line, &column, &length) == 2 && length > 0)
    bubus_feed_refuse (self, column, error->message + length);
  else
    bubus_feed_refuse (self, 1, error->message);
}

/* Something that no line is to blame for. */
static void
bubus_feed_fail (BubusFeed    *self,
                 const GError *error)
{
  bubus_console_report ("%s: %s: %s", g_get_prgname (), bubus_feed_get_label (self, self->index), error->message);
  self->failed = TRUE;
}

/* ---- events ---- */

static void
bubus_feed_note_dispatch (BubusFeed    *self,
                          BubusEvent   *event,
                          const GError *error)
{
  if (error == NULL)
    return;

  g_hash_table_remove (self->pending, event);
  if (!g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_STOPPED))
    {
      bubus_feed_refuse_error (self, error);
      return;
    }
  bubus_feed_fail (self, error);
  bubus_feed_stop (self);
}

static gboolean
bubus_feed_resume_cb (gpointer user_data)
{
  BubusFeed *self = user_data;
  g_autoptr (BubusEvent) parked = g_steal_pointer (&self->parked);

  self->resume_id = 0;
  if (parked == NULL || bubus_feed_dispatch (self, parked))
    bubus_feed_pump (self);
  return G_SOURCE_REMOVE;
}

/* Not at once: who says that there is room may be in the middle of a handler, of which the next event is no child. */
static void
bubus_feed_resume (BubusFeed *self)
{
  if (self->resume_id == 0)
    self->resume_id = g_idle_add_full (G_PRIORITY_DEFAULT, bubus_feed_resume_cb, self, NULL);
}

static gboolean
bubus_feed_park (BubusFeed  *self,
                 BubusEvent *event)
{
  g_set_object (&self->parked, event);
  return FALSE;
}

static void
bubus_feed_dispatch_cb (GObject      *object,
                        GAsyncResult *result,
                        gpointer      user_data)
{
  BubusFeed *self = user_data;
  g_autoptr (BubusEvent) event = g_steal_pointer (&self->offered);
  g_autoptr (GError) error = NULL;

  bubus_event_bus_dispatch_finish (BUBUS_EVENT_BUS (object), result, &error);
  bubus_feed_note_dispatch (self, event, error);
  bubus_feed_resume (self);
}

/* Others may have filled the bus. */
static gboolean
bubus_feed_wait_for_bus (BubusFeed  *self,
                         BubusEvent *event)
{
  g_set_object (&self->offered, event);
  bubus_event_bus_dispatch_async (self->bus, event, NULL, bubus_feed_dispatch_cb, self);
  return FALSE;
}

static gboolean
bubus_feed_dispatch_now (BubusFeed  *self,
                         BubusEvent *event)
{
  g_autoptr (GError) error = NULL;

  bubus_event_bus_dispatch (self->bus, event, &error);
  bubus_feed_note_dispatch (self, event, error);
  return TRUE;
}

/* Returns whether to go on at once. */
static gboolean
bubus_feed_dispatch (BubusFeed  *self,
                     BubusEvent *event)
{
  guint max_pending = bubus_event_bus_get_max_pending (self->bus);

  if (g_hash_table_size (self->pending) >= BUBUS_FEED_MAX_PENDING)
    return bubus_feed_park (self, event);

  g_hash_table_add (self->pending, event);
  if (max_pending != 0 && bubus_event_bus_get_n_pending (self->bus) >= max_pending)
    return bubus_feed_wait_for_bus (self, event);
  return bubus_feed_dispatch_now (self, event);
}

/* To be called when any event is complete. When there is room again it is for many, so that reading is not taken up
 * for each. */
void
bubus_feed_note_completion (BubusFeed  *self,
                            BubusEvent *event)
{
  if (!g_hash_table_remove (self->pending, event))
    return;
  if (self->parked != NULL && g_hash_table_size (self->pending) <= BUBUS_FEED_MAX_PENDING / 2)
    bubus_feed_resume (self);
}

static gboolean
bubus_feed_check_id (BubusFeed  *self,
                     BubusEvent *event)
{
  const char *id = bubus_event_get_event_id (event);
  BubusSeenPlace here = { .file = self->index, .line = self->line };
  const BubusSeenPlace *before = bubus_seen_ids_add (self->ids, id, here);
  g_autofree char *reason = NULL;

  if (before == NULL)
    return TRUE;

  reason = g_strdup_printf ("an event with the id “%s” was read before, at %s:%" G_GUINT64_FORMAT, id,
                            bubus_feed_get_label (self, before->file), before->line);
  bubus_feed_refuse (self, 1, reason);
  return FALSE;
}

/* ---- lines ---- */

static gboolean
bubus_feed_is_blank (const BubusLine *line)
{
  for (gsize i = 0; i < line->length; i++)
    {
      if (strchr (" \t\r", line->text[i]) == NULL || line->text[i] == '\0')
        return FALSE;
    }
  return TRUE;
}

static void
bubus_feed_skip_mark (BubusLine *line)
{
  gsize length = strlen (BYTE_ORDER_MARK);

  if (line->number == 1 && line->length >= length && memcmp (line->text, BYTE_ORDER_MARK, length) == 0)
    {
      line->text += length;
      line->length -= length;
    }
}

static gboolean
bubus_feed_take_line (BubusFeed *self,
                      BubusLine *line)
{
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (GError) error = NULL;

  bubus_feed_skip_mark (line);
  if (bubus_feed_is_blank (line))
    return TRUE;

  self->n_lines++;
  event = bubus_event_new_from_json (line->text, line->length, BUBUS_JSON_RESET, &error);
  if (event == NULL)
    {
      bubus_feed_refuse_error (self, error);
      return TRUE;
    }
  return !bubus_feed_check_id (self, event) || bubus_feed_dispatch (self, event);
}

static gboolean
bubus_feed_pass_over_line (BubusFeed *self)
{
  g_autofree char *limit = g_format_size_full (BUBUS_EVENT_JSON_MAX_SIZE, G_FORMAT_SIZE_IEC_UNITS);
  g_autofree char *reason = g_strdup_printf ("the line is longer than %s", limit);

  self->n_lines++;
  bubus_feed_refuse (self, 1, reason);
  return TRUE;
}

/* ---- files ---- */

static void
bubus_feed_fill_cb (GObject      *object,
                    GAsyncResult *result,
                    gpointer      user_data)
{
  BubusFeed *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!bubus_line_reader_fill_finish (BUBUS_LINE_READER (object), result, &error) && !self->stopped)
    {
      bubus_feed_fail (self, error);
      g_clear_object (&self->reader);
      self->index++;
    }
  bubus_feed_pump (self);
}

static gboolean
bubus_feed_fill (BubusFeed *self)
{
  bubus_line_reader_fill_async (self->reader, self->cancellable, bubus_feed_fill_cb, self);
  return FALSE;
}

static gboolean
bubus_feed_end_file (BubusFeed *self)
{
  g_clear_object (&self->reader);
  self->index++;
  return TRUE;
}

static void
bubus_feed_ensure_reader (BubusFeed *self)
{
  const BubusInput *input = g_ptr_array_index (self->inputs, self->index);

  if (self->reader == NULL)
    self->reader = bubus_line_reader_new (input->stream, BUBUS_EVENT_JSON_MAX_SIZE);
}

static gboolean
bubus_feed_read_line (BubusFeed *self)
{
  BubusLine line = { 0 };
  BubusLineReaderStatus status;

  bubus_feed_ensure_reader (self);
  status = bubus_line_reader_next (self->reader, &line);
  self->line = line.number;
  switch (status)
    {
    case BUBUS_LINE_READER_LINE:
      return bubus_feed_take_line (self, &line);

    case BUBUS_LINE_READER_TOO_LONG:
      return bubus_feed_pass_over_line (self);

    case BUBUS_LINE_READER_HUNGRY:
      return bubus_feed_fill (self);

    case BUBUS_LINE_READER_END:
      return bubus_feed_end_file (self);

    default:
      g_assert_not_reached ();
    }
}

/* Goes on until there is something to wait for, or nothing left. */
static void
bubus_feed_pump (BubusFeed *self)
{
  gboolean more = TRUE;

  while (more && !self->stopped && self->index < self->inputs->len)
    more = bubus_feed_read_line (self);
  if (more)
    self->ended (self->user_data);
}

void
bubus_feed_start (BubusFeed     *self,
                  BubusEventBus *bus,
                  BubusFeedFunc  ended,
                  gpointer       user_data)
{
  self->bus = bus;
  self->ended = ended;
  self->user_data = user_data;
  bubus_feed_pump (self);
}
