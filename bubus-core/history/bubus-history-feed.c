/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-history-feed-internal.h"

#include "bubus-history-view-private.h"
#include "event/bubus-event-internal.h"

#define MAX_VIEWS 4

struct _BubusHistoryFeed
{
  GSource           source;
  GWeakRef          bus;
  GMutex           *lock;              /* the bus's: guards what follows, while there is a bus */
  BubusHistoryView *views[MAX_VIEWS];
  GPtrArray        *touched;           /* of BubusVisit: what may have changed since the views were updated */
  GPtrArray        *evicted;           /* of BubusEvent: kept until the views have been updated */
  GMutex            close_lock;        /* guards what follows */
  GArray           *last;              /* nullable: what had changed when the bus went */
  gboolean          closed;
};

static GArray *
bubus_history_feed_steal_changes_locked (BubusHistoryFeed *self)
{
  GArray *changes = g_array_sized_new (FALSE, FALSE, sizeof (BubusHistoryChange), self->touched->len);

  for (guint i = 0; i < self->touched->len; i++)
    {
      BubusVisit *visit = self->touched->pdata[i];

      visit->touched = FALSE;
      _bubus_history_describe_locked (visit, changes);
    }
  g_ptr_array_set_size (self->touched, 0);
  return changes;
}

static void
bubus_history_feed_update_views (BubusHistoryView *const *views,
                                 GArray                  *changes)
{
  for (guint i = 0; i < MAX_VIEWS && views[i] != NULL; i++)
    _bubus_history_view_update (views[i], changes);
}

static void
bubus_history_feed_flush (BubusHistoryFeed *self)
{
  g_autoptr (GPtrArray) evicted = NULL;
  GPtrArray *next = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GArray) changes = NULL;
  BubusHistoryView *views[MAX_VIEWS];

  g_mutex_lock (self->lock);
  changes = bubus_history_feed_steal_changes_locked (self);
  memcpy (views, self->views, sizeof views);
  evicted = self->evicted;
  self->evicted = next;
  g_source_set_ready_time (&self->source, -1);
  g_mutex_unlock (self->lock);

  bubus_history_feed_update_views (views, changes);
}

/* The bus has gone; FALSE when it is just about to. */
static gboolean
bubus_history_feed_flush_last (BubusHistoryFeed *self)
{
  g_autoptr (GArray) last = NULL;
  gboolean closed;

  g_mutex_lock (&self->close_lock);
  closed = self->closed;
  last = g_steal_pointer (&self->last);
  if (!closed)
    g_source_set_ready_time (&self->source, -1);
  g_mutex_unlock (&self->close_lock);

  if (last != NULL)
    bubus_history_feed_update_views (self->views, last);
  return closed;
}

static gboolean
bubus_history_feed_dispatch (GSource     *source,
                             GSourceFunc  callback,
                             gpointer     user_data)
{
  BubusHistoryFeed *self = (BubusHistoryFeed *) source;
  g_autoptr (GObject) bus = g_weak_ref_get (&self->bus);

  if (bus == NULL)
    return bubus_history_feed_flush_last (self) ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;

  bubus_history_feed_flush (self);
  return G_SOURCE_CONTINUE;
}

static void
bubus_history_feed_finalize (GSource *source)
{
  BubusHistoryFeed *self = (BubusHistoryFeed *) source;

  for (guint i = 0; i < MAX_VIEWS; i++)
    g_clear_object (&self->views[i]);
  g_clear_pointer (&self->last, g_array_unref);
  g_clear_pointer (&self->touched, g_ptr_array_unref);
  g_clear_pointer (&self->evicted, g_ptr_array_unref);
  g_weak_ref_clear (&self->bus);
  g_mutex_clear (&self->close_lock);
}

static GSourceFuncs bubus_history_feed_funcs = {
  .dispatch = bubus_history_feed_dispatch,
  .finalize = bubus_history_feed_finalize,
};

BubusHistoryFeed *
_bubus_history_feed_new (gpointer  bus,
                         GMutex   *lock)
{
  GSource *source = g_source_new (&bubus_history_feed_funcs, sizeof (BubusHistoryFeed));
  BubusHistoryFeed *self = (BubusHistoryFeed *) source;

  g_weak_ref_init (&self->bus, bus);
  g_mutex_init (&self->close_lock);
  self->lock = lock;
  self->touched = g_ptr_array_new ();
  self->evicted = g_ptr_array_new_with_free_func (g_object_unref);
  g_source_set_static_name (source, "Bubus history");
  return self;
}

void
_bubus_history_feed_attach (BubusHistoryFeed *self,
                            GMainContext     *context)
{
  g_source_attach (&self->source, context);
}

/* For a feed that has not been attached. */
void
_bubus_history_feed_discard (BubusHistoryFeed *self)
{
  g_source_unref (&self->source);
}

/* The bus goes. What has not been told is told later, in the main context. Gives the caller's reference back. */
void
_bubus_history_feed_close (BubusHistoryFeed *self)
{
  g_mutex_lock (&self->close_lock);
  for (guint i = 0; i < self->touched->len; i++)
    g_ptr_array_add (self->evicted, g_object_ref (_bubus_visit_get_event (self->touched->pdata[i])));
  self->last = bubus_history_feed_steal_changes_locked (self);
  self->closed = TRUE;
  g_source_set_ready_time (&self->source, 0);
  g_mutex_unlock (&self->close_lock);
  g_source_unref (&self->source);
}

void
_bubus_history_feed_touch_locked (BubusHistoryFeed *self,
                                  BubusVisit       *visit)
{
  if (visit->touched)
    return;

  visit->touched = TRUE;
  g_ptr_array_add (self->touched, visit);
  if (self->touched->len == 1)
    g_source_set_ready_time (&self->source, 0);
}

/* Takes over the history's reference to the event: the views may still show it. */
void
_bubus_history_feed_evict_locked (BubusHistoryFeed *self,
                                  BubusVisit       *visit)
{
  _bubus_history_feed_touch_locked (self, visit);
  g_ptr_array_add (self->evicted, _bubus_visit_get_event (visit));
}

/* ---- views ---- */

GListModel *
_bubus_history_feed_find_view_locked (BubusHistoryFeed  *self,
                                      BubusHistoryStage  stages)
{
  for (guint i = 0; i < MAX_VIEWS && self->views[i] != NULL; i++)
    if (_bubus_history_view_get_stages (self->views[i]) == stages)
      return G_LIST_MODEL (self->views[i]);
  return NULL;
}

/* Takes over the caller's reference. */
void
_bubus_history_feed_take_view_locked (BubusHistoryFeed *self,
                                      GListModel       *view)
{
  guint i = 0;

  while (self->views[i] != NULL)
    i++;
  g_assert (i < MAX_VIEWS);
  self->views[i] = BUBUS_HISTORY_VIEW (view);
}
