/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <math.h>

#include "bench-measure.h"

static const char *
format_number (char       *buffer,
               gsize       size,
               const char *format,
               double      number)
{
  return isfinite (number) ? g_ascii_formatd (buffer, (int) size, format, number) : "null";
}

static void
print_member (const char *name,
              double      number)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_print (", \"%s\": %s", name, format_number (buffer, sizeof buffer, "%.2f", number));
}

static double
budget_of (const BenchRow *row)
{
  return row->budget > 0 ? row->budget : NAN;
}

void
bench_print_json (const BenchOutcome *outcomes,
                  guint               n_outcomes)
{
  g_print ("{\"rows\": [");
  for (guint i = 0; i < n_outcomes; i++)
    {
      const BenchOutcome *outcome = &outcomes[i];
      const BenchRow *row = outcome->row;
      gboolean is_time = row->unit == BENCH_UNIT_NS;
      const char *quote = row->baseline != NULL ? "\"" : "";

      g_print ("%s\n  {\"name\": \"%s\"", i > 0 ? "," : "", row->name);
      print_member ("ns", is_time ? outcome->figure : NAN);
      g_print (", \"baseline\": %s%s%s", quote, row->baseline != NULL ? row->baseline->name : "null", quote);
      print_member ("baseline_ns", is_time ? outcome->baseline : NAN);
      print_member ("ratio", outcome->ratio);
      print_member ("budget", budget_of (row));
      if (!is_time)
        {
          print_member ("bytes", outcome->figure);
          print_member ("baseline_bytes", outcome->baseline);
        }
      g_print ("}");
    }
  g_print ("\n]}\n");
}

/* ---- text ---- */

static const char *
cell (char       *buffer,
      gsize       size,
      const char *format,
      double      number)
{
  return isfinite (number) ? format_number (buffer, size, format, number) : "-";
}

void
bench_print_head (void)
{
  g_print ("%-26s %12s %-18s %-18s %12s %7s %7s\n", "row", "figure", "unit", "baseline", "", "ratio", "budget");
}

void
bench_print_text (const BenchOutcome *outcome)
{
  const BenchRow *row = outcome->row;
  gboolean is_time = row->unit == BENCH_UNIT_NS;
  double judged = is_time ? outcome->ratio : outcome->figure;
  g_autofree char *unit = g_strconcat (is_time ? "ns/" : "bytes/", row->per, NULL);
  char cells[4][G_ASCII_DTOSTR_BUF_SIZE];

  g_print ("%-26s %12s %-18s %-18s %12s %7s %7s%s\n", row->name,
           cell (cells[0], sizeof cells[0], "%.1f", outcome->figure), unit,
           row->baseline != NULL ? row->baseline->name : "-",
           cell (cells[1], sizeof cells[1], "%.1f", outcome->baseline),
           cell (cells[2], sizeof cells[2], "%.2f", outcome->ratio),
           cell (cells[3], sizeof cells[3], "%.1f", budget_of (row)),
           row->budget > 0 && judged > row->budget ? "  over" : "");
}
