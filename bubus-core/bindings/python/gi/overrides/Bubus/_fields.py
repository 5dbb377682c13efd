# SPDX-License-Identifier: LGPL-2.1-or-later
"""Annotated fields of event classes, and the properties that they are for other languages."""

import copy
import dataclasses
import json
import sys
import typing
import warnings

from gi.repository import GLib, GObject

from ._errors import ValidationError
from ._library import Bubus
from ._types import INT64, decode, matches, name_of, to_json, to_text

MISSING = dataclasses.MISSING

# What the overrides call on events; the getters of the library begin with a verb, too, but nobody calls a field so.
_RESERVED = {"props", "dispose", "find_property", "is_sealed", "set_property", "to_json", "wait_async", "wait_finish"}


def read_default(name, default):
    """A default and a factory of one, of which one or both are MISSING: also from field() or pydantic's Field()."""
    if isinstance(default, dataclasses.Field):
        return default.default, default.default_factory
    if isinstance(default, (list, dict, set)):
        return MISSING, lambda: copy.deepcopy(default)
    if not hasattr(default, "default_factory") or not hasattr(default, "is_required"):
        return default, MISSING
    if getattr(default, "metadata", None) or getattr(default, "alias", None):
        raise TypeError(f"“{name}”: limits and aliases of Field() are not looked at; event_validate() can check values")
    if default.default_factory is not None:
        return MISSING, default.default_factory
    return MISSING if default.is_required() else default.default, MISSING


class Field:
    """One field of an event class. As a descriptor it reads and writes what the event has."""

    def __init__(self, name, annotation, default=MISSING):
        self.name = name
        self.annotation = annotation
        self.default, self.factory = read_default(name, default)
        self.plain = annotation in (str, int, float, bool)

    @property
    def required(self):
        return self.default is MISSING and self.factory is MISSING

    def accept(self, value, owner):
        """What is kept of @value, or why it cannot be."""
        if not matches(self.annotation, value):
            raise ValidationError(
                f"“{self.name}” of {owner} must be {name_of(self.annotation)}, but is {type(value).__qualname__} "
                f"{value!r:.100}"
            )
        if self.annotation is float and type(value) is int:
            return float(value)
        if self.annotation is int and value not in INT64:
            raise ValidationError(f"“{self.name}” of {owner} must fit 64 bits, but is {value}")
        return value

    def __get__(self, event, owner=None):
        if event is None:
            return self
        values = event.__dict__
        if self.name in values:
            return values[self.name]
        if self.factory is not MISSING:
            return values.setdefault(self.name, self.factory())
        if self.default is MISSING:
            raise AttributeError(f"{type(event).__name__} has no {self.name} yet")
        return self.default

    def __set__(self, event, value):
        if event.is_sealed():
            raise AttributeError(f"{self.name} cannot be changed: the event has been dispatched")
        setattr_plain(event, self.name, self.accept(value, type(event).__name__))

    # ---- as a property of GObject

    def pspec(self):
        flags = GObject.ParamFlags.READWRITE
        if self.annotation is str:
            return (str, None, None, None, flags)
        if self.annotation is int:
            return (GObject.TYPE_INT64, None, None, GLib.MININT64, GLib.MAXINT64, 0, flags)
        if self.annotation is float:
            return (float, None, None, -GLib.MAXDOUBLE, GLib.MAXDOUBLE, 0.0, flags)
        if self.annotation is bool:
            return (bool, None, None, False, flags)
        return (Bubus.Json, None, None, flags)

    def get_property(self, event):
        try:
            value = self.__get__(event)
        except AttributeError:
            return {int: 0, float: 0.0, bool: False}.get(self.annotation)
        if not self.plain:
            return to_json(value)
        return to_text(value) if isinstance(value, str) else value

    def set_property(self, event, value):
        """From JSON, or from another language; what is wrong is said when the event is validated."""
        if isinstance(value, Bubus.Json):
            value = decode(self.annotation, json.loads(value.get_text()))
        try:
            setattr_plain(event, self.name, self.accept(value, type(event).__name__))
        except ValidationError as error:
            setattr_plain(event, "_flaw", str(error))


def setattr_plain(event, name, value):
    """Past the descriptor. The first attribute ties the Python side of an event to its life."""
    event.__dict__[name] = value


def _read_annotations(namespace):
    if "__annotations__" in namespace:
        return dict(namespace["__annotations__"])
    if sys.version_info >= (3, 14):
        import annotationlib

        annotate = annotationlib.get_annotate_from_class_namespace(namespace)
        if annotate is not None:
            return annotationlib.call_annotate_function(annotate, annotationlib.Format.FORWARDREF)
    return {}


def _resolve(annotation, scopes):
    """An annotation that is text, because it was written so or by “from __future__ import annotations”."""
    if not isinstance(annotation, str):
        return annotation
    for scope in scopes:
        try:
            return eval(annotation, dict(scope))  # noqa: S307, as typing.get_type_hints() does
        except Exception:  # noqa: BLE001, PERF203, a name that is not known yet is not checked
            continue
    return typing.Any


def _refuse_pydantic(namespace):
    """Better than to leave out, without a word, what somebody relies on."""
    for name, member in namespace.items():
        if name == "model_config" or type(member).__name__ == "PydanticDescriptorProxy":
            raise TypeError(f"“{name}” is for models of pydantic, which events are not: use event_validate()")


def collect(namespace, scopes, own):
    """The annotations of a class body, by name, those of the library's @own members apart."""
    module = sys.modules.get(namespace.get("__module__"))
    scopes = [*scopes, vars(module) if module is not None else {}]
    _refuse_pydantic(namespace)
    fields, settings = {}, {}
    for name, annotation in _read_annotations(namespace).items():
        annotation = _resolve(annotation, scopes)
        if name in own:
            settings[name] = annotation
        elif not name.startswith("_") and typing.get_origin(annotation) is not typing.ClassVar:
            if name.startswith("model_") or name in _RESERVED:
                raise TypeError(f"“{name}” is reserved and cannot be a field")
            if name.startswith("event_"):
                warnings.warn(f"“{name}” is a field, and no setting of events: names with event_ may get a meaning",
                              stacklevel=3)
            fields[name] = Field(name, annotation, namespace.get(name, MISSING))
    return fields, settings
