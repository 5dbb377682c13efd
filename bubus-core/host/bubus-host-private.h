/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-clock.h"
#include "bubus-host.h"
#include "bubus-plugin-engine-private.h"
#include "bubus-plugin-plan-private.h"

G_BEGIN_DECLS

struct _BubusHost
{
  GObject parent_instance;

  BubusEventBus     *main_bus;
  GPtrArray         *buses;                 /* of BubusEventBus, the main bus first */
  GPtrArray         *search_path;           /* canonical */
  GPtrArray         *infos;                 /* of BubusPluginInfo: the items of the list */
  BubusPluginTable  *plugins;               /* by name; borrowed from infos */
  GPtrArray         *units;                 /* of BubusPluginUnit, in the order of activation: what depends is later */
  BubusPluginEngine *engine;

  BubusClock        *clock;
  double             activation_timeout;    /* seconds; 0 is without limit */
  double             deactivation_timeout;
  GQueue             operations;            /* of BubusHostOperation: the first is under way */
  GSource           *wake_source;           /* nullable: the first is to be looked at */
  gboolean           busy;                  /* code of a plugin may be running: it is being activated or deactivated */

  char              *settings_file;         /* nullable */
  GHashTable        *enabled;               /* names of the plugins that are enabled */
  GKeyFile          *overrides;             /* settings of plugins, before those of the file */
};

void      _bubus_host_wake             (BubusHost    *self);
gboolean  _bubus_host_check_idle       (BubusHost    *self,
                                        GError      **error);
void      _bubus_host_close_operations (BubusHost    *self);
GKeyFile *_bubus_host_read_settings    (BubusHost    *self,
                                        GError      **error);

G_END_DECLS
