/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model.h"

/* The first is the class of the first type and its parent; the second is derived from it. */
const char *const model_patterns[] = {
  "type:0", "type:1", "type:2", "Alpha", "Beta", "Gamma", "A*", "*a", "?eta", "*",
};
const guint model_n_patterns = G_N_ELEMENTS (model_patterns);

static const char *const step_names[N_STEPS] = {
  "none", "dispatch", "invocation", "background", "detached", "dispatch-wait", "again", "again-old", "run", "run-old",
  "run-async", "off-self", "off", "on", "priority", "stop",
};
static const char *const mode_names[N_MODES] = {
  "now", "idle", "at-once", "thread", "defer-false", "late", "never",
};
static const char *const outcome_names[N_OUTCOMES] = {
  "nothing", "value", "wrong", "fail", "fail-silently",
};

static guint
pick (GRand *rand,
      guint  n)
{
  return (guint) g_rand_int_range (rand, 0, (int) n);
}

/* How often each step comes, of all. */
static const guint step_weights[N_STEPS] = {
  10, 8, 8, 3, 3, 2, 3, 2, 10, 2, 8, 1, 1, 1, 1, 1,
};

static StepKind
pick_step (GRand    *rand,
           gboolean  fixed)
{
  guint total = 0, at;

  for (guint i = 0; i < N_STEPS; i++)
    total += step_weights[i];
  at = pick (rand, total);
  for (guint i = 0; i < N_STEPS; i++)
    {
      if (at < step_weights[i])
        return fixed && i >= STEP_OFF_SELF ? STEP_NONE : (StepKind) i;
      at -= step_weights[i];
    }
  return STEP_NONE;
}

static void
script_generate (Script        *script,
                 const Program *program,
                 GRand         *rand,
                 gboolean       threads)
{
  guint n_steps = pick (rand, MODEL_MAX_STEPS + 1);

  script->mode = pick (rand, 3) == 0 ? (Mode) pick (rand, N_MODES) : MODE_NOW;
  if (script->mode == MODE_DEFER_THREAD && !threads)
    script->mode = MODE_DEFER_IDLE;
  if (script->mode == MODE_DEFER_NEVER && pick (rand, 4) != 0)
    script->mode = MODE_DEFER_IDLE;
  script->outcome = (Outcome) pick (rand, N_OUTCOMES);
  for (guint i = 0; i < n_steps; i++)
    {
      Step *step = &script->steps[i];

      step->kind = pick_step (rand, program->fixed);
      step->bus = pick (rand, program->n_buses);
      step->type = pick (rand, MODEL_N_TYPES);
      step->number = pick (rand, 100);
      if (step->kind == STEP_STOP && pick (rand, 4) != 0)
        step->kind = STEP_RUN;
    }
}

static void
program_generate_handler (Program *program,
                          guint    index,
                          GRand   *rand,
                          gboolean threads)
{
  HandlerSpec *handler = &program->handlers[index];

  handler->used = TRUE;
  handler->bus = pick (rand, program->n_buses);
  handler->pattern = pick (rand, model_n_patterns);
  handler->priority = (int) pick (rand, 3) - 1;
  handler->late = !program->fixed && pick (rand, 6) == 0;
  handler->target = -1;
  if (program->n_buses > 1 && pick (rand, 4) == 0)
    handler->target = (int) ((handler->bus + 1 + pick (rand, program->n_buses - 1)) % program->n_buses);
  for (guint i = 0; i < G_N_ELEMENTS (handler->scripts); i++)
    script_generate (&handler->scripts[i], program, rand, threads);
}

static void
program_generate_bus (BusSpec *bus,
                      GRand   *rand)
{
  static const int history_sizes[] = { -1, 0, 1, 2, 50 };
  static const guint limits[] = { 0, 0, 0, 1, 2, 5, 100 };
  static const guint budgets[] = { 0, 1, 100, 4000 };

  bus->max_history_size = history_sizes[pick (rand, G_N_ELEMENTS (history_sizes))];
  bus->max_pending = limits[pick (rand, G_N_ELEMENTS (limits))];
  bus->time_budget = budgets[pick (rand, G_N_ELEMENTS (budgets))];
  bus->max_depth = 1 + pick (rand, 5);
  bus->max_recursion = pick (rand, 4);
}

static void
program_generate_root (RootSpec      *root,
                       const Program *program,
                       GRand         *rand)
{
  root->used = TRUE;
  root->bus = pick (rand, program->n_buses);
  root->type = pick (rand, MODEL_N_TYPES);
  root->with_room = pick (rand, 4) == 0;
  root->later = pick (rand, 3) == 0;
  root->again = pick (rand, 5) == 0 ? (int) pick (rand, program->n_buses) : -1;
  root->n_waits = pick (rand, 3);
  root->cancel = pick (rand, 3) == 0;
}

void
program_generate (Program *program,
                  guint32  seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  gboolean threads;

  *program = (Program) { .seed = seed };
  program->keep = pick (rand, 3) != 0;
  program->fixed = pick (rand, 2) == 0;
  threads = pick (rand, 8) == 0;
  program->n_buses = 1 + pick (rand, MODEL_MAX_BUSES);
  for (guint i = 0; i < program->n_buses; i++)
    program_generate_bus (&program->buses[i], rand);
  program->n_handlers = 1 + pick (rand, MODEL_MAX_HANDLERS);
  for (guint i = 0; i < program->n_handlers; i++)
    program_generate_handler (program, i, rand, threads);
  program->n_roots = 1 + pick (rand, MODEL_MAX_ROOTS);
  for (guint i = 0; i < program->n_roots; i++)
    program_generate_root (&program->roots[i], program, rand);
}

/* ---- as text ---- */

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

  g_string_append_printf (text, "  h%u on b%u for %s, priority %d%s", index, handler->bus,
                          model_patterns[handler->pattern], handler->priority, handler->late ? ", later" : "");
  if (handler->target >= 0)
    {
      g_string_append_printf (text, ", forwards to b%d\n", handler->target);
      return;
    }
  g_string_append_c (text, '\n');
  for (guint i = 0; i < G_N_ELEMENTS (handler->scripts); i++)
    script_dump (&handler->scripts[i], text);
}

char *
program_dump (const Program *program)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "program %u%s%s\n", program->seed, program->keep ? ", events kept" : "",
                          program->fixed ? ", fixed handlers" : "");
  for (guint i = 0; i < program->n_buses; i++)
    g_string_append_printf (text, "  b%u history %d, pending %u, budget %u, depth %u, recursion %u\n", i,
                            program->buses[i].max_history_size, program->buses[i].max_pending,
                            program->buses[i].time_budget, program->buses[i].max_depth,
                            program->buses[i].max_recursion);
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
  return g_string_free (text, FALSE);
}
