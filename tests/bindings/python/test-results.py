# SPDX-License-Identifier: LGPL-2.1-or-later
"""What handlers return, and the helpers: upstream 21 to 26, 38, 74 to 77."""

import dataclasses
import math
import typing

import support
from support import AsyncTestCase, Bubus, GLib, GObject, SystemEvent, UserActionEvent


@dataclasses.dataclass
class Message:
    subject: str


class Model:
    """As much of a model of pydantic as is looked at."""

    model_fields = ("a",)

    def __init__(self, a):
        self.a = a

    @classmethod
    def model_validate(cls, members):
        if list(members) != ["a"] or not isinstance(members["a"], int):
            raise ValueError(f"{members} is no model")
        return cls(**members)


class MessagesEvent(Bubus.Event[list[Message]]):
    pass


class IntEvent(Bubus.Event[int]):
    pass


class FloatEvent(Bubus.Event[float]):
    pass


class DictEvent(Bubus.Event[dict]):
    pass


class ObjectEvent(Bubus.Event[UserActionEvent]):
    pass


class NothingEvent(Bubus.Event[None]):
    pass


async def results_of(*handlers, event=None):
    bus = Bubus.EventBus()
    for number, handler in enumerate(handlers):
        func = handler if callable(handler) else (lambda event, handler=handler: handler)
        bus.on("*", func, name=f"h{number}")
    return await bus.dispatch(event or UserActionEvent())


class ValueTest(AsyncTestCase):
    async def test_any_value_comes_back(self):
        circle = []
        circle.append(circle)
        values = ["text", "", 5, 0, -(2**63), 2**80, 1.5, math.inf, True, False, {"a": [1, None]}, {}, [], (1, 2),
                  {3: 4}, {1, 2}, b"bytes", Message("x"), object(), circle, GLib.Variant("s", "x"), GObject.Object()]
        event = await results_of(*values)
        results = [result.result for result in event.event_results.values()]
        for value, result in zip(values, results):
            if isinstance(value, GLib.Variant):
                self.assertEqual(result, "x")
            else:
                self.assertEqual(result, value) if value is not circle else self.assertIs(result, value)
                self.assertIs(type(result), type(value))
        event.model_dump_json()

    async def test_objects_are_the_same(self):
        value = {"a": Message("x")}
        event = await results_of(value)
        self.assertIs(await event.event_result(), value)
        (result,) = event.model_dump()["event_results"].values()
        self.assertEqual(result["result"], {"a": {"subject": "x"}})

    async def test_none(self):
        event = await results_of(lambda event: None)
        (result,) = event.event_results.values()
        self.assertEqual((result.status, result.result, result.error), ("completed", None, None))

    async def test_event_as_a_value_is_no_value(self):
        event = await results_of(UserActionEvent(), "x")
        self.assertEqual(await event.event_results_list(), ["x"])

    async def test_awaited_result(self):
        event = await results_of("x", lambda event: 1 / 0)
        first, second = event.event_results.values()
        self.assertEqual(await first, "x")
        with self.assertRaises(ZeroDivisionError):
            await second

    async def test_record(self):
        event = await results_of("x")
        (result,) = event.event_results.values()
        self.assertEqual((result.handler_name, result.status, result.event), ("h0", "completed", event))
        self.assertLessEqual(event.event_created_at, result.completed_at)
        self.assertLessEqual(result.started_at, result.completed_at)
        self.assertEqual(list(event.event_results), [result.handler_id])
        self.assertEqual((result.event_id, result.result_type), (event.event_id, None))
        event = await results_of(3, event=IntEvent())
        self.assertIs(next(iter(event.event_results.values())).result_type, int)

    async def test_record_knows_its_bus_and_its_children(self):
        """The fields of the original's manual."""
        bus = Bubus.EventBus("Kept")
        children = []
        bus.on(UserActionEvent, lambda event: children.append(bus.dispatch(SystemEvent())))
        event = await bus.dispatch(UserActionEvent())
        (result,) = event.event_results.values()
        self.assertEqual((result.eventbus_id, result.eventbus_name), (bus.id, "Kept"))
        self.assertEqual(result.child_events, children)
        self.assertTrue(event.event_are_all_children_complete())

    async def test_record_knows_its_limit(self):
        """B-1.17."""
        bus = Bubus.EventBus(event_timeout=7)
        for timeout in (None, 3, 0):
            bus.on("*", lambda event: None, timeout=timeout)
        for own, limits in ((None, [7, 3, None]), (5, [5, 3, None]), (0, [None, 3, None])):
            event = await bus.dispatch(UserActionEvent(event_timeout=own))
            self.assertEqual([result.timeout for result in event.event_results.values()], limits)
        bus.off("*")
        self.assertEqual([result.timeout for result in event.event_results.values()], [None] * 3)

    def test_annotation(self):
        def judge(result: Bubus.EventResult[str]) -> bool:
            return result.result == "x"

        self.assertIn("str", str(judge.__annotations__["result"]))


class TypeTest(AsyncTestCase):
    async def test_right_and_wrong(self):
        right = {IntEvent: 5, FloatEvent: 1.5, DictEvent: {"a": 1}, MessagesEvent: [Message("x")],
                 ObjectEvent: UserActionEvent()}
        wrong = {IntEvent: "5", FloatEvent: "1", DictEvent: [1], MessagesEvent: [{"subject": "x"}], ObjectEvent: 3}
        for kind, value in right.items():
            event = await results_of(value, wrong[kind], None, event=kind())
            good, bad, none = event.event_results.values()
            self.assertEqual((good.status, good.result), ("completed", value))
            self.assertEqual(none.status, "completed")
            self.assertEqual(bad.status, "error")
            self.assertIsInstance(bad.error, (ValueError, TypeError))
            self.assertRegex(str(bad.error), "did not match expected event_result_type")

    async def test_dicts_become_models(self):
        """Upstream 38: as pydantic reads them. Nothing else is converted."""
        for annotation, right, wrong in ((Model, {"a": 1}, {"a": "x"}), (list[Model], [{"a": 1}], [{"b": 1}]),
                                         (dict[str, Model], {"k": {"a": 1}}, {"k": 1}),
                                         (typing.Optional[Model], {"a": 1}, 1),
                                         (typing.Union[int, Model], {"a": 1}, "")):
            class ModelEvent(Bubus.Event[annotation]):
                pass

            event = await results_of(right, wrong, event=ModelEvent())
            good, bad = event.event_results.values()
            values = good.result if isinstance(good.result, list) else [good.result]
            values = values[0].values() if isinstance(values[0], dict) else values
            self.assertEqual([(type(value), value.a) for value in values], [(Model, 1)])
            self.assertIsInstance(bad.error, Bubus.ResultTypeError)

    async def test_typed_dicts(self):
        class Pair(typing.TypedDict):
            a: int
            b: str

        class PairEvent(Bubus.Event[Pair]):
            pass

        event = await results_of({"a": 1, "b": "x"}, {"a": 1}, {"a": "x", "b": "x"}, {"a": 1, "b": "", "c": 1}, 3,
                                 event=PairEvent())
        statuses = [result.status for result in event.event_results.values()]
        self.assertEqual(statuses, ["completed", "error", "error", "error", "error"])

    async def test_no_coercion(self):
        event = await results_of(True, 1.0, event=IntEvent())
        self.assertEqual([r.status for r in event.event_results.values()], ["error", "error"])

    async def test_int_is_a_number(self):
        event = await results_of(3, event=FloatEvent())
        self.assertIsInstance(await event.event_result(), float)

    async def test_none_is_no_type(self):
        """B-5.13."""
        event = await results_of({"a": 1}, event=NothingEvent())
        self.assertEqual(await event.event_result(), {"a": 1})


class HelperTest(AsyncTestCase):
    async def test_first(self):
        event = await results_of(None, "a", "b")
        self.assertEqual(await event.event_result(), "a")
        self.assertEqual(await event.event_result(include=lambda r: r.result == "b"), "b")

    async def test_falsy_values_count(self):
        event = await results_of(None, 0, "", False, [])
        self.assertEqual(await event.event_results_list(), [0, "", False, []])

    async def test_nothing(self):
        event = await results_of(None)
        for helper in (event.event_result, event.event_results_list, event.event_results_by_handler_id,
                       event.event_results_by_handler_name, event.event_results_filtered,
                       event.event_results_flat_list):
            with self.assertRaisesRegex(ValueError, "non-None"):
                await helper()
        self.assertIsNone(await event.event_result(raise_if_none=False))
        self.assertEqual(await event.event_results_list(raise_if_none=False), [])
        self.assertEqual(await event.event_results_flat_dict(), {})

    async def test_raise_if_any(self):
        event = await results_of("x", lambda event: 1 / 0, lambda event: int("y"))
        with self.assertRaises(ZeroDivisionError):
            await event.event_results_list()
        self.assertEqual(await event.event_results_list(raise_if_any=False), ["x"])

    async def test_by_handler(self):
        event = await results_of("a", "b")
        by_id = await event.event_results_by_handler_id()
        self.assertEqual(by_id, dict(zip(event.event_results, ["a", "b"])))
        self.assertEqual(await event.event_results_by_handler_name(), {"h0": "a", "h1": "b"})
        filtered = await event.event_results_filtered(include=lambda r: r.handler_name == "h1")
        self.assertEqual([r.result for r in filtered.values()], ["b"])

    async def test_duplicate_names(self):
        bus = Bubus.EventBus()
        bus.on("*", lambda event: 1, name="same")
        bus.on("*", lambda event: 2, name="same")
        event = await bus.dispatch(UserActionEvent())
        self.assertEqual(len(await event.event_results_by_handler_id()), 2)
        with self.assertLogs("bubus", "WARNING"):
            self.assertEqual(await event.event_results_by_handler_name(), {"same": 2})

    async def test_flat_dict(self):
        event = await results_of({"a": 1, "b": {"c": 2}}, "no dict", {"a": 3})
        with self.assertRaisesRegex(ValueError, "h2 .*: a$"):
            await event.event_results_flat_dict()
        merged = await event.event_results_flat_dict(raise_if_conflicts=False)
        self.assertEqual(merged, {"a": 3, "b": {"c": 2}})

    async def test_flat_list(self):
        event = await results_of([1, 2], "text", [], [3])
        self.assertEqual(await event.event_results_flat_list(), [1, 2, 3])
        event = await results_of("text")
        with self.assertRaises(ValueError):
            await event.event_results_flat_list()

    async def test_filter_that_fails(self):
        event = await results_of("x")
        with self.assertRaises(ZeroDivisionError):
            await event.event_results_list(include=lambda r: 1 / 0)


if __name__ == "__main__":
    support.main()
