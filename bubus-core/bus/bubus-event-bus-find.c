/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-bus-find.h"

#include "bubus-seeker-private.h"

static void
bubus_event_bus_seek (BubusEventBus       *self,
                      BubusSeekKind        kind,
                      BubusEventQuery     *query,
                      double               past,
                      double               future,
                      gpointer             source_tag,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));
  g_return_if_fail (BUBUS_IS_EVENT_QUERY (query));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, source_tag);
  _bubus_seeker_start (self, kind, query, past, future, task);
}

/* In the windows of time that the query has. */
static void
bubus_event_bus_seek_when (BubusEventBus       *self,
                           BubusSeekKind        kind,
                           BubusEventQuery     *query,
                           gpointer             source_tag,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_return_if_fail (BUBUS_IS_EVENT_QUERY (query));

  bubus_event_bus_seek (self, kind, query, bubus_event_query_get_past (query), bubus_event_query_get_future (query),
                        source_tag, cancellable, callback, user_data);
}

static gpointer
bubus_event_bus_seek_finish (BubusEventBus  *self,
                             GAsyncResult   *result,
                             GError        **error)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * bubus_event_bus_expect_async:
 * @self: a bus
 * @query: which event is expected; its windows of time and its limit do not matter
 * @seconds: how long to wait at most, on the clock of the bus; negative: without limit
 * @cancellable: (nullable): ends the wait
 * @callback: (scope async) (closure user_data): called when the event has come, or will not
 * @user_data: passed to @callback
 *
 * Waits for the next event that matches.
 *
 * It comes when it is dispatched, before its handlers run: use [method@Event.wait_async] to wait until it is complete.
 * An event that is queued when this is called, and none of whose handlers has started, counts as the next one.
 *
 * This is no handler and no wait for handlers: it leaves nothing on the event, and may be used inside of a handler. It
 * does not keep the bus alive.
 *
 * Fails with %BUBUS_ERROR_TIMED_OUT when the time is over, and with %BUBUS_ERROR_STOPPED when the bus is stopped or
 * goes. May be called from any thread.
 *
 * Since: 1.0
 */
void
bubus_event_bus_expect_async (BubusEventBus       *self,
                              BubusEventQuery     *query,
                              double               seconds,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  bubus_event_bus_seek (self, BUBUS_SEEK_EXPECT, query, 0, seconds, bubus_event_bus_expect_async,
                        cancellable, callback, user_data);
}

/**
 * bubus_event_bus_expect_finish:
 * @self: a bus
 * @result: what the callback was given
 * @error: (nullable): where to put why the event has not come
 *
 * Finishes [method@EventBus.expect_async].
 *
 * Returns: (transfer full): the event, or %NULL with an error
 *
 * Since: 1.0
 */
BubusEvent *
bubus_event_bus_expect_finish (BubusEventBus  *self,
                               GAsyncResult   *result,
                               GError        **error)
{
  return bubus_event_bus_seek_finish (self, result, error);
}

/**
 * bubus_event_bus_find_async:
 * @self: a bus
 * @query: which event is looked for, and when
 * @cancellable: (nullable): ends the search
 * @callback: (scope async) (closure user_data): called when the event has been found, or will not be
 * @user_data: passed to @callback
 *
 * Looks for an event that matches: first among those that the bus knows and that are not older than
 * [property@EventQuery:past], the newest first and in any state; then, for as long as [property@EventQuery:future]
 * says, among those that come. For the latter see [method@EventBus.expect_async].
 *
 * That there is none is no error, also when the bus is stopped. May be called from any thread.
 *
 * Since: 1.0
 */
void
bubus_event_bus_find_async (BubusEventBus       *self,
                            BubusEventQuery     *query,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  bubus_event_bus_seek_when (self, BUBUS_SEEK_FIND, query, bubus_event_bus_find_async, cancellable, callback, user_data);
}

/**
 * bubus_event_bus_find_finish:
 * @self: a bus
 * @result: what the callback was given
 * @error: (nullable): where to put that the search was cancelled
 *
 * Finishes [method@EventBus.find_async].
 *
 * Returns: (transfer full) (nullable): the event, or %NULL when there is none
 *
 * Since: 1.0
 */
BubusEvent *
bubus_event_bus_find_finish (BubusEventBus  *self,
                             GAsyncResult   *result,
                             GError        **error)
{
  return bubus_event_bus_seek_finish (self, result, error);
}

/**
 * bubus_event_bus_filter:
 * @self: a bus
 * @query: which events are looked for
 *
 * Lists the events that the bus knows, that match, and that are not older than [property@EventQuery:past]: the newest
 * first, in any state, and no more than [property@EventQuery:limit].
 *
 * To be called in the bus's main context, or when no other thread runs it; see [method@EventBus.filter_async] for
 * others.
 *
 * Returns: (transfer container) (element-type BubusEvent): the events
 *
 * Since: 1.0
 */
GPtrArray *
bubus_event_bus_filter (BubusEventBus   *self,
                        BubusEventQuery *query)
{
  gboolean acquired;
  GPtrArray *events;

  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), NULL);
  g_return_val_if_fail (BUBUS_IS_EVENT_QUERY (query), NULL);

  acquired = g_main_context_acquire (self->context);
  g_return_val_if_fail (acquired, NULL);

  events = _bubus_seeker_list (self, query);
  g_main_context_release (self->context);
  return events;
}

/**
 * bubus_event_bus_filter_async:
 * @self: a bus
 * @query: which events are looked for, and when
 * @cancellable: (nullable): ends the search
 * @callback: (scope async) (closure user_data): called when all events have been found
 * @user_data: passed to @callback
 *
 * Lists events as [method@EventBus.filter] does, and then, for as long as [property@EventQuery:future] says and until
 * [property@EventQuery:limit] is reached, those that come, in the order in which they come.
 *
 * When the bus is stopped, what has been found until then is all. May be called from any thread.
 *
 * Since: 1.0
 */
void
bubus_event_bus_filter_async (BubusEventBus       *self,
                              BubusEventQuery     *query,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  bubus_event_bus_seek_when (self, BUBUS_SEEK_FILTER, query, bubus_event_bus_filter_async, cancellable, callback, user_data);
}

/**
 * bubus_event_bus_filter_finish:
 * @self: a bus
 * @result: what the callback was given
 * @error: (nullable): where to put that the search was cancelled
 *
 * Finishes [method@EventBus.filter_async].
 *
 * Returns: (transfer container) (element-type BubusEvent): the events, or %NULL with an error
 *
 * Since: 1.0
 */
GPtrArray *
bubus_event_bus_filter_finish (BubusEventBus  *self,
                               GAsyncResult   *result,
                               GError        **error)
{
  return bubus_event_bus_seek_finish (self, result, error);
}
