/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <math.h>

#include <glib/gi18n.h>

#include "bubus-console.h"
#include "bubus-journal-options.h"
#include "bubus-options.h"
#include "bubus-text.h"
#include "bubus-verbs.h"

/* The events of one type. Latency is what passes from an event's creation to its completion. */
typedef struct
{
  char    *name;
  guint64  n_events;
  guint64  n_completed;
  guint64  n_failed;     /* results */
  GArray  *latencies;    /* of double, seconds */
} BubusTypeStats;

static void
bubus_type_stats_free (gpointer data)
{
  BubusTypeStats *self = data;

  g_array_unref (self->latencies);
  g_free (self->name);
  g_free (self);
}

static BubusTypeStats *
bubus_stats_get_type (GHashTable *types,
                      const char *name)
{
  BubusTypeStats *self = g_hash_table_lookup (types, name);

  if (self != NULL)
    return self;
  self = g_new0 (BubusTypeStats, 1);
  self->name = g_strdup (name);
  self->latencies = g_array_new (FALSE, FALSE, sizeof (double));
  g_hash_table_insert (types, self->name, self);
  return self;
}

/* ---- counting ---- */

static guint
bubus_stats_count_failures (BubusEvent *event)
{
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);
  guint n = 0;

  for (guint i = 0; i < results->len; i++)
    n += bubus_event_result_get_status (results->pdata[i]) == BUBUS_RESULT_STATUS_ERROR;
  return n;
}

static void
bubus_stats_note (GHashTable *types,
                  GHashTable *ids,
                  BubusEvent *event)
{
  BubusTypeStats *type = bubus_stats_get_type (types, bubus_event_get_event_type (event));
  double latency;

  type->n_events += g_hash_table_add (ids, g_strdup (bubus_event_get_event_id (event)));
  if (bubus_event_get_event_status (event) != BUBUS_EVENT_STATUS_COMPLETED)
    return;

  type->n_completed++;
  type->n_failed += bubus_stats_count_failures (event);
  latency = (bubus_event_get_event_completed_at (event) - bubus_event_get_event_created_at (event)) / 1e9;
  g_array_append_val (type->latencies, latency);
}

/* ---- telling ---- */

static int
bubus_stats_compare_latencies (gconstpointer a,
                               gconstpointer b)
{
  double first = *(const double *) a;
  double second = *(const double *) b;

  return (first > second) - (first < second);
}

/* The smallest latency that so many percent do not exceed. */
static double
bubus_type_stats_get_percentile (BubusTypeStats *self,
                                 double          percent)
{
  guint n = self->latencies->len;
  guint rank = (guint) ceil (percent / 100 * n);

  return n > 0 ? g_array_index (self->latencies, double, MAX (rank, 1) - 1) : 0;
}

static void
bubus_type_stats_append (BubusTypeStats *self,
                         GString        *out)
{
  static const double percents[] = { 50, 90, 99, 100 };

  g_array_sort (self->latencies, bubus_stats_compare_latencies);
  g_string_append_printf (out, "%10" G_GUINT64_FORMAT " %10" G_GUINT64_FORMAT " %10" G_GUINT64_FORMAT, self->n_events,
                          self->n_completed, self->n_failed);
  for (guint i = 0; i < G_N_ELEMENTS (percents); i++)
    g_string_append_printf (out, " %11.3f", bubus_type_stats_get_percentile (self, percents[i]) * 1000);
  g_string_append (out, "  ");
  bubus_text_append_safe (out, self->name);
  g_string_append_c (out, '\n');
}

static void
bubus_stats_print (GHashTable *types)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (types), (GCompareFunc) g_strcmp0);

  g_string_append_printf (out, "%10s %10s %10s %11s %11s %11s %11s  %s\n", "events", "completed", "errors", "50% (ms)",
                          "90% (ms)", "99% (ms)", "max (ms)", "type");
  for (GList *l = names; l != NULL; l = l->next)
    bubus_type_stats_append (g_hash_table_lookup (types, l->data), out);
  bubus_console_write (out->str, FALSE);
}

static int
bubus_stats_execute (BubusJournalOptions *options)
{
  g_autoptr (BubusJournalReader) reader = bubus_journal_options_open (options, TRUE);
  g_autoptr (GHashTable) types = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, bubus_type_stats_free);
  g_autoptr (GHashTable) ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint64 n_malformed = 0;
  gboolean failed = FALSE;

  if (reader == NULL)
    return BUBUS_EXIT_USAGE;
  while (TRUE)
    {
      g_autoptr (BubusEvent) event = bubus_journal_options_read (reader, &n_malformed, &failed);

      if (event == NULL)
        break;
      bubus_stats_note (types, ids, event);
    }
  bubus_stats_print (types);
  bubus_journal_options_tell_torn (reader);
  return failed || n_malformed > 0 ? BUBUS_EXIT_FAILED : BUBUS_EXIT_OK;
}

int
bubus_stats_main (char **arguments)
{
  g_autoptr (GOptionContext) context =
    bubus_options_new (N_("FILE"),
                       N_("Counts the events of a journal by their type, and tells how long they took from\n"
                          "their creation to their completion."));
  g_auto (BubusJournalOptions) options = { 0 };

  bubus_journal_options_add (&options, context);
  if (!bubus_options_parse (context, arguments))
    return BUBUS_EXIT_USAGE;
  return bubus_stats_execute (&options);
}
