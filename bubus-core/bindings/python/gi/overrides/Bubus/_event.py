# SPDX-License-Identifier: LGPL-2.1-or-later
"""Events, and classes of events with annotated fields."""

import datetime
import json
import sys
import types

from gi.repository import GLib, GObject

from ._calls import buses, get_call, wait_for_event
from ._errors import ValidationError, to_error, translated
from ._fields import collect, read_default
from ._library import Bubus, override
from ._results import ResultHelpers
from ._types import GTYPES, View, from_nanoseconds, to_json, to_json_text

_UNSET = object()
_OF_ONE_EVENT = {"event_id", "event_created_at", "event_parent_id"}
_TIMES = range(GLib.MAXINT64 + 1)
_WIRE_ONLY = {"event_handler_timeout", "event_processed_at"}  # have a meaning in JSON, and no other
_CONCURRENCY = {"event_concurrency": Bubus.EventConcurrency, "event_handler_concurrency": Bubus.HandlerConcurrency,
                "event_handler_completion": Bubus.HandlerCompletion}
_SETTERS = {
    "event_version": "set_event_version",
    "event_timeout": "set_timeout",
    "event_deadline": "set_deadline",
    "event_slow_timeout": "set_slow_timeout",
    "event_handler_slow_timeout": "set_handler_slow_timeout",
    "event_concurrency": "set_concurrency",
    "event_handler_concurrency": "set_handler_concurrency",
    "event_handler_completion": "set_handler_completion",
}


def to_setting(name, value):
    """A setting as the library has it: no limit of its own is less than 0, and modes may be given by their nicks."""
    kind = _CONCURRENCY.get(name)
    if kind is not None:
        if not isinstance(value, str):
            return value
        mode = getattr(kind, value.replace("-", "_").upper(), None)
        if not isinstance(mode, kind):
            raise ValidationError(f"“{name}” cannot be {value!r:.100}")
        return mode
    return -1.0 if value is None and name.endswith(("timeout", "deadline")) else value


def to_nanoseconds(time):
    if isinstance(time, int):
        return time
    if time.tzinfo is None:
        time = time.replace(tzinfo=datetime.timezone.utc)
    since = time - datetime.datetime.fromtimestamp(0, datetime.timezone.utc)
    return (since.days * 86400 + since.seconds) * 10**9 + since.microseconds * 1000


def _do_validate(self):
    try:
        self._check()
        self.event_validate()
    except ValueError as error:
        raise to_error(error if isinstance(error, ValidationError) else ValidationError(str(error))) from None
    return True


def _do_get_property(self, pspec):
    name = pspec.name.replace("-", "_")
    field = type(self)._fields.get(name)
    return field.get_property(self) if field is not None else getattr(self, name, None)


def _do_set_property(self, pspec, value):
    name = pspec.name.replace("-", "_")
    field = type(self)._fields.get(name)
    if field is not None:
        field.set_property(self, value)
    else:
        setattr(self, name, value)


class EventMeta(type(Bubus.Event)):
    """Makes an event class of a class body: fields of annotations, settings of names that begin with event_."""

    def __new__(mcls, name, bases, namespace, **keywords):
        if "__info__" in namespace or namespace["__module__"].startswith("gi.overrides."):
            return super().__new__(mcls, name, bases, namespace)

        settings = dict(keywords)
        own = {*_WIRE_ONLY, *(member for member in dir(Event) if member.startswith("event_"))}
        fields, annotated = collect(namespace, [sys._getframe(1).f_locals], own)
        for key in [*_SETTERS, "event_type", "event_result_type"]:
            if key in namespace and not isinstance(namespace[key], (property, types.FunctionType)):
                settings[key], _ = read_default(key, namespace.pop(key))
        unknown = (set(annotated) | set(keywords)) - {*_SETTERS, "event_type", "event_result_type"}
        if unknown:
            raise TypeError(f"“{min(unknown)}” is reserved: it is no setting of an event class, and no field")

        for base in namespace.get("__orig_bases__", ()):
            if isinstance(base, types.GenericAlias) and isinstance(base.__origin__, EventMeta):
                settings.setdefault("event_result_type", base.__args__[0])
        namespace["_own_settings"] = settings
        namespace["_own_fields"] = fields
        namespace.update(fields)
        if fields:
            properties = namespace.setdefault("__gproperties__", {})
            properties.update({field.name.replace("_", "-"): field.pspec() for field in fields.values()})
        namespace.setdefault("do_validate", _do_validate)
        return super().__new__(mcls, name, bases, namespace)

    def __init__(cls, name, bases, namespace, **_):
        cls._fields = {}
        for base in reversed(cls.__mro__[1:]):
            cls._fields.update(vars(base).get("_own_fields", {}))
        cls._fields.update(namespace.get("_own_fields", {}))
        super().__init__(name, bases, namespace)
        if "_own_settings" in namespace:
            cls._declare(namespace["_own_settings"], bool(namespace["_own_fields"]))

    def _declare(cls, settings, has_fields):
        """After the class has its GType, because before that its parent would be meant."""
        if has_fields:  # also where GObject.Property has put its own
            cls.do_get_property = _do_get_property
            cls.do_set_property = _do_set_property
        cls.set_event_type(settings.get("event_type", cls.__name__))
        if "event_result_type" in settings:
            annotation = cls._result_annotation = settings["event_result_type"]
            if isinstance(annotation, type) and issubclass(annotation, GObject.Object):
                cls.set_result_type(annotation)
            else:
                cls.set_result_type(GTYPES.get(annotation, GObject.TYPE_NONE))
        for name, setter in _SETTERS.items():
            if name in settings:
                getattr(cls, setter)(to_setting(name, settings[name]))
        Bubus.Event.register_type(cls)

    def __call__(cls, /, *args, **values):
        if cls is Event and "event_type" in values:
            return GenericEvent(**values)
        event = super().__call__(*args, **values)
        event._check()
        return event


def _limit(name):
    getter, setter = f"get_{name}", f"set_{name}"

    def get(self):
        value = getattr(self, getter)()
        return None if value < 0 else value

    return property(get, lambda self, value: getattr(self, setter)(to_setting(name, value)))


def _mode(name):
    getter, setter = f"get_{name}", f"set_{name}"
    return property(
        lambda self: getattr(self, getter)().value_nick,
        lambda self, value: getattr(self, setter)(to_setting(name, value)),
    )


def _read_only(getter, convert=None):
    if convert is None:
        return property(lambda self: getattr(self, getter)())
    return property(lambda self: convert(getattr(self, getter)()))


class Event(ResultHelpers, Bubus.Event, metaclass=EventMeta):
    """Something that happened, or that should be done. Subclass it, and annotate what it carries."""

    _context = None
    _flaw = None
    _kept = None
    _result_annotation = None

    def __class_getitem__(cls, result_type):
        return types.GenericAlias(cls, (result_type,))

    def __init__(self, /, **values):
        fields = type(self)._fields
        kind = type(self).__name__
        own = {name: fields[name].accept(value, kind) for name, value in values.items() if name in fields}
        super().__init__(**self._translate({name: value for name, value in values.items() if name not in fields}))
        if own:
            self.__dict__.update(own)

    @classmethod
    def _translate(cls, values):
        """Keywords that are no fields: properties of every event."""
        for name in values:
            if cls.find_property(name.replace("_", "-")) is None:
                raise ValidationError(f"{cls.__name__} has no field “{name}”")
        if "event_created_at" in values:
            created_at = values["event_created_at"]
            time = to_nanoseconds(created_at) if isinstance(created_at, (int, datetime.datetime)) else -1
            if time not in _TIMES:
                raise ValidationError(f"“event_created_at” must be a time since 1970, but is {created_at!r:.100}")
            values["event_created_at"] = time
        for name in _SETTERS:
            if name in values:
                values[name] = to_setting(name, values[name])
        if values.get("event_parent_id", _UNSET) is None:
            del values["event_parent_id"]
        for name in ("event_id", "event_parent_id"):
            if name in values and not (isinstance(values[name], str) and GLib.uuid_string_is_valid(values[name])):
                raise ValidationError(f"“{name}” must be a UUID, but is {values[name]!r:.100}")
        return values

    def _check(self):
        if self._flaw is not None:
            raise ValidationError(self._flaw)
        values = self.__dict__
        missing = [field.name for field in type(self)._fields.values() if field.required and field.name not in values]
        if missing:
            raise ValidationError(f"{type(self).__name__} requires {', '.join(missing)}")

    def event_validate(self):
        """For subclasses: raise ValueError when the fields do not fit together."""

    def __await__(self):
        return wait_for_event(self).__await__()

    def __repr__(self):
        values = ((name, getattr(self, name, None)) for name in type(self)._fields)
        fields = ", ".join(f"{name}={value!r:.60}" for name, value in values)
        return f"{self.get_event_type()}#{self.get_event_id()[-4:]}({fields})"

    # ---- what every event has

    event_id = _read_only("get_event_id")
    event_type = _read_only("get_event_type")
    event_version = _read_only("get_event_version")
    event_schema = property(lambda self: f"{type(self).__module__}.{type(self).__qualname__}@{self.event_version}")
    event_parent_id = _read_only("get_event_parent_id")
    event_status = _read_only("get_event_status", lambda status: status.value_nick)
    event_created_at = _read_only("get_event_created_at", from_nanoseconds)
    event_started_at = _read_only("get_event_started_at", from_nanoseconds)
    event_completed_at = _read_only("get_event_completed_at", from_nanoseconds)
    event_path = _read_only("dup_event_path", lambda path: [label.rpartition("#")[0] for label in path])
    event_path_labels = _read_only("dup_event_path", list)
    event_children = _read_only("list_children", list)
    event_parent = _read_only("ref_parent")
    event_emitted_by_handler_id = _read_only("get_event_emitted_by_handler_id")
    event_blocks_parent_completion = _read_only("get_event_blocks_parent_completion")
    event_pending_bus_count = _read_only("get_event_pending_bus_count")
    event_timeout = _limit("event_timeout")
    event_deadline = _limit("event_deadline")
    event_slow_timeout = _limit("event_slow_timeout")
    event_handler_slow_timeout = _limit("event_handler_slow_timeout")
    event_concurrency = _mode("event_concurrency")
    event_handler_concurrency = _mode("event_handler_concurrency")
    event_handler_completion = _mode("event_handler_completion")

    @property
    def event_result_type(self):
        """What handlers must return, as the class was annotated; None when they may return anything."""
        return self._result_annotation

    @property
    def event_results(self):
        """What each handler did, by its id."""
        return View((result.handler_id, result) for result in self.list_results())

    @property
    def event_bus(self):
        """The bus that handles this event, or will; inside of handlers only."""
        call = get_call()
        if call is None:
            raise AttributeError("event_bus property can only be accessed from within an event handler")
        current = call.invocation.get_bus()
        if call.event is self:
            return current
        path = self.event_path_labels
        for bus in [current, *buses] if path else []:
            if bus.label == path[-1]:
                return bus
        raise RuntimeError(f"{self} has not been dispatched, or its bus is gone")

    def event_are_all_children_complete(self):
        """Whether all that handlers have dispatched is complete, and what was dispatched because of that."""
        return all(
            child.event_status == "completed" and child.event_are_all_children_complete()
            for child in self.event_children
        )

    # ---- JSON

    def model_dump_json(self, indent=None):
        text = self.to_json()
        return text if indent is None else json.dumps(json.loads(text), indent=indent, ensure_ascii=False)

    def model_dump(self):
        return json.loads(self.to_json())

    def __reduce__(self):
        """For other processes: as JSON has it."""
        return _unpickle, (type(self), self.to_json())

    @classmethod
    def model_json_schema(cls):
        return json.loads(cls.dup_schema().get_text())

    @classmethod
    def model_validate_json(cls, text, *, reset=False):
        """An event of this class from its wire form; of any class, for Event itself."""
        if isinstance(text, (bytes, bytearray)):
            text = text.decode()
        flags = Bubus.JsonFlags.RESET if reset else Bubus.JsonFlags.NONE
        with translated():
            event = Bubus.Event.new_from_json(text, -1, flags)
        if not isinstance(event, cls):
            raise ValidationError(f"the event is {type(event).__name__} “{event.event_type}”, not {cls.__name__}")
        return event

    def model_copy(self, *, update=None):
        """Another event with the same fields, but those of @update: nothing has happened to it, and its id is new."""
        members = {name: value for name, value in self.model_dump().items() if name not in _OF_ONE_EVENT}
        return type(self).model_validate({**members, **(update or {})}, reset=True)

    @classmethod
    def model_validate(cls, members, *, reset=False):
        if isinstance(members, cls) and not reset:
            return members
        return cls.model_validate_json(to_json_text({"event_type": cls.__name__, **members}), reset=reset)


Event = override(Event)


def _unpickle(kind, text):
    return kind.model_validate_json(text)


class GenericEvent(Bubus.GenericEvent):
    """An event of any type name: what it carries are its attributes."""

    def __new__(cls, event_type, **values):
        base = {name: value for name, value in values.items() if name.startswith("event_")}
        payload = {name: value for name, value in values.items() if not name.startswith("event_")}
        with translated():
            event = Bubus.GenericEvent.new_from_json(event_type, to_json(payload))
        for name, value in cls._translate(base).items():
            event.set_property(name.replace("_", "-"), value)
        return event

    def __init__(self, *_, **__):
        pass

    @property
    def payload(self):
        return json.loads(self.dup_payload_json().get_text())

    def __getattr__(self, name):
        member = None if name.startswith("_") else self.dup_member(name)
        if member is None:
            raise AttributeError(f"{self.get_event_type()} has no member “{name}”")
        return json.loads(member.get_text())

    def __repr__(self):
        return f"{self.get_event_type()}#{self.get_event_id()[-4:]}({self.payload!r:.100})"


GenericEvent = override(GenericEvent)

__all__ = ["Event", "EventMeta", "GenericEvent", "to_setting"]
