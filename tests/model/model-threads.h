/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "model.h"

typedef struct
{
  const Program *program;
  GMainContext  *contexts[MODEL_MAX_BUSES];
  GThread       *threads[MODEL_MAX_BUSES];
  BubusEventBus *buses[MODEL_MAX_BUSES];
  int            quit;        /* atomic */
  GMutex         lock;        /* guards all that follows */
  GCond          at_rest;
  GString       *log;
  gint64         logged_at;
  char          *failure;
  GPtrArray     *records;     /* of Shared */
  GHashTable    *seen;        /* event and handler */
  guint          n_calls[MODEL_MAX_HANDLERS];
  guint          n_busy;      /* what is not finished: events, waits, threads */
} Threads;

/* An event, and what all threads know of it. */
typedef struct
{
  Threads     *run;
  BubusEvent  *event;
  guint        index;
  gboolean     accepted;
  guint        n_completed;
  BubusWaiter  waiter;
} Shared;

typedef struct
{
  Threads *run;
  guint    spec;
} Registered;

void     threads_log            (Threads          *run,
                                 const char       *format,
                                 ...) G_GNUC_PRINTF (2, 3);
void     threads_check          (Threads          *run,
                                 gboolean          condition,
                                 const char       *text,
                                 guint             index);
void     threads_begin          (Threads          *run);
void     threads_end            (Threads          *run);
Shared  *shared_new             (Threads          *run,
                                 guint             type);
Shared  *threads_get            (Threads          *run,
                                 guint             number);
gboolean threads_may_refuse     (Threads          *run,
                                 const GError     *error);
gboolean shared_is_accepted     (Shared           *shared);
gboolean shared_note_dispatched (Shared           *shared,
                                 gboolean          accepted,
                                 GError           *error);
gboolean threads_handle         (BubusEvent       *event,
                                 BubusInvocation  *invocation,
                                 gpointer          user_data,
                                 GError          **error);
