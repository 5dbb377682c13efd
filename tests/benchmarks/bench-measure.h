/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bench.h"

/* What came out of a row. NAN where there is nothing. */
typedef struct
{
  const BenchRow *row;
  double          figure;
  double          baseline;
  double          ratio;     /* of times */
} BenchOutcome;

void   bench_measure       (const BenchRow     *row,
                            guint               n_rounds,
                            BenchOutcome       *outcome);
double bench_measure_bytes (const BenchRow     *row,
                            gboolean            baseline);

void   bench_work          (const BenchRow     *row);
double bench_median        (double             *numbers,
                            guint               n);

void   bench_measure_series (guint              n_rounds);

void   bench_print_json    (const BenchOutcome *outcomes,
                            guint               n_outcomes);
void   bench_print_head    (void);
void   bench_print_text    (const BenchOutcome *outcome);
