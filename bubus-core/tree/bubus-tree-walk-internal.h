/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "tree/bubus-tree.h"

G_BEGIN_DECLS

/* How many events a tree shows below each other. What is deeper follows as trees of its own: their lines would consist
 * of nothing but what stands in front of them. */
#define BUBUS_TREE_MAX_EVENTS_DEEP 100

/* Below each event stand its handlers. */
#define BUBUS_TREE_MAX_DEPTH (2 * BUBUS_TREE_MAX_EVENTS_DEEP)

/* A handler below the deepest event, and the name of what is deeper still. */
#define BUBUS_TREE_MAX_LINE_DEPTH (BUBUS_TREE_MAX_DEPTH + 1)

typedef enum
{
  BUBUS_TREE_LINE_EVENT,
  BUBUS_TREE_LINE_RESULT,
  BUBUS_TREE_LINE_ELSEWHERE,  /* the name of an event that is too deep, and has a tree further down */
} BubusTreeLineKind;

typedef struct
{
  BubusTreeLineKind  kind;
  guint              depth;
  gboolean           last;  /* none of its depth follows below the same line */
  gpointer           item;  /* an event or a result */
} BubusTreeLine;

/* Events, what their handlers did, and what these dispatched, line by line. Each event is there once. */
typedef struct
{
  GArray     *lines;     /* of BubusTreeLine */
  GHashTable *shown;     /* set of events, owned: they keep what the lines point to */
  GPtrArray  *roots;     /* of events, owned */
  GHashTable *known;     /* nullable: events, owned, by id */
  GHashTable *children;  /* nullable: arrays of events that no record of their parent has, by parent and handler */
} BubusTreeWalk;

BubusTreeWalk *_bubus_tree_walk_event   (BubusEvent     *event) G_GNUC_WARN_UNUSED_RESULT;
BubusTreeWalk *_bubus_tree_walk_events  (GPtrArray      *events) G_GNUC_WARN_UNUSED_RESULT;
void           _bubus_tree_walk_free    (BubusTreeWalk  *self);
void           _bubus_tree_append_lines (GString        *out,
                                         BubusTreeFlags  flags,
                                         BubusTreeWalk  *walk,
                                         guint           first_depth);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusTreeWalk, _bubus_tree_walk_free)

G_END_DECLS
