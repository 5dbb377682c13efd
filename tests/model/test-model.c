/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model.h"

/* Makes random programs, runs them, and checks the invariants. A program that fails is taken apart until nothing can be
 * left out, and printed with its seed. */

static int n_programs = 2000;
static gint64 first_seed = -1;
static gboolean verbose;
static gboolean keep_going;

static const GOptionEntry entries[] = {
  { "programs", 'n', 0, G_OPTION_ARG_INT, &n_programs, "How many programs to run", "N" },
  { "seed", 's', 0, G_OPTION_ARG_INT64, &first_seed, "The seed of the first one; they count up", "N" },
  { "verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose, "Print every program, and what happened", NULL },
  { "keep-going", 'k', 0, G_OPTION_ARG_NONE, &keep_going, "Go on after a failure", NULL },
  G_OPTION_ENTRY_NULL,
};

/* A failure without its numbers: another one must not take its place while the program shrinks. */
static char *
failure_get_kind (const char *failure)
{
  char *kind = g_strdup (failure);

  g_strcanon (kind, G_CSET_A_2_Z G_CSET_a_2_z " ()-", '#');
  return kind;
}

static char *wanted_kind;

static gboolean
program_fails (const Program *program)
{
  g_autofree char *log = NULL;
  g_autofree char *failure = run_program (program, &log);
  g_autofree char *kind = failure != NULL ? failure_get_kind (failure) : NULL;

  return g_strcmp0 (kind, wanted_kind) == 0;
}

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

static gboolean
shrink_script (Program *program,
               guint    handler,
               guint    index)
{
  gboolean shrunk = FALSE;
  Program candidate = *program;

  candidate.handlers[handler].scripts[index] = (Script) { .mode = MODE_NOW };
  if (shrink_to (program, &candidate))
    return TRUE;
  for (guint i = 0; i < MODEL_MAX_STEPS; i++)
    {
      candidate = *program;
      candidate.handlers[handler].scripts[index].steps[i] = (Step) { .kind = STEP_NONE };
      shrunk |= shrink_to (program, &candidate);
    }
  candidate = *program;
  candidate.handlers[handler].scripts[index].mode = MODE_NOW;
  shrunk |= shrink_to (program, &candidate);
  candidate = *program;
  candidate.handlers[handler].scripts[index].outcome = OUTCOME_NOTHING;
  return shrink_to (program, &candidate) || shrunk;
}

static gboolean
shrink_handler (Program *program,
                guint    index)
{
  Program candidate = *program;
  gboolean shrunk;

  if (!program->handlers[index].used)
    return FALSE;
  candidate.handlers[index].used = FALSE;
  if (shrink_to (program, &candidate))
    return TRUE;
  candidate = *program;
  candidate.handlers[index].priority = 0;
  shrunk = shrink_to (program, &candidate);
  for (guint i = 0; i < G_N_ELEMENTS (candidate.handlers[index].scripts); i++)
    shrunk |= shrink_script (program, index, i);
  return shrunk;
}

static gboolean
shrink_root (Program *program,
             guint    index)
{
  const RootSpec *root = &program->roots[index];
  Program candidate = *program;

  if (!root->used)
    return FALSE;
  candidate.roots[index].used = FALSE;
  if (shrink_to (program, &candidate))
    return TRUE;
  candidate = *program;
  candidate.roots[index] = (RootSpec) { .used = TRUE, .bus = root->bus, .type = root->type, .again = -1 };
  return shrink_to (program, &candidate);
}

static void
program_shrink (Program *program)
{
  gboolean shrunk = TRUE;

  while (shrunk)
    {
      shrunk = FALSE;
      for (guint i = 0; i < program->n_handlers; i++)
        shrunk |= shrink_handler (program, i);
      for (guint i = 0; i < program->n_roots; i++)
        shrunk |= shrink_root (program, i);
    }
}

static void
report (Program    *program,
        const char *failure)
{
  g_autofree char *log = NULL;
  g_autofree char *text = NULL;
  g_autofree char *last = NULL;

  g_printerr ("program %u fails: %s\n", program->seed, failure);
  wanted_kind = failure_get_kind (failure);
  program_shrink (program);
  text = program_dump (program);
  last = run_program (program, &log);
  g_clear_pointer (&wanted_kind, g_free);
  g_printerr ("what is left of it:\n%swhat happens: %s\n%srun again with --seed %u --programs 1\n", text,
              last != NULL ? last : "nothing, this time", log, program->seed);
}

static gboolean
run_seed (guint32 seed)
{
  Program program;
  g_autofree char *failure = NULL;
  g_autofree char *log = NULL;

  program_generate (&program, seed);
  if (verbose)
    {
      g_autofree char *text = program_dump (&program);

      g_print ("%s", text);
    }
  failure = run_program (&program, &log);
  if (verbose)
    g_print ("%s", log);
  if (failure != NULL)
    report (&program, failure);
  return failure == NULL;
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GOptionContext) options = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  int n_failed = 0;

  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }

  if (first_seed < 0)
    first_seed = g_random_int ();
  g_print ("%d programs from seed %" G_GINT64_FORMAT "\n", n_programs, first_seed);
  for (int i = 0; i < n_programs; i++)
    if (!run_seed ((guint32) (first_seed + i)) && ++n_failed > 0 && !keep_going)
      break;
  return n_failed > 0;
}
