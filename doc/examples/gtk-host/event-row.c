/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "event-row.h"

struct _EventRow
{
  GObject     parent_instance;

  BubusEvent *event;
};

typedef enum
{
  PROP_TYPE_NAME = 1,
  PROP_STATUS,
  PROP_DURATION,
} EventRowProperty;

static GParamSpec *properties[PROP_DURATION + 1];

G_DEFINE_FINAL_TYPE (EventRow, event_row, G_TYPE_OBJECT)

static gboolean
event_row_has_failed (EventRow *self)
{
  g_autoptr (GPtrArray) results = bubus_event_list_results (self->event);

  for (guint i = 0; i < results->len; i++)
    if (bubus_event_result_get_error (results->pdata[i]) != NULL)
      return TRUE;
  return FALSE;
}

static const char *
event_row_get_status (EventRow *self)
{
  switch (bubus_event_get_event_status (self->event))
    {
    case BUBUS_EVENT_STATUS_PENDING:
      return "Pending";
    case BUBUS_EVENT_STATUS_STARTED:
      return "Started";
    case BUBUS_EVENT_STATUS_COMPLETED:
    default:
      return event_row_has_failed (self) ? "Failed" : "Completed";
    }
}

static char *
event_row_dup_duration (EventRow *self)
{
  gint64 begun_ns = bubus_event_get_event_started_at (self->event);
  gint64 ended_ns = bubus_event_get_event_completed_at (self->event);

  if (bubus_event_get_event_status (self->event) != BUBUS_EVENT_STATUS_COMPLETED)
    return g_strdup ("");
  return g_strdup_printf ("%.2f ms", (ended_ns - begun_ns) / 1e6);
}

static void
event_row_get_property (GObject    *object,
                        guint       prop_id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  EventRow *self = EVENT_ROW (object);

  switch ((EventRowProperty) prop_id)
    {
    case PROP_TYPE_NAME:
      g_value_set_string (value, bubus_event_get_event_type (self->event));
      break;
    case PROP_STATUS:
      g_value_set_static_string (value, event_row_get_status (self));
      break;
    case PROP_DURATION:
      g_value_take_string (value, event_row_dup_duration (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
event_row_finalize (GObject *object)
{
  g_object_unref (EVENT_ROW (object)->event);

  G_OBJECT_CLASS (event_row_parent_class)->finalize (object);
}

static void
event_row_class_init (EventRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = event_row_get_property;
  object_class->finalize = event_row_finalize;

  properties[PROP_TYPE_NAME] = g_param_spec_string ("type-name", NULL, NULL, NULL, flags);
  properties[PROP_STATUS] = g_param_spec_string ("status", NULL, NULL, NULL, flags);
  properties[PROP_DURATION] = g_param_spec_string ("duration", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
event_row_init (EventRow *self)
{
}

EventRow *
event_row_new (BubusEvent *event)
{
  EventRow *self = g_object_new (EVENT_TYPE_ROW, NULL);

  self->event = g_object_ref (event);
  return self;
}

BubusEvent *
event_row_get_event (EventRow *self)
{
  return self->event;
}

void
event_row_update (EventRow *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATUS]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DURATION]);
}
