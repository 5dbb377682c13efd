/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-writer-internal.h"

#include "base/bubus-json-writer-internal.h"
#include "bubus-event-keys-internal.h"
#include "bubus-json-value-internal.h"
#include "bubus-result-json-internal.h"
#include "bubus-result-schema-internal.h"
#include "event/bubus-event-internal.h"
#include "event/bubus-json-internal.h"

typedef struct
{
  BubusEvent        *event;
  BubusEventPrivate *priv;
  BubusEventType    *type;
  BubusEventStatus   status;
  guint              n_pending;  /* buses; known when the path has been written */
  GString           *out;
  const BubusJson   *foreign[BUBUS_N_EVENT_KEYS];
} BubusEventWriter;

static int
bubus_member_get_foreign_key (const BubusMember *member)
{
  int key = _bubus_event_key_find (member->name, strlen (member->name), BUBUS_EVENT_KEY_SLOW_TIMEOUT);

  return _bubus_event_key_is_foreign (key) ? key : -1;
}

static void
bubus_event_writer_init (BubusEventWriter *self,
                         BubusEvent       *event,
                         GString          *out)
{
  const BubusEventExtras *extras;

  *self = (BubusEventWriter) { .event = event, .out = out };
  self->priv = _bubus_event_get_private (event);
  self->type = _bubus_event_get_description (event);

  extras = self->priv->extras;
  for (guint i = 0; extras != NULL && extras->members != NULL && i < extras->members->len; i++)
    {
      const BubusMember *member = &g_array_index (extras->members, BubusMember, i);
      int key = bubus_member_get_foreign_key (member);

      if (key >= 0)
        self->foreign[key] = member->value;
    }
}

void
_bubus_event_append_json_value (GString         *out,
                                const BubusJson *value)
{
  if (value != NULL)
    _bubus_json_append (out, bubus_json_get_text (value), bubus_json_get_size (value));
  else
    _bubus_json_append_literal (out, "null");
}

static void
bubus_event_writer_append_key (BubusEventWriter *self,
                               BubusEventKey     key)
{
  _bubus_json_append_literal (self->out, ",\"");
  _bubus_json_append_text (self->out, _bubus_event_key_names[key]);
  _bubus_json_append_literal (self->out, "\":");
}

static void
bubus_event_writer_append_foreign (BubusEventWriter *self,
                                   BubusEventKey     key)
{
  bubus_event_writer_append_key (self, key);
  _bubus_event_append_json_value (self->out, self->foreign[key]);
}

static void
bubus_event_writer_append_time (BubusEventWriter *self,
                                BubusEventKey     key,
                                BubusEventTime    time)
{
  double seconds = _bubus_event_get_time (self->event, time);

  bubus_event_writer_append_key (self, key);
  if (seconds < 0)
    _bubus_json_append_literal (self->out, "null");
  else
    _bubus_json_append_double (self->out, seconds);
}

static void
bubus_event_writer_append_mode (BubusEventWriter *self,
                                BubusEventKey     key,
                                BubusEventMode    mode)
{
  const char *name = _bubus_event_mode_get_nick (mode, _bubus_event_get_mode (self->event, mode));

  bubus_event_writer_append_key (self, key);
  _bubus_json_append_string (self->out, name);
}

/* How the event is handled, and before that what it is. */
static void
bubus_event_writer_append_head (BubusEventWriter *self)
{
  _bubus_json_append_literal (self->out, "{\"event_type\":");
  _bubus_json_append_string (self->out, bubus_event_get_event_type (self->event));
  _bubus_json_append_literal (self->out, ",\"event_version\":");
  _bubus_json_append_string (self->out, bubus_event_get_event_version (self->event));
  bubus_event_writer_append_time (self, BUBUS_EVENT_KEY_TIMEOUT, BUBUS_EVENT_TIME_HANDLER);
  bubus_event_writer_append_time (self, BUBUS_EVENT_KEY_SLOW_TIMEOUT, BUBUS_EVENT_TIME_SLOW_EVENT);
  bubus_event_writer_append_mode (self, BUBUS_EVENT_KEY_CONCURRENCY, BUBUS_EVENT_MODE_EVENTS);
  bubus_event_writer_append_foreign (self, BUBUS_EVENT_KEY_HANDLER_TIMEOUT);
  bubus_event_writer_append_time (self, BUBUS_EVENT_KEY_HANDLER_SLOW_TIMEOUT, BUBUS_EVENT_TIME_SLOW_HANDLER);
  bubus_event_writer_append_mode (self, BUBUS_EVENT_KEY_HANDLER_CONCURRENCY, BUBUS_EVENT_MODE_HANDLERS);
  bubus_event_writer_append_mode (self, BUBUS_EVENT_KEY_HANDLER_COMPLETION, BUBUS_EVENT_MODE_COMPLETION);
}

static void
bubus_event_writer_append_blocking (BubusEventWriter *self)
{
  _bubus_json_append_literal (self->out, ",\"event_blocks_parent_completion\":");
  if (_bubus_event_has_flags (self->priv, BUBUS_EVENT_BLOCKING))
    _bubus_json_append_literal (self->out, "true");
  else
    _bubus_json_append_literal (self->out, "false");
}

static void
bubus_event_writer_append_result_type (BubusEventWriter *self)
{
  const BubusEventExtras *extras = self->priv->extras;

  _bubus_json_append_literal (self->out, ",\"event_result_type\":");
  if (extras != NULL && extras->result_type != NULL)
    _bubus_event_append_json_value (self->out, extras->result_type);
  else
    _bubus_result_schema_append (self->out, self->type);
}

/* What most events begin with is the same for all of their class, which keeps it. */
typedef struct
{
  gsize head_length;
  gsize length;
  char  text[];       /* the head, and behind that the result type */
} BubusWrittenClass;

static BubusWrittenClass *
bubus_written_class_new (const char *text,
                         gsize       head_length,
                         gsize       length)
{
  BubusWrittenClass *self = g_malloc (sizeof (BubusWrittenClass) + length);

  self->head_length = head_length;
  self->length = length;
  memcpy (self->text, text, length);
  return self;
}

/* An event that says nothing itself of what its class says. */
static gboolean
bubus_event_writer_is_plain (BubusEventWriter *self)
{
  const BubusEventExtras *extras = self->priv->extras;

  return extras == NULL
         || (extras->event_type == NULL && extras->event_version == NULL && extras->result_type == NULL
             && self->foreign[BUBUS_EVENT_KEY_HANDLER_TIMEOUT] == NULL
             && !_bubus_event_has_flags (self->priv, BUBUS_EVENT_CONFIGURED));
}

static const BubusWrittenClass *
bubus_event_writer_ensure_class (BubusEventWriter *self)
{
  BubusWrittenClass *written = g_atomic_pointer_get (&self->type->written);
  g_autoptr (GString) text = NULL;
  GString *out = self->out;
  gsize head_length;

  if (G_LIKELY (written != NULL))
    return written;

  self->out = text = g_string_new (NULL);
  bubus_event_writer_append_head (self);
  head_length = text->len;
  bubus_event_writer_append_result_type (self);
  self->out = out;

  written = bubus_written_class_new (text->str, head_length, text->len);
  if (!g_atomic_pointer_compare_and_exchange (&self->type->written, NULL, written))
    g_free (written);
  return g_atomic_pointer_get (&self->type->written);
}

static void
bubus_event_writer_append_settings (BubusEventWriter *self)
{
  const BubusWrittenClass *written;

  if (!bubus_event_writer_is_plain (self))
    {
      bubus_event_writer_append_head (self);
      bubus_event_writer_append_blocking (self);
      bubus_event_writer_append_result_type (self);
      return;
    }

  written = bubus_event_writer_ensure_class (self);
  _bubus_json_append (self->out, written->text, written->head_length);
  bubus_event_writer_append_blocking (self);
  _bubus_json_append (self->out, written->text + written->head_length, written->length - written->head_length);
}

static void
bubus_event_writer_append_label (BubusEventWriter *self,
                                 const char       *label)
{
  if (self->out->str[self->out->len - 1] != '[')
    g_string_append_c (self->out, ',');
  _bubus_json_append_string (self->out, label);
}

static void
bubus_event_writer_append_path (BubusEventWriter *self)
{
  const BubusEventExtras *extras = self->priv->extras;

  _bubus_json_append_literal (self->out, ",\"event_path\":[");
  for (guint i = 0; extras != NULL && extras->path != NULL && extras->path[i] != NULL; i++)
    bubus_event_writer_append_label (self, extras->path[i]);

  _bubus_event_lock (self->priv);
  for (const BubusVisit *visit = &self->priv->first; visit != NULL; visit = visit->next)
    {
      if (_bubus_visit_get_bus (visit) != NULL)
        bubus_event_writer_append_label (self, visit->bus_info->label);
      self->n_pending += _bubus_visit_is_pending (visit);
    }
  _bubus_event_unlock (self->priv);
  g_string_append_c (self->out, ']');
}

static void
bubus_event_writer_append_emitter (BubusEventWriter *self)
{
  const BubusEventExtras *extras = self->priv->extras;
  const BubusEventResult *emitter = _bubus_event_get_emitter (self->event);

  _bubus_json_append_literal (self->out, ",\"event_emitted_by_handler_id\":");
  if (emitter != NULL)
    _bubus_event_append_uuid (self->out, _bubus_handler_info_get_id (emitter->handler));
  else
    _bubus_json_append_string (self->out, extras != NULL ? extras->emitted_by : NULL);
}

static void
bubus_event_writer_append_identity (BubusEventWriter *self)
{
  BubusUuid parent_id;

  _bubus_json_append_literal (self->out, ",\"event_id\":");
  _bubus_event_append_uuid (self->out, &self->priv->id);
  bubus_event_writer_append_path (self);

  _bubus_event_get_parent_uuid (self->event, &parent_id);
  _bubus_json_append_literal (self->out, ",\"event_parent_id\":");
  _bubus_event_append_uuid (self->out, &parent_id);
  bubus_event_writer_append_emitter (self);
}

/* An event that is about to be complete is done with on all buses. */
static guint
bubus_event_writer_count_pending (BubusEventWriter *self)
{
  if (self->status != _bubus_event_get_status (self->event))
    return 0;
  return self->n_pending;
}

/* What was read about another life is said until the event has a life of its own. */
static void
bubus_event_writer_append_pending_bus_count (BubusEventWriter *self)
{
  gboolean alive = FALSE;

  for (const BubusVisit *visit = &self->priv->first; visit != NULL && !alive; visit = visit->next)
    alive = _bubus_visit_get_bus (visit) != NULL;

  _bubus_json_append_literal (self->out, ",\"event_pending_bus_count\":");
  if (!alive && self->foreign[BUBUS_EVENT_KEY_PENDING_BUS_COUNT] != NULL)
    _bubus_event_append_json_value (self->out, self->foreign[BUBUS_EVENT_KEY_PENDING_BUS_COUNT]);
  else
    _bubus_json_append_uint64 (self->out, bubus_event_writer_count_pending (self));
}

static void
bubus_event_writer_append_progress (BubusEventWriter *self)
{
  bubus_event_writer_append_pending_bus_count (self);
  _bubus_json_append_literal (self->out, ",\"event_created_at\":");
  _bubus_event_append_time (self->out, self->priv->created_at);
  _bubus_json_append_literal (self->out, ",\"event_status\":\"");
  _bubus_json_append_text (self->out, _bubus_event_status_names[self->status]);
  _bubus_json_append_literal (self->out, "\",\"event_started_at\":");
  _bubus_event_append_time (self->out, self->priv->started_at);
  _bubus_json_append_literal (self->out, ",\"event_completed_at\":");
  _bubus_event_append_time (self->out, self->status == BUBUS_EVENT_STATUS_COMPLETED
                                       ? _bubus_event_get_completing_at (self->priv) : 0);
}

static void
bubus_event_writer_append_slot_value (BubusEventWriter *self,
                                      const BubusSlot  *slot)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, slot->pspec->value_type);
  _bubus_slot_get_value (slot, self->event, &value);
  _bubus_json_value_append (&value, self->out);
}

static void
bubus_event_writer_append_slot (BubusEventWriter *self,
                                const BubusSlot  *slot)
{
  gpointer location = slot->offset >= 0 ? _bubus_slot_get_location (slot, self->event) : NULL;

  _bubus_json_append_literal (self->out, ",\"");
  _bubus_json_append_text (self->out, slot->member);
  _bubus_json_append_literal (self->out, "\":");

  /* The kinds that most payloads are made of need no value in between. */
  if (location != NULL && slot->kind == BUBUS_FIELD_KIND_STRING)
    _bubus_json_append_string (self->out, *(char **) location);
  else if (location != NULL && slot->kind == BUBUS_FIELD_KIND_JSON)
    _bubus_event_append_json_value (self->out, *(BubusJson **) location);
  else if (location != NULL && slot->kind == BUBUS_FIELD_KIND_INT)
    _bubus_json_append_int64 (self->out, *(int *) location);
  else if (location != NULL && slot->kind == BUBUS_FIELD_KIND_DOUBLE)
    _bubus_json_append_double (self->out, *(double *) location);
  else
    bubus_event_writer_append_slot_value (self, slot);
}

void
_bubus_event_append_member (GString           *out,
                            const BubusMember *member)
{
  _bubus_json_append_string (out, member->name);
  g_string_append_c (out, ':');
  _bubus_event_append_json_value (out, member->value);
}

static void
bubus_event_writer_append_payload (BubusEventWriter *self)
{
  const BubusEventExtras *extras = self->priv->extras;
  GArray *slots = self->type->slots;

  for (guint i = 0; i < slots->len; i++)
    bubus_event_writer_append_slot (self, &g_array_index (slots, BubusSlot, i));

  for (guint i = 0; extras != NULL && extras->members != NULL && i < extras->members->len; i++)
    {
      const BubusMember *member = &g_array_index (extras->members, BubusMember, i);

      if (bubus_member_get_foreign_key (member) >= 0)
        continue;
      g_string_append_c (self->out, ',');
      _bubus_event_append_member (self->out, member);
    }
}

/* B-1.26. The status is given, because an event may be recorded before it is told to be complete. */
void
_bubus_event_write (BubusEvent       *event,
                    BubusEventStatus  status,
                    GString          *out)
{
  BubusEventWriter writer;

  bubus_event_writer_init (&writer, event, out);
  writer.status = status;
  bubus_event_writer_append_settings (&writer);
  bubus_event_writer_append_identity (&writer);
  bubus_event_writer_append_progress (&writer);
  bubus_event_writer_append_payload (&writer);
  _bubus_event_append_results (event, out);
  g_string_append_c (out, '}');
}
