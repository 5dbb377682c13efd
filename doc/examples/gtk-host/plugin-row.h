/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus-host.h>
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A plugin in the list: its name, what it is doing or why it is not, and a switch. */
G_DECLARE_FINAL_TYPE (PluginRow, plugin_row, PLUGIN, ROW, GtkListBoxRow)

GtkWidget       *plugin_row_new      (gpointer   item,
                                      gpointer   user_data);
BubusPluginInfo *plugin_row_get_info (PluginRow *self);

G_END_DECLS
