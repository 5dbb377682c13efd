/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-error.h"
#include "bubus-order-internal.h"

/* Names come in the order they were added, except where an edge says otherwise: each next name is the one added
 * first among those for which nothing earlier is missing. The time is proportional to names plus edges. Not
 * thread-safe. */

typedef struct
{
  char *name;
  int   rank; /* in the order of adding, or NOT_ADDED while only edges name it */
} BubusOrderNode;

typedef struct
{
  BubusOrderNode *earlier;
  BubusOrderNode *later;
} BubusOrderEdge;

struct _BubusOrder
{
  GHashTable *by_name; /* name → BubusOrderNode, owned */
  GPtrArray  *nodes;   /* those that were added, borrowed */
  GArray     *edges;
};

#define NOT_ADDED -1

/* The work of one sort. Nodes are called by their ranks. */
typedef struct
{
  guint  n_nodes;
  guint *starts;  /* where the successors of a node start in targets; one more entry closes the last */
  guint *targets;
  guint *missing; /* how many predecessors of a node have not come yet */
} BubusOrderGraph;

/* A set of small numbers that gives its least member: every bit of a level tells whether the 64 bits it stands for
 * on the level below have a member. Five levels reach 2^30, so that all operations take constant time. */
#define SET_LEVELS 5

typedef struct
{
  guint64 *levels[SET_LEVELS];
} BubusOrderSet;

static void
bubus_order_set_init (BubusOrderSet *self,
                      gsize          size)
{
  for (guint i = 0; i < SET_LEVELS; i++)
    {
      size = size / 64 + 1;
      self->levels[i] = g_new0 (guint64, size);
    }
}

static void
bubus_order_set_clear (BubusOrderSet *self)
{
  for (guint i = 0; i < SET_LEVELS; i++)
    g_clear_pointer (&self->levels[i], g_free);
}

static void
bubus_order_set_add (BubusOrderSet *self,
                     guint          member)
{
  for (guint i = 0; i < SET_LEVELS; i++, member /= 64)
    self->levels[i][member / 64] |= G_GUINT64_CONSTANT (1) << member % 64;
}

static void
bubus_order_set_remove (BubusOrderSet *self,
                        guint          member)
{
  for (guint i = 0; i < SET_LEVELS; i++, member /= 64)
    {
      self->levels[i][member / 64] &= ~(G_GUINT64_CONSTANT (1) << member % 64);
      if (self->levels[i][member / 64] != 0)
        return;
    }
}

static gboolean
bubus_order_set_pop (BubusOrderSet *self,
                     guint         *member)
{
  guint least = 0;

  if (self->levels[SET_LEVELS - 1][0] == 0)
    return FALSE;

  for (int i = SET_LEVELS - 1; i >= 0; i--)
    least = least * 64 + (guint) __builtin_ctzll (self->levels[i][least]);
  bubus_order_set_remove (self, least);
  *member = least;
  return TRUE;
}

static void
bubus_order_node_free (gpointer data)
{
  BubusOrderNode *self = data;

  g_free (self->name);
  g_free (self);
}

/* Returns: (transfer full): a sorter that knows no names */
BubusOrder *
_bubus_order_new (void)
{
  BubusOrder *self = g_new0 (BubusOrder, 1);

  self->by_name = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, bubus_order_node_free);
  self->nodes = g_ptr_array_new ();
  self->edges = g_array_new (FALSE, FALSE, sizeof (BubusOrderEdge));
  return self;
}

void
_bubus_order_free (BubusOrder *self)
{
  g_array_unref (self->edges);
  g_ptr_array_unref (self->nodes);
  g_hash_table_unref (self->by_name);
  g_free (self);
}

static BubusOrderNode *
bubus_order_ensure_node (BubusOrder *self,
                         const char *name)
{
  BubusOrderNode *node = g_hash_table_lookup (self->by_name, name);

  if (node != NULL)
    return node;

  node = g_new0 (BubusOrderNode, 1);
  node->name = g_strdup (name);
  node->rank = NOT_ADDED;
  g_hash_table_insert (self->by_name, node->name, node);
  return node;
}

/* Adds a name. One that is there already keeps its place. */
void
_bubus_order_add (BubusOrder *self,
                  const char *name)
{
  BubusOrderNode *node = bubus_order_ensure_node (self, name);

  if (node->rank != NOT_ADDED)
    return;

  node->rank = (int) self->nodes->len;
  g_ptr_array_add (self->nodes, node);
}

/* Says that one name comes before another. They may be added before or after this; an edge with a name that never
 * is means nothing. */
void
_bubus_order_add_edge (BubusOrder *self,
                       const char *earlier,
                       const char *later)
{
  BubusOrderEdge edge = {
    bubus_order_ensure_node (self, earlier),
    bubus_order_ensure_node (self, later),
  };

  g_array_append_val (self->edges, edge);
}

/* Returns the edge, or %NULL if it names something that was not added. */
static const BubusOrderEdge *
bubus_order_get_edge (BubusOrder *self,
                      guint       position)
{
  const BubusOrderEdge *edge = &g_array_index (self->edges, BubusOrderEdge, position);

  if (edge->earlier->rank == NOT_ADDED || edge->later->rank == NOT_ADDED)
    return NULL;
  return edge;
}

static const char *
bubus_order_get_name (BubusOrder *self,
                      guint       rank)
{
  const BubusOrderNode *node = g_ptr_array_index (self->nodes, rank);

  return node->name;
}

/* Counts each node's successors, two places on, and each node's predecessors. */
static void
bubus_order_graph_count (BubusOrderGraph *graph,
                         BubusOrder      *self)
{
  for (guint i = 0; i < self->edges->len; i++)
    {
      const BubusOrderEdge *edge = bubus_order_get_edge (self, i);

      if (edge != NULL)
        {
          graph->starts[edge->earlier->rank + 2]++;
          graph->missing[edge->later->rank]++;
        }
    }
}

/* Puts the successors side by side. The start of the next node serves as the place to write to, and has moved to
 * where it belongs when all are written. */
static void
bubus_order_graph_fill (BubusOrderGraph *graph,
                        BubusOrder      *self)
{
  for (guint i = 2; i < graph->n_nodes + 2; i++)
    graph->starts[i] += graph->starts[i - 1];

  for (guint i = 0; i < self->edges->len; i++)
    {
      const BubusOrderEdge *edge = bubus_order_get_edge (self, i);

      if (edge != NULL)
        graph->targets[graph->starts[edge->earlier->rank + 1]++] = (guint) edge->later->rank;
    }
}

static void
bubus_order_graph_init (BubusOrderGraph *graph,
                        BubusOrder      *self)
{
  graph->n_nodes = self->nodes->len;
  graph->starts = g_new0 (guint, graph->n_nodes + 2);
  graph->missing = g_new0 (guint, graph->n_nodes + 1);
  graph->targets = g_new0 (guint, self->edges->len + 1);

  bubus_order_graph_count (graph, self);
  bubus_order_graph_fill (graph, self);
}

static void
bubus_order_graph_clear (BubusOrderGraph *graph)
{
  g_clear_pointer (&graph->starts, g_free);
  g_clear_pointer (&graph->missing, g_free);
  g_clear_pointer (&graph->targets, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BubusOrderGraph, bubus_order_graph_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BubusOrderSet, bubus_order_set_clear)

static void
bubus_order_graph_release (BubusOrderGraph *graph,
                           guint            rank,
                           BubusOrderSet   *free_nodes)
{
  for (guint i = graph->starts[rank]; i < graph->starts[rank + 1]; i++)
    {
      if (--graph->missing[graph->targets[i]] == 0)
        bubus_order_set_add (free_nodes, graph->targets[i]);
    }
}

/* Writes the ranks in order and returns how many could be written. */
static guint
bubus_order_graph_walk (BubusOrderGraph *graph,
                        guint           *ranks)
{
  g_auto (BubusOrderSet) free_nodes = { { NULL } };
  guint n_ranks = 0;
  guint rank;

  bubus_order_set_init (&free_nodes, graph->n_nodes);
  for (guint i = 0; i < graph->n_nodes; i++)
    {
      if (graph->missing[i] == 0)
        bubus_order_set_add (&free_nodes, i);
    }

  while (bubus_order_set_pop (&free_nodes, &rank))
    {
      ranks[n_ranks++] = rank;
      bubus_order_graph_release (graph, rank, &free_nodes);
    }
  return n_ranks;
}

/* Gives every node that is left after the walk one of its predecessors that is left too: there always is one. */
static guint *
bubus_order_graph_link_back (BubusOrderGraph *graph)
{
  guint *previous = g_new0 (guint, graph->n_nodes);

  for (guint rank = graph->n_nodes; rank-- > 0;)
    {
      if (graph->missing[rank] == 0)
        continue;
      for (guint i = graph->starts[rank]; i < graph->starts[rank + 1]; i++)
        previous[graph->targets[i]] = rank;
    }
  return previous;
}

/* Going back through what is left must end in a circle. Returns the member of the circle that was added first. */
static guint
bubus_order_graph_find_cycle (BubusOrderGraph *graph,
                              const guint     *previous)
{
  guint rank = 0;
  guint first;

  while (graph->missing[rank] == 0)
    rank++;
  for (guint i = 0; i < graph->n_nodes; i++)
    rank = previous[rank];

  first = rank;
  for (guint i = previous[rank]; i != rank; i = previous[i])
    first = MIN (first, i);
  return first;
}

static char *
bubus_order_describe_cycle (BubusOrder      *self,
                            BubusOrderGraph *graph)
{
  g_autofree guint *previous = bubus_order_graph_link_back (graph);
  guint first = bubus_order_graph_find_cycle (graph, previous);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  GString *text = g_string_new (NULL);

  for (guint i = previous[first]; i != first; i = previous[i])
    g_ptr_array_add (names, (gpointer) bubus_order_get_name (self, i));

  g_string_append_printf (text, "“%s” → ", bubus_order_get_name (self, first));
  for (guint i = names->len; i-- > 0;)
    g_string_append_printf (text, "“%s” → ", (const char *) g_ptr_array_index (names, i));
  g_string_append_printf (text, "“%s”", bubus_order_get_name (self, first));

  return g_string_free (text, FALSE);
}

static char **
bubus_order_dup_names (BubusOrder  *self,
                       const guint *ranks)
{
  char **names = g_new0 (char *, self->nodes->len + 1);

  for (guint i = 0; i < self->nodes->len; i++)
    names[i] = g_strdup (bubus_order_get_name (self, ranks[i]));
  return names;
}

/* Returns: (transfer full): the names in order, or %NULL with %BUBUS_ERROR_PLUGIN_DEPENDENCY, whose message shows
 * one cycle: “a” → “b” → “a” means that a must come before b, and b before a. Can be called again, and after more
 * names and edges have been added. */
char **
_bubus_order_sort (BubusOrder  *self,
                   GError     **error)
{
  g_auto (BubusOrderGraph) graph = { 0 };
  g_autofree guint *ranks = g_new (guint, self->nodes->len + 1);
  g_autofree char *cycle = NULL;

  bubus_order_graph_init (&graph, self);
  if (bubus_order_graph_walk (&graph, ranks) == graph.n_nodes)
    return bubus_order_dup_names (self, ranks);

  cycle = bubus_order_describe_cycle (self, &graph);
  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_DEPENDENCY, "There is a cycle: %s", cycle);
  return NULL;
}
