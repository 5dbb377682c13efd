/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus.h>

#include "bubus-output.h"

G_BEGIN_DECLS

#define BUBUS_REPORT_NO_TREES G_MININT

/* All that a run tells: events as they are completed, progress, trees and the summary. */
typedef struct _BubusReport BubusReport;

BubusReport *bubus_report_new                  (const char        *form,
                                                int                n_trees,
                                                BubusOutputFunc    failed,
                                                gpointer           user_data) G_GNUC_WARN_UNUSED_RESULT;
void         bubus_report_free                 (BubusReport       *self);
void         bubus_report_start                (BubusReport       *self);
void         bubus_report_note_event           (BubusReport       *self,
                                                BubusEvent        *event,
                                                BubusEventStatus   status);
void         bubus_report_stop                 (BubusReport       *self);
void         bubus_report_print_trees          (BubusReport       *self,
                                                const char        *bus_name);
void         bubus_report_append_summary       (BubusReport       *self,
                                                GString           *out);
guint64      bubus_report_get_n_failed_results (BubusReport       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusReport, bubus_report_free)

G_END_DECLS
