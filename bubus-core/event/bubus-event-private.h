/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-event-internal.h"

G_BEGIN_DECLS

/* The properties of every event, as against those of its class. */
void _bubus_event_install_properties (GObjectClass *object_class);
void _bubus_event_get_base_property  (BubusEvent   *self,
                                      guint         prop_id,
                                      GValue       *value);
void _bubus_event_set_base_property  (BubusEvent   *self,
                                      guint         prop_id,
                                      const GValue *value);

G_END_DECLS
