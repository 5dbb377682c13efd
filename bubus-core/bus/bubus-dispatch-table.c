/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-dispatch-table-private.h"

#include "base/bubus-queue-internal.h"
#include "bubus-handler-private.h"
#include "event/bubus-event-internal.h"
#include "event/bubus-pattern-internal.h"

#include <string.h>

/* Events may come with any name; the lists of names that are only heard once must not fill the memory. */
#define MAX_NAMED_LISTS 1024

/* A handler is put into and taken out of a list that is not longer; a longer one is made anew when an event asks. */
#define MAX_PATCHED 16

/* Kinds of match, nearest first; parent types lie between the first and the second. */
enum
{
  RANK_EXACT = 0,
  RANK_GLOB = 1 << 20,
  RANK_ALL,
};

typedef struct
{
  BubusHandler *handler;
  int           rank;
} BubusMatch;

/* Takes over @list, which is nullable. */
static void
bubus_class_handlers_set_list (BubusClassHandlers *self,
                               BubusHandlerList   *list)
{
  if (self->list != NULL)
    _bubus_handler_list_retire (self->list);
  self->list = list;
  if (list != NULL)
    list->event_class = self->event_class;
}

static void
bubus_class_handlers_free (gpointer data)
{
  bubus_class_handlers_set_list (data, NULL);
  g_free (data);
}

void
_bubus_dispatch_table_init (BubusDispatchTable *self)
{
  GDestroyNotify retire = (GDestroyNotify) _bubus_handler_list_retire;

  self->by_class = g_hash_table_new_full (NULL, NULL, NULL, bubus_class_handlers_free);
  self->by_name = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->globs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->named = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, retire);
  self->matches = g_array_new (FALSE, FALSE, sizeof (BubusMatch));
  self->generation = 1;
}

/* The handlers must have been removed. */
void
_bubus_dispatch_table_clear (BubusDispatchTable *self)
{
  g_assert (self->n_handlers == 0);

  g_clear_pointer (&self->named, g_hash_table_unref);
  g_clear_pointer (&self->by_class, g_hash_table_unref);
  g_clear_pointer (&self->by_name, g_hash_table_unref);
  g_clear_pointer (&self->globs, g_hash_table_unref);
  g_clear_pointer (&self->matches, g_array_unref);
}

void
_bubus_dispatch_table_invalidate (BubusDispatchTable *self)
{
  self->generation++;
}

/* Most buses have few classes: each is found at its place, without a look-up. */
static BubusClassHandlers *
bubus_dispatch_table_find_class (BubusDispatchTable *self,
                                 GType               type)
{
  BubusClassHandlers **recent = &self->recent[(type >> 4 ^ type >> 8) % BUBUS_N_RECENT_CLASSES];

  if (*recent == NULL || (*recent)->event_class != type)
    *recent = g_hash_table_lookup (self->by_class, GSIZE_TO_POINTER (type));
  return *recent;
}

static BubusClassHandlers *
bubus_dispatch_table_ensure_class (BubusDispatchTable *self,
                                   GType               type)
{
  BubusClassHandlers *handlers = bubus_dispatch_table_find_class (self, type);

  if (handlers == NULL)
    {
      handlers = g_new0 (BubusClassHandlers, 1);
      handlers->event_class = type;
      _bubus_queue_init (&handlers->handlers);
      g_hash_table_insert (self->by_class, GSIZE_TO_POINTER (type), handlers);
    }
  return handlers;
}

static BubusQueue *
bubus_dispatch_table_ensure_bucket (GHashTable *buckets,
                                    const char *pattern)
{
  BubusQueue *bucket = g_hash_table_lookup (buckets, pattern);

  if (bucket == NULL)
    {
      bucket = g_new (BubusQueue, 1);
      _bubus_queue_init (bucket);
      g_hash_table_insert (buckets, g_strdup (pattern), bucket);
    }
  return bucket;
}

static gboolean
bubus_handler_is_for_many_types (BubusHandler *handler)
{
  return strpbrk (handler->info->pattern, "*?") != NULL;
}

static BubusQueue *
bubus_dispatch_table_ensure_bucket_of (BubusDispatchTable *self,
                                       BubusHandler       *handler)
{
  if (handler->event_type != G_TYPE_INVALID)
    return &bubus_dispatch_table_ensure_class (self, handler->event_type)->handlers;
  return bubus_dispatch_table_ensure_bucket (bubus_handler_is_for_many_types (handler) ? self->globs : self->by_name,
                                             handler->info->pattern);
}

static void
bubus_dispatch_table_drop_list (BubusDispatchTable *self,
                                BubusHandlerList   *list)
{
  if (list->event_type != NULL)
    g_hash_table_remove (self->named, list->event_type);
  else
    bubus_class_handlers_set_list (bubus_dispatch_table_find_class (self, list->event_class), NULL);
}

/* A list that is in use is left alone, and made anew. */
static void
bubus_dispatch_table_remove_from_list (BubusDispatchTable *self,
                                       BubusHandlerList   *list,
                                       BubusHandler       *handler)
{
  guint index = _bubus_handler_list_find (list, handler);

  if (index == list->n_handlers)
    return;

  if (list->n_handlers <= MAX_PATCHED && _bubus_handler_list_is_unused (list))
    _bubus_handler_list_take_out (list, index);
  else
    bubus_dispatch_table_drop_list (self, list);
}

/* Whether @handler, which is for a class and the youngest, comes after @before for events of that class. */
static gboolean
bubus_handler_comes_after (BubusHandler *handler,
                           BubusHandler *before)
{
  if (before->priority != handler->priority)
    return before->priority > handler->priority;
  return before->event_type == handler->event_type
         || (before->event_type == G_TYPE_INVALID && !bubus_handler_is_for_many_types (before));
}

static void
bubus_handler_list_insert (BubusHandlerList *self,
                           BubusHandler     *handler)
{
  guint index = self->n_handlers;

  _bubus_handler_list_enlist (self, handler);
  for (; index > 0 && !bubus_handler_comes_after (handler, self->handlers[index - 1]); index--)
    self->handlers[index] = self->handlers[index - 1];
  self->handlers[index] = handler;
}

/* A handler that comes and goes, for one class, is put into the list of that class and taken out again; all other lists
 * are made anew when an event asks for them. */
static void
bubus_dispatch_table_add_to_list (BubusDispatchTable *self,
                                  BubusHandler       *handler)
{
  BubusHandlerList *list = bubus_dispatch_table_find_class (self, handler->event_type)->list;
  gboolean current = list != NULL && list->generation == self->generation;

  _bubus_dispatch_table_invalidate (self);
  if (!current || !_bubus_handler_list_is_unused (list) || list->n_handlers >= MIN (list->n_allocated, MAX_PATCHED))
    return;

  bubus_handler_list_insert (list, handler);
  list->generation = self->generation;
}

/* Takes over the caller's reference. */
void
_bubus_dispatch_table_add (BubusDispatchTable *self,
                           BubusHandler       *handler)
{
  handler->bucket = bubus_dispatch_table_ensure_bucket_of (self, handler);
  handler->sequence = self->next_sequence++;
  _bubus_queue_push_tail (handler->bucket, &handler->link);
  self->n_handlers++;
  if (handler->event_type != G_TYPE_INVALID)
    bubus_dispatch_table_add_to_list (self, handler);
  else
    _bubus_dispatch_table_invalidate (self);
}

static void
bubus_dispatch_table_drop_empty_bucket (BubusDispatchTable *self,
                                        BubusHandler       *handler,
                                        BubusQueue         *bucket)
{
  if (bucket->length > 0 || handler->event_type != G_TYPE_INVALID)
    return;

  g_hash_table_remove (bubus_handler_is_for_many_types (handler) ? self->globs : self->by_name,
                       handler->info->pattern);
}

static void
bubus_dispatch_table_remove_from_all_lists (BubusDispatchTable *self,
                                            BubusHandler       *handler)
{
  g_autoptr (GList) named = g_hash_table_get_values (self->named);
  GHashTableIter iter;
  gpointer value;

  for (GList *link = named; link != NULL; link = link->next)
    bubus_dispatch_table_remove_from_list (self, link->data, handler);

  g_hash_table_iter_init (&iter, self->by_class);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((BubusClassHandlers *) value)->list != NULL)
      bubus_dispatch_table_remove_from_list (self, ((BubusClassHandlers *) value)->list, handler);
}

/* A list must not keep a handler alive that has been taken off. Most handlers stand in one list, which is at hand. All
 * other lists are as good as before. */
static void
bubus_dispatch_table_remove_from_lists_of (BubusDispatchTable *self,
                                           BubusHandler       *handler)
{
  if (handler->n_lists == 1 && handler->list != NULL)
    bubus_dispatch_table_remove_from_list (self, handler->list, handler);
  if (handler->n_lists > 0)
    bubus_dispatch_table_remove_from_all_lists (self, handler);
}

/* When it returns TRUE, the table's reference goes to the caller, who gives it back without the lock: a handler's data
 * may be freed by code of its user. */
gboolean
_bubus_dispatch_table_remove (BubusDispatchTable *self,
                              BubusHandler       *handler)
{
  BubusQueue *bucket = handler->bucket;

  if (bucket == NULL)
    return FALSE;

  _bubus_queue_remove (bucket, &handler->link);
  handler->bucket = NULL;
  self->n_handlers--;
  bubus_dispatch_table_remove_from_lists_of (self, handler);
  bubus_dispatch_table_drop_empty_bucket (self, handler, bucket);
  return TRUE;
}

static void
bubus_dispatch_table_collect (GArray     *matches,
                              BubusQueue *bucket,
                              int         rank)
{
  for (BubusLink *link = _bubus_queue_peek_head (bucket); link != NULL; link = _bubus_queue_next (bucket, link))
    {
      BubusMatch match = { BUBUS_LINK_OWNER (link, BubusHandler, link), rank };

      g_array_append_val (matches, match);
    }
}

static void
bubus_dispatch_table_collect_types (BubusDispatchTable *self,
                                    GArray             *matches,
                                    GType               type)
{
  for (int rank = RANK_EXACT; type != G_TYPE_OBJECT && type != G_TYPE_INVALID; type = g_type_parent (type), rank++)
    {
      BubusClassHandlers *handlers = g_hash_table_lookup (self->by_class, GSIZE_TO_POINTER (type));

      if (handlers != NULL)
        bubus_dispatch_table_collect (matches, &handlers->handlers, rank);
    }
}

static void
bubus_dispatch_table_collect_name (BubusDispatchTable *self,
                                   GArray             *matches,
                                   const char         *name)
{
  BubusQueue *bucket = g_hash_table_lookup (self->by_name, name);

  if (bucket != NULL)
    bubus_dispatch_table_collect (matches, bucket, RANK_EXACT);
}

static void
bubus_dispatch_table_collect_globs (BubusDispatchTable *self,
                                    GArray             *matches,
                                    const char         *name)
{
  GHashTableIter iter;
  gpointer glob, bucket;

  g_hash_table_iter_init (&iter, self->globs);
  while (g_hash_table_iter_next (&iter, &glob, &bucket))
    if (_bubus_pattern_matches (glob, name))
      bubus_dispatch_table_collect (matches, bucket, strcmp (glob, "*") == 0 ? RANK_ALL : RANK_GLOB);
}

#define COMPARE(a, b) \
  if ((a) != (b)) return (a) < (b) ? -1 : 1

static int
bubus_match_compare (gconstpointer left,
                     gconstpointer right)
{
  const BubusMatch *a = left, *b = right;

  COMPARE (b->handler->priority, a->handler->priority); /* urgent ones first */
  COMPARE (a->rank, b->rank);                           /* nearer ones first */
  COMPARE (a->handler->sequence, b->handler->sequence); /* older ones first */
  return 0;
}

static void
bubus_dispatch_table_match (BubusDispatchTable *self,
                            GType               type,
                            const char         *name)
{
  g_array_set_size (self->matches, 0);
  bubus_dispatch_table_collect_types (self, self->matches, type);
  if (g_hash_table_size (self->by_name) > 0)
    bubus_dispatch_table_collect_name (self, self->matches, name);
  if (g_hash_table_size (self->globs) > 0)
    bubus_dispatch_table_collect_globs (self, self->matches, name);
  if (self->matches->len > 1)
    g_array_sort (self->matches, bubus_match_compare);
}

/* The list for what has been matched: @before, when it can be used again, or a new one that is not in the table yet. */
static BubusHandlerList *
bubus_dispatch_table_renew_list (BubusDispatchTable *self,
                                 BubusHandlerList   *before)
{
  BubusHandlerList *list = before;

  if (before != NULL && _bubus_handler_list_is_unused (before) && before->n_allocated >= self->matches->len)
    _bubus_handler_list_clear (before);
  else
    list = _bubus_handler_list_allocate (self->matches->len);
  for (guint i = 0; i < self->matches->len; i++)
    _bubus_handler_list_enlist (list, g_array_index (self->matches, BubusMatch, i).handler);
  list->generation = self->generation;
  return list;
}

static gboolean
bubus_dispatch_table_has_own_name (BubusEvent *event)
{
  const BubusEventExtras *extras = _bubus_event_get_private (event)->extras;

  return extras != NULL && extras->event_type != NULL;
}

/* Takes over @list and @name. */
static void
bubus_dispatch_table_add_named_list (BubusDispatchTable *self,
                                     BubusHandlerList   *list,
                                     char               *name)
{
  list->event_type = name;
  g_hash_table_replace (self->named, name, list);
}

static BubusHandlerList *
bubus_dispatch_table_lookup_named (BubusDispatchTable *self,
                                   BubusEvent         *event)
{
  const char *name = bubus_event_get_event_type (event);
  BubusHandlerList *before = g_hash_table_lookup (self->named, name);
  BubusHandlerList *list;

  if (before != NULL && before->generation == self->generation)
    return before;

  if (before == NULL && g_hash_table_size (self->named) >= MAX_NAMED_LISTS)
    g_hash_table_remove_all (self->named);
  bubus_dispatch_table_match (self, G_OBJECT_TYPE (event), name);
  list = bubus_dispatch_table_renew_list (self, before);
  if (list != before)
    bubus_dispatch_table_add_named_list (self, list, g_strdup (name));
  return list;
}

static BubusHandlerList *
bubus_dispatch_table_lookup_class (BubusDispatchTable *self,
                                   BubusEvent         *event)
{
  BubusClassHandlers *handlers = bubus_dispatch_table_ensure_class (self, G_OBJECT_TYPE (event));
  BubusHandlerList *before = handlers->list;
  BubusHandlerList *list;

  if (before != NULL && before->generation == self->generation)
    return before;

  bubus_dispatch_table_match (self, handlers->event_class, _bubus_event_get_description (event)->name);
  list = bubus_dispatch_table_renew_list (self, before);
  if (list != before)
    bubus_class_handlers_set_list (handlers, list);
  return list;
}

/* The handlers of an event in the order in which they run; the caller gives the reference back. */
BubusHandlerList *
_bubus_dispatch_table_lookup (BubusDispatchTable *self,
                              BubusEvent         *event)
{
  if (G_UNLIKELY (bubus_dispatch_table_has_own_name (event)))
    return _bubus_handler_list_ref (bubus_dispatch_table_lookup_named (self, event));
  return _bubus_handler_list_ref (bubus_dispatch_table_lookup_class (self, event));
}

static void
bubus_dispatch_table_collect_buckets (GArray     *matches,
                                      GHashTable *buckets)
{
  GHashTableIter iter;
  gpointer bucket;

  g_hash_table_iter_init (&iter, buckets);
  while (g_hash_table_iter_next (&iter, NULL, &bucket))
    bubus_dispatch_table_collect (matches, bucket, RANK_EXACT);
}

static void
bubus_dispatch_table_collect_classes (BubusDispatchTable *self,
                                      GArray             *matches)
{
  GHashTableIter iter;
  gpointer handlers;

  g_hash_table_iter_init (&iter, self->by_class);
  while (g_hash_table_iter_next (&iter, NULL, &handlers))
    bubus_dispatch_table_collect (matches, &((BubusClassHandlers *) handlers)->handlers, RANK_EXACT);
}

static int
bubus_match_compare_sequence (gconstpointer left,
                              gconstpointer right)
{
  const BubusMatch *a = left, *b = right;

  COMPARE (a->handler->sequence, b->handler->sequence);
  return 0;
}

static void
bubus_matches_keep_those (GArray           *matches,
                          BubusHandlerTest  test,
                          gconstpointer     wanted)
{
  guint n_kept = 0;

  for (guint i = 0; i < matches->len; i++)
    if (test (g_array_index (matches, BubusMatch, i).handler, wanted))
      g_array_index (matches, BubusMatch, n_kept++) = g_array_index (matches, BubusMatch, i);
  g_array_set_size (matches, n_kept);
}

/* Handlers in order of registration, with a reference to each: all, or those for which @test says so. */
GPtrArray *
_bubus_dispatch_table_list (BubusDispatchTable *self,
                            BubusHandlerTest    test,
                            gconstpointer       wanted)
{
  g_autoptr (GArray) matches = g_array_new (FALSE, FALSE, sizeof (BubusMatch));
  GPtrArray *handlers = g_ptr_array_new_with_free_func (g_object_unref);

  bubus_dispatch_table_collect_classes (self, matches);
  bubus_dispatch_table_collect_buckets (matches, self->by_name);
  bubus_dispatch_table_collect_buckets (matches, self->globs);
  if (test != NULL)
    bubus_matches_keep_those (matches, test, wanted);
  g_array_sort (matches, bubus_match_compare_sequence);
  for (guint i = 0; i < matches->len; i++)
    g_ptr_array_add (handlers, g_object_ref (g_array_index (matches, BubusMatch, i).handler));
  return handlers;
}
