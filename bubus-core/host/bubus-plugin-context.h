/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus-host.h> can be included directly."
#endif

#include "bus/bubus-event-bus.h"
#include "host/bubus-plugin-info.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_PLUGIN_CONTEXT (bubus_plugin_context_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusPluginContext, bubus_plugin_context, BUBUS, PLUGIN_CONTEXT, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusPluginInfo *bubus_plugin_context_get_plugin_info     (BubusPluginContext *self);
BUBUS_AVAILABLE_IN_ALL
GVariant        *bubus_plugin_context_get_settings        (BubusPluginContext *self);
BUBUS_AVAILABLE_IN_ALL
gboolean         bubus_plugin_context_is_closed           (BubusPluginContext *self);
BUBUS_AVAILABLE_IN_ALL
BubusEventBus   *bubus_plugin_context_get_bus             (BubusPluginContext *self,
                                                           const char         *name);
BUBUS_AVAILABLE_IN_ALL
BubusHandler    *bubus_plugin_context_on                  (BubusPluginContext *self,
                                                           BubusEventBus      *bus,
                                                           GType               event_type,
                                                           const char         *name,
                                                           BubusHandlerFunc    func,
                                                           gpointer            user_data,
                                                           GDestroyNotify      notify);
BUBUS_AVAILABLE_IN_ALL
BubusHandler    *bubus_plugin_context_on_pattern          (BubusPluginContext *self,
                                                           BubusEventBus      *bus,
                                                           const char         *pattern,
                                                           const char         *name,
                                                           BubusHandlerFunc    func,
                                                           gpointer            user_data,
                                                           GDestroyNotify      notify);
BUBUS_AVAILABLE_IN_ALL
BubusHandler    *bubus_plugin_context_forward             (BubusPluginContext *self,
                                                           BubusEventBus      *bus,
                                                           const char         *pattern,
                                                           const char         *name,
                                                           BubusEventBus      *target);
BUBUS_AVAILABLE_IN_ALL
gboolean         bubus_plugin_context_off                 (BubusPluginContext *self,
                                                           BubusHandler       *handler);
BUBUS_AVAILABLE_IN_ALL
gboolean         bubus_plugin_context_add_middleware      (BubusPluginContext *self,
                                                           BubusEventBus      *bus,
                                                           BubusMiddleware    *middleware);
BUBUS_AVAILABLE_IN_ALL
gboolean         bubus_plugin_context_remove_middleware   (BubusPluginContext *self,
                                                           BubusMiddleware    *middleware);
BUBUS_AVAILABLE_IN_ALL
gboolean         bubus_plugin_context_register_event_type (BubusPluginContext *self,
                                                           GType               event_type);

BUBUS_AVAILABLE_IN_ALL
void             bubus_plugin_context_defer                (BubusPluginContext *self);
BUBUS_AVAILABLE_IN_ALL
void             bubus_plugin_context_return_done          (BubusPluginContext *self);
BUBUS_AVAILABLE_IN_ALL
void             bubus_plugin_context_return_error         (BubusPluginContext *self,
                                                            const GError       *error);
BUBUS_AVAILABLE_IN_ALL
void             bubus_plugin_context_return_error_literal (BubusPluginContext *self,
                                                            GQuark              domain,
                                                            int                 code,
                                                            const char         *message);
BUBUS_AVAILABLE_IN_ALL
void             bubus_plugin_context_deactivate           (BubusPluginContext *self);

G_END_DECLS
