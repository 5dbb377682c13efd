/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-task-reminder-private.h"

/* A hundred years, in seconds: what lies beyond cannot be counted in nanoseconds. */
#define MAX_SECONDS (100 * 365.25 * 24 * 60 * 60)

/* Calls a function with a task once, unless the task is gone by then: a task that is over leaves no timeout and no
 * source behind. */
typedef struct
{
  GWeakRef       task;
  BubusTaskFunc  func;
} BubusTaskReminder;

/* What a task takes with it when it goes. */
typedef struct
{
  BubusClock *clock;       /* nullable */
  guint       timeout_id;
  GSource    *source;      /* nullable */
} BubusTaskAlarm;

static GQuark bubus_task_alarms_quark (void);
G_DEFINE_QUARK (bubus-task-alarms, bubus_task_alarms)

static BubusTaskReminder *
bubus_task_reminder_new (GTask         *task,
                         BubusTaskFunc  func)
{
  BubusTaskReminder *self = g_new0 (BubusTaskReminder, 1);

  g_weak_ref_init (&self->task, task);
  self->func = func;
  return self;
}

static void
bubus_task_reminder_free (BubusTaskReminder *self)
{
  g_weak_ref_clear (&self->task);
  g_free (self);
}

static void
bubus_task_reminder_call (BubusTaskReminder *self)
{
  g_autoptr (GTask) task = g_weak_ref_get (&self->task);

  if (task != NULL)
    self->func (task);
}

static gboolean
bubus_task_reminder_cancelled_cb (GCancellable *cancellable,
                                  gpointer      data)
{
  bubus_task_reminder_call (data);
  return G_SOURCE_REMOVE;
}

static void
bubus_task_alarm_clear (BubusTaskAlarm *self)
{
  if (self->clock != NULL)
    bubus_clock_remove_timeout (self->clock, self->timeout_id);
  g_clear_object (&self->clock);
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
}

static void
bubus_task_add_alarm (GTask          *task,
                      BubusTaskAlarm  alarm)
{
  GArray *alarms = g_object_get_qdata (G_OBJECT (task), bubus_task_alarms_quark ());

  if (alarms == NULL)
    {
      alarms = g_array_new (FALSE, FALSE, sizeof (BubusTaskAlarm));
      g_array_set_clear_func (alarms, (GDestroyNotify) bubus_task_alarm_clear);
      g_object_set_qdata_full (G_OBJECT (task), bubus_task_alarms_quark (), alarms, (GDestroyNotify) g_array_unref);
    }
  g_array_append_val (alarms, alarm);
}

/* Only in the thread that made the task. @func is called in @context. */
void
_bubus_task_remind_after (GTask         *task,
                          BubusClock    *clock,
                          double         seconds,
                          GMainContext  *context,
                          BubusTaskFunc  func)
{
  gint64 duration = (gint64) (CLAMP (seconds, 0, MAX_SECONDS) * 1e9);
  BubusTaskAlarm alarm = { g_object_ref (clock), 0, NULL };

  alarm.timeout_id = bubus_clock_add_timeout (clock, duration, context, (BubusClockFunc) bubus_task_reminder_call,
                                              bubus_task_reminder_new (task, func),
                                              (GDestroyNotify) bubus_task_reminder_free);
  bubus_task_add_alarm (task, alarm);
}

/* Only in the thread that made the task. @func is called in the task's context. */
void
_bubus_task_remind_when_cancelled (GTask         *task,
                                   BubusTaskFunc  func)
{
  BubusTaskAlarm alarm = { NULL, 0, NULL };

  if (g_task_get_cancellable (task) == NULL)
    return;

  alarm.source = g_cancellable_source_new (g_task_get_cancellable (task));
  g_source_set_callback (alarm.source, G_SOURCE_FUNC (bubus_task_reminder_cancelled_cb),
                         bubus_task_reminder_new (task, func), (GDestroyNotify) bubus_task_reminder_free);
  g_source_attach (alarm.source, g_task_get_context (task));
  bubus_task_add_alarm (task, alarm);
}
