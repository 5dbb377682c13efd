/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model-threads.h"

#include "base/bubus-error.h"
#include "bus/bubus-event-bus-private.h"

/* What a handler does: one step after another, at once or later. */

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

static void
room_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  Shared *shared = data;
  Threads *run = shared->run;
  g_autoptr (GError) error = NULL;
  gboolean accepted = bubus_event_bus_dispatch_finish (BUBUS_EVENT_BUS (source), result, &error);

  threads_check (run, !g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_FULL), "has waited for no room", shared->index);
  shared_note_dispatched (shared, accepted, error);
  threads_end (run);
}

static void
job_cause_with_room (Job        *job,
                     const Step *step)
{
  Shared *shared = job->threaded ? NULL : shared_new (job->run, step->type);

  if (shared == NULL)
    return;

  threads_log (job->run, "e%u causes e%u (%s) on b%u, which may wait for room", job->shared->index, shared->index,
               model_type_get_name (step->type), step->bus);
  threads_begin (job->run);
  bubus_event_bus_dispatch_async (job->run->buses[step->bus], shared->event, NULL, room_cb, shared);
}

/* ---- what another thread does ---- */

typedef struct
{
  Threads *run;
  GObject *object;
} Errand;

static gpointer
errand_func (gpointer data)
{
  Errand *errand = data;
  Threads *run = errand->run;

  if (G_IS_CANCELLABLE (errand->object))
    g_cancellable_cancel (G_CANCELLABLE (errand->object));
  else
    bubus_hold_release (BUBUS_HOLD (errand->object));
  g_object_unref (errand->object);
  g_free (errand);
  threads_end (run);
  return NULL;
}

/* Takes over @object, which is nullable. */
static void
job_send (Job     *job,
          GObject *object)
{
  Errand *errand;

  if (object == NULL)
    return;

  errand = g_new (Errand, 1);
  *errand = (Errand) { job->run, object };
  threads_begin (job->run);
  g_thread_unref (g_thread_new ("errand", errand_func, errand));
}

/* ---- waits ---- */

static Shared *
job_pick (Job        *job,
          const Step *step)
{
  Shared *shared = NULL;

  if (step->kind == STEP_RUN_OLD || (step->kind != STEP_RUN && step->number % 4 == 0))
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
    threads_check (job->run, g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_WOULD_DEADLOCK)
                   || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED), error->message, job->shared->index);
  threads_log (job->run, "a wait of e%u is over: %s", job->shared->index, error != NULL ? error->message : "complete");
  job->n_waits--;
  job_continue (job);
  threads_end (run);
}

static void
job_run_async (Job      *job,
               Shared   *shared,
               gboolean  cancel)
{
  g_autoptr (GCancellable) cancellable = cancel ? g_cancellable_new () : NULL;

  if (shared == NULL)
    return;

  threads_log (job->run, "e%u awaits e%u", job->shared->index, shared->index);
  threads_begin (job->run);
  job->n_waits++;
  bubus_invocation_run_async (job->invocation, shared->event, cancellable, job_waited_cb, job);
  job_send (job, (GObject *) g_steal_pointer (&cancellable));
}

static void
job_again (Job   *job,
           guint  bus)
{
  g_autoptr (GError) error = NULL;

  if (!bubus_event_bus_dispatch (job->run->buses[bus], job->shared->event, &error))
    threads_check (job->run, threads_may_refuse (job->run, error), error->message, job->shared->index);
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
  else if (step->kind == STEP_DISPATCH_WAIT)
    job_cause_with_room (job, step);
  else if (step->kind == STEP_HOLD)
    job_send (job, (GObject *) bubus_event_bus_hold_event (bubus_invocation_get_bus (job->invocation),
                                                           job->shared->event));
  else if ((step->kind == STEP_RUN_ASYNC || step->kind == STEP_RUN_CANCELLED) && job->script->mode != MODE_NOW
           && !job->threaded)
    job_run_async (job, job_pick (job, step), step->kind == STEP_RUN_CANCELLED);
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

gboolean
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
