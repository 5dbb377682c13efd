/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-paced-private.h"

/* What middleware classes have in common that are a pacer and a word for its time. */

enum
{
  PROP_TIME = BUBUS_SELECTION_N_PROPERTIES,
  PROP_N_DROPPED,
};

static gboolean
bubus_paced_intercept (BubusMiddleware    *middleware,
                       BubusEventBus      *bus,
                       BubusEvent         *event,
                       BubusInterception  *interception,
                       GError            **error)
{
  BubusPaced *self = (BubusPaced *) middleware;

  return _bubus_pacer_enter (&self->pacer, event, interception);
}

void
_bubus_paced_middleware_init (BubusMiddlewareInterface *iface)
{
  iface->intercept = bubus_paced_intercept;
}

static void
bubus_paced_finalize (GObject *object)
{
  BubusPaced *self = (BubusPaced *) object;
  GObjectClass *parent_class = g_type_class_peek_parent (G_OBJECT_GET_CLASS (object));

  _bubus_pacer_clear (&self->pacer);

  parent_class->finalize (object);
}

static void
bubus_paced_get_property (GObject    *object,
                          guint       prop_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  BubusPaced *self = (BubusPaced *) object;

  if (_bubus_selection_get_property (&self->pacer.selection, prop_id, value))
    return;

  switch (prop_id)
    {
    case PROP_TIME:
      g_value_set_double (value, self->pacer.delay_ns / 1e9);
      break;

    case PROP_N_DROPPED:
      g_value_set_uint64 (value, self->pacer.n_dropped);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_paced_set_property (GObject      *object,
                          guint         prop_id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  BubusPaced *self = (BubusPaced *) object;

  if (_bubus_selection_set_property (&self->pacer.selection, prop_id, value))
    return;

  switch (prop_id)
    {
    case PROP_TIME:
      self->pacer.delay_ns = (gint64) (g_value_get_double (value) * 1e9);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

/* The instances of the class begin with a BubusPaced; @time_name, static, is what the class calls the time. */
void
_bubus_paced_class_init (GObjectClass *klass,
                         const char   *time_name)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  GParamSpec *properties[PROP_N_DROPPED + 1] = { NULL };

  klass->finalize = bubus_paced_finalize;
  klass->get_property = bubus_paced_get_property;
  klass->set_property = bubus_paced_set_property;

  _bubus_selection_install_properties (klass, properties);
  properties[PROP_TIME] = g_param_spec_double (time_name, NULL, NULL, 0, 1e9, 1, flags);
  properties[PROP_N_DROPPED] = g_param_spec_uint64 ("n-dropped", NULL, NULL, 0, G_MAXUINT64, 0, readable);
  g_object_class_install_properties (klass, G_N_ELEMENTS (properties), properties);
}
