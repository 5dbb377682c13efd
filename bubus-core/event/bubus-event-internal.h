/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "event/bubus-event-settings-internal.h"
#include "event/bubus-event-type-internal.h"
#include "event/bubus-json.h"
#include "event/bubus-visit-internal.h"

G_BEGIN_DECLS

/* A JSON member that the event's class does not know; it survives a round trip unchanged. */
typedef struct
{
  char      *name;
  BubusJson *value;
} BubusMember;

/* What became of an event that a middleware has replaced or dropped before it was queued. Made once, and never changed
 * but for a reason that is added. */
typedef struct
{
  GWeakRef  replacement;
  GError   *drop_reason;  /* nullable; atomic */
} BubusDiversion;

/* What few events have. */
typedef struct
{
  char      *event_type;     /* the instance's own, against its class */
  char      *event_version;
  char      *id_text;        /* made when asked */
  char      *parent_id_text; /* made when asked, or set by hand without a parent object */
  char      *emitted_by;     /* handler id, when there is no emitter */
  char     **path;           /* labels of buses visited in another life */
  BubusJson *result_type;    /* the schema as it was read */
  GType      result_gtype;   /* what the schema says, or G_TYPE_INVALID */
  GArray    *members;        /* nullable, of BubusMember */
  BubusEventSettings settings;  /* what the event says itself: when it is CONFIGURED */
  BubusDiversion *diversion; /* nullable */
  BubusChild *replacements;  /* nullable: what middleware has put in the event's place, as children of no handler */
  GObject   *ambient;        /* nullable: what was around the dispatch, until the event is complete */
  gint64     completing_at;  /* when everything was done that the event waits for, if middleware was asked then */
  GHashTable *restored;      /* nullable: what results that were read from JSON remember, by BubusEventResult */
} BubusEventExtras;

/* Told once, when the event is complete, in whichever thread completed it. */
typedef struct _BubusWaiter BubusWaiter;
struct _BubusWaiter
{
  BubusWaiter  *next;
  BubusWaiter **link;  /* what points here; NULL when the event has let it go */
  void        (*func) (BubusEvent *event,
                       gpointer    data);
  gpointer      data;
};

enum
{
  BUBUS_EVENT_LOCK_BIT,                 /* for g_bit_lock() */
};

typedef enum
{
  BUBUS_EVENT_SEALED     = 1 << 1,      /* has been dispatched: properties are fixed */
  BUBUS_EVENT_BLOCKING   = 1 << 2,      /* its parent waits for it */
  BUBUS_EVENT_STARTED    = 1 << 3,
  BUBUS_EVENT_COMPLETED  = 1 << 4,
  BUBUS_EVENT_JUMPED     = 1 << 5,      /* awaited in a handler: no bus makes it wait for its turn */
  BUBUS_EVENT_ABANDONED  = 1 << 6,      /* what it was dispatched for is over: no handler is called any more */
  BUBUS_EVENT_CONFIGURED = 1 << 7,      /* says itself how it is handled */
  BUBUS_EVENT_DIVERTED   = 1 << 8,      /* has a diversion */
} BubusEventFlags;

typedef struct
{
  BubusUuid         id;
  gint64            created_at;
  gint64            started_at;
  union
    {
      BubusWaiter  *waiters;      /* until the event is complete; guarded by its lock */
      gint64        completed_at; /* after that */
    };
  BubusChild       *place;        /* nullable: among its parent's children; it holds its parent */
  int               pending;      /* atomic: unfinished visits and blocking children */
  int               flags;        /* atomic: lock bit and BubusEventFlags */
  BubusEventExtras *extras;       /* nullable; guarded by the event's lock */
  BubusVisit        first;
} BubusEventPrivate;

extern int _bubus_event_private_offset;

static inline BubusEventPrivate *
_bubus_event_get_private (BubusEvent *self)
{
  return G_STRUCT_MEMBER_P (self, _bubus_event_private_offset);
}

static inline BubusEvent *
_bubus_visit_get_event (const BubusVisit *self)
{
  const gssize offset = _bubus_event_private_offset + (gssize) G_STRUCT_OFFSET (BubusEventPrivate, first);

  if (G_UNLIKELY (self->is_later))
    return ((const BubusLaterVisit *) self)->event;
  return (BubusEvent *) (gpointer) ((guint8 *) self - offset);
}

static inline BubusEvent *
_bubus_result_get_event (const BubusEventResult *self)
{
  return _bubus_visit_get_event (_bubus_result_get_visit (self));
}

static inline BubusEventType *
_bubus_event_get_description (BubusEvent *self)
{
  return ((BubusEventClass *) ((GTypeInstance *) self)->g_class)->_type;
}

/* G_TYPE_INVALID: handlers may return anything. */
static inline GType
_bubus_event_get_result_gtype (BubusEvent *self)
{
  const BubusEventExtras *extras = _bubus_event_get_private (self)->extras;
  GType type = _bubus_event_get_description (self)->result_gtype;

  return type == G_TYPE_INVALID && extras != NULL ? extras->result_gtype : type;
}

/* Nullable: what the result remembers of its life before it was read, its id first. */
static inline gconstpointer
_bubus_event_result_get_restored (const BubusEventResult *self)
{
  const BubusEventExtras *extras = _bubus_event_get_private (_bubus_result_get_event (self))->extras;

  return extras != NULL && extras->restored != NULL ? g_hash_table_lookup (extras->restored, self) : NULL;
}

static inline void
_bubus_event_lock (BubusEventPrivate *priv)
{
  g_bit_lock (&priv->flags, BUBUS_EVENT_LOCK_BIT);
}

static inline void
_bubus_event_unlock (BubusEventPrivate *priv)
{
  g_bit_unlock (&priv->flags, BUBUS_EVENT_LOCK_BIT);
}

static inline gboolean
_bubus_event_has_flags (BubusEventPrivate *priv,
                        BubusEventFlags    flags)
{
  return (g_atomic_int_get (&priv->flags) & flags) != 0;
}

/* TRUE when one of @flags was set already. */
static inline gboolean
_bubus_event_set_flags (BubusEventPrivate *priv,
                        BubusEventFlags    flags)
{
  return (g_atomic_int_or ((guint *) &priv->flags, flags) & flags) != 0;
}

static inline gboolean
_bubus_event_is_completed (BubusEvent *self)
{
  return _bubus_event_has_flags (_bubus_event_get_private (self), BUBUS_EVENT_COMPLETED);
}

/* The event waits for one thing more before it is complete. FALSE when it waits for nothing: who has finished the last
 * of what it waited for is completing it, alone, or has done so; or it has not been dispatched. */
static inline gboolean
_bubus_event_add_pending (BubusEventPrivate *priv)
{
  int pending = g_atomic_int_get (&priv->pending);

  while (pending > 0 && !g_atomic_int_compare_and_exchange (&priv->pending, pending, pending + 1))
    pending = g_atomic_int_get (&priv->pending);
  return pending > 0;
}

static inline BubusEventStatus
_bubus_event_get_status (BubusEvent *self)
{
  int flags = g_atomic_int_get (&_bubus_event_get_private (self)->flags);

  if ((flags & BUBUS_EVENT_COMPLETED) != 0)
    return BUBUS_EVENT_STATUS_COMPLETED;
  return (flags & BUBUS_EVENT_STARTED) != 0 ? BUBUS_EVENT_STATUS_STARTED : BUBUS_EVENT_STATUS_PENDING;
}

/* 0 before the event is complete. */
static inline gint64
_bubus_event_get_completed_at (BubusEventPrivate *priv)
{
  return _bubus_event_has_flags (priv, BUBUS_EVENT_COMPLETED) ? priv->completed_at : 0;
}

/* The same, also while a middleware puts off that the event is told to be complete. */
static inline gint64
_bubus_event_get_completing_at (BubusEventPrivate *priv)
{
  if (_bubus_event_has_flags (priv, BUBUS_EVENT_COMPLETED))
    return priv->completed_at;
  return priv->extras != NULL ? priv->extras->completing_at : 0;
}

/* The result of the handler that has dispatched the event, or NULL. */
static inline BubusEventResult *
_bubus_event_get_emitter (BubusEvent *self)
{
  const BubusChild *place = _bubus_event_get_private (self)->place;

  return place != NULL ? place->emitter : NULL;
}

/* The event in whose handler this one was dispatched, or NULL: an event that was read from JSON knows the id only. */
static inline BubusEvent *
_bubus_event_get_parent (BubusEvent *self)
{
  const BubusChild *place = _bubus_event_get_private (self)->place;

  return place != NULL ? place->parent : NULL;
}

gboolean          _bubus_event_check_unsealed   (BubusEvent       *self,
                                                 const char       *property);
void              _bubus_event_extras_free      (BubusEventExtras *self);
BubusEventExtras *_bubus_event_ensure_extras    (BubusEvent       *self);
BubusEventExtras *_bubus_event_ensure_extras_locked (BubusEventPrivate *priv);
void              _bubus_event_set_restored     (BubusEventResult  *result,
                                                 gpointer           restored);
void              _bubus_event_set_parent_id_text (BubusEvent     *self,
                                                 const char       *text);
gboolean          _bubus_event_has_parent       (BubusEvent       *self);
void              _bubus_event_leave_parent     (BubusEvent       *self);
void              _bubus_event_set_id           (BubusEvent       *self,
                                                 const BubusUuid  *id);
void              _bubus_event_set_type_name    (BubusEvent       *self,
                                                 const char       *event_type);
void              _bubus_event_set_version      (BubusEvent       *self,
                                                 const char       *version);
void              _bubus_event_take_member      (BubusEvent       *self,
                                                 char             *name,
                                                 BubusJson        *value);
void              _bubus_event_add_member       (BubusEvent       *self,
                                                 const char       *name,
                                                 BubusJson        *value);
void              _bubus_event_get_parent_uuid  (BubusEvent       *self,
                                                 BubusUuid        *id);
gboolean          _bubus_event_adopt            (BubusEvent       *self,
                                                 BubusEventResult *emitter,
                                                 gboolean          blocking);
void              _bubus_event_adopt_replacement (BubusEvent      *self,
                                                 BubusEvent       *replaced);
BubusDiversion   *_bubus_event_get_diversion    (BubusEvent       *self);
void              _bubus_event_set_diversion    (BubusEvent       *self,
                                                 BubusEvent       *replacement,
                                                 GError           *drop_reason);
GPtrArray        *_bubus_event_list_blocking_children (BubusEvent *self);
GPtrArray        *_bubus_event_result_list_blocking_children (BubusEventResult *self);
gboolean          _bubus_event_add_waiter       (BubusEvent       *self,
                                                 BubusWaiter      *waiter);
gboolean          _bubus_event_remove_waiter    (BubusEvent       *self,
                                                 BubusWaiter      *waiter);
BubusWaiter      *_bubus_event_complete         (BubusEvent       *self,
                                                 gint64            time);
BubusVisit       *_bubus_event_add_visit        (BubusEvent       *self,
                                                 BubusBusInfo     *bus_info);
BubusVisit       *_bubus_event_begin_visit      (BubusEvent       *self,
                                                 BubusBusInfo     *bus_info);
gboolean          _bubus_event_check_payload    (BubusEvent       *self,
                                                 GError          **error);
gsize             _bubus_event_get_memory       (BubusEvent       *self);
BubusVisit       *_bubus_event_find_visit       (BubusEvent       *self,
                                                 BubusBusInfo     *bus_info);

G_END_DECLS
