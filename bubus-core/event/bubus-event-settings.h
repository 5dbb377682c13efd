/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "event/bubus-event.h"

G_BEGIN_DECLS

/**
 * BubusEventConcurrency:
 * @BUBUS_EVENT_CONCURRENCY_INHERIT: as the class of the event says, else the bus; for a bus, bus-serial
 * @BUBUS_EVENT_CONCURRENCY_BUS_SERIAL: one event at a time on a bus, in the order of dispatch
 * @BUBUS_EVENT_CONCURRENCY_GLOBAL_SERIAL: one event at a time on all buses of the process that say so
 * @BUBUS_EVENT_CONCURRENCY_PARALLEL: as soon as it is dispatched, whatever else is being handled
 *
 * Which events are handled at the same time. An event that a handler awaits never waits for its turn.
 *
 * Since: 1.0
 */
typedef enum
{
  BUBUS_EVENT_CONCURRENCY_INHERIT,
  BUBUS_EVENT_CONCURRENCY_BUS_SERIAL,
  BUBUS_EVENT_CONCURRENCY_GLOBAL_SERIAL,
  BUBUS_EVENT_CONCURRENCY_PARALLEL,
} BubusEventConcurrency;

/**
 * BubusHandlerConcurrency:
 * @BUBUS_HANDLER_CONCURRENCY_INHERIT: as the class of the event says, else the bus; for a bus, serial
 * @BUBUS_HANDLER_CONCURRENCY_SERIAL: one handler after the other
 * @BUBUS_HANDLER_CONCURRENCY_PARALLEL: all are started at once, in their order
 *
 * Whether the handlers of one event run at the same time.
 *
 * Since: 1.0
 */
typedef enum
{
  BUBUS_HANDLER_CONCURRENCY_INHERIT,
  BUBUS_HANDLER_CONCURRENCY_SERIAL,
  BUBUS_HANDLER_CONCURRENCY_PARALLEL,
} BubusHandlerConcurrency;

/**
 * BubusHandlerCompletion:
 * @BUBUS_HANDLER_COMPLETION_INHERIT: as the class of the event says, else the bus; for a bus, all
 * @BUBUS_HANDLER_COMPLETION_ALL: the event waits for all its handlers
 * @BUBUS_HANDLER_COMPLETION_FIRST: the first handler that returns a value wins; those that run are aborted, those that
 *   have not started are cancelled
 *
 * Whose answer an event waits for, on each bus. A forwarding handler and a handler that returns an event do not win.
 *
 * Since: 1.0
 */
typedef enum
{
  BUBUS_HANDLER_COMPLETION_INHERIT,
  BUBUS_HANDLER_COMPLETION_ALL,
  BUBUS_HANDLER_COMPLETION_FIRST,
} BubusHandlerCompletion;

#define BUBUS_TYPE_EVENT_CONCURRENCY (bubus_event_concurrency_get_type ())
#define BUBUS_TYPE_HANDLER_CONCURRENCY (bubus_handler_concurrency_get_type ())
#define BUBUS_TYPE_HANDLER_COMPLETION (bubus_handler_completion_get_type ())

BUBUS_AVAILABLE_IN_ALL
GType bubus_event_concurrency_get_type (void);
BUBUS_AVAILABLE_IN_ALL
GType bubus_handler_concurrency_get_type (void);
BUBUS_AVAILABLE_IN_ALL
GType bubus_handler_completion_get_type (void);

BUBUS_AVAILABLE_IN_ALL
void bubus_event_class_set_timeout (BubusEventClass *klass,
                                    double           seconds);
BUBUS_AVAILABLE_IN_ALL
double bubus_event_get_event_timeout (BubusEvent *self);
BUBUS_AVAILABLE_IN_ALL
void bubus_event_set_event_timeout (BubusEvent *self,
                                    double      seconds);
BUBUS_AVAILABLE_IN_ALL
void bubus_event_class_set_deadline (BubusEventClass *klass,
                                     double           seconds);
BUBUS_AVAILABLE_IN_ALL
double bubus_event_get_event_deadline (BubusEvent *self);
BUBUS_AVAILABLE_IN_ALL
void bubus_event_set_event_deadline (BubusEvent *self,
                                     double      seconds);
BUBUS_AVAILABLE_IN_ALL
void bubus_event_class_set_handler_slow_timeout (BubusEventClass *klass,
                                                 double           seconds);
BUBUS_AVAILABLE_IN_ALL
double bubus_event_get_event_handler_slow_timeout (BubusEvent *self);
BUBUS_AVAILABLE_IN_ALL
void bubus_event_set_event_handler_slow_timeout (BubusEvent *self,
                                                 double      seconds);
BUBUS_AVAILABLE_IN_ALL
void bubus_event_class_set_slow_timeout (BubusEventClass *klass,
                                         double           seconds);
BUBUS_AVAILABLE_IN_ALL
double bubus_event_get_event_slow_timeout (BubusEvent *self);
BUBUS_AVAILABLE_IN_ALL
void bubus_event_set_event_slow_timeout (BubusEvent *self,
                                         double      seconds);
BUBUS_AVAILABLE_IN_ALL
void bubus_event_class_set_concurrency (BubusEventClass       *klass,
                                        BubusEventConcurrency  concurrency);
BUBUS_AVAILABLE_IN_ALL
BubusEventConcurrency bubus_event_get_event_concurrency (BubusEvent *self);
BUBUS_AVAILABLE_IN_ALL
void bubus_event_set_event_concurrency (BubusEvent            *self,
                                        BubusEventConcurrency  concurrency);
BUBUS_AVAILABLE_IN_ALL
void bubus_event_class_set_handler_concurrency (BubusEventClass         *klass,
                                                BubusHandlerConcurrency  handler_concurrency);
BUBUS_AVAILABLE_IN_ALL
BubusHandlerConcurrency bubus_event_get_event_handler_concurrency (BubusEvent *self);
BUBUS_AVAILABLE_IN_ALL
void bubus_event_set_event_handler_concurrency (BubusEvent              *self,
                                                BubusHandlerConcurrency  handler_concurrency);
BUBUS_AVAILABLE_IN_ALL
void bubus_event_class_set_handler_completion (BubusEventClass        *klass,
                                               BubusHandlerCompletion  handler_completion);
BUBUS_AVAILABLE_IN_ALL
BubusHandlerCompletion bubus_event_get_event_handler_completion (BubusEvent *self);
BUBUS_AVAILABLE_IN_ALL
void bubus_event_set_event_handler_completion (BubusEvent             *self,
                                               BubusHandlerCompletion  handler_completion);

G_END_DECLS
