/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-properties-private.h"

#include "bubus-journal-private.h"

#define BUBUS_JOURNAL_DEFAULT_BACKLOG (64 * 1024 * 1024)

G_DEFINE_ENUM_TYPE (BubusJournalDurability, bubus_journal_durability,
                    G_DEFINE_ENUM_VALUE (BUBUS_JOURNAL_DURABILITY_NONE, "none"),
                    G_DEFINE_ENUM_VALUE (BUBUS_JOURNAL_DURABILITY_PERIODIC, "periodic"),
                    G_DEFINE_ENUM_VALUE (BUBUS_JOURNAL_DURABILITY_BEFORE_ACK, "before-ack"))

static void
bubus_journal_install_durability (GParamSpec **properties)
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
   * With %BUBUS_JOURNAL_DURABILITY_BEFORE_ACK in recovery mode, and with [property@Journal:require], an event that is
   * dispatched on a bus with the journal is kept back until its acceptance is on the disk.
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
   * left unfinished. No other process can write the journal then, and its lines have checksums. No line is longer than
   * %BUBUS_EVENT_JSON_MAX_SIZE: results that are too long are left out, and an event that is too long is not recorded.
   *
   * Since: 1.0
   */
  properties[PROP_RECOVERY] = g_param_spec_boolean ("recovery", NULL, NULL, FALSE, flags);

  /**
   * BubusJournal:require:
   *
   * Whether an event whose acceptance cannot be recorded is refused by [method@Journal.dispatch_async], and dropped
   * when it was dispatched on a bus.
   *
   * Since: 1.0
   */
  properties[PROP_REQUIRE] = g_param_spec_boolean ("require", NULL, NULL, FALSE, flags);

  /**
   * BubusJournal:durable-completion:
   *
   * Whether an event is told to be complete only when the line that says so is on the disk: its status, those who wait
   * for it and its parents wait for that, and the bus goes on meanwhile. Events that come together share a sync.
   *
   * When the line cannot be written, that is reported ([signal@Journal::failed]) and the event is complete nevertheless.
   * With [property@Journal:require] it then has a reason, [method@Event.dup_drop_reason], with which those fail who wait
   * for it; it is not known whether the line is on the disk or not. The first failure decides.
   *
   * A handler that runs an event in place with [method@Invocation.run] gets %BUBUS_ERROR_WOULD_BLOCK, and must wait with
   * [method@Invocation.run_async]. When the bus is stopped at once, the disk is waited for in place.
   *
   * Since: 1.0
   */
  properties[PROP_DURABLE_COMPLETION] =
    g_param_spec_boolean ("durable-completion", NULL, NULL, FALSE, flags);

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
bubus_journal_install_failures (GParamSpec **properties)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
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
    g_param_spec_boolean ("failing", NULL, NULL, FALSE, readable);

  /**
   * BubusJournal:congested: (getter is_congested)
   *
   * Whether so much waits to be written that whoever makes events should be slower: more than half of
   * [property@Journal:max-backlog], and not yet less than a quarter again.
   *
   * Since: 1.0
   */
  properties[PROP_CONGESTED] =
    g_param_spec_boolean ("congested", NULL, NULL, FALSE, readable);
}

static void
bubus_journal_install_rotation (GParamSpec **properties)
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

void
_bubus_journal_make_properties (GParamSpec **properties)
{
  bubus_journal_install_durability (properties);
  bubus_journal_install_failures (properties);
  bubus_journal_install_rotation (properties);
}

/* ---- values ---- */

/* FALSE when the property is no option of the writer. */
static gboolean
bubus_journal_options_get (const BubusJournalOptions *self,
                           guint                      prop_id,
                           GValue                    *value)
{
  switch (prop_id)
    {
    case PROP_DURABILITY:
      g_value_set_enum (value, self->durability);
      break;

    case PROP_SYNC_INTERVAL:
      g_value_set_double (value, self->sync_interval);
      break;

    case PROP_CHECKSUMS:
      g_value_set_boolean (value, self->checksums);
      break;

    case PROP_RETRY_LIMIT:
      g_value_set_uint (value, self->retry_limit);
      break;

    case PROP_RETRY_DELAY:
      g_value_set_double (value, self->retry_delay);
      break;

    case PROP_MAX_BACKLOG:
      g_value_set_uint64 (value, self->max_backlog);
      break;

    case PROP_ROTATE_SIZE:
      g_value_set_uint64 (value, self->rotate_size);
      break;

    case PROP_ROTATE_AGE:
      g_value_set_double (value, self->rotate_age);
      break;

    case PROP_MAX_TOTAL_SIZE:
      g_value_set_uint64 (value, self->max_total);
      break;

    case PROP_COMPRESS:
      g_value_set_boolean (value, self->compress);
      break;

    default:
      return FALSE;
    }
  return TRUE;
}

static gboolean
bubus_journal_options_set (BubusJournalOptions *self,
                           guint                prop_id,
                           const GValue        *value)
{
  switch (prop_id)
    {
    case PROP_DURABILITY:
      self->durability = g_value_get_enum (value);
      break;

    case PROP_SYNC_INTERVAL:
      self->sync_interval = g_value_get_double (value);
      break;

    case PROP_CHECKSUMS:
      self->checksums = g_value_get_boolean (value);
      break;

    case PROP_RETRY_LIMIT:
      self->retry_limit = g_value_get_uint (value);
      break;

    case PROP_RETRY_DELAY:
      self->retry_delay = g_value_get_double (value);
      break;

    case PROP_MAX_BACKLOG:
      self->max_backlog = g_value_get_uint64 (value);
      break;

    case PROP_ROTATE_SIZE:
      self->rotate_size = g_value_get_uint64 (value);
      break;

    case PROP_ROTATE_AGE:
      self->rotate_age = g_value_get_double (value);
      break;

    case PROP_MAX_TOTAL_SIZE:
      self->max_total = g_value_get_uint64 (value);
      break;

    case PROP_COMPRESS:
      self->compress = g_value_get_boolean (value);
      break;

    default:
      return FALSE;
    }
  return TRUE;
}

void
_bubus_journal_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  BubusJournal *self = BUBUS_JOURNAL (object);

  if (bubus_journal_options_get (&self->options, prop_id, value))
    return;

  switch (prop_id)
    {
    case PROP_FILE:
      g_value_set_object (value, bubus_journal_get_file (self));
      break;

    case PROP_RECOVERY:
      g_value_set_boolean (value, self->recovery);
      break;

    case PROP_REQUIRE:
      g_value_set_boolean (value, self->require);
      break;

    case PROP_DURABLE_COMPLETION:
      g_value_set_boolean (value, self->durable_completion);
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

void
_bubus_journal_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  BubusJournal *self = BUBUS_JOURNAL (object);

  if (bubus_journal_options_set (&self->options, prop_id, value))
    return;

  switch (prop_id)
    {
    case PROP_FILE:
      self->file = g_value_dup_object (value);
      break;

    case PROP_RECOVERY:
      self->recovery = g_value_get_boolean (value);
      break;

    case PROP_REQUIRE:
      self->require = g_value_get_boolean (value);
      break;

    case PROP_DURABLE_COMPLETION:
      self->durable_completion = g_value_get_boolean (value);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}
