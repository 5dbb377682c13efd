# SPDX-License-Identifier: LGPL-2.1-or-later
"""retry(): attempts, waits, limits of time, semaphores of every scope, handlers, and loops."""

import asyncio
import contextlib
import gc
import inspect
import weakref

import support
from support import AsyncTestCase, Bubus, ChildEvent, GLib, Latch, UserActionEvent

NS = 10**9


@contextlib.contextmanager
def stopped_clock():
    """Time passes when the test says so."""
    clock = Bubus.Clock.new_test(0)
    clock.push_thread_default()
    try:
        yield clock
    finally:
        clock.pop_thread_default()


async def settle():
    for _ in range(20):
        await asyncio.sleep(0)  # a turn of the loop


def failing(n_failures, error=ConnectionError, **settings):
    """A retried function that fails so often, and the numbers of its calls."""
    calls = []

    @Bubus.retry(**settings)
    async def call(value=None):
        calls.append(value)
        if len(calls) <= n_failures:
            raise error(f"failure {len(calls)}")
        return value

    return call, calls


class AttemptsTest(AsyncTestCase):
    def test_names_and_defaults(self):
        """R-22, B-9.1"""
        parameters = inspect.signature(Bubus.retry).parameters
        self.assertEqual(
            {name: each.default for name, each in parameters.items()},
            {"wait": 3, "retries": 3, "timeout": 5, "retry_on": None, "backoff_factor": 1.0, "semaphore_limit": None,
             "semaphore_name": None, "semaphore_lax": True, "semaphore_scope": "global", "semaphore_timeout": None},
        )

    def test_refused_settings(self):
        with self.assertRaisesRegex(ValueError, "semaphore_scope"):
            Bubus.retry(semaphore_scope="planet")
        with self.assertRaisesRegex(TypeError, "retry_on"):
            Bubus.retry(retry_on="ValueError")

    async def test_looks_like_what_it_decorates(self):
        @Bubus.retry
        async def fetch(name, *, twice=False):
            """Fetches."""
            return name * (2 if twice else 1)

        self.assertEqual((fetch.__name__, fetch.__doc__), ("fetch", "Fetches."))
        self.assertTrue(inspect.iscoroutinefunction(fetch))
        self.assertEqual(await fetch("x", twice=True), "xx")

    async def test_waits_grow(self):
        """B-9.2"""
        with stopped_clock() as clock:
            call, calls = failing(3, wait=2, backoff_factor=1.5)
            task = asyncio.ensure_future(call("done"))
            seen = []
            for _ in range(20):
                await settle()
                seen.append(len(calls))
                clock.advance(NS // 2)
            self.assertEqual(await task, "done")
        self.assertEqual([seen.index(n) / 2 for n in (1, 2, 3, 4)], [0, 2, 5, 9.5])

    async def test_the_last_exception_comes_through_unchanged(self):
        """B-9.5"""
        raised = []

        @Bubus.retry(wait=0, retries=2)
        async def call():
            raised.append(OSError(len(raised), "with", "arguments"))
            raise raised[-1]

        with self.assertRaises(OSError) as caught:
            await call()
        self.assertEqual(len(raised), 3)
        self.assertIs(caught.exception, raised[-1])

    async def test_other_exceptions_are_final(self):
        """B-9.4"""
        call, calls = failing(9, wait=0, retry_on=(OSError,), error=ConnectionError)
        with self.assertRaisesRegex(ConnectionError, "failure 4"):
            await call()
        call, calls = failing(9, wait=0, retry_on=OSError, error=KeyError)
        with self.assertRaises(KeyError):
            await call()
        self.assertEqual(len(calls), 1)
        call, calls = failing(9, wait=0, error=asyncio.CancelledError)
        with self.assertRaises(asyncio.CancelledError):
            await call()
        self.assertEqual(len(calls), 1)

    async def test_each_attempt_has_a_limit_of_time(self):
        """B-9.3; an attempt that is given up has cleaned up before the next one begins."""
        trace, latch = [], Latch()

        @Bubus.retry(wait=0, retries=1, timeout=5)
        async def call():
            trace.append("begin")
            try:
                await latch.pass_through()
            finally:
                await settle()
                trace.append("end")

        with stopped_clock() as clock:
            task = asyncio.ensure_future(call())
            await latch.reached.wait()
            clock.advance(5 * NS)
            await settle()
            while len(trace) < 3:
                await settle()
            clock.advance(5 * NS)
            with self.assertRaisesRegex(TimeoutError, "Attempt 2 took longer than 5 s"):
                await task
        self.assertEqual(trace, ["begin", "end", "begin", "end"])

    async def test_timeouts_may_be_final(self):
        calls = []

        @Bubus.retry(wait=0, timeout=5, retry_on=ValueError)
        async def call():
            calls.append(1)
            await asyncio.Event().wait()

        with stopped_clock() as clock:
            task = asyncio.ensure_future(call())
            await settle()
            clock.advance(5 * NS)
            with self.assertRaises(TimeoutError):
                await task
        self.assertEqual(len(calls), 1)

    async def test_cancelled_caller(self):
        """B-17.10: nothing of it is left, and the place is free."""
        latch, ended = Latch(), []

        @Bubus.retry(semaphore_limit=1, semaphore_name="cancelled")
        async def call():
            try:
                await latch.pass_through()
            finally:
                ended.append(True)

        task = asyncio.ensure_future(call())
        await latch.reached.wait()
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        self.assertEqual(ended, [True])
        await settle()
        semaphore = Bubus.Semaphore.new("cancelled", 1, Bubus.Scope.GLOBAL)
        self.assertTrue(semaphore.try_acquire(None, None).is_held())

    async def test_functions_that_do_not_wait(self):
        call = Bubus.retry(wait=0)(lambda: 7)
        self.assertEqual(await call(), 7)

    async def test_nothing_is_kept(self):
        class Thing:
            pass

        @Bubus.retry(wait=0, retries=1, semaphore_limit=1, semaphore_scope="self")
        async def call(thing):
            raise ValueError(thing)

        thing = Thing()
        gone = weakref.ref(thing)
        with self.assertRaises(ValueError):
            await call(thing)
        del thing
        await settle()
        gc.collect()
        self.assertIsNone(gone())


class Worker:
    """Has a method of each scope, which waits at a latch."""

    def __init__(self, latch):
        self.latch = latch

    @Bubus.retry(semaphore_limit=1, semaphore_scope="class")
    async def by_class(self):
        await self.latch.pass_through()

    @Bubus.retry(semaphore_limit=1, semaphore_scope="self")
    async def by_self(self):
        await self.latch.pass_through()

    @Bubus.retry(semaphore_limit=1, semaphore_scope="global", semaphore_name="Worker.by_name")
    async def by_name(self):
        await self.latch.pass_through()


class OtherWorker(Worker):
    pass


class SemaphoresTest(AsyncTestCase):
    async def count(self, *methods):
        """How many of the methods run at a time."""
        latches = [method.__self__.latch for method in methods]
        tasks = [asyncio.ensure_future(method()) for method in methods]
        await settle()
        running = sum(latch.reached.is_set() for latch in latches)
        for latch in latches:
            latch.set()
        await asyncio.gather(*tasks)
        return running

    async def test_scopes(self):
        """B-9.7"""
        def workers(*kinds):
            return [kind(Latch()) for kind in kinds]

        a, b, other = workers(Worker, Worker, OtherWorker)
        self.assertEqual(await self.count(a.by_self, b.by_self, other.by_self), 3)
        a, b, other = workers(Worker, Worker, OtherWorker)
        self.assertEqual(await self.count(a.by_class, b.by_class, other.by_class), 2)
        a, b, other = workers(Worker, Worker, OtherWorker)
        self.assertEqual(await self.count(a.by_name, b.by_name, other.by_name), 1)
        self.assertEqual(await self.count(*[Worker(Latch()).by_self for _ in range(3)]), 3)
        a, = workers(Worker)
        first, second = asyncio.ensure_future(a.by_self()), asyncio.ensure_future(a.by_self())
        await a.latch.reached.wait()
        a.latch.set()
        await asyncio.gather(first, second)

    async def test_shared_with_the_library(self):
        """A place that was taken in any language counts here, also among processes."""
        for scope in ("global", "multiprocess"):
            reached = []

            @Bubus.retry(semaphore_limit=1, semaphore_name="shared", semaphore_scope=scope)
            async def call():
                reached.append(True)

            permit = Bubus.Semaphore.new("shared", 1, getattr(Bubus.Scope, scope.upper())).try_acquire(None, None)
            task = asyncio.ensure_future(call())
            await settle()
            self.assertEqual(reached, [])
            permit.release()
            await task
            self.assertEqual(reached, [True])

    async def test_held_over_all_attempts(self):
        """B-9.6"""
        semaphore = Bubus.Semaphore.new("over-all", 1, Bubus.Scope.GLOBAL)
        call, calls = failing(1, semaphore_limit=1, semaphore_name="over-all")
        with stopped_clock() as clock:
            task = asyncio.ensure_future(call())
            await settle()
            self.assertEqual(len(calls), 1)
            with self.assertRaisesRegex(GLib.Error, "is taken"):
                semaphore.try_acquire(None, None)
            clock.advance(3 * NS)
            await task
        self.assertTrue(semaphore.try_acquire(None, None).is_held())

    async def test_strict_and_lax(self):
        """B-9.8, B-9.9"""
        permit = Bubus.Semaphore.new("strict", 1, Bubus.Scope.GLOBAL).try_acquire(None, None)
        strict, n_strict = failing(0, semaphore_limit=1, semaphore_name="strict", semaphore_lax=False,
                                   semaphore_timeout=2)
        lax, n_lax = failing(0, semaphore_limit=1, semaphore_name="strict", timeout=7)
        with stopped_clock() as clock:
            tasks = [asyncio.ensure_future(strict()), asyncio.ensure_future(lax("went on"))]
            await settle()
            clock.advance(2 * NS)
            with self.assertRaisesRegex(TimeoutError, "strict"):
                await tasks[0]
            self.assertEqual((n_strict, n_lax), ([], []))
            clock.advance(5 * NS)
            self.assertEqual(await tasks[1], "went on")
        permit.release()

    async def test_reentrant(self):
        """B-9.10: one chain of calls needs one place, another one waits."""
        @Bubus.retry(wait=0, semaphore_limit=1, semaphore_name="reentrant", semaphore_lax=False, semaphore_timeout=0)
        async def call(depth):
            return depth if depth == 0 else await asyncio.ensure_future(call(depth - 1))

        self.assertEqual(await call(5), 0)

        latch, held = Latch(), []

        @Bubus.retry(semaphore_limit=1, semaphore_name="reentrant")
        async def hold():
            held.append(True)
            await latch.pass_through()

        first = asyncio.ensure_future(hold())
        await latch.reached.wait()
        second = asyncio.ensure_future(hold())
        await settle()
        self.assertEqual(held, [True])
        latch.set()
        await asyncio.gather(first, second)


class HandlersTest(AsyncTestCase):
    async def test_handler(self):
        """B-9.17: the event has one result, and what is dispatched in an attempt is a child."""
        bus, n = Bubus.EventBus(), []

        @bus.on(UserActionEvent)
        @Bubus.retry(wait=0)
        async def handle(event):
            n.append(Bubus.get_current_event())
            await settle()
            child = await bus.dispatch(ChildEvent())
            if len(n) < 3:
                raise ConnectionError("busy")
            return child.event_parent_id

        event = await bus.dispatch(UserActionEvent())
        self.assertEqual(n, [event] * 3)
        self.assertEqual(await event.event_result(), event.event_id)
        self.assertEqual(len(event.event_results), 1)
        self.assertEqual([each.number for each in event.event_children], [0, 0, 0])
        await bus.stop(clear=True)

    async def test_the_chain_of_calls_ends_at_the_bus(self):
        """B-9.10: who dispatches an event need not wait for it, so that its handlers are no part of the chain."""
        bus, trace = Bubus.EventBus(), []

        @bus.on(ChildEvent)
        @Bubus.retry(semaphore_limit=1, semaphore_name="chain")
        async def handle(event):
            trace.append("handler")

        @Bubus.retry(semaphore_limit=1, semaphore_name="chain")
        async def work():
            event = bus.dispatch(ChildEvent())
            await settle()
            trace.append("done")
            return event

        await (await work())
        self.assertEqual(trace, ["done", "handler"])

    async def test_method_as_handler_fails(self):
        class Service:
            @Bubus.retry(wait=0, retries=1)
            async def handle(self, event):
                raise LookupError("nothing there")

        bus, service = Bubus.EventBus(), Service()
        bus.on(UserActionEvent, service.handle)
        event = await bus.dispatch(UserActionEvent())
        result = next(iter(event.event_results.values()))
        self.assertIsInstance(result.error, LookupError)
        self.assertEqual(result.handler_name, "Service.handle")

    async def test_handler_that_is_given_up(self):
        """B-17.10: the bus's limit ends attempts and waits."""
        bus, ended = Bubus.EventBus(), asyncio.Event()

        @Bubus.retry(timeout=0, semaphore_limit=1, semaphore_name="given-up")
        async def handle(event):
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        bus.on(UserActionEvent, handle, timeout=0.01)
        event = await bus.dispatch(UserActionEvent())
        self.assertIsInstance(next(iter(event.event_results.values())).error, TimeoutError)
        await ended.wait()
        await settle()
        Bubus.Semaphore.new("given-up", 1, Bubus.Scope.GLOBAL).try_acquire(None, None)


class StockLoopTest(AsyncTestCase):
    """asyncio.run() runs no main context; what needs no bus works there, too."""

    def test_attempts(self):
        call, calls = failing(2, wait=0)
        self.assertEqual(asyncio.run(call("done")), "done")
        self.assertEqual(len(calls), 3)
        call, calls = failing(9, wait=0)
        with self.assertRaisesRegex(ConnectionError, "failure 4"):
            asyncio.run(call())

    def test_semaphore_of_another_loop(self):
        """B-9.11: a semaphore belongs to no loop."""
        @Bubus.retry(semaphore_limit=1, semaphore_name="loops")
        async def call(then=None):
            return "inner" if then is None else await then()

        async def both():
            return await asyncio.gather(call(), call(), call(call))

        self.assertEqual(asyncio.run(both()), ["inner"] * 3)
        self.assertEqual(Bubus.run(both()), ["inner"] * 3)
        self.assertEqual(asyncio.run(both()), ["inner"] * 3)

    def test_cancelled(self):
        ended = []

        @Bubus.retry()
        async def call(latch):
            try:
                await latch.pass_through()
            finally:
                ended.append(True)

        async def cancel():
            latch = Latch()
            task = asyncio.ensure_future(call(latch))
            await latch.reached.wait()
            task.cancel()
            await asyncio.wait({task})
            return task.cancelled()

        self.assertTrue(asyncio.run(cancel()))
        self.assertEqual(ended, [True])


if __name__ == "__main__":
    support.main()
