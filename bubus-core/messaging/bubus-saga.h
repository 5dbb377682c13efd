/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-event-bus.h"
#include "event/bubus-json.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_SAGA_INSTANCE (bubus_saga_instance_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusSagaInstance, bubus_saga_instance, BUBUS, SAGA_INSTANCE, GObject)

BUBUS_AVAILABLE_IN_ALL
const char  *bubus_saga_instance_get_key        (BubusSagaInstance *self);
BUBUS_AVAILABLE_IN_ALL
gint64       bubus_saga_instance_get_started_at (BubusSagaInstance *self);
BUBUS_AVAILABLE_IN_ALL
gint64       bubus_saga_instance_get_deadline   (BubusSagaInstance *self);
BUBUS_AVAILABLE_IN_ALL
char       **bubus_saga_instance_dup_steps      (BubusSagaInstance *self) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
BubusEvent  *bubus_saga_instance_get_event      (BubusSagaInstance *self,
                                                 const char        *event_type);

#define BUBUS_TYPE_SAGA (bubus_saga_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusSaga, bubus_saga, BUBUS, SAGA, GObject)

/**
 * BubusSagaFunc:
 * @saga: the saga
 * @instance: the instance that is complete, or has been aborted
 * @event: (nullable): the event that is to be made up for, or %NULL when the instance is complete
 * @user_data: (closure): what was given with the function
 *
 * Makes the event that follows from an instance.
 *
 * Returns: (transfer full) (nullable): a new event, which the saga dispatches; or %NULL for none
 *
 * Since: 1.0
 */
typedef BubusEvent *(*BubusSagaFunc) (BubusSaga         *saga,
                                      BubusSagaInstance *instance,
                                      BubusEvent        *event,
                                      gpointer           user_data);

BUBUS_AVAILABLE_IN_ALL
BubusSaga     *bubus_saga_new              (BubusEventBus   *bus,
                                            const char      *name,
                                            const char      *key_property) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
BubusEventBus *bubus_saga_get_bus          (BubusSaga       *self);
BUBUS_AVAILABLE_IN_ALL
const char    *bubus_saga_get_name         (BubusSaga       *self);
BUBUS_AVAILABLE_IN_ALL
const char    *bubus_saga_get_key_property (BubusSaga       *self);
BUBUS_AVAILABLE_IN_ALL
double         bubus_saga_get_timeout      (BubusSaga       *self);
BUBUS_AVAILABLE_IN_ALL
void           bubus_saga_set_timeout      (BubusSaga       *self,
                                            double           seconds);
BUBUS_AVAILABLE_IN_ALL
void           bubus_saga_add_step         (BubusSaga       *self,
                                            const char      *event_type);
BUBUS_AVAILABLE_IN_ALL
void           bubus_saga_add_failure      (BubusSaga       *self,
                                            const char      *event_type);
BUBUS_AVAILABLE_IN_ALL
void           bubus_saga_set_completion   (BubusSaga       *self,
                                            BubusSagaFunc    func,
                                            gpointer         user_data,
                                            GDestroyNotify   notify);
BUBUS_AVAILABLE_IN_ALL
void           bubus_saga_set_compensation (BubusSaga       *self,
                                            const char      *event_type,
                                            BubusSagaFunc    func,
                                            gpointer         user_data,
                                            GDestroyNotify   notify);
BUBUS_AVAILABLE_IN_ALL
GPtrArray     *bubus_saga_list_instances   (BubusSaga       *self) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_saga_abort            (BubusSaga       *self,
                                            const char      *key,
                                            const char      *reason);
BUBUS_AVAILABLE_IN_ALL
BubusJson     *bubus_saga_to_json          (BubusSaga       *self) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_saga_recall           (BubusSaga       *self,
                                            BubusEvent      *event,
                                            GError         **error);
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_saga_restore          (BubusSaga       *self,
                                            BubusJson       *json,
                                            GError         **error);

G_END_DECLS
