# SPDX-License-Identifier: LGPL-2.1-or-later
"""Buses."""

import asyncio
import contextvars
import warnings

from ._calls import Registration, buses, check_not_given_up, get_call, log, perform
from ._errors import TimedOutError, WouldDeadlockError, translated
from ._event import to_setting
from ._handlers import Handlers, check_pattern, is_event_class, name_handler, pattern_text
from ._library import Bubus, override
from ._middleware import FunctionMiddleware
from ._selector import teach
from ._types import View

_DEFAULTS = {"event_timeout", "event_deadline", "event_slow_timeout", "event_handler_slow_timeout", "event_concurrency",
             "event_handler_concurrency", "event_handler_completion"}


class EventBus(Bubus.EventBus):
    """Takes events, and calls the handlers of each in order."""

    all_instances = buses
    _journal = None
    _names = None

    def __init__(self, name=None, wal_path=None, parallel_handlers=None, max_history_size=50, **settings):
        if parallel_handlers is not None:
            settings["event_handler_concurrency"] = "parallel" if parallel_handlers else "serial"
        settings = {key: to_setting(key, value) if key in _DEFAULTS else value for key, value in settings.items()
                    if value is not None}
        super().__init__(name=name, max_history_size=-1 if max_history_size is None else max_history_size, **settings)
        self._journal = Bubus.Journal.attach(self, str(wal_path)) if wal_path is not None else None
        buses.add(self)

    @classmethod
    def new(cls, name):
        return cls(name)

    id = property(lambda self: self.get_id())
    name = property(lambda self: self.get_name())
    label = property(lambda self: self.get_label())
    is_running = property(lambda self: self.get_state() == Bubus.EventBusState.RUNNING)
    handlers = property(Handlers)
    event_history = property(lambda self: View((event.event_id, event) for event in self.list_history()))
    events_pending = property(lambda self: self._list_events("pending"))
    events_started = property(lambda self: self._list_events("started"))
    events_completed = property(lambda self: self._list_events("completed"))
    max_history_size = property(
        lambda self: self._unless_negative(self.get_max_history_size()),
        lambda self, size: self.set_max_history_size(-1 if size is None else size),
    )

    def _list_events(self, status):
        return [event for event in self.list_history() if event.event_status == status]

    @staticmethod
    def _unless_negative(value):
        return None if value < 0 else value

    def __repr__(self):
        return f"EventBus({self.get_label()})"

    # ---- handlers

    def on(self, event_type, handler=None, *raw, **options):
        """Registers a handler, or decorates one. The options are those of _register()."""
        if raw:  # the form of the C library: on(GType, name, function, …)
            return super().on(event_type, handler, *raw)
        check_pattern(event_type)
        if handler is not None:
            return self._register(event_type, handler, **options)

        def decorate(func):
            self._register(event_type, func, **options)
            return func

        return decorate

    def _warn_of_namesake(self, pattern, name):
        if name.endswith("<lambda>"):  # nobody asks for it by its name
            return
        if self._names is None:
            self._names = set()
        key = (pattern_text(pattern), name)
        if key in self._names and any(handler.get_name() == name for handler in self.handlers[pattern]):
            warnings.warn(
                f"{name} is already registered for “{key[0]}” on {self}: both will be called, but results that are "
                "asked for by the names of handlers will have one of them",
                stacklevel=4,
            )
        self._names.add(key)

    def _register(self, pattern, func, *, name=None, priority=0, timeout=None, slow_timeout=None, once=False,
                  threaded=False, tie=None, on_error=None):
        if not callable(func):
            raise TypeError(f"a handler must be callable, but is {func!r:.100}")
        if on_error is not None and not callable(on_error):
            raise TypeError(f"on_error must be callable, but is {on_error!r:.100}")
        name = name or name_handler(func)
        target = getattr(func, "__self__", None)
        if isinstance(target, Bubus.EventBus) and getattr(func, "__func__", None) is EventBus.dispatch:
            own = name if name != "EventBus.dispatch" else f"{target.name}.dispatch"
            handler = self.forward(pattern_text(pattern), own, target)
        else:
            self._warn_of_namesake(pattern, name)
            registration = Registration(func, name, threaded)
            add = super().on if is_event_class(pattern) else self.on_pattern
            handler = add(pattern, name, registration)
            registration.handler_id = handler.get_id()
        handler._callable = func
        try:
            handler.set_priority(priority)
            handler.set_once(once)
            handler.set_threaded(threaded)
            if timeout is not None:
                handler.set_timeout(timeout)
            if slow_timeout is not None:
                handler.set_slow_timeout(slow_timeout)
            if tie is not None:
                handler.tie(tie)
        except TypeError:
            super().off(handler)
            raise
        if on_error is not None:
            handler.set_error_func(lambda event, result, error, *_: on_error(event, result.error))
        return handler

    def off(self, pattern, handler=None):
        """Removes a handler, by its record, id or function; of one pattern, or all of a pattern. Says how many."""
        if isinstance(pattern, Bubus.Handler):
            return int(super().off(pattern))
        known = self.list_handlers()
        if handler is None and callable(pattern) and not is_event_class(pattern):
            doomed = [each for each in known if each._callable == pattern]
        else:
            doomed = [each for each in known if each.get_pattern() == pattern_text(pattern)]
            if handler is not None:
                doomed = [each for each in doomed if handler in (each, each._callable, each.get_id())]
            elif not doomed:
                doomed = [each for each in known if each.get_id() == pattern]
        return sum(super(EventBus, self).off(each) for each in doomed)

    def add_middleware(self, middleware):
        """Adds a middleware, or makes one of a function that takes an event and returns it, another, or None."""
        if not isinstance(middleware, Bubus.Middleware):
            middleware = FunctionMiddleware(middleware)
        super().add_middleware(middleware)
        return middleware

    # ---- events

    def dispatch(self, event, *, background=False, detached=False):
        """Puts an event in the queue, and gives it back. What a handler dispatches is a child of what it handles."""
        if not isinstance(event, Bubus.Event):
            raise TypeError(f"only events can be dispatched, not {event!r:.100}")
        check_not_given_up()
        running = asyncio._get_running_loop()
        if running is not None:
            teach(running)
        call = get_call()
        fresh = event._context is None
        if fresh:
            event._context = contextvars.copy_context()
        flags = Bubus.DispatchFlags(0)
        if background:
            flags |= Bubus.DispatchFlags.BACKGROUND
        if detached:
            flags |= Bubus.DispatchFlags.DETACHED
        try:
            with translated():
                if call is not None:
                    call.invocation.dispatch_with_flags(self, event, flags)
                else:
                    self.dispatch_with_flags(event, flags)
        except BaseException:
            if fresh:
                event._context = None
            raise
        return event

    def _make_query(self, pattern, include, exclude, fields, **settings):
        check_pattern(pattern)
        if is_event_class(pattern):
            query = Bubus.EventQuery.new(pattern)
        else:
            query = Bubus.EventQuery.new_for_pattern(pattern)
        tests = [test for test in include if test is not None]
        for test in (*tests, *([] if exclude is None else [exclude])):
            if not callable(test):
                raise TypeError(f"a predicate must be callable, but is {test!r:.100}")
        if fields:
            tests.append(lambda event: all(getattr(event, name, None) == value for name, value in fields.items()))
        if tests:
            query.set_include(lambda event, *_: all(_ask(test, event, False) for test in tests))
        if exclude is not None:
            query.set_exclude(lambda event, *_: _ask(exclude, event, True))
        for name, value in settings.items():
            getattr(query, f"set_{name}")(value)
        return query

    def expect(self, event_type, include=None, exclude=None, predicate=None, timeout=None, **fields):
        """The next event that is dispatched and matches; TimeoutError when none comes in time."""
        query = self._make_query(event_type, (include, predicate), exclude, fields)
        seconds = -1 if timeout is None else timeout
        return perform(lambda *args: self.expect_async(query, seconds, *args), self.expect_finish)

    def find(self, event_type, where=None, *, exclude=None, child_of=None, past=True, future=False, **fields):
        """An event of the past, or the future, or None: True is without limit, a number says how many seconds."""
        query = self._make_query(event_type, (where,), exclude, fields, child_of=child_of, past=_seconds(past),
                                 future=_seconds(future))
        return perform(lambda *args: self.find_async(query, *args), self.find_finish)

    def filter(self, event_type, where=None, *, exclude=None, child_of=None, past=True, future=False, limit=None,
               **fields):
        """All events that match, the newest first."""
        query = self._make_query(event_type, (where,), exclude, fields, child_of=child_of, past=_seconds(past),
                                 future=_seconds(future), limit=-1 if limit is None else max(limit, 0))
        return perform(lambda *args: self.filter_async(query, *args), lambda result: list(self.filter_finish(result)))

    # ---- the end

    async def wait_until_idle(self, timeout=None):
        """Waits until nothing is left to do; says whether that came in time."""
        if get_call() is not None:
            raise WouldDeadlockError("a handler cannot wait until its bus is idle")
        seconds = -1 if timeout is None else timeout
        try:
            idle = await perform(
                lambda *args: self.wait_until_idle_for_async(seconds, *args), self.wait_until_idle_for_finish
            )
            await self._flush()
            return idle
        except TimedOutError as error:
            log.warning("%s", error)
            return False

    async def stop(self, timeout=None, clear=False):
        """Stops at once, or after what is under way was given time to finish; then it may forget everything."""
        finished = await perform(lambda *args: self.stop_async(timeout or 0, *args), self.stop_finish)
        await self._flush()
        if clear:
            self.clear()
        return finished

    async def _flush(self):
        """What is complete is in the file, if there is one."""
        if self._journal is not None:
            await perform(lambda *args: self._journal.flush_async(*args), self._journal.flush_finish)

    def log_tree(self):
        """What caused what, as text: logged so that it is seen unless somebody says otherwise, and returned."""
        text = self.format_tree(Bubus.TreeFlags.NONE)
        log.warning("%s", text)
        return text


EventBus = override(EventBus)


def _ask(test, event, otherwise):
    """A test that fails says nothing about other events: this one does not match."""
    try:
        return bool(test(event))
    except Exception:  # noqa: BLE001
        log.exception("a predicate failed on %s", event)
        return otherwise


def _seconds(limit):
    if limit is True:
        return -1.0
    return max(0.0, float(limit or 0))


def get_current_event():
    """The event that the handler, to which this code belongs, handles; None outside of handlers."""
    call = get_call()
    return call.event if call is not None else None


def get_current_bus():
    """The bus whose handler this code belongs to; None outside of handlers."""
    call = get_call()
    return call.invocation.get_bus() if call is not None else None


__all__ = ["EventBus", "get_current_bus", "get_current_event"]
