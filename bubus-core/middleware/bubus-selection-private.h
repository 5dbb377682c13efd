/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-clock.h"
#include "bus/bubus-event-bus.h"

G_BEGIN_DECLS

/* Which events a middleware is for, and what it tells them apart by. */
typedef struct
{
  char  *pattern;   /* of event types; NULL: all */
  char  *key;       /* a property or a member; NULL: the type alone */
  guint  max_keys;
} BubusSelection;

/* The properties that every middleware with a selection begins with. */
enum
{
  BUBUS_SELECTION_PATTERN = 1,
  BUBUS_SELECTION_KEY,
  BUBUS_SELECTION_MAX_KEYS,
  BUBUS_SELECTION_N_PROPERTIES,
};

void        _bubus_selection_install_properties (GObjectClass         *object_class,
                                                 GParamSpec          **properties);
void        _bubus_selection_clear              (BubusSelection       *self);
gboolean    _bubus_selection_set_property       (BubusSelection       *self,
                                                 guint                 prop_id,
                                                 const GValue         *value);
gboolean    _bubus_selection_get_property       (const BubusSelection *self,
                                                 guint                 prop_id,
                                                 GValue               *value);
char       *_bubus_selection_dup_key            (const BubusSelection *self,
                                                 BubusEvent           *event) G_GNUC_WARN_UNUSED_RESULT;
BubusClock *_bubus_event_bus_ref_clock          (BubusEventBus        *bus) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
