# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where coroutines run: on the loop of the library, on PyGObject's, and where only a main loop runs."""

import asyncio
import os
import socket
import subprocess
import sys
import textwrap
import threading
import unittest

import support
from support import AsyncTestCase, Bubus, GLib, UserActionEvent

try:
    from gi.events import GLibEventLoopPolicy
except ImportError:
    GLibEventLoopPolicy = None


async def answer(event):
    await asyncio.sleep(0)
    return await asyncio.wait_for(asyncio.sleep(0, "answer"), support.DEADLINE)


async def ask():
    bus = Bubus.EventBus()
    bus.on(UserActionEvent, answer)
    return await bus.dispatch(UserActionEvent()).event_result()


class LoopTest(unittest.TestCase):
    def test_run(self):
        self.assertEqual(Bubus.run(ask()), "answer")

    def test_run_again(self):
        for _ in range(3):
            self.assertEqual(Bubus.run(ask()), "answer")

    def test_loop_that_nobody_closes(self):
        """PyGObject 3.42 complains, or crashes, when a source outlives the interpreter."""
        program = textwrap.dedent("""
            import gi
            gi.require_version("Bubus", "1")
            from gi.repository import Bubus

            loop = Bubus.EventLoop()
            loop.call_soon(print)
        """)
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=support.DEADLINE)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_run_raises(self):
        async def fail():
            raise KeyError("x")

        with self.assertRaises(KeyError):
            Bubus.run(fail())

    def test_run_inside(self):
        async def nested():
            coroutine = ask()
            try:
                Bubus.run(coroutine)
            finally:
                coroutine.close()

        with self.assertRaises(RuntimeError):
            Bubus.run(nested())

    def test_run_cancels_what_is_left(self):
        seen = []

        async def forever():
            try:
                await asyncio.get_running_loop().create_future()
            except asyncio.CancelledError:
                seen.append("cancelled")
                raise

        async def main():
            task = asyncio.create_task(forever())
            await asyncio.sleep(0)
            return task

        Bubus.run(main())
        self.assertEqual(seen, ["cancelled"])

    def test_under_a_main_loop(self):
        """As in a program of another language: nothing of asyncio is run by anybody."""
        bus, loop, seen = Bubus.EventBus(), GLib.MainLoop(), []
        bus.on(UserActionEvent, answer)
        event = bus.dispatch(UserActionEvent())

        def done(event, result):
            event.wait_finish(result)
            seen.extend(result.result for result in event.event_results.values())
            loop.quit()

        event.wait_async(None, done)
        loop.run()
        self.assertEqual(seen, ["answer"])

    @unittest.skipIf(GLibEventLoopPolicy is None, "this PyGObject has no gi.events")
    def test_on_the_loop_of_pygobject(self):
        policy = GLibEventLoopPolicy()
        self.assertEqual(policy.get_event_loop().run_until_complete(ask()), "answer")

    @unittest.skipIf(sys.version_info < (3, 11), "there is no asyncio.Runner")
    def test_in_a_runner(self):
        with asyncio.Runner(loop_factory=Bubus.EventLoop) as runner:
            self.assertEqual(runner.run(ask()), "answer")

    def test_stock_loop_says_what_is_wrong(self):
        with self.assertRaisesRegex(RuntimeError, "Bubus.run"):
            asyncio.run(ask())

    def test_in_another_thread(self):
        seen = []

        def work():
            context = GLib.MainContext.new()
            context.push_thread_default()
            try:
                seen.append(Bubus.run(ask()))
            finally:
                context.pop_thread_default()

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        self.assertEqual(seen, ["answer"])


class PrimitiveTest(AsyncTestCase):
    async def test_timers(self):
        loop, order = asyncio.get_running_loop(), []
        later = loop.call_later(0.02, order.append, "later")
        cancelled = loop.call_later(0.01, order.append, "cancelled")
        cancelled.cancel()
        await asyncio.sleep(0.001)
        loop.call_soon(order.append, "soon")
        await asyncio.sleep(0.03)
        self.assertEqual(order, ["soon", "later"])
        self.assertGreater(later.when(), 0)

    async def test_cancelled_timers_do_not_pile_up(self):
        loop = asyncio.get_running_loop()
        for _ in range(2000):
            loop.call_later(support.DEADLINE, print).cancel()
        self.assertLess(len(loop._timers), 300)

    async def test_call_from_a_thread(self):
        loop, future = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()
        thread = threading.Thread(target=lambda: loop.call_soon_threadsafe(future.set_result, "called"))
        thread.start()
        self.assertEqual(await future, "called")
        thread.join()

    async def test_queue_and_executor(self):
        queue = asyncio.Queue()
        task = asyncio.create_task(queue.get())
        await asyncio.sleep(0)
        queue.put_nowait(await asyncio.get_running_loop().run_in_executor(None, lambda: "from a thread"))
        self.assertEqual(await task, "from a thread")

    async def test_readers(self):
        ours, theirs = socket.socketpair()
        future = asyncio.get_running_loop().create_future()
        with ours, theirs:
            loop = asyncio.get_running_loop()
            loop.add_reader(ours, lambda: future.done() or future.set_result(os.read(ours.fileno(), 9)))
            theirs.send(b"hello")
            self.assertEqual(await future, b"hello")
            self.assertTrue(asyncio.get_running_loop().remove_reader(ours))
            self.assertFalse(asyncio.get_running_loop().remove_reader(ours))

    async def test_callback_that_fails(self):
        caught = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda loop, context: caught.append(context["exception"]))
        loop.call_soon(lambda: 1 / 0)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self.assertIsInstance(caught[0], ZeroDivisionError)


if __name__ == "__main__":
    support.main()
