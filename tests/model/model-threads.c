/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model.h"

#include "base/bubus-error.h"
#include "bus/bubus-event-bus-private.h"
#include "bus/bubus-global-turn-private.h"
#include "bus/bubus-wait-graph-private.h"

/* Programs whose buses live in several main contexts, each with a thread, and forward to each other and await each
 * other's events. What they do is not known in advance; but they end, every event is complete once, every wait is told
 * once, handlers run where their bus lives, and nothing is left behind (R-3, R-6, B-17.1, B-17.10, B-17.11). */

#define MAX_EVENTS 40

typedef struct
{
  const Program *program;
  GMainContext  *contexts[MODEL_MAX_BUSES];
  GThread       *threads[MODEL_MAX_BUSES];
  BubusEventBus *buses[MODEL_MAX_BUSES];
  int            quit;        /* atomic */
  GMutex         lock;        /* guards all that follows */
  GCond          at_rest;
  GString       *log;
  char          *failure;
  GPtrArray     *records;     /* of Shared */
  GHashTable    *seen;        /* event and handler */
  guint          n_calls[MODEL_MAX_HANDLERS];
  guint          n_busy;      /* what is not finished: events, waits, threads */
} Threads;

/* An event, and what all threads know of it. */
typedef struct
{
  Threads     *run;
  BubusEvent  *event;
  guint        index;
  gboolean     accepted;
  guint        n_completed;
  BubusWaiter  waiter;
} Shared;

typedef struct
{
  Threads          *run;
  const Script     *script;
  guint             spec;
  Shared           *shared;
  BubusInvocation  *invocation;
  GArray           *children;
  gboolean          threaded;
  gboolean          in_handler;
  gboolean          stepped;
  guint             n_waits;
} Job;

/* ---- what all threads share ---- */

static void
threads_log (Threads    *run,
             const char *format,
             ...) G_GNUC_PRINTF (2, 3);

static void
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
  g_mutex_unlock (&run->lock);
  va_end (args);
}

static void
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

static void
threads_begin (Threads *run)
{
  g_mutex_lock (&run->lock);
  run->n_busy++;
  g_mutex_unlock (&run->lock);
}

static void
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
static Shared *
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

static Shared *
threads_get (Threads *run,
             guint    number)
{
  Shared *shared;

  g_mutex_lock (&run->lock);
  shared = run->records->pdata[number % run->records->len];
  g_mutex_unlock (&run->lock);
  return shared;
}

static gboolean
shared_is_accepted (Shared *shared)
{
  gboolean accepted;

  g_mutex_lock (&shared->run->lock);
  accepted = shared->accepted;
  g_mutex_unlock (&shared->run->lock);
  return accepted;
}

static gboolean
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
  threads_check (run, g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_TOO_DEEP)
                 || g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_ABORTED), error->message, shared->index);
  _bubus_event_remove_waiter (shared->event, &shared->waiter);
  threads_end (run);
  return FALSE;
}

/* ---- jobs ---- */

static void
job_free (Job *job)
{
  Threads *run = job->run;

  g_object_unref (job->invocation);
  g_array_unref (job->children);
  g_free (job);
  threads_end (run);
}

static void
job_cause (Job        *job,
           const Step *step)
{
  Threads *run = job->run;
  Shared *shared = shared_new (run, step->type);
  g_autoptr (GError) error = NULL;
  gboolean accepted;

  if (shared == NULL)
    return;

  threads_log (run, "e%u causes e%u (%s) on b%u", job->shared->index, shared->index,
               model_type_get_name (step->type), step->bus);
  if (job->in_handler)
    accepted = bubus_event_bus_dispatch_with_flags (run->buses[step->bus], shared->event,
                                                    step->kind == STEP_BACKGROUND ? BUBUS_DISPATCH_BACKGROUND
                                                    : BUBUS_DISPATCH_NONE, &error);
  else
    accepted = bubus_invocation_dispatch (job->invocation, run->buses[step->bus], shared->event, &error);
  if (shared_note_dispatched (shared, accepted, error))
    g_array_append_val (job->children, shared->index);
}

static Shared *
job_pick (Job        *job,
          const Step *step)
{
  Shared *shared = NULL;

  if (step->kind == STEP_RUN_OLD || (step->kind == STEP_RUN_ASYNC && step->number % 4 == 0))
    shared = threads_get (job->run, step->number);
  else if (job->children->len > 0)
    shared = threads_get (job->run, g_array_index (job->children, guint, step->number % job->children->len));
  return shared != NULL && shared_is_accepted (shared) ? shared : NULL;
}

static void
job_run (Job    *job,
         Shared *shared)
{
  g_autoptr (GError) error = NULL;

  if (shared == NULL)
    return;

  threads_log (job->run, "e%u runs e%u", job->shared->index, shared->index);
  if (bubus_invocation_run (job->invocation, shared->event, &error))
    threads_check (job->run, bubus_event_get_event_status (shared->event) == BUBUS_EVENT_STATUS_COMPLETED,
                   "has been run, and is not complete", shared->index);
  else
    threads_check (job->run, g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_WOULD_DEADLOCK)
                   || g_error_matches (error, BUBUS_ERROR, job->threaded ? BUBUS_ERROR_ABORTED
                                                                         : BUBUS_ERROR_WOULD_BLOCK),
                   error->message, shared->index);
  threads_log (job->run, "e%u has run e%u: %s", job->shared->index, shared->index,
               error != NULL ? error->message : "complete");
}

static void job_continue (Job *job);

static void
job_waited_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  Job *job = data;
  Threads *run = job->run;
  g_autoptr (GError) error = NULL;

  if (!bubus_invocation_run_finish (BUBUS_INVOCATION (source), result, &error))
    threads_check (job->run, g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_WOULD_DEADLOCK), error->message,
                   job->shared->index);
  threads_log (job->run, "a wait of e%u is over: %s", job->shared->index, error != NULL ? error->message : "complete");
  job->n_waits--;
  job_continue (job);
  threads_end (run);
}

static void
job_run_async (Job    *job,
               Shared *shared)
{
  if (shared == NULL)
    return;

  threads_log (job->run, "e%u awaits e%u", job->shared->index, shared->index);
  threads_begin (job->run);
  job->n_waits++;
  bubus_invocation_run_async (job->invocation, shared->event, NULL, job_waited_cb, job);
}

static void
job_again (Job   *job,
           guint  bus)
{
  g_autoptr (GError) error = NULL;

  if (!bubus_event_bus_dispatch (job->run->buses[bus], job->shared->event, &error))
    threads_check (job->run, g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_TOO_DEEP)
                   || g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_ABORTED), error->message, job->shared->index);
}

static void
job_step (Job        *job,
          const Step *step)
{
  if (step->kind == STEP_INVOCATION || step->kind == STEP_BACKGROUND)
    job_cause (job, step);
  else if (step->kind == STEP_AGAIN)
    job_again (job, step->bus);
  else if (step->kind == STEP_RUN || step->kind == STEP_RUN_OLD)
    job_run (job, job_pick (job, step));
  else if (step->kind == STEP_RUN_ASYNC && job->script->mode != MODE_NOW && !job->threaded)
    job_run_async (job, job_pick (job, step));
}

static void
job_steps (Job   *job,
           guint  from,
           guint  to)
{
  for (guint i = from; i < to; i++)
    job_step (job, &job->script->steps[i]);
}

static void
job_answer (Job *job)
{
  if (job->script->outcome == OUTCOME_VALUE)
    bubus_invocation_return_int (job->invocation, 42);
  else if (job->script->outcome == OUTCOME_NOTHING)
    bubus_invocation_return_nothing (job->invocation);
  else
    bubus_invocation_return_error_literal (job->invocation, G_IO_ERROR, G_IO_ERROR_FAILED, "meant to fail");
}

static gpointer
job_answer_func (gpointer data)
{
  Job *job = data;
  Threads *run = job->run;

  job_answer (job);
  job_free (job);
  threads_end (run);
  return NULL;
}

/* The job goes when it has answered. */
static void
job_continue (Job *job)
{
  if (!job->stepped || job->n_waits > 0)
    return;

  threads_log (job->run, "h%u answers e%u", job->spec, job->shared->index);
  if (job->script->mode == MODE_DEFER_THREAD)
    {
      threads_begin (job->run);
      g_thread_unref (g_thread_new ("answer", job_answer_func, job));
      return;
    }
  job_answer (job);
  job_free (job);
}

static gboolean
job_second_half_cb (gpointer data)
{
  Job *job = data;
  Threads *run = job->run;

  job_steps (job, MODEL_MAX_STEPS / 2, MODEL_MAX_STEPS);
  job->stepped = TRUE;
  job_continue (job);
  threads_end (run);
  return G_SOURCE_REMOVE;
}

static void
job_put_off (Job *job)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  bubus_invocation_defer (job->invocation);
  job_steps (job, 0, MODEL_MAX_STEPS / 2);
  threads_begin (job->run);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, job_second_half_cb, job, NULL);
  job->in_handler = FALSE;
  g_source_attach (source, bubus_event_bus_get_main_context (bubus_invocation_get_bus (job->invocation)));
}

typedef struct
{
  Threads *run;
  guint    spec;
} Registered;

static Job *
job_new (Registered      *registered,
         BubusEvent      *event,
         BubusInvocation *invocation)
{
  Threads *run = registered->run;
  const HandlerSpec *spec = &run->program->handlers[registered->spec];
  Job *job = g_new0 (Job, 1);
  gboolean once;

  job->run = run;
  job->spec = registered->spec;
  job->invocation = g_object_ref (invocation);
  job->children = g_array_new (FALSE, FALSE, sizeof (guint));
  job->threaded = spec->threaded;
  job->in_handler = TRUE;
  threads_begin (run); /* a handler in a thread goes on when nobody waits for it any more */
  g_mutex_lock (&run->lock);
  job->script = &spec->scripts[run->n_calls[job->spec]++ % 2];
  for (guint i = 0; i < run->records->len; i++)
    if (((Shared *) run->records->pdata[i])->event == event)
      job->shared = run->records->pdata[i];
  once = g_hash_table_add (run->seen, GSIZE_TO_POINTER (job->shared->index * MODEL_MAX_HANDLERS + job->spec + 1));
  g_mutex_unlock (&run->lock);
  threads_check (run, once, "is handled twice by one handler (B-17.7)", job->shared->index);
  threads_check (run, spec->threaded
                 == !g_main_context_is_owner (bubus_event_bus_get_main_context (run->buses[spec->bus])),
                 "is handled in the wrong thread (B-17.11)", job->shared->index);
  threads_log (run, "h%u begins e%u on b%u", job->spec, job->shared->index, spec->bus);
  return job;
}

static gboolean
threads_handle (BubusEvent       *event,
                BubusInvocation  *invocation,
                gpointer          user_data,
                GError          **error)
{
  Job *job = job_new (user_data, event, invocation);

  if (job->script->mode != MODE_NOW && !job->threaded)
    {
      job_put_off (job);
      return TRUE;
    }

  job_steps (job, 0, MODEL_MAX_STEPS);
  threads_log (job->run, "h%u leaves e%u", job->spec, job->shared->index);
  job_answer (job);
  job_free (job);
  return TRUE;
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
  bubus_event_bus_set_max_pending (bus, 0);
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

/* The watchdog. */
static gboolean
threads_wait (Threads *run)
{
  gint64 end = g_get_monotonic_time () + model_patience * G_TIME_SPAN_MILLISECOND;
  gboolean at_rest = TRUE;

  g_mutex_lock (&run->lock);
  while (at_rest && (run->n_busy > 0 || threads_have_abandoned (run)))
    {
      gboolean busy = run->n_busy > 0;
      gint64 until = busy ? end : g_get_monotonic_time () + G_TIME_SPAN_MILLISECOND;

      at_rest = g_cond_wait_until (&run->at_rest, &run->lock, until) || (!busy && g_get_monotonic_time () < end);
    }
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
                     && bus->completions.length == 0 && bus->n_from_handlers == 0 && !bus->in_line,
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
