/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model.h"

/* ---- what happened ---- */

void
run_log (Run        *run,
         const char *format,
         ...)
{
  va_list args;

  va_start (args, format);
  g_string_append (run->log, "  ");
  g_string_append_vprintf (run->log, format, args);
  g_string_append_c (run->log, '\n');
  va_end (args);
}

/* What the reference says too, when it can. */
void
run_trace (Run        *run,
           const char *format,
           ...)
{
  va_list args;

  if (run->trace == NULL)
    return;
  va_start (args, format);
  g_string_append_vprintf (run->trace, format, args);
  g_string_append_c (run->trace, '\n');
  va_end (args);
}

/* The first failure counts. */
void
run_fail (Run        *run,
          const char *format,
          ...)
{
  va_list args;

  va_start (args, format);
  if (run->failure == NULL)
    {
      run->failure = g_strdup_vprintf (format, args);
      run_log (run, "FAILED: %s", run->failure);
    }
  va_end (args);
}

static void
run_gone_cb (gpointer  data,
             GObject  *object)
{
  Run *run = data;

  g_atomic_int_add (&run->n_alive, -1);
  g_hash_table_remove (run->invocations, object);
}

/* The run ends when what it watches is gone. */
void
run_watch (Run      *run,
           gpointer  object)
{
  if (!g_hash_table_add (run->invocations, object))
    return;

  g_object_weak_ref (object, run_gone_cb, run);
  g_atomic_int_inc (&run->n_alive);
}

Record *
run_get_record (Run   *run,
                guint  index)
{
  return g_ptr_array_index (run->records, index);
}

static void
run_event_gone_cb (gpointer  data,
                   GObject  *object)
{
  Record *record = data;

  g_hash_table_remove (record->run->by_event, object);
  record->event = NULL;
  g_atomic_int_add (&record->run->n_alive, -1);
}

static void
run_completed_cb (BubusEvent *event,
                  gpointer    data)
{
  Record *record = data;

  run_log (record->run, "e%u is complete", record->index);
  run_trace (record->run, "e%u is complete", record->index);
  check_completed (record->run, record, event);
}

static void
event_configure (BubusEvent     *event,
                 const TypeSpec *spec)
{
  bubus_event_set_event_concurrency (event, spec->concurrency);
  bubus_event_set_event_handler_concurrency (event, spec->handlers);
  bubus_event_set_event_handler_completion (event, spec->completion);
  bubus_event_set_event_timeout (event, spec->timeout);
  bubus_event_set_event_deadline (event, spec->deadline);
}

/* The caller has a reference. */
BubusEvent *
run_new_event (Run     *run,
               guint    type,
               Record **record)
{
  BubusEvent *event = g_object_new (model_type_get (type), NULL);

  event_configure (event, &run->program->types[type]);
  *record = g_new0 (Record, 1);
  (*record)->run = run;
  (*record)->event = run->program->keep ? g_object_ref (event) : event;
  (*record)->type = type;
  (*record)->index = run->records->len;
  (*record)->parent = -1;
  (*record)->waiter.func = run_completed_cb;
  (*record)->waiter.data = *record;
  g_ptr_array_add (run->records, *record);
  g_hash_table_insert (run->by_event, event, *record);
  g_object_weak_ref (G_OBJECT (event), run_event_gone_cb, *record);
  g_atomic_int_inc (&run->n_alive);
  return event;
}

void
run_await (Run    *run,
           Record *record)
{
  record->awaited = TRUE;
  g_array_append_val (run->awaiting, record->index);
}

/* ---- buses ---- */

guint
run_find_bus (Run           *run,
              BubusEventBus *bus)
{
  for (guint i = 0; i < run->program->n_buses; i++)
    if (run->buses[i] == bus)
      return i;
  g_assert_not_reached ();
}

void
run_stop_bus (Run   *run,
              guint  bus)
{
  run_log (run, "b%u is stopped", bus);
  run->stopped[bus] = TRUE;
  for (guint i = 0; i < run->calls->len; i++)
    {
      Call *call = g_ptr_array_index (run->calls, i);

      if (call->bus == bus && !g_atomic_int_get (&call->ended))
        call->given_up = TRUE;
    }
  bubus_event_bus_stop (run->buses[bus]);
}

static void
use_free_data (gpointer data)
{
  Use *use = data;

  use->run->n_handler_data--;
}

void
run_register (Run   *run,
              guint  index)
{
  const HandlerSpec *spec = &run->program->handlers[index];
  const char *pattern = model_patterns[spec->pattern];
  BubusEventBus *bus = run->buses[spec->bus];
  g_autofree char *name = g_strdup_printf ("h%u", index);
  Use *use = g_new0 (Use, 1);

  if (!spec->used)
    {
      g_free (use);
      return;
    }

  use->run = run;
  use->spec = index;
  g_ptr_array_add (run->uses, use);
  if (spec->target >= 0)
    use->handler = bubus_event_bus_forward (bus, g_str_has_prefix (pattern, "type:") ? "*" : pattern, name,
                                            run->buses[spec->target]);
  else if (g_str_has_prefix (pattern, "type:"))
    use->handler = bubus_event_bus_on (bus, model_type_get ((guint) (pattern[5] - '0')), name, model_handle, use,
                                       use_free_data);
  else
    use->handler = bubus_event_bus_on_pattern (bus, pattern, name, model_handle, use, use_free_data);
  run->n_handler_data += spec->target < 0;
  g_object_ref (use->handler);
  bubus_handler_set_priority (use->handler, spec->priority);
  bubus_handler_set_once (use->handler, spec->once);
  if (spec->timeout >= 0)
    bubus_handler_set_timeout (use->handler, spec->timeout);
  if (spec->tied && run->tie != NULL)
    bubus_handler_tie (use->handler, run->tie);
}

static void
use_free (Use *use)
{
  g_object_unref (use->handler);
  g_free (use);
}

static void
bus_configure (BubusEventBus *bus,
               const BusSpec *spec)
{
  if (spec->concurrency != BUBUS_EVENT_CONCURRENCY_INHERIT)
    bubus_event_bus_set_event_concurrency (bus, spec->concurrency);
  if (spec->handlers != BUBUS_HANDLER_CONCURRENCY_INHERIT)
    bubus_event_bus_set_event_handler_concurrency (bus, spec->handlers);
  if (spec->completion != BUBUS_HANDLER_COMPLETION_INHERIT)
    bubus_event_bus_set_event_handler_completion (bus, spec->completion);
  bubus_event_bus_set_event_timeout (bus, spec->timeout);
  bubus_event_bus_set_event_deadline (bus, spec->deadline);
  bubus_event_bus_set_event_handler_slow_timeout (bus, 0);
  bubus_event_bus_set_event_slow_timeout (bus, 0);
}

static BubusEventBus *
run_make_bus (Run   *run,
              guint  index)
{
  const BusSpec *spec = &run->program->buses[index];
  g_autofree char *name = g_strdup_printf ("b%u", index);
  BubusEventBus *bus = g_object_new (BUBUS_TYPE_EVENT_BUS,
                                     "name", name,
                                     "max-history-size", spec->max_history_size,
                                     "max-pending", spec->max_pending,
                                     "max-depth", spec->max_depth,
                                     "max-handler-recursion", spec->max_recursion,
                                     "time-budget", spec->time_budget,
                                     NULL);

  bus_configure (bus, spec);
  run_watch (run, bus);
  return bus;
}

/* ---- the whole ---- */

/* Until nothing is left to do, without waiting for anything but threads; TRUE when that was so before @n_iterations. */
gboolean
run_drain (Run   *run,
           guint  n_iterations)
{
  for (guint i = 0; i < n_iterations;)
    {
      gboolean threads = g_atomic_int_get (&run->n_in_threads) > 0;

      if (g_main_context_iteration (run->context, FALSE))
        i++;
      else if (!threads)
        return TRUE;
      else
        g_thread_yield ();
    }
  return FALSE;
}

/* Until everything is at rest. Handlers whose order is to be predicted go on one by one. */
void
run_settle (Run *run)
{
  do
    if (!run_drain (run, 1000000))
      run_fail (run, "the main context never comes to rest (B-17.16)");
    else if (!g_queue_is_empty (&run->deferred))
      call_go_on (g_queue_pop_head (&run->deferred));
    else
      return;
  while (run->failure == NULL);
}

static gboolean
run_has_call_without_end (Run *run)
{
  for (guint i = 0; i < run->calls->len; i++)
    {
      Call *call = g_ptr_array_index (run->calls, i);

      if (call->script->mode == MODE_DEFER_NEVER && call_is_running (call))
        return TRUE;
    }
  return FALSE;
}

static void
run_init (Run           *run,
          const Program *program)
{
  *run = (Run) { .program = program };
  run->context = g_main_context_new ();
  run->records = g_ptr_array_new_with_free_func (g_free);
  run->by_event = g_hash_table_new (NULL, NULL);
  run->uses = g_ptr_array_new_with_free_func ((GDestroyNotify) use_free);
  run->calls = g_ptr_array_new_with_free_func ((GDestroyNotify) call_free);
  run->seen = g_hash_table_new (NULL, NULL);
  run->invocations = g_hash_table_new (NULL, NULL);
  run->awaiting = g_array_new (FALSE, FALSE, sizeof (guint));
  run->threads = g_ptr_array_new ();
  run->interceptions = g_ptr_array_new_with_free_func (g_object_unref);
  run->holds = g_ptr_array_new_with_free_func (g_object_unref);
  run->log = g_string_new (NULL);
  run->tie = g_object_new (G_TYPE_OBJECT, NULL);
  g_queue_init (&run->deferred);
  if ((program->features & FEATURE_PREDICTABLE) != 0)
    run->trace = g_string_new (NULL);
  else if ((program->features & (FEATURE_TIMES | FEATURE_SEEKERS | FEATURE_STOPPING)) != 0)
    run->clock = bubus_clock_new_test (1700000000 * MODEL_SECOND);
}

static void
run_start (Run *run)
{
  const Program *program = run->program;

  for (guint i = 0; i < program->n_buses; i++)
    {
      run->buses[i] = run_make_bus (run, i);
      run_add_middleware (run, i);
    }
  for (guint i = 0; i < program->n_handlers; i++)
    if (!program->handlers[i].late)
      run_register (run, i);
  for (guint i = 0; i < program->n_roots; i++)
    if (program->roots[i].used)
      run_start_root (run, &program->roots[i]);
  for (guint i = 0; i < program->n_buses; i++)
    run_start_idle_wait (run, i);
}

/* When an invariant was broken before, what is left may be anything: it is left alone. */
static void
run_finish (Run *run)
{
  for (guint i = 0; i < run->records->len; i++)
    if (run_get_record (run, i)->replaces && !run_get_record (run, i)->accepted)
      _bubus_event_remove_waiter (run_get_record (run, i)->event, &run_get_record (run, i)->waiter);
  g_ptr_array_set_size (run->calls, 0);
  for (guint i = 0; i < run->program->n_buses; i++)
    g_object_unref (run->buses[i]);
  g_ptr_array_set_size (run->uses, 0);
  for (guint i = 0; run->program->keep && i < run->records->len; i++)
    g_clear_object (&run_get_record (run, i)->event);
  run_settle (run);
  run_check (run, run->n_alive == 0, "%d buses, events or invocations are not finalized", run->n_alive);
  run_check (run, run->n_handler_data == 0, "the data of %d handlers is not freed", run->n_handler_data);
}

static void
run_clear (Run *run)
{
  g_ptr_array_unref (run->calls);
  g_ptr_array_unref (run->uses);
  g_ptr_array_unref (run->records);
  g_ptr_array_unref (run->threads);
  g_hash_table_unref (run->by_event);
  g_hash_table_unref (run->seen);
  g_hash_table_unref (run->invocations);
  g_array_unref (run->awaiting);
  g_ptr_array_unref (run->interceptions);
  g_ptr_array_unref (run->holds);
  g_clear_object (&run->tie);
  g_clear_object (&run->clock);
  if (run->trace != NULL)
    g_string_free (run->trace, TRUE);
  g_main_context_unref (run->context);
}

/* Handlers that never answer are given up at last. */
static void
run_end_endless (Run *run)
{
  if (run_has_call_without_end (run))
    for (guint i = 0; i < run->program->n_buses; i++)
      run_stop_bus (run, i);
}

static void
run_act_all (Run *run)
{
  const Program *program = run->program;

  for (guint i = 0; i < program->n_actions && run->failure == NULL; i++)
    {
      if (program->actions[i].early)
        run_drain (run, program->actions[i].number % 7);
      else
        run_settle (run);
      run_act (run, &program->actions[i]);
    }
  run_settle (run);
}

/* Whatever waits for somebody outside goes on; what waits for its time has it. */
static void
run_let_go (Run *run)
{
  for (guint i = 0; i < 10 && run->failure == NULL; i++)
    {
      while (run->interceptions->len > 0 || run->holds->len > 0)
        {
          run_go_on (run, 0);
          run_release (run, 0);
          run_settle (run);
        }
      if (run->clock != NULL)
        bubus_clock_advance (run->clock, 100 * MODEL_SECOND);
      run_settle (run);
    }
}

static void
run_compare (Run *run)
{
  g_autofree char *wanted = NULL;

  if (run->trace == NULL || run->failure != NULL)
    return;

  wanted = reference_run (run->program);
  if (!g_str_equal (wanted, run->trace->str))
    run_fail (run, "the order is not that of the reference:\n%s\nbut:\n%s", wanted, run->trace->str);
}

static void
run_all (Run *run)
{
  run_start (run);
  run_act_all (run);
  run_let_go (run);
  run_end_endless (run);
  run_settle (run);
  for (guint i = 0; i < run->threads->len; i++)
    g_thread_join (g_ptr_array_index (run->threads, i));
  run_let_go (run);
  run_compare (run);
  if (run->failure == NULL)
    check_end (run);
  if (run->failure == NULL)
    run_finish (run);
}

char *
run_program (const Program  *program,
             char          **log)
{
  Run *run = g_new (Run, 1);
  char *failure;

  run_init (run, program);
  g_main_context_push_thread_default (run->context);
  if (run->clock != NULL)
    bubus_clock_push_thread_default (run->clock);
  run_all (run);
  if (run->clock != NULL)
    bubus_clock_pop_thread_default (run->clock);
  g_main_context_pop_thread_default (run->context);

  failure = g_steal_pointer (&run->failure);
  *log = g_string_free (run->log, FALSE);
  if (failure != NULL)
    return failure; /* the rest leaks on purpose: see run_finish() */
  run_clear (run);
  g_free (run);
  return NULL;
}
