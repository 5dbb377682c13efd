/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-overload-private.h"

#include <stdio.h>
#include <string.h>

/* Says when what is tried again and again may fail because there is too much of it (B-9.15): many operations under retry
 * policies at once, or a machine that has nothing left. For the whole process, once in a while. */

#define MAX_RUNNING   30
#define MAX_LOAD      0.85
#define INTERVAL      G_GINT64_CONSTANT (5000000000)

static GMutex lock;
static guint n_running;
static gint64 warned_at = G_MININT64;
static gint64 looked_at = G_MININT64;

/* ---- the machine ---- */

/* From the kernel's tables, which are read without waiting; elsewhere nothing is known. The first figures of the processor
 * are those since the machine was started, the next ones those since then. */
static gboolean
bubus_load_read_processor (double *load)
{
  static guint64 idle_before, total_before;
  guint64 user, nice, system, idle, iowait, irq, softirq, total;
  FILE *file = fopen ("/proc/stat", "re");
  int n_read = 0;

  if (file != NULL)
    n_read = fscanf (file, "cpu %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
                     " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, &user, &nice, &system, &idle,
                     &iowait, &irq, &softirq);
  g_clear_pointer (&file, fclose);
  if (n_read != 7)
    return FALSE;

  idle += iowait;
  total = user + nice + system + idle + irq + softirq;
  *load = total > total_before ? 1 - (double) (idle - idle_before) / (total - total_before) : 0;
  idle_before = idle;
  total_before = total;
  return TRUE;
}

static gboolean
bubus_load_read_memory (double *load)
{
  g_autofree char *text = NULL;
  guint64 total = 0, available = 0;
  const char *line;

  if (!g_file_get_contents ("/proc/meminfo", &text, NULL, NULL))
    return FALSE;

  if (sscanf (text, "MemTotal: %" G_GUINT64_FORMAT, &total) != 1 || total == 0
      || (line = strstr (text, "\nMemAvailable:")) == NULL
      || sscanf (line, "\nMemAvailable: %" G_GUINT64_FORMAT, &available) != 1)
    return FALSE;

  *load = 1 - (double) available / total;
  return TRUE;
}

gboolean
_bubus_overload_read_load (double *processor,
                           double *memory)
{
  return bubus_load_read_processor (processor) && bubus_load_read_memory (memory);
}

static BubusLoadFunc load_func = _bubus_overload_read_load;

/* NULL: the machine again. What was said before is forgotten. */
void
_bubus_overload_set_load_func (BubusLoadFunc func)
{
  g_mutex_lock (&lock);
  load_func = func != NULL ? func : _bubus_overload_read_load;
  warned_at = looked_at = G_MININT64;
  g_mutex_unlock (&lock);
}

/* ---- the warning ---- */

/* Clocks of tests may be behind the one that was asked last. */
static gboolean
bubus_overload_has_passed (gint64 since,
                           gint64 now)
{
  return since == G_MININT64 || now < since || now - since >= INTERVAL;
}

/* What there is too much of; or NULL. */
static char *
bubus_overload_find_locked (gint64 now)
{
  double processor = 0, memory = 0;

  if (n_running > MAX_RUNNING)
    return g_strdup_printf ("%u operations run under retry policies at once", n_running);
  if (!bubus_overload_has_passed (looked_at, now))
    return NULL;

  looked_at = now;
  if (!load_func (&processor, &memory) || (processor <= MAX_LOAD && memory <= MAX_LOAD))
    return NULL;
  return g_strdup_printf ("%.0f %% of the processor and %.0f %% of the memory are in use", processor * 100,
                          memory * 100);
}

/* An operation begins under a retry policy. */
void
_bubus_overload_enter (BubusClock *clock)
{
  gint64 now = bubus_clock_get_time (clock);
  g_autofree char *found = NULL;

  g_mutex_lock (&lock);
  n_running++;
  if (bubus_overload_has_passed (warned_at, now))
    found = bubus_overload_find_locked (now);
  if (found != NULL)
    warned_at = now;
  g_mutex_unlock (&lock);

  if (found != NULL)
    g_message ("overload: %s, so that attempts may fail that would succeed otherwise", found);
}

void
_bubus_overload_leave (void)
{
  g_mutex_lock (&lock);
  n_running--;
  g_mutex_unlock (&lock);
}
