# SPDX-License-Identifier: LGPL-2.1-or-later
"""Registrations of handlers."""

import collections.abc
import functools
import inspect

from ._library import Bubus, override


class Handler(Bubus.Handler):
    """A registration."""

    _callable = None

    id = property(lambda self: self.get_id())
    handler_name = property(lambda self: self.get_name())
    event_pattern = property(lambda self: self.get_pattern())

    def __repr__(self):
        return f"Handler({self.get_name()} for {self.get_pattern()})"


Handler = override(Handler)


def _defining_class(method):
    owner = method.__self__
    for base in (owner if isinstance(owner, type) else type(owner)).__mro__:
        if method.__name__ in vars(base):
            return base
    return type(owner)


def name_handler(func):
    """Methods by the class that defines them, functions by their module."""
    if inspect.ismethod(func):
        return f"{_defining_class(func).__name__}.{func.__name__}"
    if isinstance(func, functools.partial):
        return name_handler(func.func)
    name = getattr(func, "__name__", None) or type(func).__name__
    return f"{getattr(func, '__module__', None) or '?'}.{name}"


def is_event_class(pattern):
    return isinstance(pattern, type) and issubclass(pattern, Bubus.Event)


def pattern_text(pattern):
    return pattern.get_declared_type() if is_event_class(pattern) else pattern


def check_pattern(pattern):
    if not is_event_class(pattern) and not isinstance(pattern, str):
        raise TypeError(f"a pattern is an event class, a type name or “*”, not {pattern!r:.100}")
    if pattern == "" or (isinstance(pattern, str) and "\0" in pattern):
        raise ValueError(f"{pattern!r:.100} is no pattern")
    return pattern


class Handlers(collections.abc.MutableMapping):
    """The handlers of a bus as they are now, by pattern; what is changed here is registered or taken off."""

    __slots__ = ("_bus",)

    def __init__(self, bus):
        self._bus = bus

    def _collect(self):
        found = {}
        for handler in self._bus.list_handlers():
            found.setdefault(handler.get_pattern(), []).append(handler)
        return {pattern: tuple(handlers) for pattern, handlers in found.items()}

    def __getitem__(self, pattern):
        text = pattern_text(check_pattern(pattern))
        return tuple(handler for handler in self._bus.list_handlers() if handler.get_pattern() == text)

    def __setitem__(self, pattern, functions):
        functions = list(functions)
        self.pop(pattern, None)
        for func in functions:
            self._bus.on(pattern, func)

    def __delitem__(self, pattern):
        for handler in self[pattern]:
            self._bus.off(handler)

    def __contains__(self, pattern):
        return bool(self[pattern])

    def __iter__(self):
        return iter(self._collect())

    def __len__(self):
        return len(self._collect())

    def values(self):
        return self._collect().values()

    def items(self):
        return self._collect().items()

    def clear(self):
        """Takes all handlers off."""
        for handler in self._bus.list_handlers():
            self._bus.off(handler)

    def __repr__(self):
        return repr(self._collect())


__all__ = ["Handler", "Handlers", "check_pattern", "is_event_class", "name_handler", "pattern_text"]
