# SPDX-License-Identifier: LGPL-2.1-or-later
"""expect(), find() and filter(): upstream 17 to 20, 78, 79."""

import asyncio

import support
from support import AsyncTestCase, Bubus, ChildEvent, Latch, ParentEvent, SystemEvent, UserActionEvent


async def begin(coroutine):
    """Starts a wait, and comes back when it has begun."""
    task = asyncio.ensure_future(coroutine)
    await asyncio.sleep(0)  # a turn of the loop
    return task


class ExpectTest(AsyncTestCase):
    async def test_by_name_and_class(self):
        bus = Bubus.EventBus()
        by_name = await begin(bus.expect("UserActionEvent"))
        by_class = await begin(bus.expect(UserActionEvent))
        event = bus.dispatch(UserActionEvent())
        self.assertIs(await by_name, event)
        self.assertIs(await by_class, event)

    async def test_begins_when_called(self):
        """A task has its first step when the bus may have had its turn already."""
        bus = Bubus.EventBus()
        waiting = asyncio.create_task(bus.expect(UserActionEvent))
        event = bus.dispatch(UserActionEvent())
        self.assertIs(await waiting, event)

    async def test_dropped(self):
        """A wait that nobody waits for ends, also before its first step."""
        bus = Bubus.EventBus()
        waiting = asyncio.create_task(bus.expect(UserActionEvent, include=lambda event: self.fail("asked")))
        waiting.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await waiting
        await bus.dispatch(UserActionEvent())

    async def test_filters(self):
        bus = Bubus.EventBus()
        waiting = await begin(
            bus.expect(
                UserActionEvent,
                include=lambda e: e.user_id != "a",
                exclude=lambda e: e.user_id == "b",
                predicate=lambda e: e.user_id != "c",
            )
        )
        for user_id in "abcd":
            bus.dispatch(UserActionEvent(user_id=user_id))
        self.assertEqual((await waiting).user_id, "d")

    async def test_fields(self):
        bus = Bubus.EventBus()
        waiting = await begin(bus.expect(UserActionEvent, user_id="z"))
        bus.dispatch(UserActionEvent())
        event = bus.dispatch(UserActionEvent(user_id="z"))
        self.assertIs(await waiting, event)

    async def test_each_event_is_asked_once(self):
        bus, asked = Bubus.EventBus(), []

        def test(event):
            asked.append(event.user_id)
            return event.user_id == "3"

        waiting = await begin(bus.expect(UserActionEvent, predicate=test))
        for i in range(5):
            bus.dispatch(UserActionEvent(user_id=str(i)))
        await waiting
        self.assertEqual(asked, ["0", "1", "2", "3"])

    async def test_timeout(self):
        bus = Bubus.EventBus()
        with self.assertRaises(TimeoutError):
            await bus.expect(UserActionEvent, timeout=0.01)
        self.assertEqual(bus.handlers, {})

    async def test_no_predicate(self):
        """A limit in the wrong place would make a predicate that never matches."""
        bus = Bubus.EventBus()
        with self.assertRaisesRegex(TypeError, "callable, but is 30"):
            await bus.expect(UserActionEvent, 30)
        with self.assertRaisesRegex(TypeError, "callable"):
            await bus.find(UserActionEvent, exclude="x")

    async def test_only_the_future(self):
        bus = Bubus.EventBus()
        await bus.dispatch(UserActionEvent())
        with self.assertRaises(TimeoutError):
            await bus.expect(UserActionEvent, timeout=0.01)

    async def test_several(self):
        bus = Bubus.EventBus()
        waits = [await begin(bus.expect(UserActionEvent, user_id=str(i))) for i in range(3)]
        events = [bus.dispatch(UserActionEvent(user_id=str(i))) for i in (2, 0, 1)]
        self.assertEqual(await asyncio.gather(*waits), [events[1], events[2], events[0]])

    async def test_resolves_at_dispatch_and_leaves_no_result(self):
        bus, latch = Bubus.EventBus(), Latch()

        async def handle(event):
            await latch.pass_through()

        bus.on(UserActionEvent, handle)
        waiting = await begin(bus.expect(UserActionEvent))
        bus.dispatch(UserActionEvent())
        event = await waiting
        self.assertNotEqual(event.event_status, "completed")
        latch.set()
        await event
        self.assertEqual(len(event.event_results), 1)

    async def test_predicate_that_fails(self):
        """B-17.9: it does not match, and nobody else suffers."""
        bus = Bubus.EventBus()
        waiting = await begin(bus.expect(UserActionEvent, predicate=lambda e: 1 / int(e.user_id) > 0))
        bad = bus.dispatch(UserActionEvent(user_id="0"))
        good = bus.dispatch(UserActionEvent(user_id="1"))
        self.assertIs(await waiting, good)
        self.assertEqual((await bad).event_status, "completed")

    async def test_cancelled(self):
        bus = Bubus.EventBus()
        waiting = await begin(bus.expect(UserActionEvent))
        waiting.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await waiting
        await bus.dispatch(UserActionEvent())

    async def test_inside_a_handler(self):
        """The README's own pattern, which hung in the original (B-4.13)."""
        bus = Bubus.EventBus()

        async def handle(event):
            waiting = await begin(bus.expect(SystemEvent, timeout=support.DEADLINE))
            bus.dispatch(ChildEvent())
            return (await waiting).name

        bus.on(ParentEvent, handle)
        bus.on(ChildEvent, lambda event: bus.dispatch(SystemEvent(name="found")) and None)
        other = Bubus.EventBus()
        bus.on(ChildEvent, other.dispatch)
        parent = bus.dispatch(ParentEvent())
        # The child waits for its turn behind the parent, so somebody else must dispatch what is expected.
        asyncio.get_running_loop().call_soon(bus.dispatch, SystemEvent(name="found"))
        self.assertEqual(await parent.event_result(), "found")

    async def test_stop_ends_the_wait(self):
        bus = Bubus.EventBus()
        waiting = await begin(bus.expect(UserActionEvent))
        await bus.stop()
        with self.assertRaises(Bubus.BusStoppedError):
            await waiting


class FindTest(AsyncTestCase):
    async def test_newest_of_the_past(self):
        bus = Bubus.EventBus()
        bus.dispatch(UserActionEvent(user_id="1"))
        newest = bus.dispatch(UserActionEvent(user_id="2"))
        self.assertIs(await bus.find(UserActionEvent), newest)
        self.assertEqual((await bus.find(UserActionEvent, lambda e: e.user_id == "1")).user_id, "1")
        self.assertEqual((await bus.find("*", user_id="1")).user_id, "1")
        self.assertIsNone(await bus.find(SystemEvent))
        self.assertIsNone(await bus.find(UserActionEvent, past=False))

    async def test_future(self):
        bus = Bubus.EventBus()
        old = await bus.dispatch(UserActionEvent())
        waiting = await begin(bus.find(UserActionEvent, past=False, future=True))
        new = bus.dispatch(UserActionEvent())
        self.assertIsNot(old, new)
        self.assertIs(await waiting, new)
        self.assertIsNone(await bus.find(SystemEvent, future=0.01))

    async def test_debounce(self):
        bus = Bubus.EventBus()
        first = await bus.find(UserActionEvent, past=10) or bus.dispatch(UserActionEvent())
        second = await bus.find(UserActionEvent, past=10) or bus.dispatch(UserActionEvent())
        self.assertIs(first, second)

    async def test_child_of(self):
        bus, other = Bubus.EventBus("A"), Bubus.EventBus("B")
        bus.on("*", other.dispatch)
        bus.on(ParentEvent, lambda event: bus.dispatch(ChildEvent()) and None)
        bus.on(ChildEvent, lambda event: bus.dispatch(SystemEvent()) and None)
        parent = await bus.dispatch(ParentEvent())
        await bus.dispatch(SystemEvent())
        found = await other.find(SystemEvent, child_of=parent)
        self.assertEqual(found.event_parent_id, parent.event_children[0].event_id)
        self.assertIsNone(await bus.find(ParentEvent, child_of=found))

    async def test_without_history(self):
        bus = Bubus.EventBus(max_history_size=0)
        await bus.dispatch(UserActionEvent())
        self.assertIsNone(await bus.find(UserActionEvent))
        waiting = await begin(bus.find(UserActionEvent, future=True))
        event = bus.dispatch(UserActionEvent())
        self.assertIs(await waiting, event)

    async def test_filter(self):
        bus = Bubus.EventBus()
        events = [bus.dispatch(UserActionEvent(user_id=str(i))) for i in range(5)]
        self.assertEqual(await bus.filter(UserActionEvent), events[::-1])
        self.assertEqual(await bus.filter(UserActionEvent, limit=2), [events[4], events[3]])
        self.assertEqual(await bus.filter(UserActionEvent, limit=0), [])
        self.assertEqual(await bus.filter(UserActionEvent, limit=-3), [])
        self.assertEqual(await bus.filter(UserActionEvent, user_id="1"), [events[1]])
        self.assertEqual(await bus.filter(UserActionEvent, exclude=lambda e: e.user_id != "2"), [events[2]])
        waiting = await begin(bus.filter(UserActionEvent, limit=6, future=support.DEADLINE))
        new = bus.dispatch(UserActionEvent())
        self.assertEqual(await waiting, [*events[::-1], new])


if __name__ == "__main__":
    support.main()
