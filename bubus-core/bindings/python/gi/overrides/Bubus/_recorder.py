# SPDX-License-Identifier: LGPL-2.1-or-later
"""Recorders: what was dispatched on a bus, for tests."""

import asyncio

from gi.repository import GLib

from ._calls import perform
from ._handlers import pattern_text
from ._library import Bubus, override


class CheckError(GLib.Error, AssertionError):
    """What is not as expected fails a test as an assertion does."""

    def __str__(self):
        return self.message


def _check(check, *args):
    try:
        return check(*args)
    except GLib.Error as error:
        raise CheckError(error.message, error.domain, error.code) from None


class Recorder(Bubus.Recorder):
    """Records every event that a bus takes, in that order, as long as it lives."""

    def __init__(self, bus):
        super().__init__(bus=bus)

    @classmethod
    def new(cls, bus):
        return cls(bus)

    bus = property(lambda self: self.get_bus())
    events = property(lambda self: self.list_events())
    event_types = property(lambda self: [event.get_event_type() for event in self.list_events()])

    def __len__(self):
        return self.count()

    def __iter__(self):
        return iter(self.list_events())

    def __bool__(self):
        return True

    def list_events(self, pattern=None):
        return list(super().list_events(pattern_text(pattern)))

    def count(self, pattern=None):
        return super().count(pattern_text(pattern))

    def check_count(self, pattern, expected):
        """Raises AssertionError unless so many events were dispatched."""
        _check(super().check_count, pattern_text(pattern), expected)

    def check_sequence(self, event_types):
        """Raises AssertionError unless exactly these events were dispatched, in this order."""
        _check(super().check_sequence, [pattern_text(each) for each in event_types])

    def check_no_errors(self):
        """Raises AssertionError when a handler of a recorded event has failed."""
        _check(super().check_no_errors)

    def drain(self, seconds=10):
        """Runs the main context until the bus is idle, where no loop does; elsewhere await the bus."""
        _check(super().drain, seconds)

    def advance(self, seconds):
        """Moves the test clock of the bus, and runs the main context, where no loop does."""
        _check(super().advance, seconds)

    def wait(self, pattern=None, n_events=1, timeout=None):
        """Waits until so many events were recorded, and gives them."""
        pattern = pattern_text(pattern)
        waiting = perform(lambda *args: self.wait_async(pattern, n_events, *args), self.wait_finish)
        return self._list_when(waiting, pattern, timeout)

    async def _list_when(self, waiting, pattern, timeout):
        await asyncio.wait_for(waiting, timeout)
        return self.list_events(pattern)


Recorder = override(Recorder)

__all__ = ["Recorder"]
