/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-pacer-private.h"

#include "base/bubus-error.h"

/* A key whose time is running. */
typedef struct
{
  BubusKeyEntry      entry;
  BubusPacer        *pacer;
  BubusClock        *clock;
  GMainContext      *context;
  guint              timeout_id;
  BubusInterception *waiting;     /* nullable */
} BubusPace;

void
_bubus_pacer_init (BubusPacer *self,
                   gboolean    leading)
{
  self->leading = leading;
  _bubus_keyring_init (&self->keys);
}

static void
bubus_pace_free (BubusPace *self)
{
  g_clear_object (&self->waiting);
  g_main_context_unref (self->context);
  g_object_unref (self->clock);
  g_free (self);
}

static void bubus_pace_start (BubusPace *self);

/* The time is over: what waits goes on, and after it there is a time again for those that come at once. */
static void
bubus_pace_end_cb (gpointer data)
{
  BubusPace *self = data;
  g_autoptr (BubusInterception) waiting = g_steal_pointer (&self->waiting);

  self->timeout_id = 0;
  if (waiting != NULL && self->pacer->leading)
    bubus_pace_start (self);
  else
    {
      _bubus_keyring_remove (&self->pacer->keys, &self->entry);
      bubus_pace_free (self);
    }
  if (waiting != NULL)
    bubus_interception_resume (waiting);
}

static void
bubus_pace_start (BubusPace *self)
{
  self->timeout_id = bubus_clock_add_timeout (self->clock, self->pacer->delay_ns, self->context,
                                              bubus_pace_end_cb, self, NULL);
}

/* Before its time. */
static void
bubus_pace_finish (BubusPace *self)
{
  if (self->timeout_id != 0)
    bubus_clock_remove_timeout (self->clock, self->timeout_id);
  if (self->waiting != NULL)
    bubus_interception_resume (self->waiting);
  _bubus_keyring_remove (&self->pacer->keys, &self->entry);
  bubus_pace_free (self);
}

/* An event that waits has a reference to the middleware: at the end there is none. */
void
_bubus_pacer_clear (BubusPacer *self)
{
  BubusPace *pace;

  while ((pace = _bubus_keyring_get_oldest (&self->keys)) != NULL)
    bubus_pace_finish (pace);
  _bubus_keyring_clear (&self->keys);
  _bubus_selection_clear (&self->selection);
}

static BubusPace *
bubus_pacer_add (BubusPacer    *self,
                 const char    *key,
                 BubusEventBus *bus)
{
  BubusPace *pace = g_new0 (BubusPace, 1);

  if (_bubus_keyring_count (&self->keys) >= self->selection.max_keys)
    bubus_pace_finish (_bubus_keyring_get_oldest (&self->keys));

  pace->pacer = self;
  pace->clock = _bubus_event_bus_ref_clock (bus);
  pace->context = g_main_context_ref (bubus_event_bus_get_main_context (bus));
  _bubus_keyring_add (&self->keys, &pace->entry, key);
  bubus_pace_start (pace);
  return pace;
}

static void
bubus_pace_drop_waiting (BubusPace *self)
{
  g_autoptr (BubusInterception) waiting = g_steal_pointer (&self->waiting);
  g_autoptr (GError) reason = NULL;

  if (waiting == NULL)
    return;

  reason = g_error_new (BUBUS_ERROR, BUBUS_ERROR_DROPPED, "a newer “%s” has taken its place",
                        bubus_event_get_event_type (bubus_interception_get_event (waiting)));
  self->pacer->n_dropped++;
  bubus_interception_drop (waiting, reason);
}

static void
bubus_pace_wait (BubusPace         *self,
                 BubusInterception *interception)
{
  bubus_pace_drop_waiting (self);
  self->waiting = g_object_ref (interception);
  bubus_interception_defer (interception);
}

/* What intercept does. */
gboolean
_bubus_pacer_enter (BubusPacer        *self,
                    BubusEvent        *event,
                    BubusInterception *interception)
{
  BubusEventBus *bus = bubus_interception_get_bus (interception);
  g_autofree char *key = _bubus_selection_dup_key (&self->selection, event);
  BubusPace *pace;

  if (key == NULL || (self->leading && self->delay_ns == 0))
    return TRUE;

  pace = _bubus_keyring_lookup (&self->keys, key);
  if (pace == NULL)
    {
      pace = bubus_pacer_add (self, key, bus);
      if (self->leading)
        return TRUE;
    }
  else if (!self->leading)
    {
      bubus_clock_remove_timeout (pace->clock, pace->timeout_id);
      bubus_pace_start (pace);
    }
  bubus_pace_wait (pace, interception);
  return TRUE;
}
