# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sagas: events that belong together, and what follows from them."""

import asyncio
import datetime
import json

from ._calls import log
from ._errors import to_exception, translated
from ._handlers import pattern_text
from ._library import Bubus, override
from ._types import to_json


def _to_datetime(time):
    return datetime.datetime.fromtimestamp(time / 1e9, datetime.timezone.utc) if time > 0 else None


class SagaInstance(Bubus.SagaInstance):
    """What has come of one key."""

    key = property(lambda self: self.get_key())
    steps = property(lambda self: list(self.dup_steps()))
    started_at = property(lambda self: _to_datetime(self.get_started_at()))
    deadline = property(lambda self: _to_datetime(self.get_deadline()))

    def __getitem__(self, event_type):
        event = self.get_event(pattern_text(event_type))
        if event is None:
            raise KeyError(event_type)
        return event

    def __contains__(self, event_type):
        return self.get_event(pattern_text(event_type)) is not None

    def __repr__(self):
        return f"SagaInstance({self.get_key()!r}, {self.steps!r})"


SagaInstance = override(SagaInstance)


def _make_event(func, *args):
    """The library would only print what a function raises."""
    try:
        return func(*args)
    except Exception:  # noqa: BLE001
        log.exception("%s of a saga failed", getattr(func, "__name__", func))
        return None


class Saga(Bubus.Saga):
    """Gathers events by a key that all of them have."""

    def __init__(self, bus, name, key=None, *, key_property=None, steps=(), failures=(), timeout=0, completion=None,
                 compensations=None):
        super().__init__(bus=bus, name=name, key_property=key or key_property, timeout=timeout)
        for step in steps:
            self.add_step(step)
        for failure in failures:
            self.add_failure(failure)
        if completion is not None:
            self.completion(completion)
        for step, func in (compensations or {}).items():
            self.compensation(step)(func)

    @classmethod
    def new(cls, bus, name, key_property):
        return cls(bus, name, key_property)

    bus = property(lambda self: self.get_bus())
    name = property(lambda self: self.get_name())
    key = property(lambda self: self.get_key_property())
    timeout = property(lambda self: self.get_timeout(), lambda self, seconds: self.set_timeout(seconds))
    instances = property(lambda self: {instance.get_key(): instance for instance in self.list_instances()})

    def add_step(self, event_type):
        super().add_step(pattern_text(event_type))

    def add_failure(self, event_type):
        super().add_failure(pattern_text(event_type))

    def completion(self, func):
        """Decorates what makes an event of a complete instance."""
        self.set_completion(lambda _saga, instance, *_: _make_event(func, instance))
        return func

    def compensation(self, event_type):
        """Decorates what makes an event that makes up for one of @event_type: of the instance, and of that event."""

        def decorate(func):
            self.set_compensation(
                pattern_text(event_type), lambda _saga, instance, event, *_: _make_event(func, instance, event)
            )
            return func

        return decorate

    def abort(self, key, reason="aborted"):
        """Gives up an instance, and makes up for what has come; says whether there was one."""
        return super().abort(str(key), reason)

    def wait(self, key=None):
        """Waits until an instance, of @key if it is given, is complete, and gives it; raises why it was aborted."""
        return self._wait(key, self._watch(key) if asyncio._get_running_loop() is not None else None)

    def _watch(self, key):
        """A future for what ends an instance first from now on, and the signals that tell it."""
        ended = asyncio.get_running_loop().create_future()

        def is_meant(instance):
            return not ended.done() and (key is None or instance.get_key() == str(key))

        def completed(_saga, instance, _event):
            if is_meant(instance):
                ended.set_result(instance)

        def aborted(_saga, instance, reason):
            if is_meant(instance):
                ended.set_exception(to_exception(reason))

        return ended, [self.connect("completed", completed), self.connect("aborted", aborted)]

    async def _wait(self, key, watch):
        ended, signals = watch or self._watch(key)
        try:
            return await ended
        finally:
            for signal in signals:
                self.disconnect(signal)

    def dump(self):
        """What is under way, as plain values."""
        return json.loads(self.to_json().get_text())

    def restore(self, values):
        """Adds what was dumped."""
        with translated():
            return super().restore(values if isinstance(values, Bubus.Json) else to_json(values))

    def __repr__(self):
        return f"Saga({self.get_name()!r})"


Saga = override(Saga)

__all__ = ["Saga", "SagaInstance"]
