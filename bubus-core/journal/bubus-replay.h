/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-event-bus.h"
#include "journal/bubus-journal-reader.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_REPLAY (bubus_replay_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusReplay, bubus_replay, BUBUS, REPLAY, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusReplay *bubus_replay_new          (BubusJournalReader   *reader,
                                        BubusEventBus        *bus) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
double       bubus_replay_get_speed    (BubusReplay          *self);
BUBUS_AVAILABLE_IN_ALL
void         bubus_replay_set_speed    (BubusReplay          *self,
                                        double                speed);
BUBUS_AVAILABLE_IN_ALL
gboolean     bubus_replay_get_dry_run  (BubusReplay          *self);
BUBUS_AVAILABLE_IN_ALL
void         bubus_replay_set_dry_run  (BubusReplay          *self,
                                        gboolean              dry_run);
BUBUS_AVAILABLE_IN_ALL
guint64      bubus_replay_get_n_events (BubusReplay          *self);
BUBUS_AVAILABLE_IN_ALL
void         bubus_replay_run_async    (BubusReplay          *self,
                                        GCancellable         *cancellable,
                                        GAsyncReadyCallback   callback,
                                        gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
gboolean     bubus_replay_run_finish   (BubusReplay          *self,
                                        GAsyncResult         *result,
                                        GError              **error);

G_END_DECLS
