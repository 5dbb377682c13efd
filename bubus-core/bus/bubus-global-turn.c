/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-global-turn-private.h"

/* Events that are global-serial are handled one at a time on all buses of the process. A bus that wants to handle
 * one stands in line with its source, and is woken when it is the first and nobody else is at it. What a handler awaits
 * does not stand in line. All functions may be called from any thread, with the lock of a bus. */

static GMutex lock;
static GQueue line = G_QUEUE_INIT;  /* of GSource; owns a reference to each */
static GQueue busy = G_QUEUE_INIT;  /* of BubusEvent: those that are being handled, once for each bus; not owned */

static GSource *
bubus_global_turn_ref_next_locked (void)
{
  GSource *next = g_queue_is_empty (&busy) ? g_queue_peek_head (&line) : NULL;

  return next != NULL ? g_source_ref (next) : NULL;
}

static void
bubus_global_turn_wake (GSource *next)
{
  if (next == NULL)
    return;

  g_source_set_ready_time (next, 0);
  g_source_unref (next);
}

static void
bubus_global_turn_remove_locked (GSource *source)
{
  if (g_queue_remove (&line, source))
    g_source_unref (source);
}

/* Whether it is the turn of the bus with @source, which stands in line until it takes its turn or leaves. */
gboolean
_bubus_global_turn_request (GSource *source)
{
  gboolean granted;

  g_mutex_lock (&lock);
  if (g_queue_find (&line, source) == NULL)
    g_queue_push_tail (&line, g_source_ref (source));
  granted = g_queue_is_empty (&busy) && g_queue_peek_head (&line) == source;
  g_mutex_unlock (&lock);
  return granted;
}

void
_bubus_global_turn_leave (GSource *source)
{
  GSource *next;

  g_mutex_lock (&lock);
  bubus_global_turn_remove_locked (source);
  next = bubus_global_turn_ref_next_locked ();
  g_mutex_unlock (&lock);

  bubus_global_turn_wake (next);
}

void
_bubus_global_turn_take (GSource    *source,
                         BubusEvent *event)
{
  g_mutex_lock (&lock);
  bubus_global_turn_remove_locked (source);
  g_queue_push_tail (&busy, event);
  g_mutex_unlock (&lock);
}

void
_bubus_global_turn_release (BubusEvent *event)
{
  GSource *next;

  g_mutex_lock (&lock);
  g_queue_remove (&busy, event);
  next = bubus_global_turn_ref_next_locked ();
  g_mutex_unlock (&lock);

  bubus_global_turn_wake (next);
}

/* Adds the events that are being handled, with references. */
void
_bubus_global_turn_add_busy (GPtrArray *events)
{
  g_mutex_lock (&lock);
  for (const GList *link = busy.head; link != NULL; link = link->next)
    g_ptr_array_add (events, g_object_ref (link->data));
  g_mutex_unlock (&lock);
}

/* For tests: nobody has the turn, or waits for it. */
gboolean
_bubus_global_turn_is_free (void)
{
  gboolean is_free;

  g_mutex_lock (&lock);
  is_free = g_queue_is_empty (&busy) && g_queue_is_empty (&line);
  g_mutex_unlock (&lock);
  return is_free;
}
