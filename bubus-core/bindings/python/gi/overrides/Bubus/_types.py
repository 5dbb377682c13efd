# SPDX-License-Identifier: LGPL-2.1-or-later
"""What annotations accept, and how values come from JSON and go there."""

import collections.abc
import dataclasses
import datetime
import enum
import json
import types
import typing
import uuid

from gi.repository import GLib, GObject

from ._library import Bubus

INT64 = range(GLib.MININT64, GLib.MAXINT64 + 1)
_UNIONS = (typing.Union, getattr(types, "UnionType", typing.Union))
_LISTS = (list, collections.abc.Sequence, collections.abc.Iterable, collections.abc.Collection)
_DICTS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)


def name_of(annotation):
    """As people write it."""
    if annotation is None or annotation is type(None):
        return "None"
    if isinstance(annotation, type) and not typing.get_args(annotation):
        return annotation.__qualname__
    return str(annotation).replace("typing.", "")


# ---- checking: nothing is coerced, except that an int is a number


def matches(annotation, value):
    """Whether @value is what @annotation says."""
    if annotation is typing.Any or annotation is object or isinstance(annotation, (typing.TypeVar, str)):
        return True
    if annotation is None or annotation is type(None):
        return value is None
    origin = typing.get_origin(annotation)
    if origin is not None:
        return _matches_generic(origin, typing.get_args(annotation), value)
    if annotation is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if annotation is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if isinstance(annotation, typing.NewType):
        return matches(annotation.__supertype__, value)
    if hasattr(annotation, "__required_keys__"):
        return _matches_typed_dict(annotation, value)
    return not isinstance(annotation, type) or _is_instance(annotation, value)


def _matches_typed_dict(kind, value):
    hints = typing.get_type_hints(kind)
    if not isinstance(value, dict) or not kind.__required_keys__ <= value.keys() <= hints.keys():
        return False
    return all(matches(hints[name], item) for name, item in value.items())


def _is_instance(kind, value):
    try:
        return isinstance(value, kind)
    except TypeError:  # a protocol that cannot be asked at run time
        return True


def _matches_generic(origin, args, value):
    if origin in _UNIONS:
        return any(matches(arg, value) for arg in args)
    if origin is typing.Literal:
        return any(value == arg and type(value) is type(arg) for arg in args)
    if origin in (typing.Annotated, typing.Final):
        return matches(args[0], value)
    if origin is type:
        return isinstance(value, type)
    if not isinstance(origin, type) or not isinstance(value, origin) or (origin in _LISTS and isinstance(value, str)):
        return False
    if origin in _DICTS:
        return all(matches(args[0], key) and matches(args[1], item) for key, item in value.items())
    if origin is tuple and not (len(args) == 2 and args[1] is Ellipsis):
        return len(value) == len(args) and all(map(matches, args, value))
    if origin is tuple or origin in _LISTS or origin in (set, frozenset, collections.abc.Set):
        return all(matches(args[0], item) for item in value)
    return True


# ---- from JSON


def decode(annotation, value):
    """What a value that was read from JSON is in Python, as far as @annotation tells; else the value itself."""
    origin = typing.get_origin(annotation)
    if origin in _UNIONS:
        return _decode_union(typing.get_args(annotation), value)
    if origin is typing.Annotated:
        return decode(typing.get_args(annotation)[0], value)
    try:
        if origin is not None:
            return _decode_generic(origin, typing.get_args(annotation), value)
        if isinstance(annotation, type) and not isinstance(value, annotation):
            return _decode_instance(annotation, value)
    except (TypeError, ValueError, KeyError):
        pass  # what does not match is refused afterwards, with the field's name
    return value


def _decode_union(args, value):
    for arg in args:
        candidate = decode(arg, value)
        if matches(arg, candidate):
            return candidate
    return value


def _decode_generic(origin, args, value):
    if origin in _DICTS and isinstance(value, dict):
        return {decode(args[0], key): decode(args[1], item) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    if origin is tuple and not (len(args) == 2 and args[1] is Ellipsis):
        return tuple(map(decode, args, value))
    items = [decode(args[0], item) for item in value]
    return origin(items) if origin in (tuple, set, frozenset) else items


def _decode_instance(kind, value):
    if kind is float and isinstance(value, int):
        return float(value)
    if kind in (datetime.datetime, datetime.date, datetime.time) and isinstance(value, str):
        return kind.fromisoformat(value.replace("Z", "+00:00"))
    if kind is uuid.UUID or (issubclass(kind, enum.Enum)):
        return kind(value)
    if kind is int and isinstance(value, str):
        return value
    if kind is bytes and isinstance(value, str):
        return GLib.base64_decode(value)
    if kind in (set, frozenset, tuple) and isinstance(value, list):
        return kind(value)
    if hasattr(kind, "model_validate") and isinstance(value, dict):
        return kind.model_validate(value)
    if dataclasses.is_dataclass(kind) and isinstance(value, dict):
        hints = typing.get_type_hints(kind)
        return kind(**{name: decode(hints.get(name, typing.Any), item) for name, item in value.items()})
    return value


# ---- models


def to_models(annotation, value):
    """@value with its dicts as the pydantic models that @annotation has in their places; else the value itself."""
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if hasattr(annotation, "model_fields") and isinstance(value, dict):
        return annotation.model_validate(value)
    if origin in _UNIONS:
        return _to_one_of_models(args, value)
    if origin in _DICTS and isinstance(value, dict):
        return {key: to_models(args[1], item) for key, item in value.items()}
    if origin in _LISTS and isinstance(value, list):
        return [to_models(args[0], item) for item in value]
    return value


def _to_one_of_models(annotations, value):
    for annotation in annotations:
        try:
            candidate = to_models(annotation, value)
        except ValueError:
            continue
        if matches(annotation, candidate):
            return candidate
    return value


# ---- to JSON


def to_text(value):
    """What the library can hold of a text: no NUL, and no half of a surrogate pair."""
    if value.isascii() and "\0" not in value:
        return value
    return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def _show(value, form=repr):
    try:
        return form(value)
    except Exception:  # noqa: BLE001, also of values that nest too deep
        return f"<{type(value).__qualname__}>"


def _encode(value):
    """For what json cannot write. What has no other form is written as repr() shows it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Bubus.Event):
        return json.loads(value.to_json())
    if isinstance(value, Bubus.Json):
        return json.loads(value.get_text())
    if isinstance(value, GLib.Variant):
        return json.loads(Bubus.Json.new_from_variant(value).get_text())
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (set, frozenset, collections.abc.Sequence)) and not isinstance(value, (bytes, bytearray)):
        return list(value)
    if isinstance(value, collections.abc.Mapping):
        return dict(value)
    if isinstance(value, bytes):
        return GLib.base64_encode(value)
    if hasattr(value, "model_dump"):
        return value.model_dump()
    return str(value) if isinstance(value, uuid.UUID) else _show(value)


def to_json_text(value):
    """The JSON text of any value."""
    try:
        return json.dumps(value, default=_encode, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    except Exception:  # noqa: BLE001, keys that are no text, numbers that are none, circles, what models raise
        return _simple_text(value)


def _simplify(value, depth):
    if isinstance(value, dict) and depth < 32:
        return {_show(key, str): _simplify(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)) and depth < 32:
        return [_simplify(item, depth + 1) for item in value]
    if value is None or isinstance(value, (str, int)) or (isinstance(value, float) and value - value == 0):
        return value
    return _show(value)


def _simple_text(value):
    return json.dumps(_simplify(value, 0), ensure_ascii=False, separators=(",", ":"))


def to_json(value):
    try:
        return Bubus.Json.new(to_json_text(value).encode("utf-8", "replace").decode("utf-8"), -1)
    except GLib.Error:  # it nests deeper than the library reads
        return Bubus.Json.new(_simple_text(value).encode("utf-8", "replace").decode("utf-8"), -1)


def from_library(value):
    """What the library gave, as Python has it."""
    if isinstance(value, Bubus.Json):
        return json.loads(value.get_text())
    if isinstance(value, GLib.Bytes):
        return value.get_data()
    if isinstance(value, GLib.Variant):
        return value.unpack()
    return value


def from_nanoseconds(time):
    if time == 0:
        return None
    return datetime.datetime.fromtimestamp(time // 10**9, datetime.timezone.utc) + datetime.timedelta(
        microseconds=time % 10**9 // 1000
    )


class View(dict):
    """What the library knew when it was asked. What is written there would be lost without a word."""

    def _refuse(self, *_, **__):
        raise TypeError("this tells what the library knows, and cannot be changed; copy() can")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self):
        return dict, (dict(self),)


# Types of results and fields that every language has.
GTYPES = {
    str: GObject.TYPE_STRING,
    int: GObject.TYPE_INT64,
    float: GObject.TYPE_DOUBLE,
    bool: GObject.TYPE_BOOLEAN,
}
