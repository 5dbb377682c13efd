/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib-object.h>

#include "base/bubus-clock.h"
#include "base/bubus-uuid-internal.h"

G_BEGIN_DECLS

/* Who a bus is, for everything that outlives it: results, paths, handler ids. Shared; immutable, but that the bus itself
 * goes. */
typedef struct
{
  int             ref_count; /* atomic */
  BubusUuid       id;
  char            id_text[BUBUS_UUID_TEXT_SIZE];
  char           *name;
  char           *label;  /* name, '#', the last four digits of the id: for people and the wire */
  GWeakRef        bus;
  BubusEventBus  *owner;  /* the same, for who knows that it is alive; NULL for a bus of another life */
  BubusClock     *clock;  /* the bus's; NULL for a bus of another life, like the next */
  GMainContext   *context;
} BubusBusInfo;

BubusBusInfo *_bubus_bus_info_new   (const BubusUuid *id,
                                     const char      *name);
void          _bubus_bus_info_set_home (BubusBusInfo *self,
                                        BubusEventBus *owner,
                                        BubusClock   *clock,
                                        GMainContext *context);
void          _bubus_bus_info_free  (BubusBusInfo    *self);

/* Who a handler is, for everything that outlives its registration. Immutable but for the id, which is made
 * when first asked (a hash costs more than a call), and shared. */
typedef struct
{
  int              ref_count;      /* atomic */
  BubusBusInfo    *bus;
  const char      *name;
  const char      *pattern;
  const char      *file_path;      /* nullable: source file and line */
  gint64           registered_at;
  gsize            id_once;
  BubusUuid        id;
  char             id_text[BUBUS_UUID_TEXT_SIZE];
} BubusHandlerInfo;

BubusHandlerInfo *_bubus_handler_info_new         (BubusBusInfo     *bus,
                                                   const char       *name,
                                                   const char       *pattern,
                                                   const char       *file_path,
                                                   gint64            registered_at);
BubusHandlerInfo *_bubus_handler_info_new_with_id (BubusBusInfo     *bus,
                                                   const char       *name,
                                                   const char       *pattern,
                                                   const char       *file_path,
                                                   gint64            registered_at,
                                                   const BubusUuid  *id);
void              _bubus_handler_info_free        (BubusHandlerInfo *self);
const BubusUuid  *_bubus_handler_info_get_id      (BubusHandlerInfo *self);
const char       *_bubus_handler_info_get_id_text (BubusHandlerInfo *self);

static inline BubusBusInfo *
_bubus_bus_info_ref (BubusBusInfo *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

static inline void
_bubus_bus_info_unref (BubusBusInfo *self)
{
  if (g_atomic_int_dec_and_test (&self->ref_count))
    _bubus_bus_info_free (self);
}

static inline BubusHandlerInfo *
_bubus_handler_info_ref (BubusHandlerInfo *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

static inline void
_bubus_handler_info_unref (BubusHandlerInfo *self)
{
  if (g_atomic_int_dec_and_test (&self->ref_count))
    _bubus_handler_info_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusBusInfo, _bubus_bus_info_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusHandlerInfo, _bubus_handler_info_unref)

G_END_DECLS
