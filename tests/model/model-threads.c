/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model-threads.h"

#include "base/bubus-error.h"
#include "bus/bubus-event-bus-private.h"
#include "bus/bubus-global-turn-private.h"
#include "bus/bubus-wait-graph-private.h"

/* Programs whose buses live in several main contexts, each with a thread, and forward to each other and await each
 * other's events. What they do is not known in advance; but they end, every event is complete once, every wait is told
 * once, handlers run where their bus lives, and nothing is left behind (R-3, R-6, B-17.1, B-17.10, B-17.11). */

#define MAX_EVENTS 40

/* ---- what all threads share ---- */

void
threads_log (Threads    *run,
             const char *format,
             ...)
{
  va_list args;

  va_start (args, format);
  g_mutex_lock (&run->lock);
  g_string_append (run->log, "  ");
  g_string_append_vprintf (run->log, format, args);
  g_string_append_c (run->log, '\n');
  run->logged_at = g_get_monotonic_time ();
  g_mutex_unlock (&run->lock);
  va_end (args);
}

void
threads_check (Threads    *run,
               gboolean    condition,
               const char *text,
               guint       index)
{
  if (condition)
    return;

  g_mutex_lock (&run->lock);
  if (run->failure == NULL)
    run->failure = g_strdup_printf ("e%u: %s", index, text);
  g_mutex_unlock (&run->lock);
}

void
threads_begin (Threads *run)
{
  g_mutex_lock (&run->lock);
  run->n_busy++;
  g_mutex_unlock (&run->lock);
}

void
threads_end (Threads *run)
{
  g_mutex_lock (&run->lock);
  if (--run->n_busy == 0)
    g_cond_signal (&run->at_rest);
  g_mutex_unlock (&run->lock);
}

static void
shared_completed_cb (BubusEvent *event,
                     gpointer    data)
{
  Shared *shared = data;
  gboolean once;

  g_mutex_lock (&shared->run->lock);
  once = ++shared->n_completed == 1;
  g_mutex_unlock (&shared->run->lock);
  threads_check (shared->run, once, "is completed twice (B-17.1)", shared->index);
  threads_check (shared->run, bubus_event_get_event_status (event) == BUBUS_EVENT_STATUS_COMPLETED,
                 "is told to be complete, and is not", shared->index);
  threads_log (shared->run, "e%u is complete", shared->index);
  threads_end (shared->run);
}

/* NULL when there are enough of them. */
Shared *
shared_new (Threads *run,
            guint    type)
{
  Shared *shared = NULL;

  g_mutex_lock (&run->lock);
  if (run->records->len < MAX_EVENTS)
    {
      shared = g_new0 (Shared, 1);
      shared->run = run;
      shared->event = g_object_new (model_type_get (type), NULL);
      shared->index = run->records->len;
      shared->waiter.func = shared_completed_cb;
      shared->waiter.data = shared;
      g_ptr_array_add (run->records, shared);
      run->n_busy++;
    }
  g_mutex_unlock (&run->lock);
  if (shared == NULL)
    return NULL;

  bubus_event_set_event_concurrency (shared->event, run->program->types[type].concurrency);
  bubus_event_set_event_handler_concurrency (shared->event, run->program->types[type].handlers);
  bubus_event_set_event_handler_completion (shared->event, run->program->types[type].completion);
  _bubus_event_add_waiter (shared->event, &shared->waiter);
  return shared;
}

static void
shared_free (gpointer data)
{
  Shared *shared = data;

  g_object_unref (shared->event);
  g_free (shared);
}

Shared *
threads_get (Threads *run,
             guint    number)
{
  Shared *shared;

  g_mutex_lock (&run->lock);
  shared = run->records->pdata[number % run->records->len];
  g_mutex_unlock (&run->lock);
  return shared;
}

gboolean
shared_is_accepted (Shared *shared)
{
  gboolean accepted;

  g_mutex_lock (&shared->run->lock);
  accepted = shared->accepted;
  g_mutex_unlock (&shared->run->lock);
  return accepted;
}

/* Whether a dispatch may fail with that. */
gboolean
threads_may_refuse (Threads      *run,
                    const GError *error)
{
  gboolean limited = FALSE;

  for (guint i = 0; i < run->program->n_buses; i++)
    limited = limited || run->program->buses[i].max_pending > 0;
  return g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_TOO_DEEP)
         || g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_ABORTED)
         || (limited && g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_FULL));
}

gboolean
shared_note_dispatched (Shared   *shared,
                        gboolean  accepted,
                        GError   *error)
{
  Threads *run = shared->run;

  if (accepted)
    {
      g_mutex_lock (&run->lock);
      shared->accepted = TRUE;
      g_mutex_unlock (&run->lock);
      return TRUE;
    }

  threads_log (run, "e%u is refused: %s", shared->index, error->message);
  threads_check (run, threads_may_refuse (run, error), error->message, shared->index);
  _bubus_event_remove_waiter (shared->event, &shared->waiter);
  threads_end (run);
  return FALSE;
}

/* ---- the whole ---- */

static gpointer
threads_main (gpointer data)
{
  Threads *run = ((gpointer *) data)[0];
  GMainContext *context = ((gpointer *) data)[1];

  g_free (data);
  g_main_context_push_thread_default (context);
  while (!g_atomic_int_get (&run->quit))
    g_main_context_iteration (context, TRUE);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
threads_make_bus (Threads *run,
                  guint    index)
{
  const BusSpec *spec = &run->program->buses[index];
  g_autofree char *name = g_strdup_printf ("b%u", index);
  BubusEventBus *bus;

  g_main_context_push_thread_default (run->contexts[index % run->program->n_threads]);
  bus = bubus_event_bus_new (name);
  g_main_context_pop_thread_default (run->contexts[index % run->program->n_threads]);
  bubus_event_bus_set_max_history_size (bus, spec->max_history_size);
  bubus_event_bus_set_max_pending (bus, spec->max_pending);
  bubus_event_bus_set_max_depth (bus, spec->max_depth);
  bubus_event_bus_set_event_timeout (bus, 0);
  bubus_event_bus_set_event_handler_slow_timeout (bus, 0);
  bubus_event_bus_set_event_slow_timeout (bus, 0);
  if (spec->concurrency != BUBUS_EVENT_CONCURRENCY_INHERIT)
    bubus_event_bus_set_event_concurrency (bus, spec->concurrency);
  if (spec->handlers != BUBUS_HANDLER_CONCURRENCY_INHERIT)
    bubus_event_bus_set_event_handler_concurrency (bus, spec->handlers);
  if (spec->completion != BUBUS_HANDLER_COMPLETION_INHERIT)
    bubus_event_bus_set_event_handler_completion (bus, spec->completion);
  run->buses[index] = bus;
}

static void
threads_register (Threads *run,
                  guint    index)
{
  const HandlerSpec *spec = &run->program->handlers[index];
  const char *pattern = model_patterns[spec->pattern];
  g_autofree char *name = g_strdup_printf ("h%u", index);
  BubusHandler *handler;
  Registered *registered;

  if (spec->target >= 0)
    {
      bubus_event_bus_forward (run->buses[spec->bus], g_str_has_prefix (pattern, "type:") ? "*" : pattern, name,
                               run->buses[spec->target]);
      return;
    }

  registered = g_new (Registered, 1);
  *registered = (Registered) { run, index };
  if (g_str_has_prefix (pattern, "type:"))
    handler = bubus_event_bus_on (run->buses[spec->bus], model_type_get ((guint) (pattern[5] - '0')), name,
                                  threads_handle, registered, g_free);
  else
    handler = bubus_event_bus_on_pattern (run->buses[spec->bus], pattern, name, threads_handle, registered, g_free);
  bubus_handler_set_priority (handler, spec->priority);
  bubus_handler_set_threaded (handler, spec->threaded);
}

static void
threads_start_root (Threads        *run,
                    const RootSpec *root)
{
  Shared *shared = shared_new (run, root->type);
  g_autoptr (GError) error = NULL;
  gboolean accepted;

  if (shared == NULL)
    return;

  threads_log (run, "e%u (%s) is dispatched on b%u", shared->index, model_type_get_name (root->type), root->bus);
  accepted = bubus_event_bus_dispatch (run->buses[root->bus], shared->event, &error);
  shared_note_dispatched (shared, accepted, error);
}

static void
threads_start (Threads *run)
{
  const Program *program = run->program;

  for (guint i = 0; i < program->n_threads; i++)
    run->contexts[i] = g_main_context_new ();
  for (guint i = 0; i < program->n_buses; i++)
    threads_make_bus (run, i);
  for (guint i = 0; i < program->n_handlers; i++)
    if (program->handlers[i].used)
      threads_register (run, i);
  threads_begin (run);
  for (guint i = 0; i < program->n_threads; i++)
    {
      gpointer *data = g_new (gpointer, 2);

      data[0] = run;
      data[1] = run->contexts[i];
      run->threads[i] = g_thread_new ("context", threads_main, data);
    }
  for (guint i = 0; i < program->n_roots; i++)
    if (program->roots[i].used)
      threads_start_root (run, &program->roots[i]);
  threads_end (run);
}

/* A handler in a thread may go on when it has been given up and its event is complete. */
static gboolean
threads_have_abandoned (Threads *run)
{
  for (guint i = 0; i < run->program->n_buses; i++)
    if (bubus_event_bus_get_n_abandoned (run->buses[i]) > 0)
      return TRUE;
  return FALSE;
}

static gboolean
threads_are_busy (Threads *run)
{
  gboolean busy;

  g_mutex_lock (&run->lock);
  busy = run->n_busy > 0 || threads_have_abandoned (run);
  g_mutex_unlock (&run->lock);
  return busy;
}

/* On a busy machine a program may take its time, as long as something happens in it. */
static gint64
threads_get_end_locked (Threads *run)
{
  return run->logged_at + model_patience * G_TIME_SPAN_MILLISECOND;
}

static gboolean
threads_have_time (Threads *run)
{
  gint64 end;

  g_mutex_lock (&run->lock);
  end = threads_get_end_locked (run);
  g_mutex_unlock (&run->lock);
  return g_get_monotonic_time () < end;
}

/* What is counted. FALSE when the time is over. */
static gboolean
threads_wait_for_counted (Threads *run)
{
  gboolean have_time = TRUE;

  g_mutex_lock (&run->lock);
  while (have_time && (run->n_busy > 0 || threads_have_abandoned (run)))
    {
      gint64 until = run->n_busy > 0 ? threads_get_end_locked (run) : g_get_monotonic_time () + G_TIME_SPAN_MILLISECOND;

      g_cond_wait_until (&run->at_rest, &run->lock, until);
      have_time = g_get_monotonic_time () < threads_get_end_locked (run);
    }
  g_mutex_unlock (&run->lock);
  return have_time;
}

static void
threads_idle_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      data)
{
  guint *n_waits = data;

  (*n_waits)--;
  g_assert_true (bubus_event_bus_wait_until_idle_finish (BUBUS_EVENT_BUS (source), result, NULL));
}

static gboolean
threads_look_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* Until each bus has been idle once. */
static gboolean
threads_wait_for_buses (Threads *run)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GSource) timeout = g_timeout_source_new_seconds (1);
  guint n_waits = run->program->n_buses;

  g_source_set_callback (timeout, threads_look_cb, NULL, NULL);
  g_source_attach (timeout, context);
  g_main_context_push_thread_default (context);
  for (guint i = 0; i < run->program->n_buses; i++)
    bubus_event_bus_wait_until_idle_async (run->buses[i], NULL, threads_idle_cb, &n_waits);
  while (n_waits > 0 && threads_have_time (run))
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
  g_source_destroy (timeout);
  return n_waits == 0;
}

/* How often any bus has taken an event. */
static guint64
threads_count_visits (Threads *run)
{
  guint64 n_visits = 0;

  for (guint i = 0; i < run->program->n_buses; i++)
    {
      g_mutex_lock (&run->buses[i]->lock);
      n_visits += run->buses[i]->next_sequence;
      g_mutex_unlock (&run->buses[i]->lock);
    }
  return n_visits;
}

/* The watchdog. That an event is handled once more, on another bus, when it is complete, is nowhere counted: a bus that
 * has such an event is not idle. When all were idle, and nothing came to any of them in between, they are so still. */
static gboolean
threads_wait (Threads *run)
{
  guint64 n_visits;
  gboolean at_rest;

  do
    {
      n_visits = threads_count_visits (run);
      at_rest = threads_wait_for_counted (run) && threads_wait_for_buses (run);
    }
  while (at_rest && (threads_are_busy (run) || threads_count_visits (run) != n_visits));

  g_mutex_lock (&run->lock);
  if (!at_rest && run->failure == NULL)
    run->failure = g_strdup ("it never ends: a deadlock that nobody has noticed (R-3)");
  g_mutex_unlock (&run->lock);
  return at_rest;
}

static void
threads_check_rest (Threads *run)
{
  for (guint i = 0; i < run->program->n_buses; i++)
    {
      const BubusEventBus *bus = run->buses[i];

      threads_check (run, bus->n_busy == 0 && bus->deferred.length == 0 && bus->answered.length == 0
                     && bus->queue.length == 0 && bus->urgent.length == 0 && bus->running.length == 0
                     && bus->completions.length == 0 && bus->n_from_handlers == 0 && !bus->in_line
                     && bus->paused.length == 0 && bus->idle_waiters.length == 0 && !bus->held,
                     "(a bus) has something left (B-17.10)", i);
    }
  threads_check (run, _bubus_wait_graph_is_empty (), "(no event) waits of handlers are left (B-17.10)", 0);
  threads_check (run, _bubus_global_turn_is_free (), "(no event) the turn of all buses is not free (B-17.10)", 0);
}

static void
threads_stop (Threads *run)
{
  const Program *program = run->program;

  g_atomic_int_set (&run->quit, TRUE);
  for (guint i = 0; i < program->n_threads; i++)
    g_main_context_wakeup (run->contexts[i]);
  for (guint i = 0; i < program->n_threads; i++)
    g_thread_join (run->threads[i]);
  threads_check_rest (run);
  for (guint i = 0; i < program->n_buses; i++)
    g_object_unref (run->buses[i]);
  g_ptr_array_unref (run->records);
  g_hash_table_unref (run->seen);
  for (guint i = 0; i < program->n_threads; i++)
    g_main_context_unref (run->contexts[i]);
}

char *
program_run_threaded (const Program  *program,
                      char          **log)
{
  Threads *run = g_new0 (Threads, 1);
  char *failure;

  run->program = program;
  g_mutex_init (&run->lock);
  g_cond_init (&run->at_rest);
  run->log = g_string_new (NULL);
  run->logged_at = g_get_monotonic_time ();
  run->records = g_ptr_array_new_with_free_func (shared_free);
  run->seen = g_hash_table_new (NULL, NULL);
  threads_start (run);
  if (threads_wait (run))
    threads_stop (run);

  g_mutex_lock (&run->lock);
  failure = g_steal_pointer (&run->failure);
  *log = g_strdup (run->log->str);
  g_mutex_unlock (&run->lock);
  if (failure != NULL)
    return failure; /* the rest leaks on purpose */
  g_string_free (run->log, TRUE);
  g_mutex_clear (&run->lock);
  g_cond_clear (&run->at_rest);
  g_free (run);
  return NULL;
}
