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

static void
report (Program    *program,
        const char *failure)
{
  g_autofree char *log = NULL;
  g_autofree char *text = NULL;
  g_autofree char *last = NULL;

  g_printerr ("program %u fails: %s\n", program->seed, failure);
  wanted_kind = failure_get_kind (failure);
  program_shrink (program, program_fails);
  text = program_dump (program);
  last = run_program (program, &log);
  g_clear_pointer (&wanted_kind, g_free);
  g_printerr ("what is left of it:\n%swhat happens: %s\n%srun again with --seed %u --programs 1\n", text,
              last != NULL ? last : "nothing, this time", log, program->seed);
}

static guint32 current_seed;

/* That a handler has run out of time is no news here; a warning ends the process, and then it must be known where. */
static GLogWriterOutput
write_log (GLogLevelFlags   level,
           const GLogField *fields,
           gsize            n_fields,
           gpointer         user_data)
{
  if ((level & (G_LOG_LEVEL_MESSAGE | G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG)) != 0)
    return G_LOG_WRITER_HANDLED;

  g_printerr ("in program %u; run again with --seed %u --programs 1 --verbose:\n", current_seed, current_seed);
  return g_log_writer_default (level, fields, n_fields, user_data);
}

static gboolean
run_seed (guint32 seed)
{
  Program program;
  g_autofree char *failure = NULL;
  g_autofree char *log = NULL;

  current_seed = seed;
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

  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
  g_log_set_writer_func (write_log, NULL, NULL);
  if (first_seed < 0)
    first_seed = g_random_int ();
  g_print ("%d programs from seed %" G_GINT64_FORMAT "\n", n_programs, first_seed);
  for (int i = 0; i < n_programs; i++)
    if (!run_seed ((guint32) (first_seed + i)) && ++n_failed > 0 && !keep_going)
      break;
  return n_failed > 0;
}
