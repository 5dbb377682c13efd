# SPDX-License-Identifier: LGPL-2.1-or-later
"""Calls of handlers, and how coroutines wait for the library."""

import asyncio
import contextvars
import functools
import inspect
import logging
import traceback
import types
import typing
import weakref

from gi.repository import Gio, GLib, GObject

from ._errors import HandlerAbortedError, ResultTypeError, to_error, to_exception
from ._library import Bubus
from ._loop import check_loop, get_loop
from ._types import INT64, matches, name_of, to_json, to_models, to_text

log = logging.getLogger("bubus")


class Call:
    """One call of a handler; what runs in its context finds it here, also after an await."""

    __slots__ = ("event", "invocation", "given_up")

    def __init__(self, event, invocation):
        self.event = event
        self.invocation = invocation
        self.given_up = False

    def end(self, given_up=False):
        """The invocation would keep the event and the bus alive, and contexts live long."""
        self.event = self.invocation = None
        self.given_up = given_up


_current = contextvars.ContextVar("bubus_call", default=None)

# The buses that Python has made, as long as they live.
buses = weakref.WeakSet()


def get_call():
    """The call of the handler that this code belongs to, or None."""
    call = _current.get()
    return call if call is not None and call.invocation is not None else None


def check_not_given_up():
    """What a handler does after its time is over is refused, and not taken for somebody else's."""
    call = _current.get()
    if call is not None and call.given_up:
        raise HandlerAbortedError("the handler has been given up, and dispatches too late")


def keep(event, handler_id, value):
    """The library has only a likeness of the value; Python gets the same object back, as long as the event lives."""
    if event._kept is None:
        event._kept = {}
    event._kept[handler_id] = value


class Failure(typing.NamedTuple):
    """An exception, as it was when it left the handler: each time it is raised its traceback grows."""

    exception: BaseException
    traceback: typing.Optional[types.TracebackType]


def _forget_variables(exception):
    """A traceback keeps all variables of its frames. Where one is a child of the event that keeps the exception, or the
    bus, the circle leads through the library, and no collector finds it."""
    seen = set()
    while exception is not None and id(exception) not in seen:
        seen.add(id(exception))
        traceback.clear_frames(exception.__traceback__)
        exception = exception.__cause__ or exception.__context__


class Registration:
    """What the library calls for a handler of Python."""

    __slots__ = ("func", "name", "handler_id", "threaded")

    def __init__(self, func, name, threaded):
        self.func = func
        self.name = name
        self.threaded = threaded
        self.handler_id = None

    def __call__(self, event, invocation, *_):
        call = Call(event, invocation)
        del invocation  # exceptions keep this frame, and so it would keep the event, where no collector sees it
        context = event._context
        context = context.copy() if context is not None else contextvars.Context()
        if self.threaded:
            self._begin(call, context, None)
            return True

        loop = get_loop()
        before = asyncio._get_running_loop()
        asyncio._set_running_loop(loop)
        try:
            self._begin(call, context, loop)
        finally:
            asyncio._set_running_loop(before)
        return True

    def _enter(self, call):
        _current.set(call)
        return self.func(call.event)

    def _begin(self, call, context, loop):
        try:
            value = context.run(self._enter, call)
            if inspect.isawaitable(value) and not isinstance(value, Bubus.Event):
                self._defer(call, context, loop, value)
                return
            self._answer(call, value)
        except (KeyboardInterrupt, SystemExit) as error:
            self._fail(call, error)
            raise
        except BaseException as error:  # noqa: BLE001, an asyncio.CancelledError is a failure like others
            self._fail(call, error)
        call.end()

    def _defer(self, call, context, loop, awaitable):
        if loop is None:
            if inspect.iscoroutine(awaitable):
                awaitable.close()
            raise TypeError(f"{self.name} is registered to run in a thread, and so cannot be a coroutine")
        cancellable = call.invocation.get_cancellable()
        call.invocation.defer()
        task = context.run(loop.create_task, self._drive(call, awaitable))
        if not task.done():  # an eager task may be
            # Keeps the task, too: the loop does not.
            GObject.Object.connect(cancellable, "cancelled", lambda *_: task.cancel())

    async def _drive(self, call, awaitable):
        given_up = False
        try:
            self._answer(call, await awaitable)
        except asyncio.CancelledError as error:
            given_up = call.invocation.get_cancellable().is_cancelled()
            self._fail(call, error)
            raise
        except BaseException as error:  # noqa: BLE001
            self._fail(call, error)
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
        finally:
            call.end(given_up)

    # ---- answering

    def _fail(self, call, exception):
        error = to_error(exception)
        try:
            if not isinstance(exception, asyncio.CancelledError):
                shown = None if isinstance(exception, ResultTypeError) else exception
                log.error("%s failed on %s: %s", self.name, call.event, error.message, exc_info=shown)
        finally:  # a filter of the log may raise, too
            _forget_variables(exception)
            keep(call.event, self.handler_id, Failure(exception, exception.__traceback__))
            quark = GLib.quark_from_string(error.domain)
            call.invocation.return_error_literal(quark, error.code, to_text(error.message))

    def _accept(self, event, value):
        """What the annotation of the event's class makes of @value: nothing is converted, but dicts to models."""
        annotation = event.event_result_type
        if annotation is None or value is None or isinstance(value, Bubus.Event) or matches(annotation, value):
            return value
        try:
            value = to_models(annotation, value)
            if matches(annotation, value):
                return value
            reason = f"got {type(value).__qualname__}"
        except ValueError as error:
            reason = str(error)
        raise ResultTypeError(
            f"{self.name} returned {value!r:.100}, which did not match expected event_result_type "
            f"{name_of(annotation)} of {event.event_type}: {reason}"
        )

    def _answer(self, call, value):
        invocation = call.invocation
        if value is None:
            invocation.return_nothing()
            return
        if isinstance(value, BaseException):  # returned, as good as raised
            self._fail(call, value)
            return
        if inspect.isgenerator(value) or inspect.isasyncgen(value):
            raise TypeError(f"{self.name} has a yield in it, and so does nothing by being called")
        value = self._accept(call.event, value)
        if call.event.event_result_type is float and type(value) is int:
            value = float(value)
        kind = type(value)
        if kind is str:
            text = to_text(value)
            if text != value:
                keep(call.event, self.handler_id, value)
            invocation.return_string(text)
        elif kind is bool:
            invocation.return_boolean(value)
        elif kind is int and value in INT64:
            invocation.return_int64(value)
        elif kind is float:
            invocation.return_double(value)
        elif isinstance(value, GObject.Object):
            invocation.return_object(value)
        elif isinstance(value, GLib.Variant):
            invocation.return_variant(value)
        elif isinstance(value, Bubus.Json):
            invocation.return_json(value)
        else:
            keep(call.event, self.handler_id, value)
            invocation.return_json(to_json(value))


# ---- waiting


class _Operation:
    """One asynchronous function of the library. It ends with the coroutine that waits for it."""

    future = None  # where no loop can wait, there is nothing to end

    def __init__(self, start, finish):
        self._cancellable = Gio.Cancellable()
        self.future = check_loop(get_loop()).create_future()
        start(self._cancellable, functools.partial(_settle, self.future, finish))

    def cancel(self):
        if self.future is not None and (not self.future.done() or self.future.cancelled()):
            self._cancellable.cancel()

    __del__ = cancel


def _settle(future, finish, _source, result, *_):
    try:
        value = finish(result)
    except GLib.Error as error:
        if not future.done():
            future.set_exception(to_exception(error))
    else:
        if not future.done():
            future.set_result(value)


async def _wait(operation):
    try:
        return await operation.future
    except asyncio.CancelledError:
        operation.cancel()
        raise
    finally:
        operation = None  # what is raised keeps this frame; see Registration.__call__()


async def _begin_and_wait(start, finish):
    operation = _Operation(start, finish)
    start = finish = None
    try:
        return await _wait(operation)
    finally:
        operation = None


def perform(start, finish):
    """Waits for one asynchronous function of the library: start(cancellable, callback), then finish(result).

    Where a loop runs it has begun when this returns: a task would begin it later, perhaps after what it waits for."""
    if asyncio._get_running_loop() is None:
        return _begin_and_wait(start, finish)
    return _wait(_Operation(start, finish))


def _run_in_place(invocation, event):
    return perform(lambda *args: invocation.run_async(event, *args), invocation.run_finish)


async def wait_for_event(event, seconds=None):
    """Inside a handler the event is handled at once, in place; elsewhere it takes its turn."""
    call = get_call()
    if call is None:
        if seconds is None:
            await perform(event.wait_async, event.wait_finish)
        else:
            await perform(lambda *args: event.wait_for_async(seconds, *args), event.wait_for_finish)
        return event

    waiting = _run_in_place(call.invocation, event)
    await (waiting if seconds is None else asyncio.wait_for(waiting, seconds))
    return event
