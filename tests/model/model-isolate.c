/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Programs run in a child process. So one that crashes or never ends can be told, and taken apart, like one that
 * breaks an invariant; and what it leaves behind does not disturb the next. */

#define MAX_TEXT 65536

typedef struct
{
  guint32 seed;
  char    failure[MAX_TEXT];
  char    log[4 * MAX_TEXT];
} Shared;

static Shared *
shared_get (void)
{
  static Shared *shared;

  if (shared == NULL)
    shared = mmap (NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  g_assert (shared != MAP_FAILED);
  return shared;
}

guint model_patience = 6000;

char *
program_run (const Program  *program,
             char          **log)
{
  return (program->features & FEATURE_THREADS) != 0 ? program_run_threaded (program, log) : run_program (program, log);
}

/* FALSE, with what is wrong in the shared memory, when the program fails. */
static gboolean
child_run (const Program *program,
           guint          limit)
{
  g_autofree char *log = NULL;
  g_autofree char *failure = NULL;

  alarm (limit);
  model_patience = limit * 100;
  failure = program_run (program, &log);
  alarm (0);
  if (failure == NULL)
    return TRUE;

  g_strlcpy (shared_get ()->failure, failure, MAX_TEXT);
  g_strlcpy (shared_get ()->log, log, 4 * MAX_TEXT);
  return FALSE;
}

/* NULL when the child has ended well. */
static char *
parent_wait (pid_t child)
{
  int status;

  while (waitpid (child, &status, 0) < 0)
    ;
  if (WIFSIGNALED (status) && WTERMSIG (status) == SIGALRM)
    return g_strdup ("it never ends");
  if (WIFSIGNALED (status))
    return g_strdup_printf ("it crashes with signal %d", WTERMSIG (status));
  if (WEXITSTATUS (status) == 0)
    return NULL;
  if (shared_get ()->failure[0] != '\0')
    return g_strdup (shared_get ()->failure);
  return g_strdup_printf ("it ends the process with %d", WEXITSTATUS (status));
}

static pid_t
child_start (void)
{
  Shared *shared = shared_get ();
  pid_t child;

  shared->failure[0] = shared->log[0] = '\0';
  fflush (NULL);
  child = fork ();
  g_assert (child >= 0);
  return child;
}

/* Runs one program, quietly; gives what is wrong with it, or NULL. */
char *
program_run_alone (const Program  *program,
                   guint           limit,
                   char          **log)
{
  pid_t child = child_start ();
  char *failure;

  if (child == 0)
    {
      int nowhere = open ("/dev/null", O_WRONLY);

      dup2 (nowhere, STDERR_FILENO);
      if (!child_run (program, limit))
        _exit (1);
      exit (0); /* leaks are looked for */
    }

  failure = parent_wait (child);
  if (log != NULL)
    *log = g_strdup (shared_get ()->log);
  return failure;
}

/* Runs the programs of @n_seeds seeds, until one fails: then it gives which, what is wrong, and what happened. */
char *
programs_run (guint32           first_seed,
              guint             n_seeds,
              guint             limit,
              ProgramGenerate   generate,
              guint32          *seed,
              char            **log)
{
  pid_t child = child_start ();
  char *failure;

  if (child == 0)
    {
      for (guint i = 0; i < n_seeds; i++)
        {
          Program program;

          shared_get ()->seed = first_seed + i;
          generate (&program, first_seed + i);
          if (!child_run (&program, limit))
            _exit (1);
        }
      exit (0);
    }

  failure = parent_wait (child);
  *seed = shared_get ()->seed;
  *log = g_strdup (shared_get ()->log);
  return failure;
}
