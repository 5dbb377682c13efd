/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus-host.h> can be included directly."
#endif

#include "base/bubus-types.h"

G_BEGIN_DECLS

/**
 * BubusPluginState:
 * @BUBUS_PLUGIN_STATE_DISCOVERED: the manifest has been found and read
 * @BUBUS_PLUGIN_STATE_RESOLVED: everything it depends on is there
 * @BUBUS_PLUGIN_STATE_LOADING: its code is being loaded and activated
 * @BUBUS_PLUGIN_STATE_ACTIVE: it works
 * @BUBUS_PLUGIN_STATE_DRAINING: it is being deactivated
 * @BUBUS_PLUGIN_STATE_UNLOADED: it was active, and is not any more
 * @BUBUS_PLUGIN_STATE_FAILED: something is wrong with it, see [property@PluginInfo:error]
 * @BUBUS_PLUGIN_STATE_SKIPPED: something is wrong with a plugin it depends on, see [property@PluginInfo:error]
 *
 * How far a plugin has come.
 *
 * Since: 1.0
 */
typedef enum
{
  BUBUS_PLUGIN_STATE_DISCOVERED,
  BUBUS_PLUGIN_STATE_RESOLVED,
  BUBUS_PLUGIN_STATE_LOADING,
  BUBUS_PLUGIN_STATE_ACTIVE,
  BUBUS_PLUGIN_STATE_DRAINING,
  BUBUS_PLUGIN_STATE_UNLOADED,
  BUBUS_PLUGIN_STATE_FAILED,
  BUBUS_PLUGIN_STATE_SKIPPED,
} BubusPluginState;

#define BUBUS_TYPE_PLUGIN_STATE (bubus_plugin_state_get_type ())

BUBUS_AVAILABLE_IN_ALL
GType bubus_plugin_state_get_type (void);

#define BUBUS_TYPE_PLUGIN_INFO (bubus_plugin_info_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusPluginInfo, bubus_plugin_info, BUBUS, PLUGIN_INFO, GObject)

BUBUS_AVAILABLE_IN_ALL
const char         *bubus_plugin_info_get_name         (BubusPluginInfo *self);
BUBUS_AVAILABLE_IN_ALL
const char         *bubus_plugin_info_get_display_name (BubusPluginInfo *self);
BUBUS_AVAILABLE_IN_ALL
const char         *bubus_plugin_info_get_description  (BubusPluginInfo *self);
BUBUS_AVAILABLE_IN_ALL
const char         *bubus_plugin_info_get_version      (BubusPluginInfo *self);
BUBUS_AVAILABLE_IN_ALL
const char         *bubus_plugin_info_get_website      (BubusPluginInfo *self);
BUBUS_AVAILABLE_IN_ALL
const char * const *bubus_plugin_info_get_authors      (BubusPluginInfo *self);
BUBUS_AVAILABLE_IN_ALL
const char         *bubus_plugin_info_get_loader       (BubusPluginInfo *self);
BUBUS_AVAILABLE_IN_ALL
const char         *bubus_plugin_info_get_directory    (BubusPluginInfo *self);
BUBUS_AVAILABLE_IN_ALL
const char         *bubus_plugin_info_get_path         (BubusPluginInfo *self);
BUBUS_AVAILABLE_IN_ALL
const char * const *bubus_plugin_info_get_depends      (BubusPluginInfo *self);
BUBUS_AVAILABLE_IN_ALL
gboolean            bubus_plugin_info_get_isolated     (BubusPluginInfo *self);
BUBUS_AVAILABLE_IN_ALL
guint               bubus_plugin_info_get_process_id   (BubusPluginInfo *self);
BUBUS_AVAILABLE_IN_ALL
BubusPluginState    bubus_plugin_info_get_state        (BubusPluginInfo *self);
BUBUS_AVAILABLE_IN_ALL
const GError       *bubus_plugin_info_get_error        (BubusPluginInfo *self);
BUBUS_AVAILABLE_IN_ALL
char              **bubus_plugin_info_list_registrations (BubusPluginInfo *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
