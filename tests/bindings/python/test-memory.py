# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is done with is gone: events, values, contexts, buses; and programs end with events on their way."""

import asyncio
import gc
import subprocess
import sys
import textwrap
import unittest
import weakref

import support
from support import Bubus, ChildEvent, ParentEvent, UserActionEvent

N_EVENTS = 2000


def count(kind):
    return sum(isinstance(each, kind) for each in gc.get_objects())


class GrowthTest(unittest.TestCase):
    def run_many(self, handler, n_events=N_EVENTS):
        async def main():
            bus = Bubus.EventBus(max_history_size=10)
            bus.on(UserActionEvent, handler)
            for _ in range(n_events):
                await bus.dispatch(UserActionEvent())
            support.collect_garbage()
            return count(Bubus.Event), count(Bubus.Invocation), count(asyncio.Task)

        return Bubus.run(main())

    def check(self, handler):
        n_events, n_invocations, n_tasks = self.run_many(handler)
        self.assertLessEqual(n_events, 11)
        self.assertLessEqual(n_invocations, 11)
        self.assertLessEqual(n_tasks, 2)

    def test_function(self):
        self.check(lambda event: {"value": [event]})

    def test_coroutine(self):
        async def handle(event):
            await asyncio.sleep(0)  # a turn of the loop
            return {"value": object()}

        self.check(handle)

    def test_failures(self):
        def fail(event):
            raise ValueError(event)

        self.check(fail)

    def test_variables_of_failures(self):
        """A variable of the handler leads to a child, and that to its parent, which keeps the exception."""

        async def main():
            bus = Bubus.EventBus(max_history_size=10)

            async def fail(event):
                child = await bus.dispatch(ChildEvent())
                raise ValueError(child.number)

            bus.on(ParentEvent, fail)
            for _ in range(N_EVENTS // 10):
                await bus.dispatch(ParentEvent())
            support.collect_garbage()
            n_events = count(Bubus.Event)
            await bus.stop(clear=True)
            return n_events

        self.assertLessEqual(Bubus.run(main()), 21)

    def test_failures_that_pass_through_a_parent(self):
        async def main():
            bus = Bubus.EventBus(max_history_size=10)

            async def handle(event):
                await bus.dispatch(ChildEvent()).event_result()

            async def fail(event):
                await asyncio.sleep(0)  # a turn of the loop
                raise ValueError("why")

            bus.on(ParentEvent, handle)
            bus.on(ChildEvent, fail)
            for _ in range(N_EVENTS // 10):
                with self.assertRaises(ValueError):
                    await bus.dispatch(ParentEvent()).event_result(raise_if_none=False)
            support.collect_garbage()
            n_events = count(Bubus.Event)
            await bus.stop(clear=True)
            return n_events

        self.assertLessEqual(Bubus.run(main()), 21)

    def test_children(self):
        async def main():
            bus = Bubus.EventBus(max_history_size=10)

            async def handle(event):
                await bus.dispatch(ChildEvent())

            bus.on(ParentEvent, handle)
            bus.on(ChildEvent, lambda event: None)
            for _ in range(N_EVENTS // 2):
                await bus.dispatch(ParentEvent())
            support.collect_garbage()
            n_events = count(Bubus.Event)
            await bus.stop(clear=True)
            return n_events

        self.assertLessEqual(Bubus.run(main()), 21)


class LifeTest(support.AsyncTestCase):
    async def test_state_of_python_lives_as_long_as_the_event(self):
        bus, value = Bubus.EventBus(), {"an": object()}
        bus.on(UserActionEvent, lambda event: value)
        event_id = (await bus.dispatch(UserActionEvent(user_id="kept"))).event_id
        support.collect_garbage()
        event = bus.get_event(event_id)
        self.assertEqual(event.user_id, "kept")
        self.assertIs(await event.event_result(), value)

    async def test_event_is_collected(self):
        bus = Bubus.EventBus(max_history_size=0)
        bus.on(UserActionEvent, lambda event: {"event": event})
        event = await bus.dispatch(UserActionEvent())
        gone = weakref.ref(event)
        del event
        support.collect_garbage()
        self.assertIsNone(gone())

    async def test_handler_is_released(self):
        class Service:
            def handle(self, event):
                pass

        bus, service = Bubus.EventBus(), Service()
        handler = bus.on(UserActionEvent, service.handle)
        gone = weakref.ref(service)
        del service
        self.assertIsNotNone(gone())
        bus.off(handler)
        del handler
        support.collect_garbage()
        self.assertIsNone(gone())


class ExitTest(unittest.TestCase):
    PROGRAM = """
        import asyncio
        import gi

        gi.require_version("Bubus", "1")
        from gi.repository import Bubus

        class AnyEvent(Bubus.Event):
            pass

        bus = Bubus.EventBus()

        @bus.on(AnyEvent)
        async def handle(event):
            await asyncio.get_running_loop().create_future()

        async def main():
            running, queued = bus.dispatch(AnyEvent()), bus.dispatch(AnyEvent())
            waiting = asyncio.ensure_future(bus.expect("Other"))
            await asyncio.sleep(0)  # a turn of the loop
            await asyncio.sleep(0)  # a turn of the loop
            {end}

        Bubus.run(main())
    """

    def run_program(self, end):
        program = textwrap.dedent(self.PROGRAM).replace("{end}", end)
        return subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=support.DEADLINE, check=False
        )

    def test_returns(self):
        run = self.run_program("pass")
        self.assertEqual((run.returncode, run.stderr), (0, ""))

    def test_exits(self):
        run = self.run_program("raise SystemExit(3)")
        self.assertEqual((run.returncode, run.stderr), (3, ""))

    def test_interrupted(self):
        run = self.run_program(
            "import os, signal; asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGINT); await waiting"
        )
        self.assertIn("KeyboardInterrupt", run.stderr)
        self.assertNotEqual(run.returncode, 0)

    def test_raises(self):
        run = self.run_program("1 / 0")
        self.assertEqual(run.returncode, 1)
        self.assertIn("ZeroDivisionError", run.stderr)


if __name__ == "__main__":
    support.main()
