/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <math.h>
#include <stdlib.h>

#include "bench-measure.h"

static int
compare_numbers (gconstpointer a,
                 gconstpointer b)
{
  const double *left = a;
  const double *right = b;

  return (*left > *right) - (*left < *right);
}

double
bench_median (double *numbers,
              guint   n)
{
  qsort (numbers, n, sizeof (double), compare_numbers);
  return (numbers[(n - 1) / 2] + numbers[n / 2]) / 2;
}

static double
measure_row (const BenchRow *row)
{
  return row->func (bench_scaled (row->n));
}

static double
measure_baseline (const BenchRow *row)
{
  return row->baseline != NULL ? row->baseline->func (bench_scaled (row->baseline->n)) : NAN;
}

/* Row and baseline in turn, so that what slows the machine down for a while slows both. */
static void
measure_times (const BenchRow *row,
               guint           n_rounds,
               BenchOutcome   *outcome)
{
  g_autofree double *figures = g_new (double, n_rounds);
  g_autofree double *baselines = g_new (double, n_rounds);

  row->func (bench_scaled (row->n / 10));
  measure_baseline (row);
  for (guint i = 0; i < n_rounds; i++)
    {
      baselines[i] = measure_baseline (row);
      figures[i] = measure_row (row) - (row->beyond ? baselines[i] : 0);
    }
  outcome->figure = bench_median (figures, n_rounds);
  outcome->baseline = row->baseline != NULL ? bench_median (baselines, n_rounds) : NAN;
  outcome->ratio = outcome->figure / outcome->baseline;
}

/* Nothing but the work: for programs that look on, such as callgrind. */
void
bench_work (const BenchRow *row)
{
  measure_row (row);
}

/* ---- bytes: the allocator must not remember other rows, so each figure has a process of its own ---- */

double
bench_measure_bytes (const BenchRow *row,
                     gboolean        baseline)
{
  BenchFunc func = baseline ? row->baseline->func : row->func;

  func (1);
  return baseline ? measure_baseline (row) : measure_row (row);
}

static double
measure_elsewhere (const BenchRow *row,
                   gboolean        baseline)
{
  char factor[G_ASCII_DTOSTR_BUF_SIZE];
  const char *arguments[] = { "/proc/self/exe", "--bytes-of", baseline ? "baseline" : "row",
                              "--factor", factor, row->name, NULL };
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_ascii_dtostr (factor, sizeof factor, bench_factor);
  g_spawn_sync (NULL, (char **) arguments, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL, &status, &error);
  g_assert_no_error (error);
  g_spawn_check_wait_status (status, &error);
  g_assert_no_error (error);
  return g_ascii_strtod (output, NULL);
}

void
bench_measure (const BenchRow *row,
               guint           n_rounds,
               BenchOutcome   *outcome)
{
  outcome->row = row;
  if (row->unit == BENCH_UNIT_NS)
    {
      measure_times (row, n_rounds, outcome);
      return;
    }

  outcome->baseline = measure_elsewhere (row, TRUE);
  outcome->figure = measure_elsewhere (row, FALSE) - outcome->baseline;
  outcome->ratio = NAN;
}
