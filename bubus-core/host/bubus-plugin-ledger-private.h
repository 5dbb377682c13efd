/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* What one plugin has acquired, in order, and how to give it back. */
typedef struct _BubusPluginLedger BubusPluginLedger;

/* Gives @thing back to @owner. */
typedef void (*BubusPluginRelease) (GObject *owner,
                                    GObject *thing);

BubusPluginLedger *_bubus_plugin_ledger_new         (void);
void               _bubus_plugin_ledger_free        (BubusPluginLedger  *self);
void               _bubus_plugin_ledger_enter       (BubusPluginLedger  *self,
                                                     gpointer            owner,
                                                     gpointer            thing,
                                                     BubusPluginRelease  release);
gboolean           _bubus_plugin_ledger_release     (BubusPluginLedger  *self,
                                                     gpointer            thing);
void               _bubus_plugin_ledger_retire_all  (BubusPluginLedger  *self);
void               _bubus_plugin_ledger_release_all (BubusPluginLedger  *self);
char             **_bubus_plugin_ledger_describe    (BubusPluginLedger  *self);

G_END_DECLS
