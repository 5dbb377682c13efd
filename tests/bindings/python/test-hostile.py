# SPDX-License-Identifier: LGPL-2.1-or-later
"""What handlers return and raise that has no text, what is registered wrongly, and what is written where nobody reads."""

import asyncio
import copy
import datetime
import logging
import pickle
import sys
import unittest

import support
from support import AsyncTestCase, Bubus, UserActionEvent


class Unspeakable(Exception):
    def __str__(self):
        raise ValueError("there is no text")

    __repr__ = __str__


class SilentValue:
    def __repr__(self):
        raise ValueError("there is no text")


class TextEvent(Bubus.Event[str]):
    text: str = ""


class StrangeNamesEvent(Bubus.Event):
    self: str
    cls: int


class AnswerTest(AsyncTestCase):
    """An event is never lost, whatever becomes of its handlers' answers."""

    async def outcomes_of(self, func, kind=UserActionEvent):
        async def at_once(event):
            return func()

        async def later(event):
            await asyncio.sleep(0)  # a turn of the loop
            return func()

        bus = Bubus.EventBus()
        bus.on(kind, lambda event: func())
        bus.on(kind, at_once)
        bus.on(kind, later)
        bus.on(kind, lambda event: func(), threaded=True)
        event = await bus.dispatch(kind())
        self.assertIsInstance(event.model_dump_json(), str)
        return list(event.event_results.values())

    async def test_exceptions_without_a_text(self):
        for error in (Unspeakable(), ValueError("\ud800"), ValueError("a\0b")):

            def fail(error=error):
                raise error

            results = await self.outcomes_of(fail)
            self.assertEqual([result.error for result in results], [error] * 4)

    async def test_values_without_a_text(self):
        deep = []
        for _ in range(3000):
            deep = [deep]
        for value in (SilentValue(), [SilentValue()], deep, {(1, 2): "\ud800"}):
            for result in await self.outcomes_of(lambda value=value: value):
                self.assertIs(result.result, value)

    async def test_model_that_cannot_be_dumped(self):
        class Model:
            def model_dump(self):
                raise KeyError("dump")

            def __repr__(self):
                raise KeyError("repr")

        model = Model()
        for result in await self.outcomes_of(lambda: model):
            self.assertIs(result.result, model)

    async def test_texts_that_the_library_cannot_hold(self):
        for text in ("\ud800", "a\0b"):
            for result in await self.outcomes_of(lambda text=text: text, TextEvent):
                self.assertEqual(result.result, text)
        event = TextEvent(text="a\0b\ud800")
        self.assertEqual(event.model_dump()["text"], "a\ufffdb?")

    async def test_a_filter_of_the_log_raises(self):
        def refuse(record):
            raise RuntimeError("filter")

        async def fail(event):
            raise ValueError("fail")

        bus, log = Bubus.EventBus(), logging.getLogger("bubus")
        bus.on(UserActionEvent, fail)
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        log.addFilter(refuse)
        level = log.level
        log.setLevel(logging.ERROR)
        try:
            with self.assertRaisesRegex(ValueError, "fail"):
                await bus.dispatch(UserActionEvent()).event_result()
        finally:
            log.setLevel(level)
            log.removeFilter(refuse)

    async def test_retried_functions_and_consumers(self):
        for error in (Unspeakable(), ValueError("\ud800")):

            async def fail(message=None, error=error):
                raise error

            with self.assertRaises(type(error)) as raised:
                await Bubus.retry(retries=1, wait=0, timeout=None)(fail)()
            self.assertIs(raised.exception, error)
            messenger = Bubus.Messenger()
            messenger.consumer("a", fail)
            with self.assertRaises(Bubus.HandlerExecutionError) as raised:
                await messenger.request("a")
            self.assertIs(raised.exception.original_error, error)

    async def test_generators_are_no_handlers(self):
        def generator(event):
            yield 1

        async def async_generator(event):
            yield 1

        for func in (generator, async_generator):
            bus = Bubus.EventBus()
            bus.on(UserActionEvent, func)
            with self.assertRaisesRegex(TypeError, "yield"):
                await bus.dispatch(UserActionEvent()).event_result()

    @unittest.skipIf(sys.version_info < (3, 12), "there are no eager tasks")
    async def test_eager_tasks(self):
        async def answer(event):
            return 1

        async def fail(event):
            raise KeyError("eager")

        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        bus = Bubus.EventBus()
        bus.on(UserActionEvent, answer)
        bus.on(UserActionEvent, fail)
        event = bus.dispatch(UserActionEvent())
        self.assertEqual(await event.event_results_list(raise_if_any=False), [1])
        self.assertEqual([result.error_type for result in event.event_results.values()], [None, "KeyError"])


class RegistrationTest(unittest.TestCase):
    def test_no_pattern(self):
        for pattern in ("", "a\0b"):
            with self.assertRaisesRegex(ValueError, "no pattern"):
                Bubus.EventBus().on(pattern, print)

    def test_refused_options_leave_no_handler(self):
        bus = Bubus.EventBus()
        for options in ({"priority": "high"}, {"tie": 5}, {"timeout": "long"}, {"on_error": 5}):
            with self.assertRaises(TypeError):
                bus.on("*", print, **options)
        self.assertEqual(len(bus.handlers), 0)

    def test_modes(self):
        with self.assertRaisesRegex(Bubus.ValidationError, "event_concurrency"):
            Bubus.EventBus(event_concurrency="sometimes")
        with self.assertRaisesRegex(Bubus.ValidationError, "event_handler_completion"):
            UserActionEvent(event_handler_completion="mro")

    def test_none_is_the_default(self):
        self.assertEqual(Bubus.EventBus(event_timeout=None, event_concurrency=None).props.event_timeout, 60)

    def test_what_the_library_makes(self):
        for kind in (Bubus.Handler, Bubus.Invocation, Bubus.Permit, Bubus.SagaInstance, Bubus.EventResult):
            with self.assertRaises(TypeError):
                kind()


class EventTest(unittest.TestCase):
    def test_names_of_parameters(self):
        event = StrangeNamesEvent(self="a", cls=1)
        self.assertEqual((event.self, event.cls), ("a", 1))

    def test_names_that_the_overrides_call(self):
        for name in ("to_json", "is_sealed", "wait_async"):
            with self.assertRaisesRegex(TypeError, "reserved"):
                type(Bubus.Event)("Bad", (Bubus.Event,), {"__module__": __name__, "__annotations__": {name: str}})

    def test_times(self):
        for time in ("2026-01-01", -5, datetime.datetime(1960, 1, 1), 2**63):
            with self.assertRaisesRegex(Bubus.ValidationError, "event_created_at"):
                UserActionEvent(event_created_at=time)

    def test_pickle(self):
        event = UserActionEvent(user_id="ä")
        again = pickle.loads(pickle.dumps(event))
        self.assertEqual((again.event_id, again.user_id, type(again)), (event.event_id, "ä", UserActionEvent))
        generic = pickle.loads(pickle.dumps(Bubus.Event(event_type="any.name", number=3)))
        self.assertEqual((generic.event_type, generic.number), ("any.name", 3))

    def test_validate(self):
        event = UserActionEvent()
        self.assertIs(UserActionEvent.model_validate(event), event)
        self.assertEqual(UserActionEvent.model_validate_json(event.to_json().encode()).event_id, event.event_id)
        self.assertEqual(UserActionEvent.model_json_schema()["title"], "UserActionEvent")

    def test_views_cannot_be_written(self):
        bus, event = Bubus.EventBus(), UserActionEvent()
        with self.assertRaises(TypeError):
            bus.event_history[event.event_id] = event
        with self.assertRaises(TypeError):
            event.event_results["x"] = None
        with self.assertRaises(TypeError):
            event.event_results.update(x=None)
        self.assertEqual(event.event_results.copy(), copy.copy(event.event_results))


if __name__ == "__main__":
    support.main()
