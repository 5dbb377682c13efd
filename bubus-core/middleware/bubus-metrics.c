/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-metrics.h"

#include <string.h>

#include "bus/bubus-event-bus.h"

/**
 * BubusMetrics:
 *
 * A middleware that counts events by their type, and how long they take.
 *
 * It counts the events that were dispatched and that are complete, and the handlers that have failed; and it has a
 * histogram of the time from an event's creation until it is complete. [method@Metrics.to_text] writes all this in the
 * text form that Prometheus reads.
 *
 * An event that visits several buses to which the same metrics were added is dispatched on each, and complete once. As
 * everybody can make up event types, no more than 1000 are told apart; further ones are counted together, as `other`.
 *
 * May be used from any thread.
 *
 * Since: 1.0
 */

#define MAX_TYPES 1000

static const double bucket_limits[] = { 0.0001, 0.001, 0.01, 0.1, 1, 10, 60 };  /* seconds */

typedef struct
{
  char    *event_type;
  guint64  n_dispatched;
  guint64  n_completed;
  guint64  n_failed;      /* handlers */
  guint64  buckets[G_N_ELEMENTS (bucket_limits)];  /* not more than the limit, and more than the one before */
  double   sum;           /* seconds */
} BubusTally;

struct _BubusMetrics
{
  GObject     parent_instance;

  GMutex      mutex;    /* guards what follows */
  GHashTable *tallies;  /* event type → BubusTally */
};

static void
bubus_tally_free (gpointer data)
{
  BubusTally *self = data;

  g_free (self->event_type);
  g_free (self);
}

static BubusTally *
bubus_metrics_ensure_locked (BubusMetrics *self,
                             const char   *event_type)
{
  BubusTally *tally = g_hash_table_lookup (self->tallies, event_type);

  if (tally != NULL)
    return tally;
  if (g_hash_table_size (self->tallies) >= MAX_TYPES && !g_str_equal (event_type, "other"))
    return bubus_metrics_ensure_locked (self, "other");

  tally = g_new0 (BubusTally, 1);
  tally->event_type = g_strdup (event_type);
  g_hash_table_insert (self->tallies, tally->event_type, tally);
  return tally;
}

static guint
bubus_event_count_failures (BubusEvent *event)
{
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);
  guint n_failed = 0;

  for (guint i = 0; i < results->len; i++)
    n_failed += bubus_event_result_get_error (results->pdata[i]) != NULL;
  return n_failed;
}

static void
bubus_tally_add (BubusTally *self,
                 guint       n_failed,
                 double      seconds)
{
  guint bucket = 0;

  self->n_completed++;
  self->n_failed += n_failed;
  self->sum += seconds;
  while (bucket < G_N_ELEMENTS (bucket_limits) && seconds > bucket_limits[bucket])
    bucket++;
  if (bucket < G_N_ELEMENTS (bucket_limits))
    self->buckets[bucket]++;
}

static void
bubus_metrics_event_changed (BubusMiddleware  *middleware,
                             BubusEventBus    *bus,
                             BubusEvent       *event,
                             BubusEventStatus  status)
{
  BubusMetrics *self = BUBUS_METRICS (middleware);
  const char *event_type = bubus_event_get_event_type (event);
  guint n_failed = 0;
  double seconds = 0;

  if (status == BUBUS_EVENT_STATUS_STARTED)
    return;
  if (status == BUBUS_EVENT_STATUS_COMPLETED)
    {
      n_failed = bubus_event_count_failures (event);
      seconds = (bubus_event_get_event_completed_at (event) - bubus_event_get_event_created_at (event)) / 1e9;
    }

  g_mutex_lock (&self->mutex);
  if (status == BUBUS_EVENT_STATUS_PENDING)
    bubus_metrics_ensure_locked (self, event_type)->n_dispatched++;
  else
    bubus_tally_add (bubus_metrics_ensure_locked (self, event_type), n_failed, MAX (seconds, 0));
  g_mutex_unlock (&self->mutex);
}

static void
bubus_metrics_middleware_init (BubusMiddlewareInterface *iface)
{
  iface->event_changed = bubus_metrics_event_changed;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusMetrics, bubus_metrics, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, bubus_metrics_middleware_init))

static void
bubus_metrics_finalize (GObject *object)
{
  BubusMetrics *self = BUBUS_METRICS (object);

  g_hash_table_unref (self->tallies);
  g_mutex_clear (&self->mutex);

  G_OBJECT_CLASS (bubus_metrics_parent_class)->finalize (object);
}

static void
bubus_metrics_class_init (BubusMetricsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bubus_metrics_finalize;
}

static void
bubus_metrics_init (BubusMetrics *self)
{
  g_mutex_init (&self->mutex);
  self->tallies = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, bubus_tally_free);
}

/* ---- text ---- */

/* What the text form does not have in a label is escaped. */
static void
bubus_metrics_append_label (GString    *out,
                            const char *text)
{
  for (; *text != '\0'; text++)
    {
      if (*text == '\n')
        g_string_append (out, "\\n");
      else if (*text == '"' || *text == '\\')
        g_string_append_printf (out, "\\%c", *text);
      else
        g_string_append_c (out, *text);
    }
}

/* @limit is nullable. */
static void
bubus_metrics_append_line (GString          *out,
                           const char       *name,
                           const BubusTally *tally,
                           const char       *limit,
                           const char       *value)
{
  g_string_append_printf (out, "%s{event_type=\"", name);
  bubus_metrics_append_label (out, tally->event_type);
  g_string_append_c (out, '"');
  if (limit != NULL)
    g_string_append_printf (out, ",le=\"%s\"", limit);
  g_string_append_printf (out, "} %s\n", value);
}

static void
bubus_metrics_append_count (GString          *out,
                            const char       *name,
                            const BubusTally *tally,
                            const char       *limit,
                            guint64           count)
{
  char value[G_ASCII_DTOSTR_BUF_SIZE];

  g_snprintf (value, sizeof (value), "%" G_GUINT64_FORMAT, count);
  bubus_metrics_append_line (out, name, tally, limit, value);
}

static void
bubus_metrics_append_header (GString    *out,
                             const char *name,
                             const char *type,
                             const char *help)
{
  g_string_append_printf (out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
bubus_metrics_append_counters (GString    *out,
                               GList      *tallies,
                               const char *name,
                               const char *help,
                               gsize       offset)
{
  bubus_metrics_append_header (out, name, "counter", help);
  for (GList *l = tallies; l != NULL; l = l->next)
    bubus_metrics_append_count (out, name, l->data, NULL, G_STRUCT_MEMBER (guint64, l->data, offset));
}

static void
bubus_metrics_append_histogram (GString          *out,
                                const BubusTally *tally)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  guint64 n_so_far = 0;

  for (guint i = 0; i < G_N_ELEMENTS (bucket_limits); i++)
    {
      n_so_far += tally->buckets[i];
      g_ascii_formatd (text, sizeof (text), "%g", bucket_limits[i]);
      bubus_metrics_append_count (out, "bubus_event_seconds_bucket", tally, text, n_so_far);
    }
  bubus_metrics_append_count (out, "bubus_event_seconds_bucket", tally, "+Inf", tally->n_completed);
  bubus_metrics_append_line (out, "bubus_event_seconds_sum", tally, NULL,
                             g_ascii_formatd (text, sizeof (text), "%.9g", tally->sum));
  bubus_metrics_append_count (out, "bubus_event_seconds_count", tally, NULL, tally->n_completed);
}

static int
bubus_tally_compare (gconstpointer a,
                     gconstpointer b)
{
  return strcmp (((const BubusTally *) a)->event_type, ((const BubusTally *) b)->event_type);
}

/* ---- public ---- */

/**
 * bubus_metrics_new:
 *
 * Makes metrics, in which all is 0.
 *
 * Returns: (transfer full): new metrics, to be added to buses with [method@Bubus.EventBus.add_middleware]
 *
 * Since: 1.0
 */
BubusMetrics *
bubus_metrics_new (void)
{
  return g_object_new (BUBUS_TYPE_METRICS, NULL);
}

static guint64
bubus_metrics_read (BubusMetrics *self,
                    const char   *event_type,
                    gsize         offset)
{
  BubusTally *tally;
  guint64 count;

  g_mutex_lock (&self->mutex);
  tally = g_hash_table_lookup (self->tallies, event_type);
  count = tally != NULL ? G_STRUCT_MEMBER (guint64, tally, offset) : 0;
  g_mutex_unlock (&self->mutex);
  return count;
}

/**
 * bubus_metrics_get_n_dispatched:
 * @self: metrics
 * @event_type: an event type
 *
 * Says how many events of a type were dispatched.
 *
 * Returns: how many
 *
 * Since: 1.0
 */
guint64
bubus_metrics_get_n_dispatched (BubusMetrics *self,
                                const char   *event_type)
{
  g_return_val_if_fail (BUBUS_IS_METRICS (self), 0);
  g_return_val_if_fail (event_type != NULL, 0);

  return bubus_metrics_read (self, event_type, G_STRUCT_OFFSET (BubusTally, n_dispatched));
}

/**
 * bubus_metrics_get_n_completed:
 * @self: metrics
 * @event_type: an event type
 *
 * Says how many events of a type are complete.
 *
 * Returns: how many
 *
 * Since: 1.0
 */
guint64
bubus_metrics_get_n_completed (BubusMetrics *self,
                               const char   *event_type)
{
  g_return_val_if_fail (BUBUS_IS_METRICS (self), 0);
  g_return_val_if_fail (event_type != NULL, 0);

  return bubus_metrics_read (self, event_type, G_STRUCT_OFFSET (BubusTally, n_completed));
}

/**
 * bubus_metrics_get_n_failed:
 * @self: metrics
 * @event_type: an event type
 *
 * Says how many handlers of events of a type have failed.
 *
 * Returns: how many
 *
 * Since: 1.0
 */
guint64
bubus_metrics_get_n_failed (BubusMetrics *self,
                            const char   *event_type)
{
  g_return_val_if_fail (BUBUS_IS_METRICS (self), 0);
  g_return_val_if_fail (event_type != NULL, 0);

  return bubus_metrics_read (self, event_type, G_STRUCT_OFFSET (BubusTally, n_failed));
}

/**
 * bubus_metrics_to_text:
 * @self: metrics
 *
 * Writes everything in the text form of Prometheus, by event types in the order of their bytes.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
bubus_metrics_to_text (BubusMetrics *self)
{
  GString *out;
  GList *tallies;

  g_return_val_if_fail (BUBUS_IS_METRICS (self), NULL);

  out = g_string_new (NULL);
  g_mutex_lock (&self->mutex);
  tallies = g_list_sort (g_hash_table_get_values (self->tallies), bubus_tally_compare);
  bubus_metrics_append_counters (out, tallies, "bubus_events_dispatched_total", "Events that were dispatched.",
                                 G_STRUCT_OFFSET (BubusTally, n_dispatched));
  bubus_metrics_append_counters (out, tallies, "bubus_events_completed_total", "Events that are complete.",
                                 G_STRUCT_OFFSET (BubusTally, n_completed));
  bubus_metrics_append_counters (out, tallies, "bubus_handler_failures_total", "Handlers that have failed.",
                                 G_STRUCT_OFFSET (BubusTally, n_failed));
  bubus_metrics_append_header (out, "bubus_event_seconds", "histogram", "From creation until an event is complete.");
  for (GList *l = tallies; l != NULL; l = l->next)
    bubus_metrics_append_histogram (out, l->data);
  g_mutex_unlock (&self->mutex);

  g_list_free (tallies);
  return g_string_free (out, FALSE);
}
