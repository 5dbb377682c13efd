/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <stdatomic.h>

#include "bubus-clock-internal.h"
#include "bubus-timeouts-private.h"

/**
 * BubusClock:
 *
 * Tells the time, and calls functions when their time has come.
 *
 * All times are in nanoseconds since the Unix epoch, all durations in nanoseconds.
 *
 * A real clock tells the time of day as it was when the process first asked, plus what has gone by since on a clock
 * that cannot be set. So its time never goes back; it is even greater at each call, in all threads together, by one
 * nanosecond at least. Later corrections of the system's time, and time spent asleep with the whole computer, are
 * not seen.
 *
 * A test clock stands still until [method@Bubus.Clock.advance] moves it, which makes tests of everything that has
 * to do with time quick and repeatable.
 *
 * A clock can be used from all threads. Its timeouts do not keep it alive: those that are pending when the clock is
 * freed are never called, and their data is released. The same happens when the main context of a timeout is freed.
 * A real clock does not keep contexts alive; a test clock does so until it has called the timeout.
 *
 * Since: 1.0
 */

struct _BubusClock
{
  GObject         parent_instance;

  BubusTimeouts  *timeouts; /* set once, locks by itself */
  gboolean        is_test;  /* set once */
  _Atomic gint64  time_ns;  /* of a test clock; only grows */
};

G_DEFINE_FINAL_TYPE (BubusClock, bubus_clock, G_TYPE_OBJECT)

/* The clocks this thread has pushed, the top first, all owned. */
static _Thread_local GSList *pushed_clocks;

/* The time of the clock on top of this thread's stack, or the real time. */
gint64
_bubus_clock_now_thread_default (void)
{
  GSList *top = pushed_clocks;

  return G_LIKELY (top == NULL) ? _bubus_clock_now_real () : bubus_clock_get_time (top->data);
}

/* Moves a test clock, but never back. */
static void
bubus_clock_move (BubusClock *self,
                  gint64      time_ns)
{
  gint64 now = atomic_load (&self->time_ns);

  while (now < time_ns && !atomic_compare_exchange_weak (&self->time_ns, &now, time_ns))
    continue;
}

static void
bubus_clock_finalize (GObject *object)
{
  BubusClock *self = BUBUS_CLOCK (object);

  g_clear_pointer (&self->timeouts, _bubus_timeouts_close);

  G_OBJECT_CLASS (bubus_clock_parent_class)->finalize (object);
}

static void
bubus_clock_class_init (BubusClockClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bubus_clock_finalize;
}

static void
bubus_clock_init (BubusClock *self)
{
  self->timeouts = _bubus_timeouts_new ();
}

/**
 * bubus_clock_new_real:
 *
 * Makes a clock that tells the real time.
 *
 * All real clocks tell the same time; they differ in their timeouts only. May be called from any thread.
 *
 * Returns: (transfer full): a new clock
 *
 * Since: 1.0
 */
BubusClock *
bubus_clock_new_real (void)
{
  return g_object_new (BUBUS_TYPE_CLOCK, NULL);
}

/**
 * bubus_clock_new_test:
 * @start_ns: the time it shall tell, in nanoseconds since the Unix epoch
 *
 * Makes a clock that stands still until it is advanced.
 *
 * Any time will do, but that of events which are written as JSON, and read again, has to be from 1991 on.
 *
 * May be called from any thread.
 *
 * Returns: (transfer full): a new clock
 *
 * Since: 1.0
 */
BubusClock *
bubus_clock_new_test (gint64 start_ns)
{
  BubusClock *self = g_object_new (BUBUS_TYPE_CLOCK, NULL);

  self->is_test = TRUE;
  _bubus_timeouts_serve_none (self->timeouts);
  atomic_init (&self->time_ns, start_ns);
  return self;
}

/**
 * bubus_clock_is_test:
 * @self: a clock
 *
 * Tells whether the clock moves only by [method@Bubus.Clock.advance].
 *
 * May be called from any thread.
 *
 * Returns: %TRUE for a test clock, %FALSE for a real one
 *
 * Since: 1.0
 */
gboolean
bubus_clock_is_test (BubusClock *self)
{
  g_return_val_if_fail (BUBUS_IS_CLOCK (self), FALSE);

  return self->is_test;
}

/**
 * bubus_clock_get_time:
 * @self: a clock
 *
 * Gets the time.
 *
 * Each call on a real clock, in whatever thread, gives a greater time than all before. May be called from any thread.
 *
 * Returns: the time in nanoseconds since the Unix epoch
 *
 * Since: 1.0
 */
gint64
bubus_clock_get_time (BubusClock *self)
{
  g_return_val_if_fail (BUBUS_IS_CLOCK (self), 0);

  return self->is_test ? atomic_load (&self->time_ns) : _bubus_clock_now_real ();
}

/**
 * bubus_clock_advance:
 * @self: a test clock
 * @duration_ns: how far, in nanoseconds, not negative
 *
 * Moves a test clock, and calls the functions of the timeouts whose time comes on the way.
 *
 * They are called in the order of their times, those of one time in the order they were added. The clock tells the
 * time of a timeout while its function is called. A timeout that such a function adds, and that is due on the way,
 * is called too. A function may also call this function; the clock never goes back.
 *
 * A function is called before this returns if the calling thread can run the main context of the timeout: because it
 * already does, or because no other thread does. That context is the thread's default meanwhile. Otherwise the
 * function is called by the thread that runs the context, in its own time, with the clock as far as it is by then.
 *
 * May be called from any thread.
 *
 * Since: 1.0
 */
void
bubus_clock_advance (BubusClock *self,
                     gint64      duration_ns)
{
  g_autoptr (BubusClock) alive = NULL;
  BubusDueTimeout due;
  gint64 target_ns;

  g_return_if_fail (BUBUS_IS_CLOCK (self));
  g_return_if_fail (self->is_test);
  g_return_if_fail (duration_ns >= 0);

  alive = g_object_ref (self);
  target_ns = _bubus_time_add (bubus_clock_get_time (self), duration_ns);
  while (_bubus_timeouts_pop (self->timeouts, target_ns, &due))
    {
      bubus_clock_move (self, due.due_ns);
      _bubus_timeouts_fire (self->timeouts, &due);
    }
  bubus_clock_move (self, target_ns);
}

/**
 * bubus_clock_add_timeout:
 * @self: a clock
 * @duration_ns: how long from now, in nanoseconds; if 0 or negative, at the next opportunity
 * @context: (nullable): the main context to call @func in, or %NULL for the default one of the calling thread
 * @func: (scope notified) (closure user_data) (destroy notify): what to call
 * @user_data: what to give to @func
 * @notify: (nullable): releases @user_data
 *
 * Has a function called once, when the time has come.
 *
 * It is never called by this function itself, and never before its time. On a real clock it is called when @context
 * is iterated, with the default priority, in the order of the times. On a test clock see
 * [method@Bubus.Clock.advance].
 *
 * @notify is called once, after @func has been called, or when that can no longer happen because the timeout was
 * removed or the clock or @context freed; in the thread that did this.
 *
 * May be called from any thread, and from the functions of timeouts.
 *
 * Returns: an id for [method@Bubus.Clock.remove_timeout], unique among the pending timeouts of this clock, never 0
 *
 * Since: 1.0
 */
guint
bubus_clock_add_timeout (BubusClock     *self,
                         gint64          duration_ns,
                         GMainContext   *context,
                         BubusClockFunc  func,
                         gpointer        user_data,
                         GDestroyNotify  notify)
{
  g_autoptr (GMainContext) target = NULL;
  gint64 due_ns;

  g_return_val_if_fail (BUBUS_IS_CLOCK (self), 0);
  g_return_val_if_fail (func != NULL, 0);

  target = context != NULL ? g_main_context_ref (context) : g_main_context_ref_thread_default ();
  due_ns = _bubus_time_add (bubus_clock_get_time (self), MAX (duration_ns, 0));
  return _bubus_timeouts_add (self->timeouts, due_ns, target, func, user_data, notify);
}

/**
 * bubus_clock_remove_timeout:
 * @self: a clock
 * @timeout_id: an id that [method@Bubus.Clock.add_timeout] returned
 *
 * Takes a timeout back and releases its data.
 *
 * If this returns %TRUE, the function has not been called and will not be. In the thread that runs the context of the
 * timeout, %FALSE means that the call is over or that this is called by it; in others it may also be about to happen.
 *
 * May be called from any thread.
 *
 * Returns: whether the timeout was pending
 *
 * Since: 1.0
 */
gboolean
bubus_clock_remove_timeout (BubusClock *self,
                            guint       timeout_id)
{
  g_return_val_if_fail (BUBUS_IS_CLOCK (self), FALSE);

  return _bubus_timeouts_remove (self->timeouts, timeout_id);
}

/**
 * bubus_clock_push_thread_default:
 * @self: a clock
 *
 * Makes the clock the default of the calling thread, until it is popped.
 *
 * What is made by this thread without being given a clock uses it: events take their time of creation from it, new
 * buses keep it. Each push needs a [method@Bubus.Clock.pop_thread_default] in the same thread.
 *
 * Since: 1.0
 */
void
bubus_clock_push_thread_default (BubusClock *self)
{
  g_return_if_fail (BUBUS_IS_CLOCK (self));

  pushed_clocks = g_slist_prepend (pushed_clocks, g_object_ref (self));
}

/**
 * bubus_clock_pop_thread_default:
 * @self: the clock that was pushed last
 *
 * Makes the clock that was the default before the default of the calling thread again.
 *
 * Since: 1.0
 */
void
bubus_clock_pop_thread_default (BubusClock *self)
{
  g_return_if_fail (BUBUS_IS_CLOCK (self));
  g_return_if_fail (pushed_clocks != NULL && pushed_clocks->data == self);

  pushed_clocks = g_slist_delete_link (pushed_clocks, pushed_clocks);
  g_object_unref (self);
}

static gpointer
bubus_clock_make_shared_real (gpointer data)
{
  return bubus_clock_new_real ();
}

static BubusClock *
bubus_clock_get_shared_real (void)
{
  static GOnce once = G_ONCE_INIT;

  return g_once (&once, bubus_clock_make_shared_real, NULL);
}

/**
 * bubus_clock_ref_thread_default:
 *
 * Gets the default clock of the calling thread.
 *
 * That is the one this thread has pushed last, or else a real clock that the whole process shares and that is never
 * freed.
 *
 * Returns: (transfer full): a clock
 *
 * Since: 1.0
 */
BubusClock *
bubus_clock_ref_thread_default (void)
{
  return g_object_ref (pushed_clocks != NULL ? pushed_clocks->data : bubus_clock_get_shared_real ());
}

/* For tests: how many timeouts are pending. */
guint
_bubus_clock_count_timeouts (BubusClock *self)
{
  return _bubus_timeouts_count (self->timeouts);
}
