/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "event-watch.h"

struct _EventWatch
{
  GObject     parent_instance;

  GHashTable *rows;  /* BubusEvent → EventRow; neither is owned */
};

/* [middleware] */
/* The status of an event is not announced by notify, as it changes in a hot loop and, for some events, in other
 * threads. A middleware is told of it in the bus's main context. */
static void
event_watch_event_changed (BubusMiddleware  *middleware,
                           BubusEventBus    *bus,
                           BubusEvent       *event,
                           BubusEventStatus  status)
{
  EventWatch *self = EVENT_WATCH (middleware);
  EventRow *row;

  if (status == BUBUS_EVENT_STATUS_PENDING)
    return;

  row = g_hash_table_lookup (self->rows, event);
  if (row != NULL)
    event_row_update (row);
}
/* [/middleware] */

static void
event_watch_middleware_iface_init (BubusMiddlewareInterface *iface)
{
  iface->event_changed = event_watch_event_changed;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (EventWatch, event_watch, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, event_watch_middleware_iface_init))

static void
event_watch_forget_cb (gpointer  user_data,
                       GObject  *row)
{
  EventWatch *self = user_data;

  /* The row may be gone before its event, which it has kept alive until now. */
  g_hash_table_remove (self->rows, event_row_get_event ((EventRow *) row));
}

static void
event_watch_finalize (GObject *object)
{
  EventWatch *self = EVENT_WATCH (object);
  GHashTableIter iter;
  gpointer row;

  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, NULL, &row))
    g_object_weak_unref (row, event_watch_forget_cb, self);
  g_hash_table_unref (self->rows);

  G_OBJECT_CLASS (event_watch_parent_class)->finalize (object);
}

static void
event_watch_class_init (EventWatchClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = event_watch_finalize;
}

static void
event_watch_init (EventWatch *self)
{
  self->rows = g_hash_table_new (NULL, NULL);
}

EventWatch *
event_watch_new (void)
{
  return g_object_new (EVENT_TYPE_WATCH, NULL);
}

/* For GtkMapListModel, which asks only for the rows that are looked at. */
gpointer
event_watch_map_cb (gpointer item,
                    gpointer user_data)
{
  g_autoptr (BubusEvent) event = item;
  EventWatch *self = user_data;
  EventRow *row = g_hash_table_lookup (self->rows, event);

  if (row != NULL)
    return g_object_ref (row);

  row = event_row_new (event);
  g_hash_table_insert (self->rows, event, row);
  g_object_weak_ref (G_OBJECT (row), event_watch_forget_cb, self);
  return row;
}
