# SPDX-License-Identifier: LGPL-2.1-or-later
"""Children, and awaits inside handlers: upstream 27, 28, 30 to 34, 42 to 48, 58 to 64, 81."""

import asyncio

import support
from support import (
    AsyncTestCase,
    Bubus,
    ChildEvent,
    GrandchildEvent,
    Latch,
    ParentEvent,
    SystemEvent,
    UserActionEvent,
    collect_garbage,
)


class ParentTest(AsyncTestCase):
    async def test_parent_and_children(self):
        bus, children = Bubus.EventBus(), []

        async def handle(event):
            children.append(bus.dispatch(ChildEvent(number=1)))
            await asyncio.sleep(0)  # a turn of the loop
            children.append(bus.dispatch(ChildEvent(number=2)))
            await asyncio.create_task(self._dispatch_later(bus, children))

        bus.on(ParentEvent, handle)
        parent = await bus.dispatch(ParentEvent())
        self.assertEqual(parent.event_children, children)
        self.assertEqual([child.event_parent_id for child in children], [parent.event_id] * 3)
        self.assertIs(children[0].event_parent, parent)

    @staticmethod
    async def _dispatch_later(bus, children):
        await asyncio.sleep(0)  # a turn of the loop
        children.append(bus.dispatch(ChildEvent(number=3)))

    async def test_sync_handler(self):
        bus = Bubus.EventBus()

        def handle(event):
            bus.dispatch(ChildEvent())

        bus.on(ParentEvent, handle)
        parent = await bus.dispatch(ParentEvent())
        self.assertEqual([child.event_parent_id for child in parent.event_children], [parent.event_id])

    async def test_levels(self):
        bus, ids = Bubus.EventBus(), {}

        async def parent(event):
            await bus.dispatch(ChildEvent())

        async def child(event):
            ids["child"] = event.event_parent_id
            await bus.dispatch(GrandchildEvent())

        bus.on(ParentEvent, parent)
        bus.on(ChildEvent, child)
        bus.on(GrandchildEvent, lambda event: ids.update(grandchild=event.event_parent_id))
        root = await bus.dispatch(ParentEvent())
        (only,) = root.event_children
        self.assertEqual(ids, {"child": root.event_id, "grandchild": only.event_id})

    async def test_explicit_parent_is_kept(self):
        bus, other = Bubus.EventBus(), "018f8e40-1234-7000-8000-000000001234"
        bus.on(ParentEvent, lambda event: bus.dispatch(ChildEvent(event_parent_id=other)))
        bus.dispatch(ParentEvent())
        await bus.wait_until_idle()
        self.assertEqual([e.event_parent_id for e in bus.event_history.values()], [None, other])

    async def test_on_another_bus(self):
        bus, other = Bubus.EventBus("A"), Bubus.EventBus("B")
        bus.on(ParentEvent, lambda event: other.dispatch(ChildEvent()))
        other.on(ChildEvent, lambda event: "there")
        parent = await bus.dispatch(ParentEvent())
        (child,) = parent.event_children
        self.assertEqual((child.event_path, await child.event_result()), (["B"], "there"))

    async def test_handler_that_fails(self):
        bus = Bubus.EventBus()

        async def handle(event):
            bus.dispatch(ChildEvent())
            raise ValueError

        bus.on(ParentEvent, handle)
        parent = await bus.dispatch(ParentEvent())
        self.assertEqual(len(parent.event_children), 1)

    async def test_parallel_handlers_have_their_own_children(self):
        bus = Bubus.EventBus(parallel_handlers=True)

        async def a(event):
            await asyncio.sleep(0)  # a turn of the loop
            bus.dispatch(ChildEvent(number=1))

        async def b(event):
            bus.dispatch(ChildEvent(number=2))
            await asyncio.sleep(0)  # a turn of the loop
            bus.dispatch(ChildEvent(number=3))

        bus.on(ParentEvent, a)
        bus.on(ParentEvent, b)
        parent = await bus.dispatch(ParentEvent())
        numbers = [[child.number for child in r.event_children] for r in parent.event_results.values()]
        self.assertEqual(numbers, [[1], [2, 3]])

    async def test_forwarding_makes_no_child(self):
        bus, other = Bubus.EventBus("A"), Bubus.EventBus("B")
        bus.on("*", other.dispatch)
        event = await bus.dispatch(ParentEvent())
        self.assertEqual((event.event_children, event.event_parent_id), ([], None))

    async def test_children_block_their_parent(self):
        bus, latch = Bubus.EventBus(), Latch()

        async def child(event):
            await latch.pass_through()

        bus.on(ParentEvent, lambda event: bus.dispatch(ChildEvent()) and None)
        bus.on(ChildEvent, child)
        parent = bus.dispatch(ParentEvent())
        await latch.reached.wait()
        self.assertEqual(parent.event_status, "started")
        latch.set()
        await parent
        self.assertEqual([child.event_status for child in parent.event_children], ["completed"])

    async def test_background_and_detached(self):
        bus, latch, made = Bubus.EventBus(), Latch(), []

        async def handle(event):
            await asyncio.sleep(0)  # a turn of the loop
            made.append(bus.dispatch(ChildEvent(number=1), background=True))
            made.append(bus.dispatch(ChildEvent(number=2), detached=True))

        async def child(event):
            await latch.pass_through()

        bus.on(ParentEvent, handle)
        bus.on(ChildEvent, child)
        parent = await bus.dispatch(ParentEvent())
        self.assertEqual(parent.event_children, made[:1])
        self.assertEqual(made[0].event_parent_id, parent.event_id)
        self.assertIsNone(made[1].event_parent_id)
        latch.set()
        await bus.wait_until_idle()

    async def test_late_dispatch_of_a_task_is_accepted(self):
        bus, latch, late = Bubus.EventBus(), Latch(), []

        async def spawned():
            await latch.pass_through()
            late.append(bus.dispatch(ChildEvent()))

        async def handle(event):
            self.task = asyncio.create_task(spawned())

        bus.on(ParentEvent, handle)
        parent = await bus.dispatch(ParentEvent())
        latch.set()
        await self.task
        await late[0]
        self.assertEqual((parent.event_children, late[0].event_status), ([], "completed"))

    async def test_event_bus_outside(self):
        event = await Bubus.EventBus().dispatch(ParentEvent())
        with self.assertRaises(AttributeError):
            event.event_bus

    async def test_event_bus_of_another_event(self):
        """B-1.43: the bus that it is on, and not that of the handler which asks."""
        bus, other = Bubus.EventBus("A"), Bubus.EventBus("B")
        orphan = await Bubus.EventBus("Gone").dispatch(ParentEvent())
        collect_garbage()
        seen = []

        def handle(event):
            seen.append(other.dispatch(ChildEvent()).event_bus)
            for lost in (orphan, ChildEvent()):
                with self.assertRaisesRegex(RuntimeError, "not been dispatched, or its bus is gone"):
                    lost.event_bus

        bus.on(ParentEvent, handle)
        await bus.dispatch(ParentEvent()).event_result(raise_if_none=False)
        self.assertEqual(seen, [other])

    async def test_all_children(self):
        bus, latch, seen = Bubus.EventBus(), Latch(), []

        async def handle_child(event):
            bus.dispatch(GrandchildEvent())
            await latch.pass_through()

        def handle(event):
            seen.append(event.event_are_all_children_complete())
            bus.dispatch(ChildEvent())
            seen.append(event.event_are_all_children_complete())

        bus.on(ParentEvent, handle)
        bus.on(ChildEvent, handle_child)
        parent = bus.dispatch(ParentEvent())
        await latch.reached.wait()
        seen.append(parent.event_are_all_children_complete())
        latch.set()
        await parent
        self.assertEqual([*seen, parent.event_are_all_children_complete()], [True, False, False, True])

    async def test_event_bus_of_a_forwarded_event(self):
        bus, other = Bubus.EventBus("A"), Bubus.EventBus("B")
        bus.on("*", other.dispatch)
        bus.on(ParentEvent, lambda event: event.event_bus.name)
        other.on(ParentEvent, lambda event: event.event_bus.name)
        event = await bus.dispatch(ParentEvent())
        self.assertEqual(sorted(await event.event_results_list()), ["A", "B"])


class JumpTest(AsyncTestCase):
    """R-2: exactly the awaited event, at once, in place."""

    def setUp(self):
        self.order = []

    def note(self, bus, kind, word):
        bus.on(kind, lambda event: self.order.append(word))

    async def test_child_jumps_and_nothing_else(self):
        bus = Bubus.EventBus()

        async def first(event):
            self.order.append("first+")
            child = bus.dispatch(ChildEvent())
            self.assertNotEqual(child.event_status, "completed")
            await child
            self.assertEqual(child.event_status, "completed")
            self.order.append("first-")

        bus.on(ParentEvent, first)
        self.note(bus, ChildEvent, "child")
        self.note(bus, UserActionEvent, "second")
        self.note(bus, SystemEvent, "third")
        bus.dispatch(ParentEvent())
        bus.dispatch(UserActionEvent())
        bus.dispatch(SystemEvent())
        await bus.wait_until_idle()
        self.assertEqual(self.order, ["first+", "child", "first-", "second", "third"])

    async def test_only_the_awaited_one_of_several(self):
        bus = Bubus.EventBus()

        async def handle(event):
            bus.dispatch(ChildEvent(number=1))
            second = bus.dispatch(ChildEvent(number=2))
            bus.dispatch(ChildEvent(number=3))
            await second
            self.order.append("handled")

        bus.on(ParentEvent, handle)
        bus.on(ChildEvent, lambda event: self.order.append(event.number))
        self.note(bus, SystemEvent, "later")
        bus.dispatch(ParentEvent())
        bus.dispatch(SystemEvent())
        await bus.wait_until_idle()
        self.assertEqual(self.order, [2, "handled", "later", 1, 3])

    async def test_asynchronous_child(self):
        bus = Bubus.EventBus()

        async def child(event):
            self.order.append("child+")
            await asyncio.sleep(0)  # a turn of the loop
            self.order.append("child-")
            return "done"

        async def handle(event):
            self.order.append(await bus.dispatch(ChildEvent()).event_result())

        bus.on(ParentEvent, handle)
        bus.on(ChildEvent, child)
        self.note(bus, SystemEvent, "later")
        bus.dispatch(ParentEvent())
        bus.dispatch(SystemEvent())
        await bus.wait_until_idle()
        self.assertEqual(self.order, ["child+", "child-", "done", "later"])

    async def test_deep(self):
        bus = Bubus.EventBus()

        async def parent(event):
            self.order.append("parent+")
            await bus.dispatch(ChildEvent())
            self.order.append("parent-")

        async def child(event):
            self.order.append("child+")
            await bus.dispatch(GrandchildEvent())
            self.order.append("child-")

        bus.on(ParentEvent, parent)
        bus.on(ChildEvent, child)
        self.note(bus, GrandchildEvent, "grandchild")
        self.note(bus, SystemEvent, "last")
        bus.dispatch(ParentEvent())
        bus.dispatch(SystemEvent())
        await bus.wait_until_idle()
        self.assertEqual(self.order, ["parent+", "child+", "grandchild", "child-", "parent-", "last"])

    async def test_forwarded_child(self):
        bus, other = Bubus.EventBus("A"), Bubus.EventBus("B")
        bus.on(ChildEvent, other.dispatch)

        async def handle(event):
            await bus.dispatch(ChildEvent())
            self.order.append("handled")

        async def slow(event):
            await asyncio.sleep(0)  # a turn of the loop
            self.order.append("on B")

        bus.on(ParentEvent, handle)
        other.on(ChildEvent, slow)
        await bus.dispatch(ParentEvent())
        self.assertEqual(self.order, ["on B", "handled"])

    async def test_several_at_once(self):
        bus = Bubus.EventBus(event_concurrency="parallel")
        reached = [asyncio.Event() for _ in range(3)]

        async def child(event):
            reached[event.number].set()
            await asyncio.gather(*[each.wait() for each in reached])

        async def handle(event):
            await asyncio.gather(*[bus.dispatch(ChildEvent(number=i)) for i in range(3)])
            self.order.append("all")

        bus.on(ParentEvent, handle)
        bus.on(ChildEvent, child)
        await bus.dispatch(ParentEvent())
        self.assertEqual(self.order, ["all"])

    async def test_completed_event(self):
        bus = Bubus.EventBus()
        done = await bus.dispatch(SystemEvent())

        async def handle(event):
            await done
            self.order.append("handled")

        bus.on(ParentEvent, handle)
        self.note(bus, ChildEvent, "other")
        bus.dispatch(ParentEvent())
        bus.dispatch(ChildEvent())
        await bus.wait_until_idle()
        self.assertEqual(self.order, ["handled", "other"])

    async def test_many_waiters(self):
        bus = Bubus.EventBus()
        self.note(bus, SystemEvent, "once")
        event = bus.dispatch(SystemEvent())
        await asyncio.gather(*[event for _ in range(5)])
        self.assertEqual(self.order, ["once"])

    async def test_outside_the_queue_is_kept(self):
        """R-1: awaiting outside of a handler is passive."""
        bus = Bubus.EventBus()
        bus.on(ChildEvent, lambda event: self.order.append(event.number))
        events = [bus.dispatch(ChildEvent(number=i)) for i in range(4)]
        await events[3]
        self.assertEqual(self.order, [0, 1, 2, 3])

    async def test_cycles_fail_at_once(self):
        """R-3."""
        bus, failures = Bubus.EventBus(), []

        async def handle(event):
            for wait in (event, bus.wait_until_idle()):
                try:
                    await wait
                except Bubus.WouldDeadlockError as error:
                    failures.append(error)

        bus.on(ParentEvent, handle)
        await bus.dispatch(ParentEvent())
        self.assertEqual(len(failures), 2)

    async def test_wait_with_a_limit_inside(self):
        bus, latch = Bubus.EventBus(), Latch()

        async def child(event):
            await latch.pass_through()
            return "late"

        async def handle(event):
            child_event = bus.dispatch(ChildEvent())
            try:
                await child_event.event_result(timeout=0.01)
            except TimeoutError:
                self.order.append("timeout")
            latch.set()
            self.order.append(await child_event.event_result())

        bus.on(ParentEvent, handle)
        bus.on(ChildEvent, child)
        await bus.dispatch(ParentEvent())
        self.assertEqual(self.order, ["timeout", "late"])

    async def test_wait_with_a_limit_outside(self):
        bus, latch = Bubus.EventBus(), Latch()

        async def handle(event):
            await latch.pass_through()
            return "in the end"

        bus.on(ParentEvent, handle)
        event = bus.dispatch(ParentEvent())
        with self.assertRaises(TimeoutError):
            await event.event_result(timeout=0.01)
        latch.set()
        self.assertEqual(await event.event_result(), "in the end")

    async def test_mixture_under_load(self):
        """Upstream 28: three that are queued and three that are awaited, on two buses, several rounds."""
        for _ in range(5):
            bus, other, counts = Bubus.EventBus("A"), Bubus.EventBus("B"), {"child": 0, "grandchild": 0}
            bus.on("*", other.dispatch)

            async def handle(event, bus=bus, other=other):
                for i in range(3):
                    bus.dispatch(ChildEvent(number=i))
                for _ in range(3):
                    child = await other.dispatch(GrandchildEvent())
                    self.assertEqual(child.event_status, "completed")

            bus.on(ParentEvent, handle)
            other.on(ChildEvent, lambda event, counts=counts: counts.update(child=counts["child"] + 1))
            other.on(GrandchildEvent, lambda event, counts=counts: counts.update(grandchild=counts["grandchild"] + 1))
            await bus.dispatch(ParentEvent())
            self.assertEqual(counts, {"child": 3, "grandchild": 3})

    async def test_event_that_was_never_dispatched(self):
        with self.assertRaises(Bubus.NotDispatchedError):
            await ParentEvent()

    async def test_recursion_ends(self):
        bus, depth = Bubus.EventBus(), []

        async def again(event):
            depth.append(1)
            await bus.dispatch(ParentEvent()).event_result(raise_if_none=False)

        bus.on(ParentEvent, again)
        with self.assertRaises(Bubus.RecursionLimitError):
            await bus.dispatch(ParentEvent()).event_result()
        self.assertEqual(len(depth), 3)
        self.assertTrue(await bus.wait_until_idle())


if __name__ == "__main__":
    support.main()
