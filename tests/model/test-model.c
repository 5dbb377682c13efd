/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model.h"

/* Makes random programs, runs them, and checks the invariants. A program that fails is taken apart until nothing can be
 * left out, and printed with the command that runs it again. */

/* Real seconds after which a program is said never to end. */
#define LIMIT        60
#define SHRINK_LIMIT 5

static int n_programs = 2000;
static gint64 first_seed = -1;
static gboolean verbose;
static gboolean keep_going;
static gboolean in_threads;

static const GOptionEntry entries[] = {
  { "programs", 'n', 0, G_OPTION_ARG_INT, &n_programs, "How many programs to run", "N" },
  { "seed", 's', 0, G_OPTION_ARG_INT64, &first_seed, "The seed of the first one; they count up", "N" },
  { "verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose, "Print every program, and what happened", NULL },
  { "keep-going", 'k', 0, G_OPTION_ARG_NONE, &keep_going, "Go on after a failure", NULL },
  { "threads", 't', 0, G_OPTION_ARG_NONE, &in_threads, "Programs whose buses live in several threads", NULL },
  G_OPTION_ENTRY_NULL,
};

static GLogWriterOutput
write_log (GLogLevelFlags   level,
           const GLogField *fields,
           gsize            n_fields,
           gpointer         user_data)
{
  /* That a handler has run out of time is no news here. */
  if ((level & (G_LOG_LEVEL_MESSAGE | G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG)) != 0)
    return G_LOG_WRITER_HANDLED;
  return g_log_writer_default (level, fields, n_fields, user_data);
}

/* A failure without its numbers and details: another one must not take its place while the program shrinks. */
static char *
failure_get_kind (const char *failure)
{
  char *kind = g_strndup (failure, strcspn (failure, "\n"));

  g_strcanon (kind, G_CSET_A_2_Z G_CSET_a_2_z " ()-", '#');
  return kind;
}

static char *wanted_kind;

static gboolean
program_fails (const Program *program)
{
  g_autofree char *failure = program_run_alone (program, SHRINK_LIMIT, NULL);
  g_autofree char *kind = failure != NULL ? failure_get_kind (failure) : NULL;

  return g_strcmp0 (kind, wanted_kind) == 0;
}

static void
report (guint32     seed,
        const char *failure,
        const char *first_log)
{
  Program program;
  g_autofree char *log = NULL;
  g_autofree char *text = NULL;
  g_autofree char *last = NULL;

  g_printerr ("program %u fails: %s\n", seed, failure);
  (in_threads ? program_generate_threaded : program_generate) (&program, seed);
  wanted_kind = failure_get_kind (failure);
  program_shrink (&program, program_fails);
  text = program_dump (&program);
  last = program_run_alone (&program, SHRINK_LIMIT, &log);
  g_clear_pointer (&wanted_kind, g_free);
  g_printerr ("what is left of it:\n%swhat happens: %s\n%srun again with --seed %u --programs 1%s\n", text,
              last != NULL ? last : "nothing, this time; but before:",
              last != NULL ? log : first_log, seed, in_threads ? " --threads" : "");
}

static void
print_run (guint32 seed)
{
  Program program;
  g_autofree char *text = NULL;
  g_autofree char *failure = NULL;
  g_autofree char *log = NULL;

  (in_threads ? program_generate_threaded : program_generate) (&program, seed);
  text = program_dump (&program);
  g_print ("%s", text);
  failure = program_run (&program, &log);
  g_print ("%s%s\n", log, failure != NULL ? failure : "All is well.");
}

static gboolean
run_seeds (guint32 seed,
           guint   n_seeds)
{
  const guint32 end = seed + n_seeds;
  gboolean failed = FALSE;

  while (seed != end && (keep_going || !failed))
    {
      g_autofree char *log = NULL;
      g_autofree char *failure = programs_run (seed, end - seed, LIMIT,
                                               in_threads ? program_generate_threaded : program_generate, &seed, &log);

      if (failure == NULL)
        break;
      report (seed++, failure, log);
      failed = TRUE;
    }
  return !failed;
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GOptionContext) options = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

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
  g_print ("%d programs from seed %" G_GINT64_FORMAT "%s\n", n_programs, first_seed, in_threads ? " in threads" : "");
  for (int i = 0; verbose && i < n_programs; i++)
    print_run ((guint32) (first_seed + i));
  return !verbose && !run_seeds ((guint32) first_seed, (guint) n_programs);
}
