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

BubusHandlerList *
_bubus_handler_list_ref (BubusHandlerList *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
_bubus_handler_list_unref (BubusHandlerList *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  for (guint i = 0; i < self->n_handlers; i++)
    g_object_unref (self->handlers[i]);
  g_free (self);
}

static BubusHandlerList *
bubus_handler_list_allocate (guint n_allocated)
{
  BubusHandlerList *self = g_malloc0 (sizeof *self + n_allocated * sizeof (BubusHandler *));

  g_atomic_ref_count_init (&self->ref_count);
  self->n_allocated = n_allocated;
  return self;
}

static void
bubus_handler_list_append (BubusHandlerList *self,
                           BubusHandler     *handler)
{
  self->handlers[self->n_handlers++] = g_object_ref (handler);
  self->has_once |= handler->once;
}

BubusHandlerList *
_bubus_handler_list_new (BubusHandler **handlers,
                         guint          n_handlers)
{
  BubusHandlerList *self = bubus_handler_list_allocate (n_handlers);

  for (guint i = 0; i < n_handlers; i++)
    bubus_handler_list_append (self, handlers[i]);
  return self;
}

/* ---- lists in the table ---- */

/* What follows changes references to handlers under the bus's lock. No code of a user runs for that: the handlers in a
 * list of the table are registered, so that the table has a reference too. */

static void
bubus_handler_list_forget (BubusHandlerList *self,
                           BubusHandler     *handler)
{
  handler->n_lists--;
  if (handler->list == self)
    handler->list = NULL;
}

/* Called by the hash tables of lists, whenever a list leaves one: its handlers stand in one list less. */
static void
bubus_handler_list_leave_cache (BubusHandlerList *self)
{
  for (guint i = 0; i < self->n_handlers; i++)
    bubus_handler_list_forget (self, self->handlers[i]);
  self->cache = NULL;
  _bubus_handler_list_unref (self);
}

static void
bubus_handler_list_enter_cache (BubusHandlerList *self,
                                GHashTable       *cache,
                                gpointer          key)
{
  g_hash_table_replace (cache, key, self);
  self->cache = cache;
  self->key = key;
}

/* Only the table gives lists to others, so one that is the table's alone stays so while the lock is held. */
static gboolean
bubus_handler_list_is_unused (BubusHandlerList *self)
{
  return g_atomic_ref_count_compare (&self->ref_count, 1);
}

static void
bubus_handler_list_empty (BubusHandlerList *self)
{
  for (guint i = 0; i < self->n_handlers; i++)
    {
      bubus_handler_list_forget (self, self->handlers[i]);
      g_object_unref (self->handlers[i]);
    }
  self->n_handlers = 0;
  self->has_once = FALSE;
}

static void
bubus_handler_list_fill (BubusHandlerList *self,
                         GArray           *matches)
{
  for (guint i = 0; i < matches->len; i++)
    {
      BubusHandler *handler = g_array_index (matches, BubusMatch, i).handler;

      bubus_handler_list_append (self, handler);
      handler->n_lists++;
      handler->list = self;
    }
}

static void
bubus_handler_list_take_out (BubusHandlerList *self,
                             guint             index)
{
  BubusHandler *handler = self->handlers[index];

  self->n_handlers--;
  memmove (&self->handlers[index], &self->handlers[index + 1], (self->n_handlers - index) * sizeof (BubusHandler *));
  bubus_handler_list_forget (self, handler);
  g_object_unref (handler);
}

/* A list that is in use is left alone, and made anew. */
static void
bubus_handler_list_remove (BubusHandlerList *self,
                           BubusHandler     *handler)
{
  guint index = 0;

  while (index < self->n_handlers && self->handlers[index] != handler)
    index++;
  if (index == self->n_handlers)
    return;

  if (self->n_handlers <= MAX_PATCHED && bubus_handler_list_is_unused (self))
    bubus_handler_list_take_out (self, index);
  else
    g_hash_table_remove (self->cache, self->key);
}

/* ---- the table ---- */

void
_bubus_dispatch_table_init (BubusDispatchTable *self)
{
  GDestroyNotify leave = (GDestroyNotify) bubus_handler_list_leave_cache;

  self->by_type = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->by_name = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->globs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->lists = g_hash_table_new_full (NULL, NULL, NULL, leave);
  self->named = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, leave);
  self->matches = g_array_new (FALSE, FALSE, sizeof (BubusMatch));
  self->generation = 1;
}

/* The handlers must have been removed. */
void
_bubus_dispatch_table_clear (BubusDispatchTable *self)
{
  g_assert (self->n_handlers == 0);

  g_clear_pointer (&self->lists, g_hash_table_unref);
  g_clear_pointer (&self->named, g_hash_table_unref);
  g_clear_pointer (&self->by_type, g_hash_table_unref);
  g_clear_pointer (&self->by_name, g_hash_table_unref);
  g_clear_pointer (&self->globs, g_hash_table_unref);
  g_clear_pointer (&self->matches, g_array_unref);
}

void
_bubus_dispatch_table_invalidate (BubusDispatchTable *self)
{
  self->generation++;
}

static BubusQueue *
bubus_dispatch_table_ensure_bucket (GHashTable    *buckets,
                                    gconstpointer  key,
                                    gboolean       key_is_text)
{
  BubusQueue *bucket = g_hash_table_lookup (buckets, key);

  if (bucket == NULL)
    {
      bucket = g_new (BubusQueue, 1);
      _bubus_queue_init (bucket);
      g_hash_table_insert (buckets, key_is_text ? g_strdup (key) : (gpointer) key, bucket);
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
    return bubus_dispatch_table_ensure_bucket (self->by_type, GSIZE_TO_POINTER (handler->event_type), FALSE);
  return bubus_dispatch_table_ensure_bucket (bubus_handler_is_for_many_types (handler) ? self->globs : self->by_name,
                                             handler->info->pattern, TRUE);
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
bubus_handler_list_put_in (BubusHandlerList *self,
                           BubusHandler     *handler)
{
  guint index = self->n_handlers;

  bubus_handler_list_append (self, handler);
  for (; index > 0 && !bubus_handler_comes_after (handler, self->handlers[index - 1]); index--)
    self->handlers[index] = self->handlers[index - 1];
  self->handlers[index] = handler;
  handler->n_lists++;
  handler->list = self;
}

/* A handler that comes and goes, for one class, is put into the list of that class and taken out again; all other lists
 * are made anew when an event asks for them. */
static void
bubus_dispatch_table_add_to_list (BubusDispatchTable *self,
                                  BubusHandler       *handler)
{
  BubusHandlerList *list = g_hash_table_lookup (self->lists, GSIZE_TO_POINTER (handler->event_type));
  gboolean current = list != NULL && list->generation == self->generation;

  _bubus_dispatch_table_invalidate (self);
  if (!current || !bubus_handler_list_is_unused (list) || list->n_handlers >= MIN (list->n_allocated, MAX_PATCHED))
    return;

  bubus_handler_list_put_in (list, handler);
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
bubus_dispatch_table_remove_from_lists (GHashTable   *cache,
                                        BubusHandler *handler)
{
  g_autoptr (GList) lists = g_hash_table_get_values (cache);

  for (GList *link = lists; link != NULL; link = link->next)
    bubus_handler_list_remove (link->data, handler);
}

/* A list must not keep a handler alive that has been taken off. Most handlers stand in one list, which is at hand. All
 * other lists are as good as before. */
static void
bubus_dispatch_table_remove_from_lists_of (BubusDispatchTable *self,
                                           BubusHandler       *handler)
{
  if (handler->n_lists == 1 && handler->list != NULL)
    bubus_handler_list_remove (handler->list, handler);
  if (handler->n_lists == 0)
    return;

  bubus_dispatch_table_remove_from_lists (self->lists, handler);
  bubus_dispatch_table_remove_from_lists (self->named, handler);
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
  if (bucket == NULL)
    return;

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
    bubus_dispatch_table_collect (matches, g_hash_table_lookup (self->by_type, GSIZE_TO_POINTER (type)), rank);
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
    bubus_dispatch_table_collect (self->matches, g_hash_table_lookup (self->by_name, name), RANK_EXACT);
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

  if (before != NULL && bubus_handler_list_is_unused (before) && before->n_allocated >= self->matches->len)
    bubus_handler_list_empty (before);
  else
    list = bubus_handler_list_allocate (self->matches->len);
  bubus_handler_list_fill (list, self->matches);
  list->generation = self->generation;
  return list;
}

static gboolean
bubus_dispatch_table_has_own_name (BubusEvent *event)
{
  const BubusEventExtras *extras = _bubus_event_get_private (event)->extras;

  return extras != NULL && extras->event_type != NULL;
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
    bubus_handler_list_enter_cache (list, self->named, g_strdup (name));
  return list;
}

static BubusHandlerList *
bubus_dispatch_table_lookup_class (BubusDispatchTable *self,
                                   BubusEvent         *event)
{
  gpointer type = GSIZE_TO_POINTER (G_OBJECT_TYPE (event));
  BubusHandlerList *before = g_hash_table_lookup (self->lists, type);
  BubusHandlerList *list;

  if (before != NULL && before->generation == self->generation)
    return before;

  bubus_dispatch_table_match (self, G_OBJECT_TYPE (event), _bubus_event_get_description (event)->name);
  list = bubus_dispatch_table_renew_list (self, before);
  if (list != before)
    bubus_handler_list_enter_cache (list, self->lists, type);
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
bubus_dispatch_table_append_bucket (GArray     *matches,
                                    GHashTable *buckets)
{
  GHashTableIter iter;
  gpointer bucket;

  g_hash_table_iter_init (&iter, buckets);
  while (g_hash_table_iter_next (&iter, NULL, &bucket))
    bubus_dispatch_table_collect (matches, bucket, RANK_EXACT);
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

  bubus_dispatch_table_append_bucket (matches, self->by_type);
  bubus_dispatch_table_append_bucket (matches, self->by_name);
  bubus_dispatch_table_append_bucket (matches, self->globs);
  if (test != NULL)
    bubus_matches_keep_those (matches, test, wanted);
  g_array_sort (matches, bubus_match_compare_sequence);
  for (guint i = 0; i < matches->len; i++)
    g_ptr_array_add (handlers, g_object_ref (g_array_index (matches, BubusMatch, i).handler));
  return handlers;
}
