/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model.h"

/* The first is the class of the first type and its parent; the second is derived from it. */
const char *const model_patterns[] = {
  "type:0", "type:1", "type:2", "Alpha", "Beta", "Gamma", "A*", "*a", "?eta", "*",
  "delta.one", "delta.*", "delta.**", "**", "*.one", "type:3",
};
const guint model_n_patterns = G_N_ELEMENTS (model_patterns);

static guint
pick (GRand *rand,
      guint  n)
{
  return (guint) g_rand_int_range (rand, 0, (int) n);
}

/* How often each step comes, of all. */
static const guint step_weights[N_STEPS] = {
  10, 8, 8, 3, 3, 2, 3, 2, 10, 2, 8, 1, 1, 1, 1, 1, 0, 0, 0,
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
        return fixed && i >= STEP_OFF_SELF && i <= STEP_STOP ? STEP_NONE : (StepKind) i;
      at -= step_weights[i];
    }
  return STEP_NONE;
}

static gboolean
has (const Program *program,
     Features       feature)
{
  return (program->features & feature) != 0;
}

static Mode
pick_mode (const Program *program,
           GRand         *rand,
           gboolean       threads)
{
  static const Mode predictable[] = { MODE_DEFER_IDLE, MODE_DEFER_AT_ONCE, MODE_DEFER_FALSE };
  Mode mode = pick (rand, 3) == 0 ? (Mode) pick (rand, N_MODES) : MODE_NOW;

  if (has (program, FEATURE_PREDICTABLE))
    return pick (rand, 3) == 0 ? predictable[pick (rand, G_N_ELEMENTS (predictable))] : MODE_NOW;
  if (mode == MODE_DEFER_THREAD && !threads)
    return MODE_DEFER_IDLE;
  if (mode == MODE_DEFER_NEVER && pick (rand, 4) != 0 && !has (program, FEATURE_TIMES))
    return MODE_DEFER_IDLE;
  return mode;
}

static gboolean
step_is_predictable (StepKind kind)
{
  return kind <= STEP_DETACHED || (kind >= STEP_AGAIN && kind <= STEP_RUN_OLD);
}

static void
step_generate (Step          *step,
               const Program *program,
               GRand         *rand)
{
  step->kind = pick_step (rand, program->fixed);
  step->bus = pick (rand, program->n_buses);
  step->type = pick (rand, MODEL_N_TYPES);
  step->number = pick (rand, 100);
  if (step->kind == STEP_STOP && pick (rand, 4) != 0)
    step->kind = STEP_RUN;
  if (has (program, FEATURE_TIMES) && pick (rand, 12) == 0)
    step->kind = STEP_ADVANCE;
  if (has (program, FEATURE_PREDICTABLE) && !step_is_predictable (step->kind))
    step->kind = STEP_NONE;
}

static void
script_generate (Script        *script,
                 const Program *program,
                 GRand         *rand,
                 gboolean       threads)
{
  guint n_steps = pick (rand, MODEL_MAX_STEPS + 1);

  script->mode = pick_mode (program, rand, threads);
  script->outcome = (Outcome) pick (rand, N_OUTCOMES);
  for (guint i = 0; i < n_steps; i++)
    step_generate (&script->steps[i], program, rand);
}

static double
pick_seconds (GRand *rand)
{
  static const double seconds[] = { -1, -1, 0, 0.5, 1, 2 };

  return seconds[pick (rand, G_N_ELEMENTS (seconds))];
}

/* For a bus, which has nobody to take it over from. */
static double
pick_limit (GRand *rand)
{
  double seconds = pick_seconds (rand);

  return MAX (seconds, 0);
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
  handler->once = !program->fixed && pick (rand, 6) == 0;
  handler->tied = !program->fixed && pick (rand, 6) == 0;
  handler->target = -1;
  handler->timeout = has (program, FEATURE_TIMES) ? pick_seconds (rand) : -1;
  if (program->n_buses > 1 && pick (rand, 4) == 0)
    handler->target = (int) ((handler->bus + 1 + pick (rand, program->n_buses - 1)) % program->n_buses);
  for (guint i = 0; i < G_N_ELEMENTS (handler->scripts); i++)
    script_generate (&handler->scripts[i], program, rand, threads);
}

static void
bus_generate_features (BusSpec       *bus,
                       const Program *program,
                       GRand         *rand)
{
  if (has (program, FEATURE_MODES))
    {
      bus->concurrency = has (program, FEATURE_PREDICTABLE) ? 0 : (BubusEventConcurrency) pick (rand, 4);
      bus->handlers = (BubusHandlerConcurrency) pick (rand, 3);
      bus->completion = (BubusHandlerCompletion) pick (rand, 3);
    }
  if (has (program, FEATURE_TIMES))
    {
      bus->timeout = pick_limit (rand);
      bus->deadline = pick (rand, 3) == 0 ? pick_limit (rand) : 0;
    }
  if (has (program, FEATURE_MIDDLEWARE))
    {
      bus->observed = pick (rand, 3) != 0;
      bus->interceptor = pick (rand, 2) == 0 ? 1 + pick (rand, 1000) : 0;
    }
}

static void
program_generate_bus (BusSpec       *bus,
                      const Program *program,
                      GRand         *rand)
{
  static const int history_sizes[] = { -1, 0, 1, 2, 50 };
  static const guint limits[] = { 0, 0, 0, 1, 2, 5, 100 };
  static const guint budgets[] = { 0, 1, 100, 4000 };

  bus->max_history_size = history_sizes[pick (rand, G_N_ELEMENTS (history_sizes))];
  bus->max_pending = limits[pick (rand, G_N_ELEMENTS (limits))];
  bus->time_budget = budgets[pick (rand, G_N_ELEMENTS (budgets))];
  bus->max_depth = 1 + pick (rand, 5);
  bus->max_recursion = pick (rand, 4);
  if (has (program, FEATURE_PREDICTABLE))
    {
      bus->max_pending = 0;
      bus->time_budget = pick (rand, 2) == 0 ? 0 : G_MAXUINT;
      bus->max_recursion = 0;
    }
  bus_generate_features (bus, program, rand);
}

static void
program_generate_type (TypeSpec      *type,
                       const Program *program,
                       GRand         *rand)
{
  *type = (TypeSpec) { .timeout = -1, .deadline = -1 };
  if (has (program, FEATURE_MODES) && pick (rand, 3) == 0)
    {
      type->concurrency = has (program, FEATURE_PREDICTABLE) ? 0 : (BubusEventConcurrency) pick (rand, 4);
      type->handlers = (BubusHandlerConcurrency) pick (rand, 3);
      type->completion = (BubusHandlerCompletion) pick (rand, 3);
    }
  if (has (program, FEATURE_TIMES) && pick (rand, 3) == 0)
    {
      type->timeout = pick_seconds (rand);
      type->deadline = pick_seconds (rand);
    }
}

static void
program_generate_root (RootSpec      *root,
                       const Program *program,
                       GRand         *rand)
{
  root->used = TRUE;
  root->bus = pick (rand, program->n_buses);
  root->type = pick (rand, MODEL_N_TYPES);
  root->with_room = pick (rand, 4) == 0 && !has (program, FEATURE_PREDICTABLE);
  root->later = pick (rand, 3) == 0 && !has (program, FEATURE_PREDICTABLE);
  root->again = pick (rand, 5) == 0 ? (int) pick (rand, program->n_buses) : -1;
  root->n_waits = pick (rand, 3);
  root->cancel = pick (rand, 3) == 0;
}

static gboolean
program_may_act (const Program *program,
                 ActionKind     kind)
{
  switch (kind)
    {
    case ACTION_ADVANCE:
      return has (program, FEATURE_TIMES | FEATURE_SEEKERS | FEATURE_STOPPING);
    case ACTION_RESUME:
    case ACTION_RELEASE:
      return has (program, FEATURE_MIDDLEWARE);
    case ACTION_EXPECT:
    case ACTION_FIND:
    case ACTION_FILTER:
    case ACTION_WAIT_FOR:
    case ACTION_RESULTS:
    case ACTION_IDLE_FOR:
      return has (program, FEATURE_SEEKERS);
    case ACTION_DRAIN:
    case ACTION_CLEAR:
      return has (program, FEATURE_STOPPING) && !program->fixed;
    case ACTION_UNTIE:
    case ACTION_OFF:
      return !program->fixed;
    case ACTION_NONE:
    case N_ACTIONS:
    default:
      return FALSE;
    }
}

static void
action_generate (Action        *action,
                 const Program *program,
                 GRand         *rand)
{
  action->kind = (ActionKind) pick (rand, N_ACTIONS);
  if (pick (rand, 3) == 0)
    action->kind = ACTION_ADVANCE;
  action->bus = pick (rand, program->n_buses);
  action->type = pick (rand, MODEL_N_TYPES);
  action->number = pick (rand, 100);
  action->early = pick (rand, 3) != 0;
  if (!program_may_act (program, action->kind))
    action->kind = ACTION_NONE;
}

static Features
pick_features (GRand *rand)
{
  Features features = 0;

  for (guint i = 0; i < 5; i++)
    if (pick (rand, 3) == 0)
      features |= 1u << i;
  if (pick (rand, 4) == 0)
    features = FEATURE_PREDICTABLE | (features & FEATURE_MODES);
  return features;
}

void
program_generate (Program *program,
                  guint32  seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  gboolean threads;

  memset (program, 0, sizeof *program); /* programs are compared with memcmp() */
  program->seed = seed;
  program->features = pick_features (rand);
  program->keep = pick (rand, 3) != 0 || has (program, FEATURE_MIDDLEWARE | FEATURE_PREDICTABLE);
  program->fixed = pick (rand, 2) == 0 || has (program, FEATURE_PREDICTABLE);
  threads = pick (rand, 8) == 0;
  program->n_buses = 1 + pick (rand, MODEL_MAX_BUSES);
  for (guint i = 0; i < program->n_buses; i++)
    program_generate_bus (&program->buses[i], program, rand);
  for (guint i = 0; i < MODEL_N_TYPES; i++)
    program_generate_type (&program->types[i], program, rand);
  program->n_handlers = 1 + pick (rand, MODEL_MAX_HANDLERS);
  for (guint i = 0; i < program->n_handlers; i++)
    program_generate_handler (program, i, rand, threads);
  program->n_roots = 1 + pick (rand, MODEL_MAX_ROOTS);
  for (guint i = 0; i < program->n_roots; i++)
    program_generate_root (&program->roots[i], program, rand);
  program->n_actions = has (program, FEATURE_PREDICTABLE) ? 0 : pick (rand, MODEL_MAX_ACTIONS + 1);
  for (guint i = 0; i < program->n_actions; i++)
    action_generate (&program->actions[i], program, rand);
}

/* ---- in threads ---- */

static void
handler_generate_threaded (HandlerSpec *handler,
                           GRand       *rand)
{
  static const StepKind kinds[] = { STEP_NONE, STEP_INVOCATION, STEP_INVOCATION, STEP_BACKGROUND, STEP_AGAIN, STEP_RUN,
                                    STEP_RUN_ASYNC, STEP_RUN_ASYNC, STEP_RUN_OLD };

  handler->late = FALSE;
  handler->threaded = handler->target < 0 && pick (rand, 4) == 0;
  for (guint i = 0; i < G_N_ELEMENTS (handler->scripts); i++)
    {
      Script *script = &handler->scripts[i];

      script->mode = pick (rand, 2) == 0 ? MODE_NOW : pick (rand, 3) != 0 ? MODE_DEFER_IDLE : MODE_DEFER_THREAD;
      script->outcome = (Outcome) pick (rand, OUTCOME_FAIL_SILENTLY);
      for (guint j = 0; j < MODEL_MAX_STEPS; j++)
        script->steps[j].kind = pick (rand, 3) == 0 ? STEP_NONE : kinds[pick (rand, G_N_ELEMENTS (kinds))];
    }
}

/* What was added later is chosen last, so that a seed makes the same program but for that. */
static void
step_vary (Step  *step,
           GRand *rand)
{
  if (step->kind == STEP_INVOCATION && pick (rand, 5) == 0)
    step->kind = STEP_DISPATCH_WAIT;
  else if (step->kind == STEP_RUN_ASYNC && pick (rand, 4) == 0)
    step->kind = STEP_RUN_CANCELLED;
  else if (step->kind == STEP_NONE && pick (rand, 8) == 0)
    step->kind = STEP_HOLD;
}

static void
program_vary (Program *program,
              GRand   *rand)
{
  if (pick (rand, 2) == 0)
    for (guint i = 0; i < program->n_buses; i++)
      program->buses[i].max_pending = 0;
  for (guint i = 0; i < program->n_handlers; i++)
    for (guint j = 0; j < G_N_ELEMENTS (program->handlers[i].scripts); j++)
      for (guint k = 0; k < MODEL_MAX_STEPS; k++)
        step_vary (&program->handlers[i].scripts[j].steps[k], rand);
}

void
program_generate_threaded (Program *program,
                           guint32  seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);

  memset (program, 0, sizeof *program);
  program->seed = seed;
  program->features = FEATURE_THREADS | (pick (rand, 2) == 0 ? FEATURE_MODES : 0);
  program->fixed = TRUE;
  program->n_buses = 2 + pick (rand, MODEL_MAX_BUSES - 1);
  program->n_threads = MIN (1 + pick (rand, 3), program->n_buses);
  for (guint i = 0; i < program->n_buses; i++)
    program_generate_bus (&program->buses[i], program, rand);
  for (guint i = 0; i < MODEL_N_TYPES; i++)
    program_generate_type (&program->types[i], program, rand);
  program->n_handlers = 1 + pick (rand, MODEL_MAX_HANDLERS / 2);
  for (guint i = 0; i < program->n_handlers; i++)
    {
      program_generate_handler (program, i, rand, FALSE);
      for (guint j = 0; j < 2; j++)
        for (guint k = 0; k < MODEL_MAX_STEPS; k++)
          {
            program->handlers[i].scripts[j].steps[k].bus = pick (rand, program->n_buses);
            program->handlers[i].scripts[j].steps[k].type = pick (rand, MODEL_N_TYPES);
            program->handlers[i].scripts[j].steps[k].number = pick (rand, 100);
          }
      handler_generate_threaded (&program->handlers[i], rand);
    }
  program->n_roots = 1 + pick (rand, MODEL_MAX_ROOTS);
  for (guint i = 0; i < program->n_roots; i++)
    program_generate_root (&program->roots[i], program, rand);
  program_vary (program, rand);
}
