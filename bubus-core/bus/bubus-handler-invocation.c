/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-handler-private.h"

/**
 * bubus_handler_get_keeps_invocation: (get-property keeps-invocation)
 * @self: a handler
 *
 * Says whether the handler's function may keep the invocation beyond its call.
 *
 * Returns: whether a reference to an invocation keeps it from being used again
 *
 * Since: 1.0
 */
gboolean
bubus_handler_get_keeps_invocation (BubusHandler *self)
{
  g_return_val_if_fail (BUBUS_IS_HANDLER (self), TRUE);

  return !self->lets_go;
}

/**
 * bubus_handler_set_keeps_invocation: (set-property keeps-invocation)
 * @self: a handler
 * @keeps: %FALSE when nobody looks at the invocation after the function has returned and answered
 *
 * Says whether the handler's function may keep the invocation beyond its call.
 *
 * A bus uses an invocation again when nobody has a reference to it. But a binding that has garbage collected has one to
 * whatever it has handed to a function, and so each call costs it an object, whatever the function does. With %FALSE one
 * reference does not count: the next handler is given the same invocation, which the binding knows already.
 *
 * It is a promise of who knows the function. An invocation that is deferred, or in which [method@Invocation.run_async]
 * was called, is not used again before its time in either case.
 *
 * Since: 1.0
 */
void
bubus_handler_set_keeps_invocation (BubusHandler *self,
                                    gboolean      keeps)
{
  gboolean lets_go = !keeps;

  g_return_if_fail (BUBUS_IS_HANDLER (self));

  if (self->lets_go == lets_go)
    return;

  self->lets_go = lets_go;
  g_object_notify (G_OBJECT (self), "keeps-invocation");
}
