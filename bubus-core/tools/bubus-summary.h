/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus.h>

G_BEGIN_DECLS

/* Counts events and their results by type and status. */
typedef struct _BubusSummary BubusSummary;

BubusSummary *bubus_summary_new                  (void) G_GNUC_WARN_UNUSED_RESULT;
void          bubus_summary_free                 (BubusSummary      *self);
void          bubus_summary_note_event           (BubusSummary      *self,
                                                  BubusEvent        *event,
                                                  BubusEventStatus   status);
guint64       bubus_summary_get_n_completed      (BubusSummary      *self);
guint64       bubus_summary_get_n_failed_results (BubusSummary      *self);
void          bubus_summary_append               (BubusSummary      *self,
                                                  double             seconds,
                                                  GString           *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusSummary, bubus_summary_free)

G_END_DECLS
