/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-visit-watch-private.h"

#include "bubus-time-limit-private.h"
#include "bubus-visit-run-private.h"

/* The clock over one event on one bus: when it is called slow, and when it must be over. There is one only for
 * events that are not handled at once, or have a deadline. All functions run in the bus's main context. */
typedef struct
{
  BubusEventBus *bus;
  BubusVisit    *visit;
  guint          timeout_id;  /* on the bus's clock; 0: none */
  gint64         slow_at;     /* G_MAXINT64: never */
  gint64         deadline;    /* G_MAXINT64: none */
} BubusVisitWatch;

static void bubus_visit_watch_arm (BubusVisitWatch *self);

static void
bubus_visit_watch_free (BubusVisitWatch *self)
{
  if (self->timeout_id != 0)
    bubus_clock_remove_timeout (self->bus->clock, self->timeout_id);
  g_free (self);
}

static void
bubus_visit_watch_warn (BubusVisitWatch *self)
{
  gint64 elapsed = self->slow_at - _bubus_visit_get_result (self->visit, 0)->started_at;

  self->slow_at = G_MAXINT64;
  g_warning ("“%s” is slow on “%s”: it is not handled after %g seconds",
             bubus_event_get_event_type (_bubus_visit_get_event (self->visit)), self->bus->info->name, elapsed / 1e9);
}

static void
bubus_visit_watch_expired_cb (gpointer data)
{
  BubusVisitWatch *self = data;
  gint64 now = _bubus_event_bus_get_time (self->bus);

  self->timeout_id = 0;
  if (now >= self->slow_at)
    bubus_visit_watch_warn (self);
  if (now >= self->deadline)
    {
      self->deadline = G_MAXINT64;
      _bubus_visit_expire (self->bus, self->visit);
    }
  else
    bubus_visit_watch_arm (self);
}

static void
bubus_visit_watch_arm (BubusVisitWatch *self)
{
  gint64 next = MIN (self->slow_at, self->deadline);

  if (next < G_MAXINT64)
    self->timeout_id = bubus_clock_add_timeout (self->bus->clock, next - _bubus_event_bus_get_time (self->bus),
                                                self->bus->context, bubus_visit_watch_expired_cb, self, NULL);
}

static gint64
bubus_visit_watch_find_time (BubusVisit               *visit,
                             const BubusEventSettings *settings,
                             BubusEventTime            time,
                             gint64                    now)
{
  double seconds = settings->times[time];
  gint64 started_at = visit->n_results > 0 ? _bubus_visit_get_result (visit, 0)->started_at : 0;
  gint64 start = started_at != 0 ? started_at : now;

  return seconds > 0 ? _bubus_time_add (start, _bubus_time_limit_to_ns (seconds)) : G_MAXINT64;
}

static BubusVisitWatch *
bubus_visit_watch_new (BubusEventBus            *bus,
                       BubusVisit               *visit,
                       const BubusEventSettings *settings)
{
  gint64 now = _bubus_event_bus_get_time (bus);
  BubusVisitWatch *self = g_new0 (BubusVisitWatch, 1);

  self->bus = bus;
  self->visit = visit;
  self->slow_at = bubus_visit_watch_find_time (visit, settings, BUBUS_EVENT_TIME_SLOW_EVENT, now);
  self->deadline = bubus_visit_watch_find_time (visit, settings, BUBUS_EVENT_TIME_EVENT, now);
  return self;
}

/* When the event asks for it, once for a visit; it ends with the visit. */
void
_bubus_visit_watch (BubusEventBus *bus,
                    BubusVisit    *visit)
{
  BubusEventSettings storage;
  BubusEvent *event = _bubus_visit_get_event (visit);
  const BubusEventSettings *settings = _bubus_event_resolve_settings (event, &bus->settings, &storage);
  BubusVisitWatch *self;

  if (settings->times[BUBUS_EVENT_TIME_SLOW_EVENT] <= 0 && settings->times[BUBUS_EVENT_TIME_EVENT] <= 0)
    return;
  if (bus->watches == NULL)
    bus->watches = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) bubus_visit_watch_free);
  if (g_hash_table_contains (bus->watches, visit))
    return;

  self = bubus_visit_watch_new (bus, visit, settings);
  g_hash_table_insert (bus->watches, visit, self);
  bubus_visit_watch_arm (self);
}

void
_bubus_visit_unwatch (BubusEventBus *bus,
                      BubusVisit    *visit)
{
  g_hash_table_remove (bus->watches, visit);
}

/* For an event with a deadline. */
gboolean
_bubus_visit_is_overdue (BubusEventBus *bus,
                         BubusVisit    *visit)
{
  const BubusVisitWatch *self = g_hash_table_lookup (bus->watches, visit);

  return self != NULL && _bubus_event_bus_get_time (bus) >= self->deadline;
}
