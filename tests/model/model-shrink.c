/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model.h"

/* Takes a program that fails apart until nothing can be left out. */

static gboolean (*program_fails) (const Program *candidate);

/* Keeps @candidate when it still fails; threads may make that a matter of luck. */
static gboolean
shrink_to (Program       *program,
           const Program *candidate)
{
  if (memcmp (program, candidate, sizeof *program) == 0 || !program_fails (candidate))
    return FALSE;
  *program = *candidate;
  return TRUE;
}

#define shrink_set(program, member, value) \
  (candidate = *(program), candidate.member = (value), shrink_to ((program), &candidate))

static gboolean
shrink_script (Program *program,
               guint    handler,
               guint    index)
{
  gboolean shrunk = FALSE;
  Program candidate;

  if (shrink_set (program, handlers[handler].scripts[index], ((Script) { .mode = MODE_NOW })))
    return TRUE;
  for (guint i = 0; i < MODEL_MAX_STEPS; i++)
    shrunk |= shrink_set (program, handlers[handler].scripts[index].steps[i], ((Step) { .kind = STEP_NONE }));
  shrunk |= shrink_set (program, handlers[handler].scripts[index].mode, MODE_NOW);
  shrunk |= shrink_set (program, handlers[handler].scripts[index].outcome, OUTCOME_NOTHING);
  return shrunk;
}

static gboolean
shrink_handler (Program *program,
                guint    index)
{
  Program candidate;
  gboolean shrunk;

  if (!program->handlers[index].used)
    return FALSE;
  if (shrink_set (program, handlers[index].used, FALSE))
    return TRUE;
  shrunk = shrink_set (program, handlers[index].priority, 0);
  shrunk |= shrink_set (program, handlers[index].threaded, FALSE);
  shrunk |= shrink_set (program, handlers[index].once, FALSE);
  shrunk |= shrink_set (program, handlers[index].tied, FALSE);
  shrunk |= shrink_set (program, handlers[index].timeout, -1);
  for (guint i = 0; i < G_N_ELEMENTS (candidate.handlers[index].scripts); i++)
    shrunk |= shrink_script (program, index, i);
  return shrunk;
}

static gboolean
shrink_root (Program *program,
             guint    index)
{
  const RootSpec root = program->roots[index];
  const RootSpec plain = { .used = TRUE, .bus = root.bus, .type = root.type, .again = -1 };
  Program candidate;

  if (!root.used)
    return FALSE;
  return shrink_set (program, roots[index].used, FALSE) || shrink_set (program, roots[index], plain);
}

static gboolean
shrink_bus (Program *program,
            guint    index)
{
  Program candidate;
  gboolean shrunk;

  shrunk = shrink_set (program, buses[index].concurrency, BUBUS_EVENT_CONCURRENCY_INHERIT);
  shrunk |= shrink_set (program, buses[index].handlers, BUBUS_HANDLER_CONCURRENCY_INHERIT);
  shrunk |= shrink_set (program, buses[index].completion, BUBUS_HANDLER_COMPLETION_INHERIT);
  shrunk |= shrink_set (program, buses[index].deadline, 0);
  shrunk |= shrink_set (program, buses[index].timeout, 0);
  shrunk |= shrink_set (program, buses[index].observed, FALSE);
  shrunk |= shrink_set (program, buses[index].interceptor, 0);
  shrunk |= shrink_set (program, buses[index].max_pending, 0);
  shrunk |= shrink_set (program, buses[index].max_history_size, -1);
  return shrunk;
}

static gboolean
program_uses_bus (const Program *program,
                  guint          bus)
{
  for (guint i = 0; i < program->n_handlers; i++)
    {
      const HandlerSpec *handler = &program->handlers[i];

      if (handler->used && (handler->bus >= bus || handler->target >= (int) bus))
        return TRUE;
      for (guint j = 0; handler->used && j < G_N_ELEMENTS (handler->scripts); j++)
        for (guint k = 0; k < MODEL_MAX_STEPS; k++)
          if (handler->scripts[j].steps[k].bus >= bus)
            return TRUE;
    }
  for (guint i = 0; i < program->n_roots; i++)
    if (program->roots[i].used && (program->roots[i].bus >= bus || program->roots[i].again >= (int) bus))
      return TRUE;
  for (guint i = 0; i < program->n_actions; i++)
    if (program->actions[i].bus >= bus)
      return TRUE;
  return FALSE;
}

static gboolean
shrink_buses (Program *program)
{
  gboolean shrunk = FALSE;
  Program candidate;

  while (program->n_buses > 1 && !program_uses_bus (program, program->n_buses - 1)
         && shrink_set (program, n_buses, program->n_buses - 1))
    shrunk = TRUE;
  for (guint i = 0; i < program->n_buses; i++)
    shrunk |= shrink_bus (program, i);
  return shrunk;
}

static gboolean
shrink_settings (Program *program)
{
  static const TypeSpec nothing = { .timeout = -1, .deadline = -1 };
  gboolean shrunk = FALSE;
  Program candidate;

  for (guint i = 0; i < MODEL_N_TYPES; i++)
    shrunk |= shrink_set (program, types[i], nothing);
  for (guint i = 0; i < program->n_actions; i++)
    shrunk |= shrink_set (program, actions[i], ((Action) { .kind = ACTION_NONE }));
  return shrunk;
}

void
program_shrink (Program  *program,
                gboolean (*fails) (const Program *candidate))
{
  gboolean shrunk = TRUE;

  program_fails = fails;
  while (shrunk)
    {
      shrunk = FALSE;
      for (guint i = 0; i < program->n_handlers; i++)
        shrunk |= shrink_handler (program, i);
      for (guint i = 0; i < program->n_roots; i++)
        shrunk |= shrink_root (program, i);
      shrunk |= shrink_settings (program);
      shrunk |= shrink_buses (program);
    }
}
