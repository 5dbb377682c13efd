/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-turns-private.h"

#include "bubus-scheduler-private.h"

/* When which bus of a main context has its turn. All its buses of one priority share a source, so that those which have
 * nothing to do cost the loop nothing, and so that all of them together keep to the time budget. A bus that has work
 * stands in the source's line; in its turn it does not, so a main loop that a handler runs serves the other buses and
 * never this one. */

struct _BubusTurnSource
{
  GSource          source;
  BubusTurns      *turns;     /* owned */
  BubusTurnSource *next;      /* nullable: the one of another priority; that and what follows is guarded by the lock */
  BubusQueue       line;      /* buses that have work */
  int              n_in_line; /* the same number, atomic: the loop looks at it without the lock */
  int              priority;
  guint            n_buses;
};

struct _BubusTurns
{
  gatomicrefcount  ref_count;
  GMainContext    *context;  /* kept alive by the buses */
  guint            n_buses;  /* guarded by the lock of the registry */
  GMutex           lock;     /* of the lines; taken after that of a bus */
  BubusTurnSource *sources;
};

static GMutex registry_lock;
static GHashTable *registry;  /* of BubusTurns by main context, for those that have a bus */

static BubusTurns *
bubus_turns_new (GMainContext *context)
{
  BubusTurns *self = g_new0 (BubusTurns, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  self->context = context;
  return self;
}

static BubusTurns *
bubus_turns_ref (BubusTurns *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
_bubus_turns_unref (BubusTurns *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_assert (self->sources == NULL);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* ---- the source ---- */

static gboolean
bubus_turn_source_check (GSource *source)
{
  return g_atomic_int_get (&((BubusTurnSource *) source)->n_in_line) > 0;
}

static gboolean
bubus_turn_source_prepare (GSource *source,
                           int     *timeout)
{
  *timeout = -1;
  return bubus_turn_source_check (source);
}

static void
bubus_turn_source_push_locked (BubusTurnSource *self,
                               BubusEventBus   *bus)
{
  _bubus_queue_push_tail (&self->line, &bus->turn);
  g_atomic_int_set (&self->n_in_line, self->line.length);
}

static void
bubus_turn_source_remove_locked (BubusTurnSource *self,
                                 BubusEventBus   *bus)
{
  _bubus_queue_remove (&self->line, &bus->turn);
  g_atomic_int_set (&self->n_in_line, self->line.length);
}

/* The next bus begins if its budget has something left of what others have spent in this iteration; the first always
 * does. It may be going, in another thread, until it leaves the line; and it must not be referenced with the lock. */
static BubusBusInfo *
bubus_turn_source_take (BubusTurnSource *self,
                        gboolean         first,
                        gint64           spent)
{
  BubusBusInfo *info = NULL;
  BubusLink *link;

  g_mutex_lock (&self->turns->lock);
  link = _bubus_queue_peek_head (&self->line);
  if (link != NULL)
    {
      BubusEventBus *bus = BUBUS_LINK_OWNER (link, BubusEventBus, turn);

      if (first || spent < _bubus_event_bus_get_budget (bus))
        {
          bubus_turn_source_remove_locked (self, bus);
          info = _bubus_bus_info_ref (bus->info);
        }
    }
  g_mutex_unlock (&self->turns->lock);
  return info;
}

/* Those that stand in line have a turn each, as far as the budget allows; it is shared out among them. Who comes into
 * the line meanwhile waits for the next iteration, and so does who is left; then those are the first. */
static gboolean
bubus_turn_source_dispatch (GSource     *source,
                            GSourceFunc  callback,
                            gpointer     user_data)
{
  BubusTurnSource *self = (BubusTurnSource *) source;
  guint n_turns = g_atomic_int_get (&self->n_in_line);
  gboolean first = TRUE;
  BubusBusInfo *info;
  gint64 spent = 0;

  for (; n_turns > 0 && (info = bubus_turn_source_take (self, first, spent)) != NULL; n_turns--, first = FALSE)
    {
      g_autoptr (BubusEventBus) bus = g_weak_ref_get (&info->bus);

      _bubus_bus_info_unref (info);
      if (bus != NULL)
        spent += _bubus_scheduler_take_turn (bus, spent, n_turns);
    }
  return G_SOURCE_CONTINUE;
}

static void
bubus_turn_source_finalize (GSource *source)
{
  _bubus_turns_unref (((BubusTurnSource *) source)->turns);
}

static GSourceFuncs bubus_turn_source_funcs = {
  .prepare = bubus_turn_source_prepare,
  .check = bubus_turn_source_check,
  .dispatch = bubus_turn_source_dispatch,
  .finalize = bubus_turn_source_finalize,
};

static BubusTurnSource *
bubus_turns_add_source_locked (BubusTurns *self,
                               int         priority)
{
  GSource *source = g_source_new (&bubus_turn_source_funcs, sizeof (BubusTurnSource));
  BubusTurnSource *added = (BubusTurnSource *) source;

  added->turns = bubus_turns_ref (self);
  added->priority = priority;
  _bubus_queue_init (&added->line);
  g_source_set_static_name (source, "Bubus event buses");
  g_source_set_priority (source, priority);
  g_source_set_can_recurse (source, TRUE);
  g_source_attach (source, self->context);

  added->next = self->sources;
  self->sources = added;
  return added;
}

static void
bubus_turns_enter_locked (BubusTurns    *self,
                          BubusEventBus *bus,
                          int            priority)
{
  BubusTurnSource *source = self->sources;

  while (source != NULL && source->priority != priority)
    source = source->next;
  if (source == NULL)
    source = bubus_turns_add_source_locked (self, priority);
  source->n_buses++;
  bus->source = source;
}

/* The source when nobody needs it any more, which is to be given to bubus_turns_drop_source() without the lock. */
static BubusTurnSource *
bubus_turns_exit_locked (BubusTurns    *self,
                         BubusEventBus *bus)
{
  BubusTurnSource *source = g_steal_pointer (&bus->source);
  BubusTurnSource **place = &self->sources;

  if (_bubus_link_is_linked (&bus->turn))
    bubus_turn_source_remove_locked (source, bus);
  if (--source->n_buses > 0)
    return NULL;

  while (*place != source)
    place = &(*place)->next;
  *place = source->next;
  return source;
}

static void
bubus_turns_drop_source (BubusTurnSource *source)
{
  if (source == NULL)
    return;

  g_source_destroy ((GSource *) source);
  g_source_unref ((GSource *) source);
}

/* ---- the buses ---- */

void
_bubus_turns_join (BubusEventBus *bus)
{
  g_mutex_lock (&registry_lock);
  if (registry == NULL)
    registry = g_hash_table_new (NULL, NULL);
  bus->turns = g_hash_table_lookup (registry, bus->context);
  if (bus->turns == NULL)
    {
      bus->turns = bubus_turns_new (bus->context);
      g_hash_table_insert (registry, bus->context, bus->turns);
    }
  else
    bubus_turns_ref (bus->turns);
  bus->turns->n_buses++;
  g_mutex_unlock (&registry_lock);

  g_mutex_lock (&bus->turns->lock);
  bubus_turns_enter_locked (bus->turns, bus, bus->priority);
  g_mutex_unlock (&bus->turns->lock);
}

/* The bus is going, and has no turn any more. May be called more than once, and from any thread. */
void
_bubus_turns_leave (BubusEventBus *bus)
{
  BubusTurns *self = bus->turns;
  BubusTurnSource *last;

  if (bus->source == NULL)
    return;

  g_mutex_lock (&self->lock);
  last = bubus_turns_exit_locked (self, bus);
  g_mutex_unlock (&self->lock);
  bubus_turns_drop_source (last);

  g_mutex_lock (&registry_lock);
  if (--self->n_buses == 0)
    g_hash_table_remove (registry, self->context);
  g_mutex_unlock (&registry_lock);
}

/* Has the bus stand in line, and the loop look at it. Once it is awake, it stays so until it rests. May be called from any
 * thread; the bus has not left. */
void
_bubus_turns_wake (BubusEventBus *bus)
{
  BubusTurns *self = bus->turns;

  g_mutex_lock (&self->lock);
  if (!bus->awake && bus->source != NULL)
    {
      g_atomic_int_set (&bus->awake, TRUE);
      bubus_turn_source_push_locked (bus->source, bus);
      if (bus->source->line.length == 1)
        g_main_context_wakeup (self->context);
    }
  g_mutex_unlock (&self->lock);
}

/* In its turn, and with its lock: the bus has found nothing to do. */
void
_bubus_turns_rest (BubusEventBus *bus)
{
  g_mutex_lock (&bus->turns->lock);
  g_atomic_int_set (&bus->awake, FALSE);
  g_mutex_unlock (&bus->turns->lock);
}

/* The turn of the bus is over, and it may have more to do. The loop looks at its sources before it sleeps. */
void
_bubus_turns_end (BubusEventBus *bus)
{
  g_mutex_lock (&bus->turns->lock);
  if (bus->source != NULL)
    bubus_turn_source_push_locked (bus->source, bus);
  g_mutex_unlock (&bus->turns->lock);
}

/* The bus has another priority. May be called from any thread. */
void
_bubus_turns_move (BubusEventBus *bus,
                   int            priority)
{
  BubusTurns *self = bus->turns;
  BubusTurnSource *last;
  gboolean in_line;

  g_mutex_lock (&self->lock);
  in_line = _bubus_link_is_linked (&bus->turn);
  last = bubus_turns_exit_locked (self, bus);
  bubus_turns_enter_locked (self, bus, priority);
  if (in_line)
    {
      bubus_turn_source_push_locked (bus->source, bus);
      g_main_context_wakeup (self->context);
    }
  g_mutex_unlock (&self->lock);

  bubus_turns_drop_source (last);
}

/* Differs from one iteration of the bus's main context to the next. */
gint64
_bubus_turns_get_time (BubusEventBus *bus)
{
  gint64 time = 0;

  g_mutex_lock (&bus->turns->lock);
  if (bus->source != NULL)
    time = g_source_get_time ((GSource *) bus->source);
  g_mutex_unlock (&bus->turns->lock);
  return time;
}
