/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An intrusive doubly linked queue: the links lie in the members, so that nothing is allocated and any
 * member can leave in constant time. A member that is in no queue has both pointers NULL. */

typedef struct _BubusLink BubusLink;

struct _BubusLink
{
  BubusLink *prev;
  BubusLink *next;
};

typedef struct
{
  BubusLink root;
  guint     length;
} BubusQueue;

#define BUBUS_LINK_OWNER(link, Type, member) ((Type *) (gpointer) ((guint8 *) (link) - G_STRUCT_OFFSET (Type, member)))

static inline void
_bubus_queue_init (BubusQueue *self)
{
  self->root.prev = self->root.next = &self->root;
  self->length = 0;
}

static inline gboolean
_bubus_link_is_linked (const BubusLink *link)
{
  return link->next != NULL;
}

static inline BubusLink *
_bubus_queue_peek_head (const BubusQueue *self)
{
  return self->length > 0 ? self->root.next : NULL;
}

/* NULL after the last. */
static inline BubusLink *
_bubus_queue_next (const BubusQueue *self,
                   const BubusLink  *link)
{
  return link->next != &self->root ? link->next : NULL;
}

static inline void
_bubus_queue_insert_before (BubusQueue *self,
                            BubusLink  *sibling,
                            BubusLink  *link)
{
  g_assert (!_bubus_link_is_linked (link));

  link->prev = sibling->prev;
  link->next = sibling;
  sibling->prev->next = link;
  sibling->prev = link;
  self->length++;
}

static inline void
_bubus_queue_push_tail (BubusQueue *self,
                        BubusLink  *link)
{
  _bubus_queue_insert_before (self, &self->root, link);
}

static inline void
_bubus_queue_push_head (BubusQueue *self,
                        BubusLink  *link)
{
  _bubus_queue_insert_before (self, self->root.next, link);
}

static inline void
_bubus_queue_remove (BubusQueue *self,
                     BubusLink  *link)
{
  g_assert (_bubus_link_is_linked (link));

  link->prev->next = link->next;
  link->next->prev = link->prev;
  link->prev = link->next = NULL;
  self->length--;
}

/* Puts all of @from behind what is in @self. */
static inline void
_bubus_queue_take_all (BubusQueue *self,
                       BubusQueue *from)
{
  if (from->length == 0)
    return;

  from->root.next->prev = self->root.prev;
  self->root.prev->next = from->root.next;
  from->root.prev->next = &self->root;
  self->root.prev = from->root.prev;
  self->length += from->length;
  _bubus_queue_init (from);
}

static inline BubusLink *
_bubus_queue_pop_head (BubusQueue *self)
{
  BubusLink *head = _bubus_queue_peek_head (self);

  if (head != NULL)
    _bubus_queue_remove (self, head);
  return head;
}

G_END_DECLS
