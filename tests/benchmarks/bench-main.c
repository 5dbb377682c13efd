/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdlib.h>

#include "bench-measure.h"

typedef struct
{
  gboolean   json;
  gboolean   list;
  int        n_rounds;
  gboolean   series;
  gboolean   work;
  char      *bytes_of;
  char     **names;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->bytes_of);
  g_strfreev (self->names);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
options_parse (Options   *self,
               int       *argc,
               char    ***argv,
               GError   **error)
{
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, "Print one JSON object", NULL },
    { "list", 0, 0, G_OPTION_ARG_NONE, &self->list, "Print the names of the rows", NULL },
    { "factor", 0, 0, G_OPTION_ARG_DOUBLE, &bench_factor, "Multiply the number of events by F", "F" },
    { "rounds", 0, 0, G_OPTION_ARG_INT, &self->n_rounds, "Measure N times and take the median", "N" },
    { "series", 0, 0, G_OPTION_ARG_NONE, &self->series, "Print how the cost of an event grows, as JSON", NULL },
    { "work", 0, 0, G_OPTION_ARG_NONE, &self->work, "Do the work of the rows once, and measure nothing", NULL },
    { "bytes-of", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &self->bytes_of, NULL, NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->names, NULL, "[ROW…]" },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (context, "Measures what events cost. All rows are measured when none is named.");
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;

  if (self->n_rounds >= 1 && bench_factor > 0)
    return TRUE;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       "The factor must be positive, and there must be at least one round");
  return FALSE;
}

static const BenchRow *
find_row (const char *name)
{
  for (guint i = 0; i < n_bench_rows; i++)
    if (g_str_equal (bench_rows[i].name, name))
      return &bench_rows[i];
  return NULL;
}

static gboolean
names_are_known (char   **names,
                 GError **error)
{
  for (; names != NULL && *names != NULL; names++)
    if (find_row (*names) == NULL)
      {
        g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "There is no row “%s”", *names);
        return FALSE;
      }
  return TRUE;
}

static void
print_bytes (const BenchRow *row,
             gboolean        baseline)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_print ("%s\n", g_ascii_dtostr (buffer, sizeof buffer, bench_measure_bytes (row, baseline)));
}

static gboolean
is_wanted (const Options  *options,
           const BenchRow *row)
{
  const char * const *names = (const char * const *) options->names;

  return names == NULL || g_strv_contains (names, row->name);
}

static void
do_work (const Options *options)
{
  for (guint i = 0; i < n_bench_rows; i++)
    if (is_wanted (options, &bench_rows[i]))
      bench_work (&bench_rows[i]);
}

static void
measure_rows (const Options *options)
{
  g_autofree BenchOutcome *outcomes = g_new (BenchOutcome, n_bench_rows);
  guint n_outcomes = 0;

  if (!options->json)
    bench_print_head ();
  for (guint i = 0; i < n_bench_rows; i++)
    {
      if (!is_wanted (options, &bench_rows[i]))
        continue;
      bench_measure (&bench_rows[i], (guint) options->n_rounds, &outcomes[n_outcomes++]);
      if (!options->json)
        bench_print_text (&outcomes[n_outcomes - 1]);
    }
  if (options->json)
    bench_print_json (outcomes, n_outcomes);
}

/* That a child has run into its timeout is told as a message, and is meant to happen. */
static GLogWriterOutput
write_warnings (GLogLevelFlags   level,
                const GLogField *fields,
                gsize            n_fields,
                gpointer         user_data)
{
  if ((level & G_LOG_LEVEL_MASK) >= G_LOG_LEVEL_MESSAGE)
    return G_LOG_WRITER_HANDLED;
  return g_log_writer_default (level, fields, n_fields, user_data);
}

int
main (int    argc,
      char **argv)
{
  g_auto (Options) options = { .n_rounds = 7 };
  g_autoptr (GError) error = NULL;

  g_log_set_writer_func (write_warnings, NULL, NULL);
  if (!options_parse (&options, &argc, &argv, &error) || !names_are_known (options.names, &error))
    {
      g_printerr ("bubus-bench: %s\n", error->message);
      return EXIT_FAILURE;
    }

  /* A million events are meant to take what they take. */
  bubus_set_memory_limit (0);
  /* As in the callbacks of a loop that runs. */
  g_main_context_acquire (NULL);
  if (options.list)
    for (guint i = 0; i < n_bench_rows; i++)
      g_print ("%s\n", bench_rows[i].name);
  else if (options.series)
    bench_measure_series ((guint) options.n_rounds);
  else if (options.work)
    do_work (&options);
  else if (options.bytes_of != NULL && options.names != NULL)
    print_bytes (find_row (options.names[0]), g_str_equal (options.bytes_of, "baseline"));
  else
    measure_rows (&options);
  g_main_context_release (NULL);
  return EXIT_SUCCESS;
}
