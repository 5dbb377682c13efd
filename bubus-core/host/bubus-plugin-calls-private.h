/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bus/bubus-event-bus.h"

G_BEGIN_DECLS

/* The calls of one plugin's handlers: which of them are not done yet. */
#define BUBUS_TYPE_PLUGIN_CALLS (_bubus_plugin_calls_get_type ())

G_DECLARE_FINAL_TYPE (BubusPluginCalls, _bubus_plugin_calls, BUBUS, PLUGIN_CALLS, GObject)

/* What a handler is registered with: the function of the plugin is called by that of its calls. */
typedef struct
{
  BubusPluginCalls *calls;     /* owned */
  BubusHandlerFunc  func;
  gpointer          user_data;
  GDestroyNotify    notify;    /* nullable */
} BubusPluginCallee;

BubusPluginCalls  *_bubus_plugin_calls_new        (void);
BubusPluginCallee *_bubus_plugin_calls_add_callee (BubusPluginCalls  *self,
                                                   BubusHandlerFunc   func,
                                                   gpointer           user_data,
                                                   GDestroyNotify     notify);
void               _bubus_plugin_callee_free      (gpointer           callee);
gboolean           _bubus_plugin_callee_call      (BubusEvent        *event,
                                                   BubusInvocation   *invocation,
                                                   gpointer           callee,
                                                   GError           **error);

gboolean           _bubus_plugin_calls_are_done   (BubusPluginCalls  *self);
gboolean           _bubus_plugin_calls_on_stack   (BubusPluginCalls  *self);
void               _bubus_plugin_calls_set_waiter (BubusPluginCalls  *self,
                                                   GSourceOnceFunc    func,
                                                   gpointer           user_data);
void               _bubus_plugin_calls_refuse     (BubusPluginCalls  *self);
void               _bubus_plugin_calls_cancel     (BubusPluginCalls  *self);
void               _bubus_plugin_calls_keep       (BubusPluginCalls  *self,
                                                   gpointer           object);

G_END_DECLS
