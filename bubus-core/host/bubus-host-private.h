/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-clock.h"
#include "bubus-host.h"
#include "bubus-plugin-engine-private.h"
#include "bubus-plugin-plan-private.h"

G_BEGIN_DECLS

/* The properties that are in bubus-host-worker.c, after those of bubus-host.c. */
typedef enum
{
  BUBUS_HOST_PROP_ISOLATION = 100,
  BUBUS_HOST_PROP_WORKER_RESTART_LIMIT,
  BUBUS_HOST_PROP_WORKER_RESTART_DELAY,
  BUBUS_HOST_PROP_WORKER_HANG_TIMEOUT,
  BUBUS_HOST_PROP_WORKER_MEMORY_LIMIT,
  BUBUS_HOST_PROP_WORKER_MAX_FRAME_SIZE,
  BUBUS_HOST_PROP_WORKER_MAX_IN_FLIGHT,
} BubusHostWorkerProperty;

typedef struct
{
  BubusIsolation isolation;
  guint          restart_limit;
  double         restart_delay;   /* seconds */
  double         hang_timeout;    /* seconds; 0 is without limit */
  guint64        memory_limit;    /* bytes; 0 is without limit */
  guint          max_frame_size;  /* bytes */
  guint          max_in_flight;   /* 0 is without limit */
} BubusHostWorkerSettings;

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

  BubusHostWorkerSettings   worker;
  struct _BubusWorkerGuest *guest;          /* nullable, not owned: this is the host in a worker */

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
gboolean  _bubus_host_load_settings    (const char   *path,
                                        GKeyFile     *keys,
                                        GError      **error);
gboolean  _bubus_host_write_settings   (BubusHost    *self,
                                        GKeyFile     *keys,
                                        GError      **error);
void     _bubus_host_add_plugin       (BubusHost       *self,
                                       BubusPluginInfo *info);

void     _bubus_host_init_worker         (BubusHost    *self);
void     _bubus_host_install_worker      (GObjectClass *klass);
gboolean _bubus_host_get_worker_property (BubusHost    *self,
                                          guint         prop_id,
                                          GValue       *value);
gboolean _bubus_host_set_worker_property (BubusHost    *self,
                                          guint         prop_id,
                                          const GValue *value);

G_END_DECLS
