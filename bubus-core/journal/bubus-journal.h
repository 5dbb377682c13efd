/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-event-bus.h"

G_BEGIN_DECLS

/**
 * BubusJournalDurability:
 * @BUBUS_JOURNAL_DURABILITY_NONE: the system writes to the disk when it likes: what it has been given survives the
 *   process, not a power failure
 * @BUBUS_JOURNAL_DURABILITY_PERIODIC: the disk is told to keep what it has been given, once in
 *   [property@Journal:sync-interval]
 * @BUBUS_JOURNAL_DURABILITY_BEFORE_ACK: nothing is acknowledged before it is on the disk; all that comes while the disk
 *   is busy shares the next sync
 *
 * What a record that is acknowledged survives.
 *
 * Since: 1.0
 */
typedef enum
{
  BUBUS_JOURNAL_DURABILITY_NONE,
  BUBUS_JOURNAL_DURABILITY_PERIODIC,
  BUBUS_JOURNAL_DURABILITY_BEFORE_ACK,
} BubusJournalDurability;

#define BUBUS_TYPE_JOURNAL_DURABILITY (bubus_journal_durability_get_type ())

BUBUS_AVAILABLE_IN_ALL
GType bubus_journal_durability_get_type (void);

#define BUBUS_TYPE_JOURNAL (bubus_journal_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusJournal, bubus_journal, BUBUS, JOURNAL, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusJournal *bubus_journal_new               (GFile                *file) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
BubusJournal *bubus_journal_attach            (BubusEventBus        *bus,
                                               const char           *path) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
GFile        *bubus_journal_get_file          (BubusJournal         *self);
BUBUS_AVAILABLE_IN_ALL
guint64       bubus_journal_get_n_written     (BubusJournal         *self);
BUBUS_AVAILABLE_IN_ALL
guint64       bubus_journal_get_n_failed      (BubusJournal         *self);
BUBUS_AVAILABLE_IN_ALL
gboolean      bubus_journal_is_failing        (BubusJournal         *self);
BUBUS_AVAILABLE_IN_ALL
gboolean      bubus_journal_is_congested      (BubusJournal         *self);

BUBUS_AVAILABLE_IN_ALL
gboolean      bubus_journal_flush             (BubusJournal         *self,
                                               GError              **error);
BUBUS_AVAILABLE_IN_ALL
void          bubus_journal_flush_async       (BubusJournal         *self,
                                               GCancellable         *cancellable,
                                               GAsyncReadyCallback   callback,
                                               gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
gboolean      bubus_journal_flush_finish      (BubusJournal         *self,
                                               GAsyncResult         *result,
                                               GError              **error);
BUBUS_AVAILABLE_IN_ALL
void          bubus_journal_dispatch_async    (BubusJournal         *self,
                                               BubusEventBus        *bus,
                                               BubusEvent           *event,
                                               GCancellable         *cancellable,
                                               GAsyncReadyCallback   callback,
                                               gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
gboolean      bubus_journal_dispatch_finish   (BubusJournal         *self,
                                               GAsyncResult         *result,
                                               GError              **error);
BUBUS_AVAILABLE_IN_ALL
void          bubus_journal_recover_async     (BubusJournal         *self,
                                               BubusEventBus        *bus,
                                               GCancellable         *cancellable,
                                               GAsyncReadyCallback   callback,
                                               gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
gboolean      bubus_journal_recover_finish    (BubusJournal         *self,
                                               GAsyncResult         *result,
                                               guint                *n_recovered,
                                               GError              **error);
BUBUS_AVAILABLE_IN_ALL
guint         bubus_journal_count_unfinished  (BubusJournal         *self);
BUBUS_AVAILABLE_IN_ALL
guint         bubus_journal_get_n_retries     (BubusJournal         *self,
                                               BubusEvent           *event);

G_END_DECLS
