/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-footprint-internal.h"

#include "history/bubus-memory.h"

#define DEFAULT_LIMIT ((guint64) 50 * 1000 * 1000)
#define MAX_NAMED     5

/* All buses of the process. The lock is taken after a bus's, if at all. */
static GMutex registry_lock;
static BubusQueue registry = { { &registry.root, &registry.root }, 0 };
static guint64 limit = DEFAULT_LIMIT;
static guint64 warned_at;  /* 0: not since there was room again */

/* What one bus has, as it was when it was asked. */
typedef struct
{
  BubusBusInfo *info;
  gsize         bytes;
} BubusShare;

void
_bubus_footprint_init (BubusFootprint *self,
                       BubusBusInfo   *info)
{
  self->info = info;
  atomic_init (&self->bytes, 0);
  atomic_init (&self->next_check, BUBUS_FOOTPRINT_STEP);
  g_mutex_lock (&registry_lock);
  _bubus_queue_push_tail (&registry, &self->link);
  g_mutex_unlock (&registry_lock);
}

void
_bubus_footprint_clear (BubusFootprint *self)
{
  g_mutex_lock (&registry_lock);
  _bubus_queue_remove (&registry, &self->link);
  g_mutex_unlock (&registry_lock);
}

static guint64
bubus_footprint_sum_locked (void)
{
  guint64 sum = 0;

  for (BubusLink *link = _bubus_queue_peek_head (&registry); link != NULL; link = _bubus_queue_next (&registry, link))
    sum += _bubus_footprint_get (BUBUS_LINK_OWNER (link, BubusFootprint, link));
  return sum;
}

/* Whether there is something new to say: once when the limit is passed, then when there is twice as much. */
static gboolean
bubus_footprint_is_alarming_locked (guint64 sum)
{
  if (limit == 0 || sum <= limit / 2)
    warned_at = 0;
  if (limit == 0 || sum <= limit || (warned_at != 0 && sum / 2 < warned_at))
    return FALSE;

  warned_at = sum;
  return TRUE;
}

static void
bubus_share_clear (BubusShare *self)
{
  _bubus_bus_info_unref (self->info);
}

static int
bubus_share_compare (gconstpointer left,
                     gconstpointer right)
{
  const BubusShare *a = left;
  const BubusShare *b = right;

  return a->bytes > b->bytes ? -1 : a->bytes < b->bytes;
}

static GArray *
bubus_footprint_list_shares_locked (void)
{
  GArray *shares = g_array_new (FALSE, FALSE, sizeof (BubusShare));

  g_array_set_clear_func (shares, (GDestroyNotify) bubus_share_clear);
  for (BubusLink *link = _bubus_queue_peek_head (&registry); link != NULL; link = _bubus_queue_next (&registry, link))
    {
      BubusFootprint *footprint = BUBUS_LINK_OWNER (link, BubusFootprint, link);
      BubusShare share = { _bubus_bus_info_ref (footprint->info), _bubus_footprint_get (footprint) };

      g_array_append_val (shares, share);
    }
  return shares;
}

static void
bubus_footprint_warn (guint64  sum,
                      guint64  passed,
                      GArray  *shares)
{
  g_autoptr (GString) names = g_string_new (NULL);
  g_autofree char *used = g_strdup_printf ("%" G_GUINT64_FORMAT, sum);
  g_autofree char *allowed = g_strdup_printf ("%" G_GUINT64_FORMAT, passed);

  g_array_sort (shares, bubus_share_compare);
  for (guint i = 0; i < MIN (shares->len, MAX_NAMED); i++)
    {
      const BubusShare *share = &g_array_index (shares, BubusShare, i);

      g_string_append_printf (names, "%s“%s” %.1f MB", i > 0 ? ", " : "", share->info->label, share->bytes / 1e6);
    }
  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING,
                    "BUBUS_MEMORY_USED", used,
                    "BUBUS_MEMORY_LIMIT", allowed,
                    "MESSAGE", "The events of all buses take about %.1f MB, and more than %.1f MB is suspicious: %s. "
                    "A smaller max-history-size keeps fewer of them.", sum / 1e6, passed / 1e6, names->str);
}

/* Looks at the sum, which cannot have passed the limit unnoticed by more than a step for each bus. */
void
_bubus_footprint_check (BubusFootprint *self)
{
  g_autoptr (GArray) shares = NULL;
  guint64 passed;
  guint64 sum;

  g_mutex_lock (&registry_lock);
  atomic_store_explicit (&self->next_check, _bubus_footprint_get (self) + BUBUS_FOOTPRINT_STEP, memory_order_relaxed);
  sum = bubus_footprint_sum_locked ();
  passed = limit;
  if (bubus_footprint_is_alarming_locked (sum))
    shares = bubus_footprint_list_shares_locked ();
  g_mutex_unlock (&registry_lock);

  if (shares != NULL)
    bubus_footprint_warn (sum, passed, shares);
}

/**
 * bubus_get_memory_used:
 *
 * Estimates the memory that the unfinished and the remembered events of all buses of the process take.
 *
 * The estimate counts instances, results, and the texts, variants, JSON and bytes of payload that is described in field
 * tables and of results. What objects and other boxed values take is not known to it. An event that was forwarded
 * counts on the bus that had it first. May be called from any thread.
 *
 * Returns: a number of bytes
 *
 * Since: 1.0
 */
guint64
bubus_get_memory_used (void)
{
  guint64 sum;

  g_mutex_lock (&registry_lock);
  sum = bubus_footprint_sum_locked ();
  g_mutex_unlock (&registry_lock);
  return sum;
}

/**
 * bubus_get_memory_limit:
 *
 * Says from where on the memory that events take is worth a warning. May be called from any thread.
 *
 * Returns: a number of bytes; 0 is without limit
 *
 * Since: 1.0
 */
guint64
bubus_get_memory_limit (void)
{
  guint64 n_bytes;

  g_mutex_lock (&registry_lock);
  n_bytes = limit;
  g_mutex_unlock (&registry_lock);
  return n_bytes;
}

/**
 * bubus_set_memory_limit:
 * @n_bytes: a number of bytes; 0 is without limit
 *
 * Sets from where on the memory that events take is worth a warning: 50 MB unless it is set.
 *
 * The warning is logged once, and names the buses that have most. There is another one when there is twice as much, or
 * when the limit is passed again after at least half of it was free. It is looked for as buses grow, in steps of some
 * kilobytes. Nothing is refused. May be called from any thread.
 *
 * Since: 1.0
 */
void
bubus_set_memory_limit (guint64 n_bytes)
{
  g_mutex_lock (&registry_lock);
  limit = n_bytes;
  warned_at = 0;
  g_mutex_unlock (&registry_lock);
}
