/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-global-turn-private.h"

#include "bubus-turns-private.h"

/* Events that are global-serial are handled one at a time on all buses of the process. A bus that wants to handle
 * one stands in line, and is woken when it is the first and nobody else is at it. What a handler awaits does not stand in
 * line. All functions may be called from any thread, with the lock of a bus; a bus that goes leaves the line before. */

static GMutex lock;
static GQueue line = G_QUEUE_INIT;  /* of BubusEventBus; not owned */
static GQueue busy = G_QUEUE_INIT;  /* of BubusEvent: those that are being handled, once for each bus; not owned */

static void
bubus_global_turn_wake_next_locked (void)
{
  if (g_queue_is_empty (&busy) && !g_queue_is_empty (&line))
    _bubus_turns_wake (g_queue_peek_head (&line));
}

/* Whether it is the turn of the bus, which stands in line until it takes its turn or leaves. */
gboolean
_bubus_global_turn_request (BubusEventBus *bus)
{
  gboolean granted;

  g_mutex_lock (&lock);
  if (g_queue_find (&line, bus) == NULL)
    g_queue_push_tail (&line, bus);
  granted = g_queue_is_empty (&busy) && g_queue_peek_head (&line) == bus;
  g_mutex_unlock (&lock);
  return granted;
}

void
_bubus_global_turn_leave (BubusEventBus *bus)
{
  g_mutex_lock (&lock);
  g_queue_remove (&line, bus);
  bubus_global_turn_wake_next_locked ();
  g_mutex_unlock (&lock);
}

void
_bubus_global_turn_take (BubusEventBus *bus,
                         BubusEvent    *event)
{
  g_mutex_lock (&lock);
  g_queue_remove (&line, bus);
  g_queue_push_tail (&busy, event);
  g_mutex_unlock (&lock);
}

void
_bubus_global_turn_release (BubusEvent *event)
{
  g_mutex_lock (&lock);
  g_queue_remove (&busy, event);
  bubus_global_turn_wake_next_locked ();
  g_mutex_unlock (&lock);
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
