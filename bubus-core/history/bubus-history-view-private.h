/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "event/bubus-visit-internal.h"
#include "history/bubus-history-feed-internal.h"

G_BEGIN_DECLS

/* What has become of a visit. */
typedef struct
{
  BubusVisit        *visit;
  BubusHistoryStage  stage;
} BubusHistoryChange;

#define BUBUS_TYPE_HISTORY_VIEW (_bubus_history_view_get_type ())

G_DECLARE_FINAL_TYPE (BubusHistoryView, _bubus_history_view, BUBUS, HISTORY_VIEW, GObject)

BubusHistoryStage _bubus_history_view_get_stages (BubusHistoryView *self);
void              _bubus_history_view_update     (BubusHistoryView *self,
                                                  GArray           *changes);
void              _bubus_history_describe_locked (BubusVisit       *visit,
                                                  GArray           *changes);

G_END_DECLS
