# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sagas and recorders."""

import asyncio
import contextlib

import support
from support import AsyncTestCase, Bubus, GLib, UserActionEvent


class PaidEvent(Bubus.Event):
    order_id: str
    amount: int = 0


class ReservedEvent(Bubus.Event):
    order_id: str


class CancelledEvent(Bubus.Event):
    order_id: str


class StartedEvent(Bubus.Event):
    order_id: str
    amount: int = 0


class ReturnedEvent(Bubus.Event):
    order_id: str


def make_saga(bus, **settings):
    return Bubus.Saga(
        bus,
        "fulfilment",
        "order_id",
        steps=[PaidEvent, "ReservedEvent"],
        failures=[CancelledEvent],
        completion=lambda instance: StartedEvent(order_id=instance.key, amount=instance[PaidEvent].amount),
        compensations={PaidEvent: lambda instance, event: ReturnedEvent(order_id=event.order_id)},
        **settings,
    )


class SagaTest(AsyncTestCase):
    async def test_any_order(self):
        """B-15.5"""
        bus = Bubus.EventBus()
        saga, recorder = make_saga(bus), Bubus.Recorder(bus)
        for order_id, steps in (("1", (PaidEvent, ReservedEvent)), ("2", (ReservedEvent, PaidEvent))):
            done = asyncio.ensure_future(saga.wait(order_id))
            for step in steps:
                bus.dispatch(step(order_id=order_id))
            instance = await done
            self.assertEqual((instance.key, instance.steps), (order_id, [step.__name__ for step in steps]))
        await bus.wait_until_idle()
        self.assertEqual([event.order_id for event in recorder.list_events(StartedEvent)], ["1", "2"])
        self.assertEqual(saga.instances, {})

    async def test_instances(self):
        bus = Bubus.EventBus()
        saga = make_saga(bus, timeout=3600)
        paid = bus.dispatch(PaidEvent(order_id="1", amount=5))
        await bus.wait_until_idle()
        instance = saga.instances["1"]
        self.assertIs(instance[PaidEvent], paid)
        self.assertIn("PaidEvent", instance)
        self.assertNotIn(ReservedEvent, instance)
        with self.assertRaises(KeyError):
            instance[ReservedEvent]
        self.assertEqual((instance.deadline - instance.started_at).total_seconds(), 3600)

        restored = make_saga(Bubus.EventBus())
        restored.restore(saga.dump())
        self.assertEqual(restored.instances["1"][PaidEvent].amount, 5)
        with self.assertRaises(Bubus.ValidationError):
            restored.restore({"instances": 5})

    async def test_failure(self):
        bus = Bubus.EventBus()
        saga, recorder = make_saga(bus), Bubus.Recorder(bus)
        done = asyncio.ensure_future(saga.wait("1"))
        bus.dispatch(PaidEvent(order_id="1"))
        bus.dispatch(CancelledEvent(order_id="1"))
        with self.assertRaisesRegex(Bubus.HandlerAbortedError, "CancelledEvent"):
            await done
        await bus.wait_until_idle()
        recorder.check_sequence([PaidEvent, CancelledEvent, ReturnedEvent])

        bus.dispatch(PaidEvent(order_id="2"))
        await bus.wait_until_idle()
        self.assertTrue(saga.abort("2", "enough"))
        self.assertFalse(saga.abort("2"))
        self.assertEqual(len(await recorder.wait(ReturnedEvent, 2)), 2)

    async def test_decorators(self):
        bus = Bubus.EventBus()
        saga, made = Bubus.Saga(bus, "two", "order_id", steps=[PaidEvent]), []

        @saga.completion
        def fail(instance):
            made.append(instance.key)
            raise ValueError("only logged")

        bus.dispatch(PaidEvent(order_id="1"))
        self.assertEqual((await saga.wait()).key, "1")
        self.assertEqual(made, ["1"])
        self.assertEqual((saga.name, saga.key, saga.bus, saga.timeout), ("two", "order_id", bus, 0))

    def test_form_of_the_library(self):
        saga = Bubus.Saga.new(Bubus.EventBus.new("Raw"), "raw", "order_id")
        saga.add_step("PaidEvent")
        saga.set_completion(lambda saga, instance, event: None)
        self.assertEqual(saga.get_name(), "raw")
        saga = Bubus.Saga(bus=Bubus.EventBus(), name="raw", key_property="order_id")
        self.assertEqual(saga.get_key_property(), "order_id")


class RecorderTest(AsyncTestCase):
    async def test_what_was_dispatched(self):
        """B-15.6"""
        bus = Bubus.EventBus()
        recorder = Bubus.Recorder(bus)
        first, second = bus.dispatch(UserActionEvent()), bus.dispatch(PaidEvent(order_id="1"))
        self.assertEqual(recorder.events, [first, second])
        self.assertEqual(list(recorder), [first, second])
        self.assertEqual((len(recorder), recorder.count(PaidEvent), recorder.count("*Event")), (2, 1, 2))
        self.assertEqual(recorder.event_types, ["UserActionEvent", "PaidEvent"])
        recorder.check_count(PaidEvent, 1)
        recorder.check_sequence([UserActionEvent, "PaidEvent"])
        with self.assertRaisesRegex(AssertionError, "Expected PaidEvent; seen: UserActionEvent, PaidEvent"):
            recorder.check_sequence([PaidEvent])
        with self.assertRaises(AssertionError):
            recorder.check_count("Nothing", 1)
        recorder.clear()
        self.assertTrue(recorder)
        self.assertEqual(recorder.events, [])

    async def test_errors(self):
        bus = Bubus.EventBus()
        recorder = Bubus.Recorder(bus)
        recorder.check_no_errors()
        bus.on(UserActionEvent, lambda event: 1 / 0)
        await bus.dispatch(UserActionEvent())
        with self.assertRaisesRegex(AssertionError, "division by zero") as caught:
            recorder.check_no_errors()
        self.assertIsInstance(caught.exception, GLib.Error)

    async def test_waiting(self):
        bus = Bubus.EventBus()
        recorder = Bubus.Recorder(bus)
        waiting = asyncio.ensure_future(recorder.wait(PaidEvent, 2))
        events = [bus.dispatch(PaidEvent(order_id=str(i))) for i in range(2)]
        self.assertEqual(await waiting, events)
        with self.assertRaises(asyncio.TimeoutError):
            await recorder.wait("Nothing", timeout=0.01)
        task = asyncio.ensure_future(recorder.wait("Nothing"))
        await asyncio.sleep(0)  # a turn of the loop
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    def test_without_a_loop(self):
        clock = Bubus.Clock.new_test(0)
        bus = Bubus.EventBus(clock=clock)
        recorder, seen = Bubus.Recorder(bus), []
        bus.on(UserActionEvent, seen.append)
        bus.dispatch(UserActionEvent())
        recorder.drain()
        self.assertEqual(len(seen), 1)
        saga = make_saga(bus, timeout=60)
        bus.dispatch(PaidEvent(order_id="1"))
        recorder.drain()
        recorder.advance(60)
        self.assertEqual(recorder.event_types[-1], "ReturnedEvent")
        self.assertEqual(saga.instances, {})


if __name__ == "__main__":
    support.main()
