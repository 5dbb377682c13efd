/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "event/bubus-event.h"

G_BEGIN_DECLS

/* How one payload property is reached: in the instance structure, or only through the property. */
typedef struct
{
  GParamSpec     *pspec;
  const char     *member;        /* JSON member name, interned */
  BubusFieldKind  kind;          /* when @offset is not negative */
  gssize          offset;        /* in the instance; -1: only through the property */
  gboolean        optional;
  double          minimum;
  double          maximum;
  GVariantType   *variant_type;  /* nullable */
} BubusSlot;

void      _bubus_slot_init_from_field (BubusSlot        *self,
                                       const BubusField *field);
void      _bubus_slot_init_from_pspec (BubusSlot        *self,
                                       GParamSpec       *pspec);
void      _bubus_slot_get_value       (const BubusSlot  *self,
                                       BubusEvent       *event,
                                       GValue           *value);
void      _bubus_slot_set_value       (const BubusSlot  *self,
                                       BubusEvent       *event,
                                       const GValue     *value);
void      _bubus_slot_clear           (const BubusSlot  *self,
                                       BubusEvent       *event);
gboolean  _bubus_slot_is_constrained  (const BubusSlot  *self);
gboolean  _bubus_slot_validate        (const BubusSlot  *self,
                                       BubusEvent       *event,
                                       GError          **error);

static inline gpointer
_bubus_slot_get_location (const BubusSlot *self,
                          BubusEvent      *event)
{
  return G_STRUCT_MEMBER_P (event, self->offset);
}

G_END_DECLS
