/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-internal.h"

#include "bubus-slot-internal.h"

/* What an event takes in memory, as far as that can be told without allocating: an estimate. */

static gboolean
bubus_slot_has_variable_size (const BubusSlot *self)
{
  if (self->offset < 0)
    return FALSE;

  return self->kind == BUBUS_FIELD_KIND_STRING || self->kind == BUBUS_FIELD_KIND_STRV
         || self->kind == BUBUS_FIELD_KIND_VARIANT || self->kind == BUBUS_FIELD_KIND_JSON
         || self->kind == BUBUS_FIELD_KIND_BOXED;
}

/* Once per class, when its slots are known. */
void
_bubus_event_type_measure (BubusEventType *self)
{
  GTypeQuery query;

  g_type_query (self->gtype, &query);
  self->fixed_size = query.instance_size + sizeof (BubusEventPrivate);
  for (guint i = 0; i < self->slots->len; i++)
    self->has_variable_size |= bubus_slot_has_variable_size (&g_array_index (self->slots, BubusSlot, i));
}

static gsize
bubus_strv_get_memory (char **strv)
{
  gsize size = sizeof (char *);

  for (; *strv != NULL; strv++)
    size += sizeof (char *) + strlen (*strv) + 1;
  return size;
}

static gsize
bubus_slot_get_memory (const BubusSlot *self,
                       BubusEvent      *event)
{
  gpointer value;

  if (!bubus_slot_has_variable_size (self))
    return 0;

  value = *(gpointer *) _bubus_slot_get_location (self, event);
  if (value == NULL)
    return 0;
  if (self->kind == BUBUS_FIELD_KIND_STRING)
    return strlen (value) + 1;
  if (self->kind == BUBUS_FIELD_KIND_STRV)
    return bubus_strv_get_memory (value);
  if (self->kind == BUBUS_FIELD_KIND_VARIANT)
    return g_variant_get_size (value);
  if (self->kind == BUBUS_FIELD_KIND_JSON)
    return bubus_json_get_size (value);
  return self->pspec->value_type == G_TYPE_BYTES ? g_bytes_get_size (value) : 0;
}

static gsize
bubus_event_extras_get_memory (const BubusEventExtras *self)
{
  gsize size = sizeof *self;

  for (guint i = 0; self->members != NULL && i < self->members->len; i++)
    size += sizeof (BubusMember) + bubus_json_get_size (g_array_index (self->members, BubusMember, i).value);
  return size;
}

/* The event and its payload, without results. */
gsize
_bubus_event_get_memory (BubusEvent *self)
{
  const BubusEventType *type = _bubus_event_get_description (self);
  const BubusEventExtras *extras = _bubus_event_get_private (self)->extras;
  gsize size = type->fixed_size;

  for (guint i = 0; type->has_variable_size && i < type->slots->len; i++)
    size += bubus_slot_get_memory (&g_array_index (type->slots, BubusSlot, i), self);
  if (G_UNLIKELY (extras != NULL))
    size += bubus_event_extras_get_memory (extras);
  return size;
}

static gsize
bubus_value_get_memory (const GValue *value)
{
  GType type = G_VALUE_TYPE (value);
  gpointer pointer;

  if (type != G_TYPE_STRING && type != G_TYPE_VARIANT && type != G_TYPE_BYTES && type != BUBUS_TYPE_JSON)
    return 0;

  pointer = g_value_peek_pointer (value);
  if (pointer == NULL)
    return 0;
  if (type == G_TYPE_STRING)
    return strlen (pointer) + 1;
  if (type == G_TYPE_VARIANT)
    return g_variant_get_size (pointer);
  return type == G_TYPE_BYTES ? g_bytes_get_size (pointer) : bubus_json_get_size (pointer);
}

/* The results of one bus, when they are final: what they take beyond the visit. */
gsize
_bubus_visit_get_results_memory (const BubusVisit *self)
{
  gsize size = self->n_results > 1 ? sizeof (BubusResultBlock) + self->n_results * sizeof (BubusEventResult) : 0;

  for (guint i = 0; i < self->n_results; i++)
    {
      const GValue *value = &_bubus_visit_get_result (self, i)->value;

      if (_bubus_value_is_set (value))
        size += bubus_value_get_memory (value);
    }
  return size;
}
