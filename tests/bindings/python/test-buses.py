# SPDX-License-Identifier: LGPL-2.1-or-later
"""Forwarding, names, history, middleware and the end: upstream 3, 11, 15, 16, 24, 25, 35 to 37, 49, 50, 82."""

import asyncio
import gc
import json
import pathlib
import tempfile
import weakref

import support
from support import AsyncTestCase, Bubus, GLib, GObject, Latch, SystemEvent, UserActionEvent, collect_garbage


class ForwardingTest(AsyncTestCase):
    async def test_levels(self):
        parent, child, grandchild = (Bubus.EventBus(name) for name in ("Parent", "Child", "Grandchild"))
        seen = []
        for bus in (parent, child, grandchild):
            bus.on("*", lambda event, bus=bus: seen.append((bus.name, event.event_id)))
        grandchild.on("*", child.dispatch)
        child.on("*", parent.dispatch)
        event = await grandchild.dispatch(UserActionEvent())
        self.assertEqual(event.event_path, ["Grandchild", "Child", "Parent"])
        self.assertEqual(seen, [(name, event.event_id) for name in event.event_path])
        middle = await child.dispatch(UserActionEvent())
        self.assertEqual(middle.event_path, ["Child", "Parent"])

    async def test_ring(self):
        buses = [Bubus.EventBus(name) for name in "ABC"]
        seen = []
        for i, bus in enumerate(buses):
            bus.on("*", buses[(i + 1) % 3].dispatch)
            bus.on("*", lambda event, bus=bus: seen.append(bus.name))
        event = await buses[1].dispatch(UserActionEvent())
        self.assertEqual(event.event_path, ["B", "C", "A"])
        self.assertEqual(sorted(seen), ["A", "B", "C"])
        self.assertTrue(all([await bus.wait_until_idle() for bus in buses]))

    async def test_same_names(self):
        a, b = Bubus.EventBus("Same"), Bubus.EventBus("Same")
        a.on("*", b.dispatch)
        b.on("*", lambda event: "b")
        event = await a.dispatch(UserActionEvent())
        self.assertEqual(event.event_path, ["Same", "Same"])
        self.assertEqual(event.event_path_labels, [a.label, b.label])
        self.assertEqual(await event.event_results_list(), ["b"])

    async def test_results_of_all_buses(self):
        buses = [Bubus.EventBus(f"bus{i}") for i in range(3)]
        buses[0].on("*", buses[1].dispatch)
        buses[1].on("*", buses[2].dispatch)
        for i, bus in enumerate(buses):
            bus.on(UserActionEvent, lambda event, i=i: [i])
        event = await buses[0].dispatch(UserActionEvent())
        self.assertEqual(await event.event_results_flat_list(), [0, 1, 2])

    async def test_of_one_class(self):
        a, b = Bubus.EventBus("A"), Bubus.EventBus("B")
        a.on(UserActionEvent, b.dispatch)
        self.assertEqual((await a.dispatch(UserActionEvent())).event_path, ["A", "B"])
        self.assertEqual((await a.dispatch(SystemEvent())).event_path, ["A"])

    async def test_await_waits_for_the_target(self):
        a, b, latch = Bubus.EventBus("A"), Bubus.EventBus("B"), Latch()

        async def slow(event):
            await latch.pass_through()
            return "slow"

        a.on("*", b.dispatch)
        b.on("*", slow)
        event = a.dispatch(UserActionEvent())
        await latch.reached.wait()
        self.assertEqual(event.event_status, "started")
        latch.set()
        self.assertEqual(await event.event_result(), "slow")


class BusTest(AsyncTestCase):
    async def test_names(self):
        self.assertRegex(Bubus.EventBus().name, r"^EventBus_[0-9a-f]{8}$")
        self.assertEqual(Bubus.EventBus("Ein Büs!").name, "Ein Büs!")
        self.assertEqual(Bubus.EventBus(name="x").name, "x")

    async def test_settings(self):
        bus = Bubus.EventBus(max_history_size=None, event_timeout=3.0, parallel_handlers=True)
        self.assertIsNone(bus.max_history_size)
        self.assertEqual(bus.get_event_timeout(), 3.0)
        bus.max_history_size = 7
        self.assertEqual(bus.max_history_size, 7)
        with self.assertRaises(TypeError):
            Bubus.EventBus(bogus=1)

    async def test_priority(self):
        bus = Bubus.EventBus(priority=GLib.PRIORITY_DEFAULT_IDLE)
        self.assertEqual(bus.get_priority(), GLib.PRIORITY_DEFAULT_IDLE)
        bus.set_priority(GLib.PRIORITY_LOW)
        self.assertEqual(bus.props.priority, GLib.PRIORITY_LOW)
        await bus.dispatch(UserActionEvent())

    async def test_history_limit(self):
        bus = Bubus.EventBus(max_history_size=5)
        for _ in range(20):
            await bus.dispatch(UserActionEvent())
        self.assertEqual(len(bus.event_history), 5)

    async def test_unfinished_events_are_not_evicted(self):
        bus, latch = Bubus.EventBus(max_history_size=1, event_concurrency="parallel"), Latch()

        async def handle(event):
            if event.user_id == "slow":
                await latch.pass_through()

        bus.on(UserActionEvent, handle)
        slow = bus.dispatch(UserActionEvent(user_id="slow"))
        await latch.reached.wait()
        for _ in range(5):
            await bus.dispatch(UserActionEvent())
        self.assertIn(slow.event_id, bus.event_history)
        latch.set()
        await slow

    async def test_unreferenced_bus_is_collected(self):
        """B-7.13: with history, without stop()."""
        bus = Bubus.EventBus()
        bus.on(UserActionEvent, lambda event: {"a": 1})
        event = await bus.dispatch(UserActionEvent())
        await event.event_result()
        gone = weakref.ref(bus)
        del bus, event
        support.collect_garbage()
        self.assertIsNone(gone())

    async def test_wal_path(self):
        """14.14: one line per completed event, directories are made, nothing before completion."""
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory, "deep", "events.jsonl")
            bus = Bubus.EventBus("Main", wal_path=path)
            events = [bus.dispatch(UserActionEvent()) for _ in range(3)]
            self.assertFalse(path.exists() and path.read_text())
            self.assertTrue(await bus.wait_until_idle())
            lines = [json.loads(line) for line in path.read_text().splitlines()]
            self.assertEqual([line["event_id"] for line in lines], [event.event_id for event in events])
            self.assertEqual({line["event_status"] for line in lines}, {"completed"})
            await bus.stop()

    async def test_log_tree(self):
        bus = Bubus.EventBus("Main")
        self.assertIn("Main", bus.log_tree())
        bus.on(UserActionEvent, lambda event: 1 / 0)
        await bus.dispatch(UserActionEvent())
        tree = bus.log_tree()
        for text in ("UserActionEvent", "ZeroDivisionError", "└── "):
            self.assertIn(text, tree)


class MiddlewareTest(AsyncTestCase):
    async def test_replaced(self):
        bus, seen = Bubus.EventBus(), []

        def replace(event):
            return UserActionEvent(user_id="other") if event.user_id == "one" else event

        bus.add_middleware(replace)
        bus.on(UserActionEvent, lambda event: seen.append(event.user_id))
        await bus.dispatch(UserActionEvent(user_id="one"))
        self.assertEqual(seen, ["other"])

    async def test_dropped_by_a_coroutine(self):
        bus, seen = Bubus.EventBus(), []

        async def drop(event):
            await asyncio.sleep(0)  # a turn of the loop
            return None if event.user_id == "bad" else event

        bus.add_middleware(drop)
        bus.on(UserActionEvent, lambda event: seen.append(event.user_id))
        with self.assertRaises(Bubus.EventDroppedError):
            await bus.dispatch(UserActionEvent(user_id="bad"))
        await bus.dispatch(UserActionEvent(user_id="good"))
        self.assertEqual(seen, ["good"])

    async def test_refused(self):
        bus = Bubus.EventBus()

        def refuse(event):
            raise PermissionError("not you")

        bus.add_middleware(refuse)
        with self.assertRaisesRegex(Exception, "not you"):
            bus.dispatch(UserActionEvent())
        self.assertEqual(bus.event_history, {})

    async def test_observer(self):
        class Observer(GObject.Object, Bubus.Middleware):
            seen = []

            def do_event_changed(self, bus, event, status):
                self.seen.append((event.event_type, status.value_nick))

        bus = Bubus.EventBus()
        observer = bus.add_middleware(Observer())
        bus.on(UserActionEvent, lambda event: None)
        await bus.dispatch(UserActionEvent())
        self.assertEqual([status for _, status in observer.seen], ["pending", "started", "completed"])


class StopTest(AsyncTestCase):
    async def test_twice(self):
        bus = Bubus.EventBus()
        await bus.dispatch(UserActionEvent())
        self.assertTrue(await bus.stop())
        self.assertTrue(await bus.stop())
        self.assertFalse(bus.is_running)
        with self.assertRaises(Bubus.BusStoppedError):
            bus.dispatch(UserActionEvent())

    async def test_waiters_wake(self):
        bus, latch = Bubus.EventBus(), Latch()

        async def handle(event):
            await latch.pass_through()

        bus.on(UserActionEvent, handle)
        running, queued = bus.dispatch(UserActionEvent()), bus.dispatch(UserActionEvent())
        await latch.reached.wait()
        await bus.stop()
        for event in (running, queued):
            await event
            self.assertEqual(event.event_status, "completed")
        with self.assertRaises(Bubus.BusStoppedError):
            await running.event_result()

    async def test_draining(self):
        bus, seen = Bubus.EventBus(), []

        async def handle(event):
            await asyncio.sleep(0)  # a turn of the loop
            seen.append(event)

        bus.on(UserActionEvent, handle)
        for _ in range(5):
            bus.dispatch(UserActionEvent())
        self.assertTrue(await bus.stop(timeout=support.DEADLINE))
        self.assertEqual(len(seen), 5)

    async def test_draining_has_an_end(self):
        bus = Bubus.EventBus()

        async def never(event):
            await asyncio.get_running_loop().create_future()

        bus.on(UserActionEvent, never)
        bus.dispatch(UserActionEvent())
        self.assertFalse(await bus.stop(timeout=0.01))

    async def test_all_instances(self):
        bus = Bubus.EventBus("Living")
        self.assertIn(bus, Bubus.EventBus.all_instances)
        Bubus.EventBus("Dead")
        collect_garbage()
        names = [each.name for each in Bubus.EventBus.all_instances]
        self.assertEqual((names.count("Living"), names.count("Dead")), (1, 0))

    async def test_positions(self):
        """The order of the original's manual."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "journal.jsonl"
            bus = Bubus.EventBus("Main", path, True, 7)
            self.assertEqual((bus.name, bus.max_history_size), ("Main", 7))
            self.assertEqual(bus.props.event_handler_concurrency, Bubus.HandlerConcurrency.PARALLEL)
            await bus.dispatch(UserActionEvent())
            await bus.stop()
            self.assertTrue(path.exists())

    async def test_capacity(self):
        """What programs for the original look for."""
        bus = Bubus.EventBus()
        with self.assertRaisesRegex(RuntimeError, "EventBus at capacity"):
            for _ in range(101):
                bus.dispatch(UserActionEvent())

    async def test_clear(self):
        bus = Bubus.EventBus()
        bus.on(UserActionEvent, lambda event: None)
        await bus.dispatch(UserActionEvent())
        await bus.stop(clear=True)
        self.assertEqual((bus.event_history, bus.handlers), ({}, {}))

    async def test_wait_until_idle(self):
        bus, latch = Bubus.EventBus(), Latch()
        self.assertTrue(await bus.wait_until_idle())

        async def handle(event):
            await latch.pass_through()

        bus.on(UserActionEvent, handle)
        bus.dispatch(UserActionEvent())
        await latch.reached.wait()
        self.assertFalse(await bus.wait_until_idle(timeout=0.01))
        latch.set()
        self.assertTrue(await bus.wait_until_idle())
        gc.collect()


if __name__ == "__main__":
    support.main()
