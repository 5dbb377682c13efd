# SPDX-License-Identifier: LGPL-2.1-or-later
"""Dispatch and handlers: upstream 1 to 12 and 80, and what is Python's own."""

import asyncio
import contextvars
import functools
import warnings

import support
from support import AsyncTestCase, Bubus, GLib, GObject, Latch, SystemEvent, UserActionEvent


class DispatchTest(AsyncTestCase):
    async def test_dispatch_gives_the_same_pending_event(self):
        bus, event = Bubus.EventBus(), UserActionEvent()
        self.assertIs(bus.dispatch(event), event)
        self.assertEqual(event.event_status, "pending")
        self.assertIsNone(event.event_started_at)
        self.assertIs(await event, event)
        self.assertEqual(event.event_status, "completed")
        self.assertEqual(event.event_results, {})

    def test_dispatch_before_the_loop_runs(self):
        bus, event = Bubus.EventBus(), UserActionEvent()
        bus.on("*", lambda event: "late")
        bus.dispatch(event)

        async def read():
            return await event.event_result()

        self.assertEqual(Bubus.run(read()), "late")

    async def test_only_events(self):
        with self.assertRaises(TypeError):
            Bubus.EventBus().dispatch("event")

    async def test_no_handler_runs_before_dispatch_returns(self):
        bus, seen = Bubus.EventBus(), []
        bus.on(UserActionEvent, seen.append)
        event = bus.dispatch(UserActionEvent())
        self.assertEqual(seen, [])
        await event
        self.assertEqual(seen, [event])

    async def test_gather(self):
        bus = Bubus.EventBus()
        events = [bus.dispatch(UserActionEvent(user_id=str(i))) for i in range(20)]
        done = await asyncio.gather(*events)
        self.assertEqual(done, events)
        self.assertTrue(all(event.event_status == "completed" for event in events))

    async def test_many_in_batches(self):
        bus, seen = Bubus.EventBus(max_history_size=100), []
        bus.on(UserActionEvent, lambda event: seen.append(event.user_id))
        for batch in range(10):
            await asyncio.gather(*[bus.dispatch(UserActionEvent(user_id=f"{batch}-{i}")) for i in range(10)])
        self.assertEqual(seen, [f"{batch}-{i}" for batch in range(10) for i in range(10)])
        self.assertEqual(len(bus.event_history), 100)

    async def test_refused_event_leaves_no_trace(self):
        bus = Bubus.EventBus(max_pending=1)
        bus.dispatch(UserActionEvent())
        event = UserActionEvent()
        with self.assertRaises(Bubus.BusFullError):
            bus.dispatch(event)
        self.assertEqual((event.event_path, event.event_parent_id), ([], None))
        self.assertEqual(len(bus.event_history), 1)

    async def test_order_is_history(self):
        bus = Bubus.EventBus()
        events = [bus.dispatch(UserActionEvent(user_id=str(i))) for i in range(10)]
        views = bus.events_pending + bus.events_started + bus.events_completed
        self.assertEqual(len(views), 10)
        await bus.wait_until_idle()
        self.assertEqual(list(bus.event_history.values()), events)
        self.assertEqual(bus.events_completed, events)

    async def test_fifo_with_varying_delays(self):
        bus, order = Bubus.EventBus(), []

        async def handle(event):
            for _ in range(int(event.user_id) % 3):
                await asyncio.sleep(0)  # a turn of the loop
            order.append(int(event.user_id))

        bus.on(UserActionEvent, handle)
        events = [bus.dispatch(UserActionEvent(user_id=str(i))) for i in range(20)]
        await bus.wait_until_idle()
        self.assertEqual(order, list(range(20)))
        starts = [event.event_started_at for event in events]
        self.assertEqual(starts, sorted(starts))


class Service:
    def __init__(self, name):
        self.name = name

    def method(self, event):
        return self.name

    @classmethod
    async def class_method(cls, event):
        return cls.__name__

    @staticmethod
    def static_method(event):
        return "static"


class DerivedService(Service):
    pass


class Callable:
    async def __call__(self, event):
        return "called"


class HandlerTest(AsyncTestCase):
    async def test_patterns(self):
        bus, seen = Bubus.EventBus(), []
        bus.on("UserActionEvent", lambda event: seen.append("name"))
        bus.on(SystemEvent, lambda event: seen.append("class"))
        bus.on("*", lambda event: seen.append("all"))
        bus.on("User*", lambda event: seen.append("glob"))
        await bus.dispatch(UserActionEvent())
        await bus.dispatch(SystemEvent())
        self.assertEqual(seen, ["name", "glob", "all", "class", "all"])

    async def test_base_class_receives_derived(self):
        class DerivedEvent(UserActionEvent):
            pass

        bus, seen = Bubus.EventBus(), []
        bus.on(UserActionEvent, lambda event: seen.append("parent"))
        bus.on(DerivedEvent, lambda event: seen.append("own"))
        await bus.dispatch(DerivedEvent())
        self.assertEqual(seen, ["own", "parent"])

    async def test_methods(self):
        bus = Bubus.EventBus()
        for func in (Service("a").method, Service("b").method, Service.class_method, Service.static_method,
                     DerivedService("c").method, Callable(), functools.partial(lambda word, event: word, "partial")):
            bus.on(UserActionEvent, func)
        event = await bus.dispatch(UserActionEvent())
        self.assertEqual(await event.event_results_list(), ["a", "b", "Service", "static", "c", "called", "partial"])
        names = [result.handler_name for result in event.event_results.values()]
        self.assertEqual(names[:3], ["Service.method", "Service.method", "Service.class_method"])
        self.assertEqual(names[3], f"{__name__}.static_method")
        self.assertEqual(names[4], "Service.method")  # the class that defines it

    async def test_decorator(self):
        bus = Bubus.EventBus()

        @bus.on(UserActionEvent, priority=5, name="decorated")
        async def handle(event):
            return 1

        self.assertTrue(asyncio.iscoroutinefunction(handle))
        self.assertEqual(bus.handlers["UserActionEvent"][0].handler_name, "decorated")
        self.assertEqual(await bus.dispatch(UserActionEvent()).event_result(), 1)

    async def test_same_function_twice(self):
        bus, seen = Bubus.EventBus(), []
        bus.on(UserActionEvent, seen.append)
        bus.on(UserActionEvent, seen.append)
        await bus.dispatch(UserActionEvent())
        self.assertEqual(len(seen), 2)

    async def test_namesakes(self):
        """Upstream 27: both run, but only one is found by its name."""
        def handle(event):
            return 1

        bus, other = Bubus.EventBus(), Bubus.EventBus()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            bus.on(UserActionEvent, handle)
            bus.on("*", handle)
            other.on(UserActionEvent, handle)
            bus.on(UserActionEvent, lambda event: 2)
            bus.on(UserActionEvent, lambda event: 3)
        with self.assertWarnsRegex(UserWarning, "handle is already registered for “UserActionEvent”") as caught:
            bus.on("UserActionEvent", handle)
        self.assertEqual(caught.filename, __file__)
        with self.assertWarnsRegex(UserWarning, "already registered") as caught:
            @bus.on("*")
            def handle(event):  # noqa: F811
                return 4
        self.assertEqual(caught.filename, __file__)
        self.assertEqual(len((await bus.dispatch(UserActionEvent())).event_results), 6)

        bus.off("*")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            bus.on("*", handle)

    async def test_handlers_by_pattern(self):
        bus = Bubus.EventBus()
        record = bus.on(UserActionEvent, print)
        self.assertEqual(bus.handlers, {"UserActionEvent": (record,)})
        self.assertEqual((bus.handlers[UserActionEvent], bus.handlers["*"]), ((record,), ()))
        self.assertEqual((len(bus.handlers), "*" in bus.handlers, list(bus.handlers)), (1, False, ["UserActionEvent"]))
        bus.handlers["Other"] = [str, repr]
        self.assertEqual([handler.handler_name for handler in bus.handlers["Other"]], ["builtins.str", "builtins.repr"])
        bus.handlers["Other"] = [repr]
        self.assertEqual(len(bus.handlers["Other"]), 1)
        del bus.handlers["Other"]
        self.assertEqual(list(bus.handlers.items()), [("UserActionEvent", (record,))])
        with self.assertRaises(TypeError):
            bus.handlers[3]
        bus.handlers.clear()
        self.assertEqual(len(bus.handlers), 0)
        self.assertEqual((await bus.dispatch(UserActionEvent())).event_results, {})

    async def test_bus_that_python_did_not_make(self):
        """Such as that of a program in C, for a plugin."""
        bus = GObject.new(Bubus.EventBus)
        bus.on(UserActionEvent, lambda event: "x")
        bus.on(UserActionEvent, lambda event: event.event_bus is bus)
        self.assertEqual(await bus.dispatch(UserActionEvent()).event_results_list(), ["x", True])
        self.assertTrue(await bus.wait_until_idle())
        self.assertTrue(await bus.stop())

    async def test_no_handler(self):
        for bad in (3, "text"):
            with self.assertRaises(TypeError):
                Bubus.EventBus().on(UserActionEvent, bad) if bad == 3 else Bubus.EventBus().on(3, print)

    async def test_options(self):
        bus, order, failures = Bubus.EventBus(), [], []
        bus.on("*", lambda event: order.append("last"), priority=-1)
        bus.on("*", lambda event: order.append("once"), once=True)
        bus.on("*", lambda event: 1 / 0, priority=9, on_error=lambda event, error: failures.append(error))
        await bus.dispatch(UserActionEvent())
        await bus.dispatch(UserActionEvent())
        self.assertEqual(order, ["once", "last", "last"])
        self.assertTrue(all(isinstance(failure, ZeroDivisionError) for failure in failures))
        self.assertEqual(len(failures), 2)

    async def test_off(self):
        bus = Bubus.EventBus()

        def a(event):
            pass

        service = Service("a")
        record = bus.on(UserActionEvent, a)
        bus.on(UserActionEvent, a)
        bus.on("*", a)
        bus.on(UserActionEvent, service.method)
        by_id = bus.on("Other", a)
        self.assertEqual(bus.off(record), 1)
        self.assertEqual(bus.off(record), 0)
        self.assertEqual(bus.off(UserActionEvent, service.method), 1)
        self.assertEqual(bus.off(by_id.id), 1)
        self.assertEqual(bus.off("*"), 1)
        self.assertEqual(bus.off(a), 1)
        self.assertEqual(bus.off(a), 0)
        self.assertEqual(bus.handlers, {})

    async def test_raw_form(self):
        """Programs that do not know of the overrides go on working."""
        bus, seen = Bubus.EventBus.new("Raw"), []

        def handle(event, invocation):
            seen.append(event)
            invocation.return_string("raw")
            return True

        bus.on(UserActionEvent, "handle", handle)
        event = await bus.dispatch(UserActionEvent())
        self.assertEqual(await event.event_result(), "raw")

    async def test_threaded(self):
        import threading

        bus = Bubus.EventBus()
        bus.on(UserActionEvent, lambda event: threading.get_ident(), threaded=True)
        self.assertNotEqual(await bus.dispatch(UserActionEvent()).event_result(), threading.get_ident())

    async def test_coroutine_cannot_be_threaded(self):
        bus = Bubus.EventBus()

        async def handle(event):
            pass

        bus.on(UserActionEvent, handle, threaded=True)
        with self.assertRaisesRegex(TypeError, "coroutine"):
            await bus.dispatch(UserActionEvent()).event_result()


class ErrorTest(AsyncTestCase):
    async def test_isolation(self):
        bus = Bubus.EventBus()
        bus.on(UserActionEvent, lambda event: 1 / 0)
        bus.on(UserActionEvent, lambda event: "fine")
        event = await bus.dispatch(UserActionEvent())
        failed, fine = event.event_results.values()
        self.assertEqual((failed.status, fine.status, fine.result), ("error", "completed", "fine"))
        self.assertIsInstance(failed.error, ZeroDivisionError)
        self.assertEqual(failed.error_type, "ZeroDivisionError")
        self.assertIn("1 / 0", failed.error_traceback)

    async def test_original_exception(self):
        class OwnError(Exception):
            pass

        error = OwnError("mine")

        async def handle(event):
            raise error

        bus = Bubus.EventBus()
        bus.on(UserActionEvent, handle)
        with self.assertRaises(OwnError) as caught:
            await bus.dispatch(UserActionEvent()).event_result()
        self.assertIs(caught.exception, error)

    async def test_returned_exception_is_an_error(self):
        bus = Bubus.EventBus()
        bus.on(UserActionEvent, lambda event: KeyError("x"))
        with self.assertRaises(KeyError):
            await bus.dispatch(UserActionEvent()).event_result()

    async def test_library_error_keeps_domain_and_code(self):
        def handle(event):
            raise GLib.Error("disk", "g-io-error-quark", 12)

        bus = Bubus.EventBus()
        bus.on(UserActionEvent, handle)
        with self.assertRaises(GLib.Error) as caught:
            await bus.dispatch(UserActionEvent()).event_result()
        self.assertEqual((caught.exception.domain, caught.exception.code), ("g-io-error-quark", 12))

    async def test_cancellation_is_one_handlers_own(self):
        """B-3.17: it does not end the bus."""

        async def handle(event):
            raise asyncio.CancelledError

        bus = Bubus.EventBus()
        bus.on(UserActionEvent, handle)
        bus.on(UserActionEvent, lambda event: "went on")
        event = await bus.dispatch(UserActionEvent())
        self.assertEqual(await event.event_results_list(raise_if_any=False), ["went on"])

    async def test_error_in_json(self):
        bus = Bubus.EventBus()
        bus.on(UserActionEvent, lambda event: 1 / 0)
        event = await bus.dispatch(UserActionEvent())
        (result,) = event.model_dump()["event_results"].values()
        self.assertEqual(result["error"], {"type": "ZeroDivisionError", "message": "division by zero"})

    async def test_error_from_json(self):
        class OrderError(Exception):
            def __init__(self, order, reason):
                super().__init__(f"order {order}: {reason}")

        def fail(event):
            raise OrderError(7, "sold out")

        bus = Bubus.EventBus()
        bus.on(UserActionEvent, lambda event: int("x"))
        bus.on(UserActionEvent, fail)
        text = (await bus.dispatch(UserActionEvent())).model_dump_json()
        event = Bubus.Event.model_validate_json(text)
        errors = [result.error for result in event.event_results.values()]
        self.assertEqual([type(error) for error in errors], [ValueError, OrderError])
        self.assertEqual(str(errors[1]), "order 7: sold out")
        self.assertEqual(event.model_dump_json(), text)

        foreign = Bubus.Event.model_validate_json(text.replace("OrderError", "org.example.Oops"))
        error = list(foreign.event_results.values())[1]
        self.assertIsInstance(error.error, GLib.Error)
        self.assertEqual(error.dup_error_type(), "org.example.Oops")

    async def test_timeout_cancels_the_coroutine(self):
        bus, outcome = Bubus.EventBus(), []

        async def handle(event):
            try:
                await asyncio.get_running_loop().create_future()
            except asyncio.CancelledError:
                outcome.append("cancelled")
                raise

        bus.on(UserActionEvent, handle, timeout=0.01)
        event = await bus.dispatch(UserActionEvent())
        with self.assertRaises(TimeoutError):
            await event.event_result()
        await asyncio.sleep(0)  # a turn of the loop
        await asyncio.sleep(0)  # a turn of the loop
        self.assertEqual(outcome, ["cancelled"])

    async def test_late_dispatch_is_refused(self):
        bus, late = Bubus.EventBus(), asyncio.get_running_loop().create_future()

        async def handle(event):
            try:
                await asyncio.get_running_loop().create_future()
            except asyncio.CancelledError:
                pass
            try:
                late.set_result(bus.dispatch(SystemEvent()))
            except Exception as error:
                late.set_exception(error)

        bus.on(UserActionEvent, handle, timeout=0.01)
        await bus.dispatch(UserActionEvent())
        with self.assertRaises(Bubus.HandlerAbortedError):
            await late
        self.assertTrue(await bus.wait_until_idle())


class ConcurrencyTest(AsyncTestCase):
    async def test_parallel_handlers(self):
        """Upstream 5, with a meeting instead of a stop watch."""
        bus, first, second = Bubus.EventBus(parallel_handlers=True), asyncio.Event(), asyncio.Event()

        async def a(event):
            first.set()
            await second.wait()

        async def b(event):
            second.set()
            await first.wait()

        bus.on(UserActionEvent, a)
        bus.on(UserActionEvent, b)
        self.assertEqual((await bus.dispatch(UserActionEvent())).event_status, "completed")

    async def test_serial_handlers(self):
        bus, latch, order = Bubus.EventBus(), Latch(), []

        async def a(event):
            order.append("a+")
            await latch.pass_through()
            order.append("a-")

        bus.on(UserActionEvent, a)
        bus.on(UserActionEvent, lambda event: order.append("b"))
        event = bus.dispatch(UserActionEvent())
        await latch.reached.wait()
        self.assertEqual([result.status for result in event.event_results.values()], ["started", "pending"])
        latch.set()
        await event
        self.assertEqual(order, ["a+", "a-", "b"])

    async def test_first_wins(self):
        bus = Bubus.EventBus(event_handler_completion="first", parallel_handlers=True)

        async def never(event):
            await asyncio.get_running_loop().create_future()

        bus.on(UserActionEvent, never)
        bus.on(UserActionEvent, lambda event: 0)
        self.assertEqual(await bus.dispatch(UserActionEvent()).event_result(), 0)


request_id = contextvars.ContextVar("request_id", default=None)


class ContextTest(AsyncTestCase):
    """Upstream 87: R-20."""

    async def test_captured_at_dispatch(self):
        bus, seen = Bubus.EventBus(), []

        async def handle(event):
            await asyncio.sleep(0)  # a turn of the loop
            seen.append(request_id.get())

        bus.on(UserActionEvent, handle)
        bus.on(UserActionEvent, lambda event: seen.append(request_id.get()))
        request_id.set("a")
        first = bus.dispatch(UserActionEvent())
        request_id.set("b")
        second = bus.dispatch(UserActionEvent())
        request_id.set("c")
        await asyncio.gather(first, second)
        self.assertEqual(seen, ["a", "a", "b", "b"])

    async def test_changes_do_not_leak(self):
        bus = Bubus.EventBus()

        def change(event):
            request_id.set("changed")

        bus.on(UserActionEvent, change)
        bus.on(UserActionEvent, lambda event: request_id.get())
        request_id.set("kept")
        self.assertEqual(await bus.dispatch(UserActionEvent()).event_result(), "kept")
        self.assertEqual(request_id.get(), "kept")

    async def test_nested_and_forwarded(self):
        bus, other = Bubus.EventBus("A"), Bubus.EventBus("B")
        bus.on("*", other.dispatch)
        bus.on(UserActionEvent, lambda event: bus.dispatch(SystemEvent()) and None)
        other.on(SystemEvent, lambda event: request_id.get())
        request_id.set("deep")
        event = await bus.dispatch(UserActionEvent())
        self.assertEqual(await event.event_children[0].event_result(), "deep")

    async def test_current_event(self):
        bus = Bubus.EventBus()

        async def handle(event):
            await asyncio.sleep(0)  # a turn of the loop
            return (Bubus.get_current_event() is event, Bubus.get_current_bus() is bus, event.event_bus is bus)

        bus.on(UserActionEvent, handle)
        self.assertEqual(await bus.dispatch(UserActionEvent()).event_result(), (True, True, True))
        self.assertIsNone(Bubus.get_current_event())
        self.assertIsNone(Bubus.get_current_bus())


if __name__ == "__main__":
    support.main()
