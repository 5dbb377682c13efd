/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "base/bubus-types.h"

G_BEGIN_DECLS

/**
 * BUBUS_ERROR:
 *
 * The error domain of everything in libbubus.
 *
 * Since: 1.0
 */
#define BUBUS_ERROR (bubus_error_quark ())

/**
 * BubusError:
 * @BUBUS_ERROR_FAILED: something failed that has no code of its own
 * @BUBUS_ERROR_INVALID_EVENT: an event does not satisfy its class: a required property is
 *   missing, or a value lies outside of what the property accepts
 * @BUBUS_ERROR_INVALID_JSON: a text is not JSON, or not the wire form of an event
 * @BUBUS_ERROR_FULL: the bus has as many unfinished events as its limit allows
 * @BUBUS_ERROR_STOPPED: the bus has been stopped
 * @BUBUS_ERROR_TOO_DEEP: the event has more ancestors than the bus allows
 * @BUBUS_ERROR_RECURSION: the same handler occurs too often among the ancestors of an event
 * @BUBUS_ERROR_WOULD_BLOCK: waiting in place is impossible because a handler answers later
 * @BUBUS_ERROR_WOULD_DEADLOCK: the wait could never be satisfied
 * @BUBUS_ERROR_TIMED_OUT: a handler, or a wait, took longer than it was given
 * @BUBUS_ERROR_ABORTED: a handler was interrupted because what it ran for is over
 * @BUBUS_ERROR_CANCELLED: a handler had not started when what it would run for was over
 * @BUBUS_ERROR_RESULT_TYPE: a handler returned a value that is not of the declared type
 * @BUBUS_ERROR_HANDLER_FAILED: a handler threw an exception, or failed without saying why
 * @BUBUS_ERROR_NOT_DISPATCHED: the event is not on any bus
 * @BUBUS_ERROR_NO_RESULT: no handler returned a value
 * @BUBUS_ERROR_CONFLICT: results that cannot be merged
 * @BUBUS_ERROR_PLUGIN: a plugin cannot be found, loaded, activated or deactivated
 * @BUBUS_ERROR_PLUGIN_NOT_FOUND: no plugin of that name exists in the search path
 * @BUBUS_ERROR_PLUGIN_ABI: a plugin was built for another version of the host
 * @BUBUS_ERROR_PLUGIN_UNTRUSTED: a plugin lies where others could have changed it
 * @BUBUS_ERROR_PLUGIN_DEPENDENCY: a plugin needs one that is missing, has failed, or needs it in turn
 * @BUBUS_ERROR_JOURNAL: a journal cannot be opened, written or read
 * @BUBUS_ERROR_DROPPED: a middleware has dropped or refused an event
 * @BUBUS_ERROR_CIRCUIT_OPEN: a circuit breaker lets nothing through
 * @BUBUS_ERROR_NO_HANDLERS: nobody answers at an address
 * @BUBUS_ERROR_RECIPIENT_FAILURE: who was asked has failed
 * @BUBUS_ERROR_ALREADY_REGISTERED: an address belongs to somebody else
 * @BUBUS_ERROR_DENIED: an event is not allowed
 * @BUBUS_ERROR_RATE_LIMITED: more events came in a time than are let through
 * @BUBUS_ERROR_VERSION: an event has a version that nobody understands
 * @BUBUS_ERROR_PLUGIN_CRASHED: the process of a plugin has ended, or does not do what is expected of it any more
 *
 * What can go wrong in libbubus.
 *
 * New codes are only ever added at the end.
 *
 * Since: 1.0
 */
typedef enum
{
  BUBUS_ERROR_FAILED,
  BUBUS_ERROR_INVALID_EVENT,
  BUBUS_ERROR_INVALID_JSON,
  BUBUS_ERROR_FULL,
  BUBUS_ERROR_STOPPED,
  BUBUS_ERROR_TOO_DEEP,
  BUBUS_ERROR_RECURSION,
  BUBUS_ERROR_WOULD_BLOCK,
  BUBUS_ERROR_WOULD_DEADLOCK,
  BUBUS_ERROR_TIMED_OUT,
  BUBUS_ERROR_ABORTED,
  BUBUS_ERROR_CANCELLED,
  BUBUS_ERROR_RESULT_TYPE,
  BUBUS_ERROR_HANDLER_FAILED,
  BUBUS_ERROR_NOT_DISPATCHED,
  BUBUS_ERROR_NO_RESULT,
  BUBUS_ERROR_CONFLICT,
  BUBUS_ERROR_PLUGIN,
  BUBUS_ERROR_PLUGIN_NOT_FOUND,
  BUBUS_ERROR_PLUGIN_ABI,
  BUBUS_ERROR_PLUGIN_UNTRUSTED,
  BUBUS_ERROR_PLUGIN_DEPENDENCY,
  BUBUS_ERROR_JOURNAL,
  BUBUS_ERROR_DROPPED,
  BUBUS_ERROR_CIRCUIT_OPEN,
  BUBUS_ERROR_NO_HANDLERS,
  BUBUS_ERROR_RECIPIENT_FAILURE,
  BUBUS_ERROR_ALREADY_REGISTERED,
  BUBUS_ERROR_DENIED,
  BUBUS_ERROR_RATE_LIMITED,
  BUBUS_ERROR_VERSION,
  BUBUS_ERROR_PLUGIN_CRASHED,
} BubusError;

BUBUS_AVAILABLE_IN_ALL
GQuark bubus_error_quark (void);

G_END_DECLS
