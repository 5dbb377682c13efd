# SPDX-License-Identifier: LGPL-2.1-or-later
"""What handlers returned: the records, and the helpers that gather them."""

import traceback
import types

from gi.repository import GLib

from ._calls import Failure, buses, log, wait_for_event
from ._errors import ConflictError, NoResultError, to_error, to_exception
from ._library import Bubus, override
from ._types import from_library, from_nanoseconds


class EventResult(Bubus.EventResult):
    """What one handler did with an event. Awaited, it gives what the handler returned or raises what it raised."""

    __class_getitem__ = classmethod(types.GenericAlias)

    id = property(lambda self: self.dup_id())
    handler_id = property(lambda self: self.dup_handler_id())
    handler_name = property(lambda self: self.get_handler_name())
    eventbus_id = property(lambda self: self.get_eventbus_id())
    eventbus_name = property(lambda self: self.get_eventbus_name())
    status = property(lambda self: self.get_status().value_nick)
    started_at = property(lambda self: from_nanoseconds(self.get_started_at()))
    completed_at = property(lambda self: from_nanoseconds(self.get_completed_at()))
    event = property(lambda self: self.get_event())
    event_id = property(lambda self: self.get_event().get_event_id())
    result_type = property(lambda self: self.get_event().event_result_type)
    event_children = property(lambda self: list(self.list_children()))
    child_events = event_children

    def _get_kept(self):
        kept = self.get_event()._kept
        return kept.get(self.dup_handler_id()) if kept is not None else None

    @property
    def result(self):
        """What the handler returned: the same object, where the handler is one of Python."""
        if self.get_status() != Bubus.ResultStatus.COMPLETED:
            return None
        kept = self._get_kept()
        return kept if kept is not None else from_library(self.get_value())

    @property
    def error(self):
        """What the handler raised: the same exception, where the handler is one of Python."""
        error = self.get_error()
        if error is None:
            return None
        kept = self._get_kept()
        if isinstance(kept, Failure) and to_error(kept.exception).message == error.message:
            return kept.exception.with_traceback(kept.traceback)
        return to_exception(error, self.dup_error_type())

    @property
    def timeout(self):
        """How many seconds the handler may take, as far as is known; None is without limit."""
        bus = next((bus for bus in list(buses) if bus.id == self.eventbus_id), None)
        handlers = bus.list_handlers() if bus is not None else []
        own = [handler.get_timeout() for handler in handlers if handler.get_id() == self.handler_id]
        for seconds in (*own, self.get_event().get_event_timeout(), bus.get_event_timeout() if bus is not None else 0):
            if seconds >= 0:
                break
        return seconds or None

    @property
    def error_type(self):
        error = self.error
        return type(error).__name__ if error is not None else None

    @property
    def error_traceback(self):
        """The text of the traceback; None without an error, or when the handler was not one of Python."""
        error = self.error
        if error is None or error.__traceback__ is None:
            return None
        return "".join(traceback.format_exception(type(error), error, error.__traceback__))

    def __await__(self):
        yield from wait_for_event(self.get_event()).__await__()
        error = self.error
        if error is not None:
            raise error
        return self.result

    def __repr__(self):
        outcome = repr(self.error) if self.status == "error" else repr(self.result)
        return f"EventResult({self.handler_name}: {self.status} {outcome:.100})"


EventResult = override(EventResult)


def _ask(include, failures):
    """A filter for the library, which would only print what it raises."""

    def filter_func(result, *_):
        try:
            return bool(include(result))
        except Exception as error:  # noqa: BLE001
            failures.append(error)
            return False

    return filter_func


def _find_exception(event, error):
    """The exception itself, instead of what the library says about it."""
    for result in event.list_results():
        failure = result.get_error()
        if failure is not None and failure.domain == error.domain and error.message.startswith(failure.message):
            return result.error
    return to_exception(error)


def _pick(event, include, raise_if_any):
    """The results that are included and have a value, or else what is to be raised."""
    failures = []
    results = Bubus.Results.new(event)
    results.set_raise_if_any(raise_if_any)
    results.set_raise_if_none(False)
    if include is not None:
        results.set_include(_ask(include, failures))
    try:
        found = results.filter()
    except GLib.Error as error:
        return [], _find_exception(event, error)
    if failures:
        return [], failures[0]
    return [each for each in found if each.result is not None and not isinstance(each.result, Bubus.Event)], None


async def _gather(event, timeout, include, raise_if_any, raise_if_none):
    """Raises where no variable holds something of the library; see _forget_variables()."""
    await wait_for_event(event, timeout)
    found, error = _pick(event, include, raise_if_any)
    if error is not None:
        raise error
    if raise_if_none and not found:
        raise NoResultError(
            f"Expected at least one handler to return a non-None result! {event.get_event_type()} has none"
        )
    return found


def _merge(values):
    merged, conflicts = {}, {}
    for result, value in values:
        for key in value:
            if key in merged:
                conflicts.setdefault(result.handler_name, []).append(key)
        merged.update(value)
    return merged, conflicts


class ResultHelpers:
    """What an event knows of its results. Inside a handler these handle the event at once, elsewhere they wait."""

    async def event_result(self, timeout=None, include=None, raise_if_any=True, raise_if_none=True):
        """The value of the first handler that returned one."""
        found = await _gather(self, timeout, include, raise_if_any, raise_if_none)
        return found[0].result if found else None

    async def event_results_list(self, timeout=None, include=None, raise_if_any=True, raise_if_none=True):
        """All values, in the order of the handlers."""
        return [result.result for result in await _gather(self, timeout, include, raise_if_any, raise_if_none)]

    async def event_results_filtered(self, timeout=None, include=None, raise_if_any=True, raise_if_none=True):
        """The results themselves, by the ids of the handlers."""
        found = await _gather(self, timeout, include, raise_if_any, raise_if_none)
        return {result.handler_id: result for result in found}

    async def event_results_by_handler_id(self, timeout=None, include=None, raise_if_any=True, raise_if_none=True):
        """The values by the ids of the handlers."""
        found = await _gather(self, timeout, include, raise_if_any, raise_if_none)
        return {result.handler_id: result.result for result in found}

    async def event_results_by_handler_name(self, timeout=None, include=None, raise_if_any=True, raise_if_none=True):
        """The values by the names of the handlers; of handlers with the same name the last one counts."""
        found = await _gather(self, timeout, include, raise_if_any, raise_if_none)
        values = {}
        for result in found:
            if result.handler_name in values:
                log.warning("two handlers of %s are called %s", self, result.handler_name)
            values[result.handler_name] = result.result
        return values

    async def event_results_flat_dict(
        self, timeout=None, include=None, raise_if_any=True, raise_if_none=False, raise_if_conflicts=True
    ):
        """All values that are dicts, as one."""
        found = await _gather(self, timeout, include, raise_if_any, raise_if_none)
        values = [(result, result.result) for result in found if isinstance(result.result, dict)]
        if raise_if_none and not values:
            raise NoResultError(f"no handler of {self.get_event_type()} returned a dict")
        merged, conflicts = _merge(values)
        if conflicts and raise_if_conflicts:
            name, keys = next(iter(conflicts.items()))
            text = ", ".join(map(str, keys))
            raise ConflictError(f"{name} returned keys that another handler has returned before: {text}")
        return merged

    async def event_results_flat_list(self, timeout=None, include=None, raise_if_any=True, raise_if_none=True):
        """All values that are lists, as one."""
        found = await _gather(self, timeout, include, raise_if_any, raise_if_none)
        values = [result.result for result in found if isinstance(result.result, list)]
        if raise_if_none and not values:
            raise NoResultError(f"no handler of {self.get_event_type()} returned a list")
        return [item for value in values for item in value]
