/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-authorizer.h"

#include "base/bubus-error.h"
#include "bus/bubus-event-bus.h"

/**
 * BubusAuthorizer:
 *
 * A middleware that asks a function whether an event is allowed.
 *
 * An event that is not is refused before it is queued: the dispatch fails with the function's error, or with
 * %BUBUS_ERROR_DENIED, and the bus has no trace of the event. What is not allowed for certain is refused: also when a
 * function in another language throws an exception.
 *
 * It should be the first middleware of a bus, and may be added to several buses of one main context.
 *
 * Since: 1.0
 */

struct _BubusAuthorizer
{
  GObject             parent_instance;

  BubusAuthorizeFunc  func;
  gpointer            user_data;
  GDestroyNotify      notify;
  guint64             n_refused;
};

static gboolean
bubus_authorizer_intercept (BubusMiddleware    *middleware,
                            BubusEventBus      *bus,
                            BubusEvent         *event,
                            BubusInterception  *interception,
                            GError            **error)
{
  BubusAuthorizer *self = BUBUS_AUTHORIZER (middleware);
  GError *reason = NULL;

  if (self->func != NULL && self->func (event, bus, self->user_data, &reason) && reason == NULL)
    return TRUE;

  self->n_refused++;
  if (reason == NULL)
    reason = g_error_new (BUBUS_ERROR, BUBUS_ERROR_DENIED, "“%s” is not allowed", bubus_event_get_event_type (event));
  g_propagate_error (error, reason);
  return FALSE;
}

static void
bubus_authorizer_middleware_init (BubusMiddlewareInterface *iface)
{
  iface->intercept = bubus_authorizer_intercept;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusAuthorizer, bubus_authorizer, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, bubus_authorizer_middleware_init))

static void
bubus_authorizer_finalize (GObject *object)
{
  BubusAuthorizer *self = BUBUS_AUTHORIZER (object);

  if (self->notify != NULL)
    self->notify (self->user_data);

  G_OBJECT_CLASS (bubus_authorizer_parent_class)->finalize (object);
}

static void
bubus_authorizer_class_init (BubusAuthorizerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bubus_authorizer_finalize;
}

static void
bubus_authorizer_init (BubusAuthorizer *self)
{
}

/**
 * bubus_authorizer_new:
 * @func: (scope notified) (closure user_data) (destroy notify): decides what is allowed
 * @user_data: what to give to @func
 * @notify: (nullable): releases @user_data
 *
 * Makes an authorizer.
 *
 * Returns: (transfer full): a new authorizer, to be added to a bus with [method@EventBus.add_middleware]
 *
 * Since: 1.0
 */
BubusAuthorizer *
bubus_authorizer_new (BubusAuthorizeFunc func,
                      gpointer           user_data,
                      GDestroyNotify     notify)
{
  BubusAuthorizer *self;

  g_return_val_if_fail (func != NULL, NULL);

  self = g_object_new (BUBUS_TYPE_AUTHORIZER, NULL);
  self->func = func;
  self->user_data = user_data;
  self->notify = notify;
  return self;
}

/**
 * bubus_authorizer_get_n_refused:
 * @self: an authorizer
 *
 * Says how many events have been refused.
 *
 * Returns: a number of events
 *
 * Since: 1.0
 */
guint64
bubus_authorizer_get_n_refused (BubusAuthorizer *self)
{
  g_return_val_if_fail (BUBUS_IS_AUTHORIZER (self), 0);

  return self->n_refused;
}
