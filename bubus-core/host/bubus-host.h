/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus-host.h> can be included directly."
#endif

#include "bus/bubus-event-bus.h"
#include "host/bubus-plugin-info.h"
#include "host/bubus-plugin-setting.h"

G_BEGIN_DECLS

/**
 * BubusIsolation:
 * @BUBUS_ISOLATION_MANIFEST: those whose manifest says `X-Bubus-Isolation=process`
 * @BUBUS_ISOLATION_PROCESS: all
 *
 * Which plugins get a process of their own.
 *
 * Since: 1.0
 */
typedef enum
{
  BUBUS_ISOLATION_MANIFEST,
  BUBUS_ISOLATION_PROCESS,
} BubusIsolation;

#define BUBUS_TYPE_ISOLATION (bubus_isolation_get_type ())

BUBUS_AVAILABLE_IN_ALL
GType            bubus_isolation_get_type     (void);

#define BUBUS_TYPE_HOST (bubus_host_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusHost, bubus_host, BUBUS, HOST, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusHost       *bubus_host_new               (BubusEventBus  *main_bus) G_GNUC_WARN_UNUSED_RESULT;

BUBUS_AVAILABLE_IN_ALL
BubusEventBus   *bubus_host_get_main_bus      (BubusHost      *self);
BUBUS_AVAILABLE_IN_ALL
BubusEventBus   *bubus_host_lookup_bus        (BubusHost      *self,
                                               const char     *name);
BUBUS_AVAILABLE_IN_ALL
BubusEventBus   *bubus_host_get_bus           (BubusHost      *self,
                                               const char     *name);
BUBUS_AVAILABLE_IN_ALL
GPtrArray       *bubus_host_list_buses        (BubusHost      *self) G_GNUC_WARN_UNUSED_RESULT;

BUBUS_AVAILABLE_IN_ALL
gboolean         bubus_host_add_search_path   (BubusHost      *self,
                                               const char     *path,
                                               GError        **error);
BUBUS_AVAILABLE_IN_ALL
gboolean         bubus_host_scan              (BubusHost      *self,
                                               GError        **error);
BUBUS_AVAILABLE_IN_ALL
BubusPluginInfo *bubus_host_lookup_plugin     (BubusHost      *self,
                                               const char     *name);

BUBUS_AVAILABLE_IN_ALL
double           bubus_host_get_activation_timeout   (BubusHost            *self);
BUBUS_AVAILABLE_IN_ALL
void             bubus_host_set_activation_timeout   (BubusHost            *self,
                                                      double                seconds);
BUBUS_AVAILABLE_IN_ALL
double           bubus_host_get_deactivation_timeout (BubusHost            *self);
BUBUS_AVAILABLE_IN_ALL
void             bubus_host_set_deactivation_timeout (BubusHost            *self,
                                                      double                seconds);

BUBUS_AVAILABLE_IN_ALL
gboolean         bubus_host_activate_plugin          (BubusHost            *self,
                                                      const char           *name,
                                                      GError              **error);
BUBUS_AVAILABLE_IN_ALL
void             bubus_host_activate_plugin_async    (BubusHost            *self,
                                                      const char           *name,
                                                      GCancellable         *cancellable,
                                                      GAsyncReadyCallback   callback,
                                                      gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
gboolean         bubus_host_activate_plugin_finish   (BubusHost            *self,
                                                      GAsyncResult         *result,
                                                      GError              **error);
BUBUS_AVAILABLE_IN_ALL
gboolean         bubus_host_deactivate_plugin        (BubusHost            *self,
                                                      const char           *name,
                                                      GError              **error);
BUBUS_AVAILABLE_IN_ALL
void             bubus_host_deactivate_plugin_async  (BubusHost            *self,
                                                      const char           *name,
                                                      GCancellable         *cancellable,
                                                      GAsyncReadyCallback   callback,
                                                      gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
gboolean         bubus_host_deactivate_plugin_finish (BubusHost            *self,
                                                      GAsyncResult         *result,
                                                      GError              **error);
BUBUS_AVAILABLE_IN_ALL
gboolean         bubus_host_deactivate_all           (BubusHost            *self,
                                                      GError              **error);
BUBUS_AVAILABLE_IN_ALL
void             bubus_host_deactivate_all_async     (BubusHost            *self,
                                                      GCancellable         *cancellable,
                                                      GAsyncReadyCallback   callback,
                                                      gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
gboolean         bubus_host_deactivate_all_finish    (BubusHost            *self,
                                                      GAsyncResult         *result,
                                                      GError              **error);
BUBUS_AVAILABLE_IN_ALL
void             bubus_host_reload_plugin_async      (BubusHost            *self,
                                                      const char           *name,
                                                      GCancellable         *cancellable,
                                                      GAsyncReadyCallback   callback,
                                                      gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
gboolean         bubus_host_reload_plugin_finish     (BubusHost            *self,
                                                      GAsyncResult         *result,
                                                      GError              **error);

BUBUS_AVAILABLE_IN_ALL
gboolean         bubus_host_set_settings_file        (BubusHost            *self,
                                                      const char           *path,
                                                      GError              **error);
BUBUS_AVAILABLE_IN_ALL
const char      *bubus_host_get_settings_file        (BubusHost            *self);
BUBUS_AVAILABLE_IN_ALL
gboolean         bubus_host_is_plugin_enabled        (BubusHost            *self,
                                                      const char           *name);
BUBUS_AVAILABLE_IN_ALL
gboolean         bubus_host_set_plugin_enabled       (BubusHost            *self,
                                                      const char           *name,
                                                      gboolean              enabled,
                                                      GError              **error);
BUBUS_AVAILABLE_IN_ALL
void             bubus_host_set_plugin_setting       (BubusHost            *self,
                                                      const char           *plugin,
                                                      const char           *key,
                                                      const char           *value);
BUBUS_AVAILABLE_IN_ALL
gboolean         bubus_host_store_plugin_setting     (BubusHost            *self,
                                                      const char           *plugin,
                                                      const char           *key,
                                                      GVariant             *value,
                                                      GError              **error);
BUBUS_AVAILABLE_IN_ALL
GPtrArray       *bubus_host_list_plugin_settings     (BubusHost            *self,
                                                      const char           *plugin,
                                                      GError              **error) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
void             bubus_host_activate_enabled_async   (BubusHost            *self,
                                                      GCancellable         *cancellable,
                                                      GAsyncReadyCallback   callback,
                                                      gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
gboolean         bubus_host_activate_enabled_finish  (BubusHost            *self,
                                                      GAsyncResult         *result,
                                                      GError              **error);

G_END_DECLS
