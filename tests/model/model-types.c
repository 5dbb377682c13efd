/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model.h"

/* The event classes of the programs. */

typedef struct
{
  BubusEvent parent_instance;
} Alpha;

typedef struct
{
  Alpha parent_instance;
} Beta;

typedef struct
{
  BubusEvent parent_instance;
} Gamma;

typedef struct
{
  BubusEvent parent_instance;
} Delta;

BUBUS_DECLARE_EVENT_TYPE (Alpha, alpha)
BUBUS_DECLARE_EVENT_TYPE (Beta, beta)
BUBUS_DECLARE_EVENT_TYPE (Gamma, gamma_event)
BUBUS_DECLARE_EVENT_TYPE (Delta, delta)

BUBUS_DEFINE_EVENT_TYPE_WITH_CODE (Alpha, alpha, BUBUS_TYPE_EVENT, BUBUS_NO_FIELDS,
                                   bubus_event_class_set_result_type (klass, G_TYPE_INT))
BUBUS_DEFINE_EVENT_TYPE (Beta, beta, alpha_get_type (), BUBUS_NO_FIELDS)
BUBUS_DEFINE_EVENT_TYPE (Gamma, gamma_event, BUBUS_TYPE_EVENT, BUBUS_NO_FIELDS)
BUBUS_DEFINE_EVENT_TYPE_WITH_CODE (Delta, delta, BUBUS_TYPE_EVENT, BUBUS_NO_FIELDS,
                                   bubus_event_class_set_event_type (klass, "delta.one"))

GType
model_type_get (guint type)
{
  const GType types[MODEL_N_TYPES] = { alpha_get_type (), beta_get_type (), gamma_event_get_type (),
                                       delta_get_type () };

  return types[type];
}

const char *
model_type_get_name (guint type)
{
  static const char *const names[MODEL_N_TYPES] = { "Alpha", "Beta", "Gamma", "delta.one" };

  return names[type];
}
