/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-host.h"
#include "bubus-plugin-calls-private.h"
#include "bubus-plugin-context.h"
#include "bubus-plugin-ledger-private.h"

G_BEGIN_DECLS

/* What a plugin has said when it was activated or deactivated. */
typedef struct
{
  gboolean  wanted;
  gboolean  deferred;  /* it will answer later */
  gboolean  given;
  GError   *error;     /* nullable: what it has answered */
} BubusPluginAnswer;

struct _BubusPluginContext
{
  GObject parent_instance;

  BubusHost         *host;      /* not owned; NULL when closed */
  BubusPluginInfo   *info;
  BubusPluginLedger *ledger;
  BubusPluginCalls  *calls;
  GVariant          *settings;  /* a dictionary */
  BubusPluginAnswer  answer;    /* to what the host waits for */
  GError            *refusal;   /* nullable: of something that the plugin cannot do without */
  gboolean           draining;  /* nothing new can be acquired */
};

BubusPluginContext *_bubus_plugin_context_new                (BubusHost          *host,
                                                              BubusPluginInfo    *info);
void                _bubus_plugin_context_drain              (BubusPluginContext *self);
void                _bubus_plugin_context_close              (BubusPluginContext *self);
void                _bubus_plugin_context_take_settings      (BubusPluginContext *self,
                                                              GVariant           *settings);
BubusPluginCalls   *_bubus_plugin_context_get_calls          (BubusPluginContext *self);
BubusPluginAnswer  *_bubus_plugin_context_ask                (BubusPluginContext *self);
GError             *_bubus_plugin_context_steal_refusal      (BubusPluginContext *self);
char              **_bubus_plugin_context_list_registrations (BubusPluginContext *self);

G_END_DECLS
