/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-tree-walk-internal.h"

#include "event/bubus-event-internal.h"

static void bubus_tree_walk_add_event (BubusTreeWalk *self,
                                       BubusEvent    *event,
                                       guint          depth);

static void
bubus_tree_walk_add_line (BubusTreeWalk     *self,
                          BubusTreeLineKind  kind,
                          guint              depth,
                          gpointer           item)
{
  BubusTreeLine line = { .kind = kind, .depth = depth, .item = item };

  g_array_append_val (self->lines, line);
}

/* ---- parents ---- */

/* The parent as an object: NULL when there is none, or it is only known by its id and not at hand. */
static BubusEvent *
bubus_tree_walk_get_parent (BubusTreeWalk *self,
                            BubusEvent    *event)
{
  BubusEvent *parent = _bubus_event_get_parent (event);
  BubusUuid id;

  if (parent == NULL && _bubus_event_has_parent (event))
    {
      _bubus_event_get_parent_uuid (event, &id);
      parent = g_hash_table_lookup (self->known, &id);
    }
  return parent != event ? parent : NULL;
}

static gboolean
bubus_tree_walk_knows (BubusTreeWalk *self,
                       BubusEvent    *event)
{
  return g_hash_table_contains (self->known, &_bubus_event_get_private (event)->id);
}

/* Whether one of the ancestors is at hand. What is found is noted in @found for each event on the way. */
static gboolean
bubus_tree_walk_has_known_ancestor (BubusTreeWalk *self,
                                    BubusEvent    *event,
                                    GHashTable    *found)
{
  BubusEvent *first = bubus_tree_walk_get_parent (self, event);
  BubusEvent *last = first;
  gpointer known = NULL;

  while (last != NULL && !bubus_tree_walk_knows (self, last)
         && !g_hash_table_lookup_extended (found, last, NULL, &known))
    last = bubus_tree_walk_get_parent (self, last);
  if (last != NULL && bubus_tree_walk_knows (self, last))
    known = GINT_TO_POINTER (TRUE);

  for (; first != last; first = bubus_tree_walk_get_parent (self, first))
    g_hash_table_insert (found, first, known);
  return GPOINTER_TO_INT (known);
}

/* ---- children ---- */

/* Of all children of the parent when @handler_id is NULL. */
static char *
bubus_tree_walk_make_key (BubusEvent *parent,
                          const char *handler_id)
{
  return g_strconcat (bubus_event_get_event_id (parent), " ", handler_id, NULL);
}

static void
bubus_tree_walk_put_child (BubusTreeWalk *self,
                           char          *key,
                           BubusEvent    *child)
{
  GPtrArray *children = g_hash_table_lookup (self->children, key);

  if (children == NULL)
    {
      children = g_ptr_array_new ();
      g_hash_table_insert (self->children, g_steal_pointer (&key), children);
    }
  g_ptr_array_add (children, child);
  g_free (key);
}

/* A child that says who its parent is, while the parent has not heard of it: it was read from JSON, or its parent's id
 * was set by hand. */
static void
bubus_tree_walk_note_child (BubusTreeWalk *self,
                            BubusEvent    *parent,
                            BubusEvent    *child)
{
  const char *handler_id = bubus_event_get_event_emitted_by_handler_id (child);

  if (self->children == NULL)
    self->children = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  bubus_tree_walk_put_child (self, bubus_tree_walk_make_key (parent, NULL), child);
  if (handler_id != NULL)
    bubus_tree_walk_put_child (self, bubus_tree_walk_make_key (parent, handler_id), child);
}

static void
bubus_tree_walk_add_child (BubusTreeWalk *self,
                           BubusEvent    *child,
                           guint          depth)
{
  if (g_hash_table_contains (self->shown, child))
    return;
  if (depth < BUBUS_TREE_MAX_DEPTH)
    {
      bubus_tree_walk_add_event (self, child, depth);
      return;
    }

  bubus_tree_walk_add_line (self, BUBUS_TREE_LINE_ELSEWHERE, depth, child);
  g_ptr_array_add (self->roots, g_object_ref (child));
}

static void
bubus_tree_walk_add_noted_children (BubusTreeWalk *self,
                                    BubusEvent    *parent,
                                    const char    *handler_id,
                                    guint          depth)
{
  g_autofree char *key = bubus_tree_walk_make_key (parent, handler_id);
  GPtrArray *children = g_hash_table_lookup (self->children, key);

  for (guint i = 0; children != NULL && i < children->len; i++)
    bubus_tree_walk_add_child (self, children->pdata[i], depth);
}

/* The children that a record has; those that were read from JSON are only ids. */
static GPtrArray *
bubus_tree_walk_list_children (BubusTreeWalk    *self,
                               BubusEventResult *result)
{
  GPtrArray *children = g_ptr_array_new_with_free_func (g_object_unref);
  BubusEventPrivate *priv = _bubus_event_get_private (_bubus_result_get_event (result));
  BubusChild *child;

  _bubus_event_lock (priv);
  for (child = _bubus_children_get_first (result->children); child != NULL;
       child = _bubus_children_get_next (result->children, child))
    {
      BubusEvent *event = child->event;

      if (event == NULL && self->known != NULL)
        event = g_hash_table_lookup (self->known, &child->id);
      if (event != NULL)
        g_ptr_array_add (children, g_object_ref (event));
    }
  _bubus_event_unlock (priv);
  return children;
}

/* ---- lines ---- */

static void
bubus_tree_walk_add_result (BubusTreeWalk    *self,
                            BubusEventResult *result,
                            guint             depth)
{
  g_autoptr (GPtrArray) children = bubus_tree_walk_list_children (self, result);

  bubus_tree_walk_add_line (self, BUBUS_TREE_LINE_RESULT, depth, result);
  for (guint i = 0; i < children->len; i++)
    bubus_tree_walk_add_child (self, children->pdata[i], depth + 1);
  if (self->children != NULL)
    bubus_tree_walk_add_noted_children (self, _bubus_result_get_event (result),
                                        _bubus_handler_info_get_id_text (result->handler), depth + 1);
}

/* The first to start first; those that have not started last, in the order in which they will. */
static int
bubus_tree_walk_compare_results (gconstpointer a,
                                 gconstpointer b)
{
  guint64 start_a = bubus_event_result_get_started_at (*(BubusEventResult **) a) - 1;
  guint64 start_b = bubus_event_result_get_started_at (*(BubusEventResult **) b) - 1;

  return (start_a > start_b) - (start_a < start_b);
}

static void
bubus_tree_walk_add_event (BubusTreeWalk *self,
                           BubusEvent    *event,
                           guint          depth)
{
  g_autoptr (GPtrArray) results = NULL;

  if (!g_hash_table_add (self->shown, g_object_ref (event)))
    return;

  bubus_tree_walk_add_line (self, BUBUS_TREE_LINE_EVENT, depth, event);
  results = bubus_event_list_results (event);
  g_ptr_array_sort (results, bubus_tree_walk_compare_results);
  for (guint i = 0; i < results->len; i++)
    bubus_tree_walk_add_result (self, results->pdata[i], depth + 1);
  if (self->children != NULL)
    bubus_tree_walk_add_noted_children (self, event, NULL, depth + 1);
}

static void
bubus_tree_walk_add_roots (BubusTreeWalk *self,
                           guint          first)
{
  for (guint i = first; i < self->roots->len; i++)
    bubus_tree_walk_add_event (self, self->roots->pdata[i], 0);
}

/* Backwards: a line is the last of its depth when none of this depth has been seen since a line of less. */
static void
bubus_tree_walk_mark_last (BubusTreeWalk *self)
{
  gboolean seen[BUBUS_TREE_MAX_LINE_DEPTH + 1] = { FALSE };
  guint n_seen = 0;

  for (guint i = self->lines->len; i-- > 0;)
    {
      BubusTreeLine *line = &g_array_index (self->lines, BubusTreeLine, i);

      while (n_seen <= line->depth)
        seen[n_seen++] = FALSE;
      n_seen = line->depth + 1;
      line->last = !seen[line->depth];
      seen[line->depth] = TRUE;
    }
}

/* ---- making ---- */

static BubusTreeWalk *
bubus_tree_walk_new (void)
{
  BubusTreeWalk *self = g_new0 (BubusTreeWalk, 1);

  self->lines = g_array_new (FALSE, FALSE, sizeof (BubusTreeLine));
  self->shown = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  self->roots = g_ptr_array_new_with_free_func (g_object_unref);
  return self;
}

void
_bubus_tree_walk_free (BubusTreeWalk *self)
{
  g_array_unref (self->lines);
  g_clear_pointer (&self->children, g_hash_table_unref);
  g_clear_pointer (&self->known, g_hash_table_unref);
  g_ptr_array_unref (self->roots);
  g_hash_table_unref (self->shown);
  g_free (self);
}

/* An event and what follows from it. */
BubusTreeWalk *
_bubus_tree_walk_event (BubusEvent *event)
{
  BubusTreeWalk *self = bubus_tree_walk_new ();

  g_ptr_array_add (self->roots, g_object_ref (event));
  bubus_tree_walk_add_roots (self, 0);
  bubus_tree_walk_mark_last (self);
  return self;
}

static int
bubus_tree_walk_compare_events (gconstpointer a,
                                gconstpointer b)
{
  gint64 created_a = bubus_event_get_event_created_at (*(BubusEvent **) a);
  gint64 created_b = bubus_event_get_event_created_at (*(BubusEvent **) b);

  return (created_a > created_b) - (created_a < created_b);
}

/* A root is what has no ancestor among the events: a parent may have been forgotten, or be on another bus. */
static void
bubus_tree_walk_find_roots (BubusTreeWalk *self,
                            GPtrArray     *events)
{
  g_autoptr (GHashTable) found = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < events->len; i++)
    {
      BubusEvent *event = events->pdata[i];
      BubusEvent *parent = bubus_tree_walk_get_parent (self, event);

      if (!bubus_tree_walk_has_known_ancestor (self, event, found))
        g_ptr_array_add (self->roots, g_object_ref (event));
      else if (_bubus_event_get_emitter (event) == NULL)
        bubus_tree_walk_note_child (self, parent, event);
    }
}

/* Events that name each other as their parents have no root: the eldest is taken for it. */
static void
bubus_tree_walk_add_rest (BubusTreeWalk *self,
                          GPtrArray     *events)
{
  for (guint i = 0; i < events->len; i++)
    {
      if (g_hash_table_contains (self->shown, events->pdata[i]))
        continue;
      g_ptr_array_add (self->roots, g_object_ref (events->pdata[i]));
      bubus_tree_walk_add_roots (self, self->roots->len - 1);
    }
}

/* All of @events, which it sorts by their time of creation, and what follows from them. */
BubusTreeWalk *
_bubus_tree_walk_events (GPtrArray *events)
{
  BubusTreeWalk *self = bubus_tree_walk_new ();

  g_ptr_array_sort (events, bubus_tree_walk_compare_events);
  self->known = g_hash_table_new_full (_bubus_uuid_hash, _bubus_uuid_equal, NULL, g_object_unref);
  for (guint i = 0; i < events->len; i++)
    g_hash_table_replace (self->known, &_bubus_event_get_private (events->pdata[i])->id,
                          g_object_ref (events->pdata[i]));

  bubus_tree_walk_find_roots (self, events);
  bubus_tree_walk_add_roots (self, 0);
  bubus_tree_walk_add_rest (self, events);
  bubus_tree_walk_mark_last (self);
  return self;
}
