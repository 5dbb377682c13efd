# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the Python overrides have in common. Coroutines are tests, too."""

import asyncio
import functools
import gc
import inspect
import logging
import unittest

import gi

gi.require_version("Bubus", "1")
from gi.repository import Bubus, Gio, GLib, GObject  # noqa: F401, for the tests

# Long enough for a slow machine; nothing waits for it to pass.
DEADLINE = 60

logging.getLogger("bubus").setLevel(logging.CRITICAL)  # handlers fail here because they are meant to


class AsyncTestCase(unittest.TestCase):
    """Each test that is a coroutine is run on the loop of the library, on the default main context."""

    def __init_subclass__(cls):
        for name, member in list(vars(cls).items()):
            if name.startswith("test") and inspect.iscoroutinefunction(member):
                setattr(cls, name, cls._make_runner(member))

    @staticmethod
    def _make_runner(coroutine):
        @functools.wraps(coroutine)
        def run(self):
            Bubus.run(asyncio.wait_for(coroutine(self), DEADLINE))

        return run


class Latch(asyncio.Event):
    """A handler arrives at it, and a test lets it go on."""

    def __init__(self):
        super().__init__()
        self.reached = asyncio.Event()

    async def pass_through(self):
        self.reached.set()
        await self.wait()


class UserActionEvent(Bubus.Event):
    action: str = "click"
    user_id: str = "u1"


class SystemEvent(Bubus.Event):
    name: str = "start"


class ParentEvent(Bubus.Event):
    pass


class ChildEvent(Bubus.Event):
    number: int = 0


class GrandchildEvent(Bubus.Event):
    pass


def collect_garbage():
    """References through the library take more than one round."""
    for _ in range(3):
        gc.collect()
        while GLib.MainContext.default().iteration(False):
            pass


def main():
    unittest.main(verbosity=2)
