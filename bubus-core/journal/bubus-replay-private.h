/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-clock.h"
#include "journal/bubus-replay.h"

G_BEGIN_DECLS

struct _BubusReplay
{
  GObject             parent_instance;

  BubusJournalReader *reader;
  BubusEventBus      *bus;
  BubusClock         *clock;       /* the bus's */
  double              speed;
  gboolean            dry_run;
  guint64             n_events;
  GHashTable         *seen;        /* BubusUuid */
  gint64              first_at;    /* when the first event was made; 0: there was none yet */
  gint64              started_at;  /* when it was replayed */

  BubusEvent         *waiting;     /* nullable: for its time */
  guint               timeout_id;
  GSource            *cancelled;   /* nullable: while an event waits */
  gboolean            running;
};

void _bubus_replay_tell_malformed (BubusReplay  *self,
                                   const GError *error);
void _bubus_replay_count          (BubusReplay  *self);

G_END_DECLS
