# SPDX-License-Identifier: LGPL-2.1-or-later
"""Errors of the library as exceptions, and exceptions of handlers as errors of the library."""

import builtins
import weakref

from gi.repository import GLib

from ._library import Bubus
from ._types import to_text

DOMAIN = GLib.quark_to_string(Bubus.error_quark())


class ValidationError(ValueError):
    """An event does not satisfy its class."""


class ResultTypeError(ValidationError, TypeError):
    """A handler returned something that the class of the event does not accept."""


class NoResultError(ValueError):
    """No handler returned a value."""


class ConflictError(ValueError):
    """Values that cannot be merged."""


class BusFullError(RuntimeError):
    """The bus has as many unfinished events as its limit allows."""


class BusStoppedError(RuntimeError):
    """The bus has been stopped."""


class RecursionLimitError(RuntimeError):
    """Events cause each other without end."""


class WouldDeadlockError(RuntimeError):
    """The wait could never be satisfied."""


class NotDispatchedError(RuntimeError):
    """The event is on no bus."""


class EventDroppedError(RuntimeError):
    """A middleware has dropped or refused the event."""


class TimedOutError(TimeoutError):
    """A handler, or a wait, took longer than it was given."""


class HandlerAbortedError(RuntimeError):
    """A handler was interrupted because what it ran for is over."""


class HandlerCancelledError(RuntimeError):
    """A handler had not started when what it would run for was over."""


class EventBusError(Exception):
    """A request, or a consumer, is refused, or has failed."""

    address = None


class HandlerNotFoundError(EventBusError):
    """Nobody is at the address."""


class HandlerAlreadyRegisteredError(EventBusError):
    """Somebody else is at the address."""


class HandlerExecutionError(EventBusError):
    """The consumer has failed; original_error is what it has raised."""

    original_error = None


class HandlerTimeoutError(EventBusError, TimedOutError):
    """The consumer has not answered in time."""

    timeout = None


_CODES = {
    Bubus.Error.INVALID_EVENT: ValidationError,
    Bubus.Error.INVALID_JSON: ValidationError,
    Bubus.Error.FULL: BusFullError,
    Bubus.Error.STOPPED: BusStoppedError,
    Bubus.Error.TOO_DEEP: RecursionLimitError,
    Bubus.Error.RECURSION: RecursionLimitError,
    Bubus.Error.WOULD_DEADLOCK: WouldDeadlockError,
    Bubus.Error.TIMED_OUT: TimedOutError,
    Bubus.Error.ABORTED: HandlerAbortedError,
    Bubus.Error.CANCELLED: HandlerCancelledError,
    Bubus.Error.RESULT_TYPE: ResultTypeError,
    Bubus.Error.NOT_DISPATCHED: NotDispatchedError,
    Bubus.Error.NO_RESULT: NoResultError,
    Bubus.Error.CONFLICT: ConflictError,
    Bubus.Error.DROPPED: EventDroppedError,
    Bubus.Error.NO_HANDLERS: HandlerNotFoundError,
    Bubus.Error.ALREADY_REGISTERED: HandlerAlreadyRegisteredError,
    Bubus.Error.RECIPIENT_FAILURE: HandlerExecutionError,
}
_NAMES = {kind: code for code, kind in reversed(_CODES.items())}


# An error whose domain says it all: the name of an exception. In JSON it is the type of the error.
_TYPE_CODE = -1
_kinds = weakref.WeakValueDictionary()  # the classes of exceptions that the library was told of, by their names


def _find_kind(name):
    kind = _kinds.get(name) or getattr(builtins, name, None)
    return kind if isinstance(kind, type) and issubclass(kind, Exception) else None


def _make_exception(kind, message):
    """Without __init__(), which may want anything."""
    try:
        exception = kind.__new__(kind, message)
        exception.args = (message,)
    except Exception:  # noqa: BLE001
        return None
    return exception


def to_exception(error, type_name=None):
    """What Python raises for @error, a GLib.Error; it keeps domain and code. @type_name is what JSON calls its type."""
    kind = _CODES.get(error.code) if error.domain == DOMAIN else None
    if kind is None:
        kind = _find_kind(type_name or (error.domain if error.code == _TYPE_CODE else ""))
    exception = _make_exception(kind, error.message) if kind is not None else None
    if exception is None:
        return error
    exception.domain, exception.code, exception.message = error.domain, error.code, error.message
    return exception


def to_error(exception):
    """What the library keeps of @exception: its type is the domain."""
    if isinstance(exception, GLib.Error):
        return exception
    kind = type(exception)
    code = _NAMES.get(kind)
    if code is not None:
        return GLib.Error(text_of(exception), DOMAIN, code)
    _kinds[kind.__name__] = kind
    return GLib.Error(text_of(exception), kind.__name__, _TYPE_CODE)


def text_of(exception):
    """What it says, as far as it can, and as the library can hold it."""
    try:
        return to_text(str(exception))
    except Exception:  # noqa: BLE001
        return f"{type(exception).__qualname__} without a text"


class translated:
    """What the library raises inside of `with translated():` is raised as an exception of Python."""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if kind is not None and issubclass(kind, GLib.Error):
            exception = to_exception(error)
            if exception is not error:
                raise exception from None
        return False
