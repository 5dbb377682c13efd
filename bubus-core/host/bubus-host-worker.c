/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-host-private.h"

#include "codec/bubus-event-json.h"

/* What a host lets plugins do that have a process of their own. */

#define DEFAULT_RESTART_LIMIT 3
#define DEFAULT_RESTART_DELAY 0.5
#define DEFAULT_HANG_TIMEOUT 60.0
#define DEFAULT_MAX_FRAME_SIZE BUBUS_EVENT_JSON_MAX_SIZE
#define DEFAULT_MAX_IN_FLIGHT 1000

G_DEFINE_ENUM_TYPE (BubusIsolation, bubus_isolation,
                    G_DEFINE_ENUM_VALUE (BUBUS_ISOLATION_MANIFEST, "manifest"),
                    G_DEFINE_ENUM_VALUE (BUBUS_ISOLATION_PROCESS, "process"))

void
_bubus_host_init_worker (BubusHost *self)
{
  self->worker = (BubusHostWorkerSettings) {
    .restart_limit = DEFAULT_RESTART_LIMIT,
    .restart_delay = DEFAULT_RESTART_DELAY,
    .hang_timeout = DEFAULT_HANG_TIMEOUT,
    .max_frame_size = DEFAULT_MAX_FRAME_SIZE,
    .max_in_flight = DEFAULT_MAX_IN_FLIGHT,
  };
}

static void
bubus_host_install_restarts (GObjectClass *klass,
                             GParamFlags   flags)
{
  /**
   * BubusHost:worker-restart-limit:
   *
   * How often in a row the process of an isolated plugin is started again when it has crashed; then the plugin fails.
   *
   * A process that has lasted a minute begins a new row.
   *
   * Since: 1.0
   */
  g_object_class_install_property (klass, BUBUS_HOST_PROP_WORKER_RESTART_LIMIT,
                                   g_param_spec_uint ("worker-restart-limit", NULL, NULL, 0, G_MAXUINT,
                                                      DEFAULT_RESTART_LIMIT, flags));

  /**
   * BubusHost:worker-restart-delay:
   *
   * How long after a crash the process of an isolated plugin is started again, in seconds. It is twice as long for
   * each further start in a row, but a minute at most.
   *
   * Since: 1.0
   */
  g_object_class_install_property (klass, BUBUS_HOST_PROP_WORKER_RESTART_DELAY,
                                   g_param_spec_double ("worker-restart-delay", NULL, NULL, 0, G_MAXDOUBLE,
                                                        DEFAULT_RESTART_DELAY, flags));

  /**
   * BubusHost:worker-hang-timeout:
   *
   * How long the process of an isolated plugin that is active may do without its main loop, in seconds; 0 is without
   * limit. A process that hangs is killed, which is a crash. It may take up to twice as long until that is noticed.
   *
   * Since: 1.0
   */
  g_object_class_install_property (klass, BUBUS_HOST_PROP_WORKER_HANG_TIMEOUT,
                                   g_param_spec_double ("worker-hang-timeout", NULL, NULL, 0, G_MAXDOUBLE,
                                                        DEFAULT_HANG_TIMEOUT, flags));
}

static void
bubus_host_install_limits (GObjectClass *klass,
                           GParamFlags   flags)
{
  /**
   * BubusHost:worker-memory-limit:
   *
   * How much memory an isolated plugin may take beyond what its process needs to begin, in bytes; 0 is without limit.
   * It counts what the process can write and shares with no other. What happens beyond it is up to the plugin; most
   * are aborted, which is a crash. Holds for processes that are started after it has been set.
   *
   * Since: 1.0
   */
  g_object_class_install_property (klass, BUBUS_HOST_PROP_WORKER_MEMORY_LIMIT,
                                   g_param_spec_uint64 ("worker-memory-limit", NULL, NULL, 0, G_MAXINT64, 0, flags));

  /**
   * BubusHost:worker-max-frame-size:
   *
   * How large an event or a result may be, in bytes of JSON, to reach an isolated plugin or to come from it. Holds for
   * processes that are started after it has been set.
   *
   * Since: 1.0
   */
  g_object_class_install_property (klass, BUBUS_HOST_PROP_WORKER_MAX_FRAME_SIZE,
                                   g_param_spec_uint ("worker-max-frame-size", NULL, NULL, 1024, G_MAXINT / 8,
                                                      DEFAULT_MAX_FRAME_SIZE, flags));

  /**
   * BubusHost:worker-max-in-flight:
   *
   * How many events an isolated plugin may have been sent and not answered; 0 is without limit. Handlers of further
   * events fail with %BUBUS_ERROR_FULL.
   *
   * Since: 1.0
   */
  g_object_class_install_property (klass, BUBUS_HOST_PROP_WORKER_MAX_IN_FLIGHT,
                                   g_param_spec_uint ("worker-max-in-flight", NULL, NULL, 0, G_MAXUINT,
                                                      DEFAULT_MAX_IN_FLIGHT, flags));
}

void
_bubus_host_install_worker (GObjectClass *klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  /**
   * BubusHost:isolation:
   *
   * Which plugins get a process of their own. Holds for those that are activated after it has been set.
   *
   * Since: 1.0
   */
  g_object_class_install_property (klass, BUBUS_HOST_PROP_ISOLATION,
                                   g_param_spec_enum ("isolation", NULL, NULL, BUBUS_TYPE_ISOLATION,
                                                      BUBUS_ISOLATION_MANIFEST, flags));
  bubus_host_install_restarts (klass, flags);
  bubus_host_install_limits (klass, flags);
}

/* Returns: whether this was a property about workers */
gboolean
_bubus_host_get_worker_property (BubusHost *self,
                                 guint      prop_id,
                                 GValue    *value)
{
  switch (prop_id)
    {
    case BUBUS_HOST_PROP_ISOLATION:
      g_value_set_enum (value, self->worker.isolation);
      return TRUE;
    case BUBUS_HOST_PROP_WORKER_RESTART_LIMIT:
      g_value_set_uint (value, self->worker.restart_limit);
      return TRUE;
    case BUBUS_HOST_PROP_WORKER_RESTART_DELAY:
      g_value_set_double (value, self->worker.restart_delay);
      return TRUE;
    case BUBUS_HOST_PROP_WORKER_HANG_TIMEOUT:
      g_value_set_double (value, self->worker.hang_timeout);
      return TRUE;
    case BUBUS_HOST_PROP_WORKER_MEMORY_LIMIT:
      g_value_set_uint64 (value, self->worker.memory_limit);
      return TRUE;
    case BUBUS_HOST_PROP_WORKER_MAX_FRAME_SIZE:
      g_value_set_uint (value, self->worker.max_frame_size);
      return TRUE;
    case BUBUS_HOST_PROP_WORKER_MAX_IN_FLIGHT:
      g_value_set_uint (value, self->worker.max_in_flight);
      return TRUE;
    default:
      return FALSE;
    }
}

/* Returns: whether this was a property about workers */
gboolean
_bubus_host_set_worker_property (BubusHost    *self,
                                 guint         prop_id,
                                 const GValue *value)
{
  switch (prop_id)
    {
    case BUBUS_HOST_PROP_ISOLATION:
      self->worker.isolation = g_value_get_enum (value);
      return TRUE;
    case BUBUS_HOST_PROP_WORKER_RESTART_LIMIT:
      self->worker.restart_limit = g_value_get_uint (value);
      return TRUE;
    case BUBUS_HOST_PROP_WORKER_RESTART_DELAY:
      self->worker.restart_delay = g_value_get_double (value);
      return TRUE;
    case BUBUS_HOST_PROP_WORKER_HANG_TIMEOUT:
      self->worker.hang_timeout = g_value_get_double (value);
      return TRUE;
    case BUBUS_HOST_PROP_WORKER_MEMORY_LIMIT:
      self->worker.memory_limit = g_value_get_uint64 (value);
      return TRUE;
    case BUBUS_HOST_PROP_WORKER_MAX_FRAME_SIZE:
      self->worker.max_frame_size = g_value_get_uint (value);
      return TRUE;
    case BUBUS_HOST_PROP_WORKER_MAX_IN_FLIGHT:
      self->worker.max_in_flight = g_value_get_uint (value);
      return TRUE;
    default:
      return FALSE;
    }
}
