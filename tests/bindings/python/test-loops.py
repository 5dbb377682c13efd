# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where coroutines run: on the loop of the library, on PyGObject's, and where only a main loop runs."""

import asyncio
import concurrent.futures
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
    await asyncio.sleep(0)  # a turn of the loop
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
            import asyncio, gi
            gi.require_version("Bubus", "1")
            from gi.repository import Bubus

            async def main():
                Bubus.EventBus().dispatch(Bubus.Event())

            loop = Bubus.EventLoop()
            loop.call_soon(print)
            stock = asyncio.new_event_loop()
            stock.run_until_complete(main())
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
            await asyncio.sleep(0)  # a turn of the loop
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


def in_a_thread(work):
    """What @work returns or raises in a thread of its own."""
    with concurrent.futures.ThreadPoolExecutor(1) as executor:
        return executor.submit(work).result(support.DEADLINE)


class StockLoopTest(unittest.TestCase):
    """asyncio.run() is what everybody writes."""

    def run_stock(self, coroutine):
        return asyncio.run(asyncio.wait_for(coroutine, support.DEADLINE))

    def test_again_and_again(self):
        for _ in range(3):
            self.assertEqual(self.run_stock(ask()), "answer")

    def test_bus_of_several_loops(self):
        bus = Bubus.EventBus()
        bus.on(UserActionEvent, answer)

        async def dispatch():
            return await bus.dispatch(UserActionEvent()).event_result()

        self.assertEqual([self.run_stock(dispatch()), Bubus.run(dispatch()), self.run_stock(dispatch())], ["answer"] * 3)

    def test_dispatch_is_enough(self):
        async def dispatch():
            bus, seen = Bubus.EventBus(), asyncio.get_running_loop().create_future()
            bus.on(UserActionEvent, seen.set_result)
            event = bus.dispatch(UserActionEvent())
            self.assertIs(await seen, event)

        self.run_stock(dispatch())

    def test_what_the_loop_could_before(self):
        async def use():
            loop, ours, theirs = asyncio.get_running_loop(), *socket.socketpair()
            await ask()
            with ours, theirs:
                ours.setblocking(False)
                theirs.send(b"hello")
                self.assertEqual(await loop.sock_recv(ours, 9), b"hello")
            self.assertEqual(await loop.run_in_executor(None, lambda: "thread"), "thread")
            await asyncio.sleep(0.001)
            with self.assertRaises(asyncio.TimeoutError):
                await asyncio.wait_for(loop.create_future(), 0.001)
            process = await asyncio.create_subprocess_exec(sys.executable, "-c", "print(5)", stdout=subprocess.PIPE)
            self.assertEqual((await process.communicate())[0].strip(), b"5")
            return await ask()

        self.assertEqual(self.run_stock(use()), "answer")

    def test_timers_of_the_library(self):
        async def wait():
            bus = Bubus.EventBus()
            bus.on(UserActionEvent, lambda event: asyncio.sleep(support.DEADLINE), timeout=0.01)
            return await bus.dispatch(UserActionEvent()).event_result()

        with self.assertRaises(TimeoutError):
            self.run_stock(wait())

    async def count_rounds(self, rounds):
        await ask()
        loop = asyncio.get_running_loop()
        select = loop._selector.select
        loop._selector.select = lambda timeout=None: rounds.append(timeout) or select(timeout)
        await asyncio.sleep(0.05)

    def test_nothing_is_polled(self):
        """B-17.16."""
        rounds = []
        self.run_stock(self.count_rounds(rounds))
        self.assertTrue(0 < len(rounds) < 10, rounds)

    def test_loop_that_rests(self):
        """It has something to do, and does not keep the loop awake that runs instead."""
        rounds = []
        resting = asyncio.new_event_loop()
        self.assertEqual(resting.run_until_complete(ask()), "answer")
        resting.call_soon_threadsafe(rounds.clear)
        self.run_stock(self.count_rounds(rounds))
        self.assertTrue(0 < len(rounds) < 10, rounds)
        self.assertEqual(Bubus.run(ask()), "answer")
        self.assertEqual(resting.run_until_complete(ask()), "answer")
        self.assertEqual(rounds, [])
        resting.close()

    def test_inside_of_a_main_loop(self):
        """What a main loop has called may not run it again."""
        caught = []

        def call():
            try:
                asyncio.run(ask())
            except RuntimeError as error:
                caught.append(error)
            loop.quit()

        loop = GLib.MainLoop()
        GLib.idle_add(call)
        loop.run()
        self.assertRegex(str(caught[0]), "Bubus.run")

    def test_thread_without_a_main_context(self):
        """B-17.11: that of the main thread is not run there. To dispatch is allowed."""
        bus, seen = Bubus.EventBus(), []
        bus.on(UserActionEvent, lambda event: seen.append(threading.current_thread()))

        async def dispatch():
            event = bus.dispatch(UserActionEvent())
            with self.assertRaisesRegex(RuntimeError, "Bubus.run"):
                await event

        in_a_thread(lambda: asyncio.run(dispatch()))
        self.assertEqual(seen, [])
        self.run_stock(bus.wait_until_idle())
        self.assertEqual(seen, [threading.main_thread()])

    def test_thread_with_a_main_context(self):
        def work():
            context = GLib.MainContext.new()
            context.push_thread_default()
            try:
                return asyncio.run(ask())
            finally:
                context.pop_thread_default()

        self.assertEqual(in_a_thread(work), "answer")


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
        await asyncio.sleep(0)  # a turn of the loop
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
        await asyncio.sleep(0)  # a turn of the loop
        await asyncio.sleep(0)  # a turn of the loop
        self.assertIsInstance(caught[0], ZeroDivisionError)


if __name__ == "__main__":
    support.main()
