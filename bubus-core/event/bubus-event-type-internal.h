/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "event/bubus-event-settings-internal.h"
#include "event/bubus-slot-internal.h"

G_BEGIN_DECLS

/* What an event class is, beyond GObject: one per class, made with the class, for ever. */
typedef struct
{
  GType         gtype;
  const char   *name;                 /* the event type on the wire and for routing, interned */
  gboolean      own_name;             /* given by the class, not derived from the GType */
  const char   *version;              /* interned */
  GType         result_gtype;         /* G_TYPE_INVALID: anything may be returned */
  GVariantType *result_variant_type;  /* nullable: when @result_gtype is G_TYPE_VARIANT */
  BubusEventSettings settings;        /* what it says for its events */
  gboolean      configured;           /* anything of that is set */
  GArray       *slots;                /* of BubusSlot: inherited first, in order of installation */
  gsize         fixed_size;           /* of an instance, in bytes; valid when finished, as is the next */
  gboolean      has_variable_size;    /* beyond that, texts and other payload of its own */
  gboolean      is_constrained;       /* not every value of a slot is valid; when finished too */
  gsize         finished;             /* once: properties installed by hand have been added to @slots */
  int           kept;                 /* finished, and its class has been referenced for ever; atomic */
  void        (*set_property) (GObject *, guint, const GValue *, GParamSpec *);  /* behind the seal */
  gpointer      written;              /* nullable, atomic: the codec's, how all of that begins an event's JSON */
} BubusEventType;

BubusEventType *_bubus_event_type_new     (GType                 gtype,
                                           const BubusEventType *parent);
void            _bubus_event_type_finish  (BubusEventClass      *klass);
void            _bubus_event_type_measure (BubusEventType       *self);
void            _bubus_event_type_changed (BubusEventType       *self);
void            _bubus_event_class_seal_setter (BubusEventClass *klass);
const BubusEventType *
                _bubus_event_type_ensure  (GType                 gtype);
BubusEventType *_bubus_event_type_peek    (GType                 gtype);
BubusSlot      *_bubus_event_type_find    (BubusEventType       *self,
                                           const char           *member);

G_END_DECLS
