/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* To be preloaded (LD_PRELOAD) into test-model: threads give up the processor, or sleep a moment, where one takes or
 * leaves a lock, wakes a source or counts the last of something. So what happens between two of these steps once in a
 * million programs happens often. CHAOS_SEED chooses where; it does not make a run repeatable. */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <dlfcn.h>
#include <glib-object.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

static void
chaos (void)
{
  static _Thread_local guint32 state;
  struct timespec moment = { 0, 0 };

  if (state == 0)
    {
      const char *seed = g_getenv ("CHAOS_SEED");

      state = (guint32) g_direct_hash (g_thread_self ()) * 2654435761U + (seed != NULL ? (guint32) atoi (seed) : 0) + 1;
    }
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  if (state % 4 == 0)
    sched_yield ();
  else if (state % 61 == 0)
    {
      moment.tv_nsec = state % 100000;
      nanosleep (&moment, NULL);
    }
}

#define CHAOTIC_BEFORE(name, parameters, ...)                       \
  void (name) parameters                                            \
  {                                                                 \
    static void (*next) parameters;                                 \
                                                                    \
    if (next == NULL)                                               \
      next = (void (*) parameters) dlsym (RTLD_NEXT, #name);        \
    chaos ();                                                       \
    next (__VA_ARGS__);                                             \
  }

#define CHAOTIC_AFTER(name, parameters, ...)                        \
  void (name) parameters                                            \
  {                                                                 \
    static void (*next) parameters;                                 \
                                                                    \
    if (next == NULL)                                               \
      next = (void (*) parameters) dlsym (RTLD_NEXT, #name);        \
    next (__VA_ARGS__);                                             \
    chaos ();                                                       \
  }

CHAOTIC_BEFORE (g_mutex_lock, (GMutex *mutex), mutex)
CHAOTIC_AFTER (g_mutex_unlock, (GMutex *mutex), mutex)
CHAOTIC_BEFORE (g_bit_lock, (volatile int *address, int bit), address, bit)
CHAOTIC_AFTER (g_bit_unlock, (volatile int *address, int bit), address, bit)
CHAOTIC_BEFORE (g_source_set_ready_time, (GSource *source, gint64 ready_time), source, ready_time)
CHAOTIC_BEFORE (g_object_unref, (gpointer object), object)
