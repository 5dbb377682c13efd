/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bench.h"

static const BubusField event_fields[] = {
  BUBUS_FIELD_STRING (BenchEvent, label),
  BUBUS_FIELD_INT (BenchEvent, number),
};

typedef BenchEvent BenchChildEvent;

BUBUS_DEFINE_EVENT_TYPE (BenchEvent, bench_event, BUBUS_TYPE_EVENT, event_fields)
BUBUS_DEFINE_EVENT_TYPE (BenchChildEvent, bench_child_event, BUBUS_TYPE_EVENT, event_fields)

/* What a programmer writes who needs the same two properties and no bus. */
struct _BenchObject
{
  GObject  parent_instance;
  char    *label;
  int      number;
};

typedef enum
{
  PROP_LABEL = 1,
  PROP_NUMBER,
} BenchObjectProperty;

static GParamSpec *properties[PROP_NUMBER + 1];
static guint signal_occurred;

G_DEFINE_FINAL_TYPE (BenchObject, bench_object, G_TYPE_OBJECT)

static void
bench_object_get_property (GObject    *object,
                           guint       property_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  BenchObject *self = BENCH_OBJECT (object);

  switch ((BenchObjectProperty) property_id)
    {
    case PROP_LABEL:
      g_value_set_string (value, self->label);
      break;
    case PROP_NUMBER:
      g_value_set_int (value, self->number);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
bench_object_set_property (GObject      *object,
                           guint         property_id,
                           const GValue *value,
                           GParamSpec   *pspec)
{
  BenchObject *self = BENCH_OBJECT (object);

  switch ((BenchObjectProperty) property_id)
    {
    case PROP_LABEL:
      g_free (self->label);
      self->label = g_value_dup_string (value);
      break;
    case PROP_NUMBER:
      self->number = g_value_get_int (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
bench_object_finalize (GObject *object)
{
  BenchObject *self = BENCH_OBJECT (object);

  g_free (self->label);
  G_OBJECT_CLASS (bench_object_parent_class)->finalize (object);
}

static void
bench_object_class_init (BenchObjectClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = bench_object_get_property;
  object_class->set_property = bench_object_set_property;
  object_class->finalize = bench_object_finalize;

  properties[PROP_LABEL] = g_param_spec_string ("label", NULL, NULL, NULL, flags);
  properties[PROP_NUMBER] = g_param_spec_int ("number", NULL, NULL, G_MININT, G_MAXINT, 0, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  signal_occurred = g_signal_new ("occurred", BENCH_TYPE_OBJECT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  g_cclosure_marshal_VOID__OBJECT, G_TYPE_NONE, 1, G_TYPE_OBJECT);
}

static void
bench_object_init (BenchObject *self)
{
}

GObject *
bench_object_new (GType type)
{
  return g_object_new (type, "label", "a label", "number", 7, NULL);
}

void
bench_object_emit (BenchObject *self)
{
  g_signal_emit (self, signal_occurred, 0, self);
}
