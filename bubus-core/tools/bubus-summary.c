/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-summary.h"
#include "bubus-text.h"

/* A stream may name as many types as it has lines; the later ones are counted together. */
#define BUBUS_SUMMARY_MAX_TYPES 1000

#define N_EVENT_STATUSES  (BUBUS_EVENT_STATUS_COMPLETED + 1)
#define N_RESULT_STATUSES (BUBUS_RESULT_STATUS_ERROR + 1)

/* So that one rule says which columns are shown. */
G_STATIC_ASSERT ((int) BUBUS_EVENT_STATUS_COMPLETED == (int) BUBUS_RESULT_STATUS_COMPLETED);

typedef struct
{
  char    *label;
  guint64  n_events[N_EVENT_STATUSES];
  guint64  n_results[N_RESULT_STATUSES];
} BubusSummaryRow;

struct _BubusSummary
{
  GHashTable      *rows;       /* of type name to BubusSummaryRow, which owns the name */
  BubusSummaryRow  others;
  BubusSummaryRow  total;
  GHashTable      *unfinished; /* of event, not owned and not looked into, to status + 1 */
};

static BubusSummaryRow *
bubus_summary_row_new (const char *event_type)
{
  BubusSummaryRow *self = g_new0 (BubusSummaryRow, 1);

  self->label = g_strdup (event_type);
  return self;
}

static void
bubus_summary_row_free (gpointer data)
{
  BubusSummaryRow *self = data;

  g_free (self->label);
  g_free (self);
}

BubusSummary *
bubus_summary_new (void)
{
  BubusSummary *self = g_new0 (BubusSummary, 1);

  self->rows = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, bubus_summary_row_free);
  self->unfinished = g_hash_table_new (NULL, NULL);
  self->others.label = g_strdup ("(other types)");
  self->total.label = g_strdup ("total");
  return self;
}

void
bubus_summary_free (BubusSummary *self)
{
  g_hash_table_unref (self->rows);
  g_hash_table_unref (self->unfinished);
  g_free (self->others.label);
  g_free (self->total.label);
  g_free (self);
}

static BubusSummaryRow *
bubus_summary_get_row (BubusSummary *self,
                       BubusEvent   *event)
{
  const char *event_type = bubus_event_get_event_type (event);
  BubusSummaryRow *row = g_hash_table_lookup (self->rows, event_type);

  if (row != NULL)
    return row;
  if (g_hash_table_size (self->rows) >= BUBUS_SUMMARY_MAX_TYPES)
    return &self->others;

  row = bubus_summary_row_new (event_type);
  g_hash_table_insert (self->rows, row->label, row);
  return row;
}

static void
bubus_summary_count_event (BubusSummary     *self,
                           BubusSummaryRow  *row,
                           BubusEventStatus  status,
                           int               change)
{
  row->n_events[status] += change;
  self->total.n_events[status] += change;
}

static void
bubus_summary_count_results (BubusSummary    *self,
                             BubusSummaryRow *row,
                             BubusEvent      *event)
{
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);

  for (guint i = 0; i < results->len; i++)
    {
      BubusResultStatus status = bubus_event_result_get_status (g_ptr_array_index (results, i));

      row->n_results[status]++;
      self->total.n_results[status]++;
    }
}

/* A forwarded event is pending on several buses, and so told several times. */
void
bubus_summary_note_event (BubusSummary     *self,
                          BubusEvent       *event,
                          BubusEventStatus  status)
{
  BubusSummaryRow *row = bubus_summary_get_row (self, event);
  guint before = GPOINTER_TO_UINT (g_hash_table_lookup (self->unfinished, event));

  if (before > status)
    return;
  if (before != 0)
    bubus_summary_count_event (self, row, before - 1, -1);
  bubus_summary_count_event (self, row, status, 1);

  if (status != BUBUS_EVENT_STATUS_COMPLETED)
    {
      g_hash_table_insert (self->unfinished, event, GUINT_TO_POINTER (status + 1));
      return;
    }
  g_hash_table_remove (self->unfinished, event);
  bubus_summary_count_results (self, row, event);
}

guint64
bubus_summary_get_n_completed (BubusSummary *self)
{
  return self->total.n_events[BUBUS_EVENT_STATUS_COMPLETED];
}

guint64
bubus_summary_get_n_failed_results (BubusSummary *self)
{
  return self->total.n_results[BUBUS_RESULT_STATUS_ERROR];
}

/* ---- the table ---- */

static int
bubus_summary_row_compare (gconstpointer a,
                           gconstpointer b)
{
  return g_strcmp0 (((const BubusSummaryRow *) a)->label, ((const BubusSummaryRow *) b)->label);
}

/* At the end of a run everything is complete, or has failed: the other statuses are shown only if they occur. */
static gboolean
bubus_summary_shows (const guint64 *totals,
                     guint          status)
{
  return status >= BUBUS_EVENT_STATUS_COMPLETED || totals[status] > 0;
}

static void
bubus_summary_append_label (const char *label,
                            GString    *out)
{
  g_autoptr (GString) safe = g_string_new (NULL);

  bubus_text_append_safe (safe, label);
  g_string_append (out, safe->str);
  for (glong i = g_utf8_strlen (safe->str, -1); i < 28; i++)
    g_string_append_c (out, ' ');
}

static void
bubus_summary_append_counts (const guint64 *counts,
                             const guint64 *totals,
                             guint          n_counts,
                             GString       *out)
{
  for (guint i = 0; i < n_counts; i++)
    {
      if (bubus_summary_shows (totals, i))
        g_string_append_printf (out, " %9" G_GUINT64_FORMAT, counts[i]);
    }
}

static void
bubus_summary_append_row (BubusSummary    *self,
                          BubusSummaryRow *row,
                          GString         *out)
{
  bubus_summary_append_label (row->label, out);
  bubus_summary_append_counts (row->n_events, self->total.n_events, N_EVENT_STATUSES, out);
  g_string_append (out, " |");
  bubus_summary_append_counts (row->n_results, self->total.n_results, N_RESULT_STATUSES, out);
  g_string_append_c (out, '\n');
}

static guint
bubus_summary_append_statuses (const guint64 *totals,
                               guint          n_statuses,
                               GString       *out)
{
  static const char *const names[] = { "pending", "started", "completed", "error" };
  guint n_shown = 0;

  for (guint i = 0; i < n_statuses; i++)
    {
      if (bubus_summary_shows (totals, i))
        {
          g_string_append_printf (out, " %9s", names[i]);
          n_shown++;
        }
    }
  return n_shown;
}

static void
bubus_summary_append_head (BubusSummary *self,
                           GString      *out)
{
  g_autoptr (GString) statuses = g_string_new (NULL);
  guint n_events, n_results;

  bubus_summary_append_label ("type", statuses);
  n_events = bubus_summary_append_statuses (self->total.n_events, N_EVENT_STATUSES, statuses);
  g_string_append (statuses, " |");
  n_results = bubus_summary_append_statuses (self->total.n_results, N_RESULT_STATUSES, statuses);

  bubus_summary_append_label ("", out);
  g_string_append_printf (out, "%*s |%*s\n%s\n", 10 * n_events, "events", 10 * n_results, "results", statuses->str);
}

static void
bubus_summary_append_table (BubusSummary *self,
                            GString      *out)
{
  g_autoptr (GList) rows = g_list_sort (g_hash_table_get_values (self->rows), bubus_summary_row_compare);

  bubus_summary_append_head (self, out);
  for (GList *l = rows; l != NULL; l = l->next)
    bubus_summary_append_row (self, l->data, out);
  if (g_hash_table_size (self->rows) >= BUBUS_SUMMARY_MAX_TYPES)
    bubus_summary_append_row (self, &self->others, out);
  bubus_summary_append_row (self, &self->total, out);
}

static guint64
bubus_summary_sum_results (BubusSummary *self)
{
  guint64 sum = 0;

  for (guint i = 0; i < N_RESULT_STATUSES; i++)
    sum += self->total.n_results[i];
  return sum;
}

void
bubus_summary_append (BubusSummary *self,
                      double        seconds,
                      GString      *out)
{
  guint64 n_events = bubus_summary_get_n_completed (self);

  bubus_summary_append_table (self, out);
  g_string_append_printf (out,
                          "%" G_GUINT64_FORMAT " events, %" G_GUINT64_FORMAT " results (%" G_GUINT64_FORMAT
                          " errors) in %.3f s: %.0f events per second\n",
                          n_events, bubus_summary_sum_results (self), bubus_summary_get_n_failed_results (self),
                          seconds, seconds > 0 ? n_events / seconds : 0);
}
