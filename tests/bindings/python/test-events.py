# SPDX-License-Identifier: LGPL-2.1-or-later
"""Event classes: fields, settings, JSON."""

import dataclasses
import datetime
import enum
import json
import typing
import unittest
import uuid

import support
from support import Bubus, GObject, UserActionEvent


@dataclasses.dataclass
class Address:
    street: str
    number: int


class Colour(enum.Enum):
    RED = "red"


class FullEvent(Bubus.Event):
    text: str
    count: int = 3
    ratio: float = 0.5
    flag: bool = False
    names: list[str] = []
    address: typing.Optional[Address] = None
    colour: Colour = Colour.RED
    when: typing.Optional[datetime.datetime] = None
    key: typing.Optional[uuid.UUID] = None
    pairs: dict[str, int] = dataclasses.field(default_factory=dict)
    kind: typing.Literal["a", "b"] = "a"


class SpecialFullEvent(FullEvent):
    extra: typing.Any = None


class NumberEvent(Bubus.Event[int]):
    pass


class InheritedNumberEvent(NumberEvent):
    pass


class LaterEvent(Bubus.Event):
    self_reference: "typing.Optional[Address]" = None


class RenamedEvent(Bubus.Event, event_type="renamed.event"):
    event_timeout: float = 5.0
    event_version = "1.2.0"
    event_handler_concurrency = "parallel"


class Declared:
    """What Field() of pydantic leaves in a class body."""

    def __init__(self, default=..., default_factory=None, metadata=(), alias=None):
        self.default, self.default_factory, self.metadata, self.alias = default, default_factory, metadata, alias

    def is_required(self):
        return self.default is ... and self.default_factory is None


class PydanticDescriptorProxy:
    """What a validator of pydantic is in a class body."""


class DeclaredEvent(Bubus.Event):
    event_type: str = Declared("declared.event")
    needed: int = Declared()
    word: str = Declared("w")
    items: list[int] = Declared(default_factory=list)


class LeastEvent(Bubus.Event):
    low: int
    high: int

    def event_validate(self):
        if self.low > self.high:
            raise ValueError("low must not be above high")


class OldStyleEvent(Bubus.Event):
    name = GObject.Property(type=str)


class FieldTest(unittest.TestCase):
    def test_defaults(self):
        event = FullEvent(text="x")
        self.assertEqual((event.text, event.count, event.ratio, event.flag), ("x", 3, 0.5, False))
        self.assertEqual((event.names, event.address, event.colour, event.kind), ([], None, Colour.RED, "a"))

    def test_defaults_are_not_shared(self):
        a, b = FullEvent(text="a"), FullEvent(text="b")
        a.names.append("x")
        a.pairs["x"] = 1
        self.assertEqual((b.names, b.pairs), ([], {}))

    def test_missing_field(self):
        with self.assertRaisesRegex(Bubus.ValidationError, "requires text"):
            FullEvent()

    def test_unknown_field(self):
        with self.assertRaisesRegex(Bubus.ValidationError, "has no field “bogus”"):
            FullEvent(text="x", bogus=1)

    def test_wrong_types(self):
        for name, value in {
            "text": 3,
            "count": "3",
            "ratio": "0.5",
            "flag": 1,
            "names": ["a", 1],
            "address": "street",
            "colour": "red",
            "pairs": {"a": "b"},
            "kind": "c",
        }.items():
            with self.assertRaisesRegex(ValueError, name):
                FullEvent(**{"text": "x", name: value})

    def test_true_is_no_number(self):
        with self.assertRaises(Bubus.ValidationError):
            FullEvent(text="x", count=True)

    def test_int_is_a_number(self):
        event = FullEvent(text="x", ratio=2)
        self.assertIsInstance(event.ratio, float)

    def test_numbers_that_do_not_fit(self):
        with self.assertRaisesRegex(Bubus.ValidationError, "64 bits"):
            FullEvent(text="x", count=2**63)
        self.assertEqual(FullEvent(text="x", count=-(2**63)).count, -(2**63))

    def test_assignment_is_checked(self):
        event = FullEvent(text="x")
        event.text = "y"
        self.assertEqual(event.text, "y")
        with self.assertRaises(Bubus.ValidationError):
            event.text = 3
        self.assertEqual(event.text, "y")

    def test_sealed_after_dispatch(self):
        event = FullEvent(text="x")
        Bubus.EventBus().dispatch(event)
        with self.assertRaisesRegex(AttributeError, "has been dispatched"):
            event.text = "y"

    def test_fields_are_inherited(self):
        event = SpecialFullEvent(text="x", extra=[1])
        self.assertEqual((event.text, event.extra), ("x", [1]))
        with self.assertRaisesRegex(Bubus.ValidationError, "requires text"):
            SpecialFullEvent()

    def test_fields_are_properties(self):
        event = FullEvent(text="x", names=["a"])
        self.assertEqual(event.get_property("text"), "x")
        self.assertEqual(event.get_property("names").get_text(), '["a"]')
        event.set_property("count", 9)
        self.assertEqual(event.count, 9)

    def test_validation_between_fields(self):
        event = LeastEvent(low=2, high=1)
        with self.assertRaisesRegex(Bubus.ValidationError, "above"):
            Bubus.EventBus().dispatch(event)

    def test_declared_as_for_pydantic(self):
        event = DeclaredEvent(needed=1)
        self.assertEqual((event.event_type, event.needed, event.word, event.items), ("declared.event", 1, "w", []))
        self.assertIsNot(event.items, DeclaredEvent(needed=1).items)
        with self.assertRaisesRegex(Bubus.ValidationError, "requires needed"):
            DeclaredEvent()

    def test_nothing_of_pydantic_is_left_out_in_silence(self):
        for body in ({"x": Declared(1, metadata=["positive"]), "__annotations__": {"x": int}},
                     {"x": Declared(1, alias="y"), "__annotations__": {"x": int}},
                     {"x": PydanticDescriptorProxy()},
                     {"model_config": {"frozen": True}}):
            with self.assertRaisesRegex(TypeError, "event_validate"):
                type(Bubus.Event)("Bad", (Bubus.Event,), {"__module__": __name__, **body})

    def test_names_that_every_object_has(self):
        """They are fields, which hide the members of GObject."""
        class OrderEvent(Bubus.Event):
            ref: str
            connect: bool = False

        async def dispatch():
            return (await Bubus.EventBus().dispatch(OrderEvent(ref="A-1"))).model_dump()

        self.assertEqual(Bubus.run(dispatch())["ref"], "A-1")

    def test_names_that_begin_like_those_of_the_library(self):
        """B-1.18: they are fields, but a setting that is misspelled is not taken for one in silence."""
        with self.assertWarnsRegex(UserWarning, "event_colour.*no setting") as caught:
            class ColouredEvent(Bubus.Event):
                event_colour: str = "red"

        self.assertEqual(caught.filename, __file__)
        event = ColouredEvent(event_colour="blue")
        self.assertEqual(event.get_property("event-colour"), "blue")
        again = Bubus.Event.model_validate_json(event.model_dump_json())
        self.assertEqual((type(again), again.event_colour), (ColouredEvent, "blue"))

    def test_annotation_as_text(self):
        with self.assertRaises(Bubus.ValidationError):
            LaterEvent(self_reference="x")

    def test_properties_of_gobject_still_work(self):
        event = OldStyleEvent(name="x")
        self.assertEqual((event.name, event.get_event_type()), ("x", "OldStyleEvent"))

    def test_reserved_names(self):
        for name in ("event_id", "event_path", "event_schema", "event_processed_at"):
            with self.assertRaisesRegex(TypeError, name):
                type(Bubus.Event)("Bad", (Bubus.Event,), {"__module__": __name__, "__annotations__": {name: str}})
        with self.assertRaisesRegex(TypeError, "model_x"):
            type(Bubus.Event)("Bad", (Bubus.Event,), {"__module__": __name__, "__annotations__": {"model_x": str}})


class SettingTest(unittest.TestCase):
    """Upstream 13 and 39: what a class declares, and what an event has from the start."""

    def test_type_is_the_name_of_the_class(self):
        self.assertEqual(UserActionEvent().event_type, "UserActionEvent")

    def test_class_of_the_same_name(self):
        class UserActionEvent(Bubus.Event):
            pass

        self.assertEqual(UserActionEvent().event_type, "UserActionEvent")

    def test_settings(self):
        event = RenamedEvent()
        self.assertEqual(event.event_type, "renamed.event")
        self.assertEqual(event.event_timeout, 5.0)
        self.assertEqual(event.event_version, "1.2.0")
        self.assertEqual(event.event_handler_concurrency, "parallel")
        self.assertIsNone(UserActionEvent().event_timeout)

    def test_settings_of_an_instance(self):
        event = UserActionEvent(event_timeout=1.5, event_id="018f8e40-1234-7000-8000-000000001234")
        self.assertEqual(event.event_timeout, 1.5)
        self.assertEqual(event.event_id, "018f8e40-1234-7000-8000-000000001234")
        with self.assertRaisesRegex(Bubus.ValidationError, "UUID"):
            UserActionEvent(event_id="5")

    def test_result_type(self):
        self.assertIs(NumberEvent().event_result_type, int)
        self.assertIs(InheritedNumberEvent().event_result_type, int)
        self.assertIsNone(UserActionEvent().event_result_type)
        self.assertEqual(NumberEvent().get_event_result_type(), GObject.TYPE_INT64)

    def test_schema(self):
        """B-1.7, with the version of the event."""
        self.assertEqual(RenamedEvent().event_schema, f"{__name__}.RenamedEvent@1.2.0")

    def test_times(self):
        event = UserActionEvent()
        self.assertEqual(event.event_created_at.tzinfo, datetime.timezone.utc)
        self.assertIsNone(event.event_started_at)
        self.assertIsNone(event.event_completed_at)
        self.assertEqual(event.event_status, "pending")
        then = datetime.datetime(2025, 1, 2, 3, 4, 5, 678901, datetime.timezone.utc)
        self.assertEqual(UserActionEvent(event_created_at=then).event_created_at, then)

    def test_generic_event(self):
        event = Bubus.Event(event_type="anything.goes", number=3, event_timeout=2)
        self.assertEqual((event.event_type, event.number, event.event_timeout), ("anything.goes", 3, 2))
        self.assertEqual(event.payload, {"number": 3})
        with self.assertRaises(AttributeError):
            event.other


class JsonTest(unittest.TestCase):
    def test_round_trip(self):
        event = FullEvent(
            text="ä\n",
            names=["a"],
            address=Address("s", 1),
            when=datetime.datetime(2025, 1, 2, tzinfo=datetime.timezone.utc),
            key=uuid.UUID(int=5),
            pairs={"a": 1},
        )
        again = FullEvent.model_validate_json(event.model_dump_json())
        self.assertEqual(again.event_id, event.event_id)
        for name in ("text", "count", "ratio", "flag", "names", "address", "colour", "when", "key", "pairs"):
            self.assertEqual(getattr(again, name), getattr(event, name), name)
        self.assertEqual(again.model_dump_json(), event.model_dump_json())

    def test_any_class(self):
        event = Bubus.Event.model_validate_json(FullEvent(text="x").model_dump_json())
        self.assertIsInstance(event, FullEvent)

    def test_unknown_members_survive(self):
        event = FullEvent.model_validate({"text": "x", "later": {"a": [1]}})
        self.assertEqual(event.model_dump()["later"], {"a": [1]})

    def test_wrong_member(self):
        for members in ({"text": 3}, {"text": "x", "names": {}}, {"text": "x", "address": {"street": 1}}, {}):
            with self.assertRaises(Bubus.ValidationError):
                FullEvent.model_validate(members)

    def test_wrong_class(self):
        with self.assertRaisesRegex(Bubus.ValidationError, "not NumberEvent"):
            NumberEvent.model_validate_json(FullEvent(text="x").model_dump_json())

    def test_malformed(self):
        with self.assertRaises(Bubus.ValidationError):
            Bubus.Event.model_validate_json("{")

    def test_copy(self):
        event = FullEvent(text="x", address=Address("s", 1), event_timeout=4)
        copied = event.model_copy(update={"count": 9})
        self.assertEqual((copied.text, copied.address, copied.count), ("x", Address("s", 1), 9))
        self.assertEqual((copied.event_timeout, copied.event_status, copied.event_path), (4, "pending", []))
        self.assertNotEqual(copied.event_id, event.event_id)
        with self.assertRaises(Bubus.ValidationError):
            event.model_copy(update={"count": "many"})

    def test_copy_of_what_was_dispatched(self):
        async def dispatch():
            bus = Bubus.EventBus()
            bus.on("*", lambda event: "done")
            event = await bus.dispatch(Bubus.Event(event_type="any.name", number=3))
            copied = event.model_copy()
            self.assertEqual((copied.number, copied.event_results, copied.event_started_at), (3, {}, None))
            self.assertEqual(await bus.dispatch(copied).event_result(), "done")

        Bubus.run(dispatch())

    def test_indent(self):
        text = FullEvent(text="x").model_dump_json(indent=2)
        self.assertEqual(json.loads(text)["text"], "x")
        self.assertIn("\n", text)


if __name__ == "__main__":
    support.main()
