/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model.h"

/* Programs as text. */

static const char *const step_names[N_STEPS] = {
  "none", "dispatch", "invocation", "background", "detached", "dispatch-wait", "again", "again-old", "run", "run-old",
  "run-async", "off-self", "off", "on", "priority", "stop", "advance", "run-cancelled", "hold",
};
static const char *const mode_names[N_MODES] = {
  "now", "idle", "at-once", "thread", "defer-false", "late", "never",
};
static const char *const outcome_names[N_OUTCOMES] = {
  "nothing", "value", "wrong", "fail", "fail-silently",
};
static const char *const action_names[N_ACTIONS] = {
  "none", "advance", "resume", "release", "expect", "find", "filter", "wait-for", "results", "idle-for", "drain",
  "clear", "untie", "off",
};
static const char *const concurrency_names[] = { "inherit", "bus-serial", "global-serial", "parallel" };
static const char *const handlers_names[] = { "inherit", "serial", "parallel" };
static const char *const completion_names[] = { "inherit", "all", "first" };

static void
script_dump (const Script *script,
             GString      *text)
{
  g_string_append_printf (text, "    %s → %s:", mode_names[script->mode], outcome_names[script->outcome]);
  for (guint i = 0; i < MODEL_MAX_STEPS; i++)
    if (script->steps[i].kind != STEP_NONE)
      g_string_append_printf (text, " %s(b%u,%s,%u)", step_names[script->steps[i].kind], script->steps[i].bus,
                              model_type_get_name (script->steps[i].type), script->steps[i].number);
  g_string_append_c (text, '\n');
}

static void
handler_dump (const Program *program,
              guint          index,
              GString       *text)
{
  const HandlerSpec *handler = &program->handlers[index];

  g_string_append_printf (text, "  h%u on b%u for %s, priority %d%s%s%s", index, handler->bus,
                          model_patterns[handler->pattern], handler->priority, handler->late ? ", later" : "",
                          handler->once ? ", once" : "", handler->tied ? ", tied" : "");
  if (handler->threaded)
    g_string_append (text, ", in a thread");
  if (handler->timeout >= 0)
    g_string_append_printf (text, ", %g s", handler->timeout);
  if (handler->target >= 0)
    {
      g_string_append_printf (text, ", forwards to b%d\n", handler->target);
      return;
    }
  g_string_append_c (text, '\n');
  for (guint i = 0; i < G_N_ELEMENTS (handler->scripts); i++)
    script_dump (&handler->scripts[i], text);
}

static void
bus_dump (const BusSpec *bus,
          guint          index,
          GString       *text)
{
  g_string_append_printf (text, "  b%u history %d, pending %u, budget %u, depth %u, recursion %u", index,
                          bus->max_history_size, bus->max_pending, bus->time_budget, bus->max_depth,
                          bus->max_recursion);
  g_string_append_printf (text, ", events %s, handlers %s, completion %s, timeout %g, deadline %g%s",
                          concurrency_names[bus->concurrency], handlers_names[bus->handlers],
                          completion_names[bus->completion], bus->timeout, bus->deadline,
                          bus->observed ? ", observed" : "");
  if (bus->interceptor != 0)
    g_string_append_printf (text, ", interceptor %u", bus->interceptor);
  g_string_append_c (text, '\n');
}

static void
types_dump (const Program *program,
            GString       *text)
{
  static const TypeSpec nothing = { .timeout = -1, .deadline = -1 };

  for (guint i = 0; i < MODEL_N_TYPES; i++)
    {
      const TypeSpec *type = &program->types[i];

      if (memcmp (type, &nothing, sizeof nothing) != 0)
        g_string_append_printf (text, "  %s: events %s, handlers %s, completion %s, timeout %g, deadline %g\n",
                                model_type_get_name (i), concurrency_names[type->concurrency],
                                handlers_names[type->handlers], completion_names[type->completion], type->timeout,
                                type->deadline);
    }
}

static void
actions_dump (const Program *program,
              GString       *text)
{
  for (guint i = 0; i < program->n_actions; i++)
    if (program->actions[i].kind != ACTION_NONE)
      g_string_append_printf (text, "  then%s %s(b%u,%s,%u)\n", program->actions[i].early ? " early" : "",
                              action_names[program->actions[i].kind], program->actions[i].bus,
                              model_type_get_name (program->actions[i].type), program->actions[i].number);
}

char *
program_dump (const Program *program)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "program %u%s%s, features 0x%x\n", program->seed, program->keep ? ", events kept" : "",
                          program->fixed ? ", fixed handlers" : "", program->features);
  if (program->n_threads > 0)
    g_string_append_printf (text, "  in %u main contexts, each with a thread\n", program->n_threads);
  for (guint i = 0; i < program->n_buses; i++)
    bus_dump (&program->buses[i], i, text);
  types_dump (program, text);
  for (guint i = 0; i < program->n_handlers; i++)
    if (program->handlers[i].used)
      handler_dump (program, i, text);
  for (guint i = 0; i < program->n_roots; i++)
    if (program->roots[i].used)
      g_string_append_printf (text, "  root %s on b%u%s%s, again %d, %u waits%s\n",
                              model_type_get_name (program->roots[i].type), program->roots[i].bus,
                              program->roots[i].with_room ? ", with room" : "",
                              program->roots[i].later ? ", later" : "",
                              program->roots[i].again, program->roots[i].n_waits,
                              program->roots[i].cancel ? ", cancelled" : "");
  actions_dump (program, text);
  return g_string_free (text, FALSE);
}
