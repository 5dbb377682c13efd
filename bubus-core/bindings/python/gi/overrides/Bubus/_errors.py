# SPDX-License-Identifier: LGPL-2.1-or-later
"""Errors of the library as exceptions, and exceptions of handlers as errors of the library."""

from gi.repository import GLib

from ._library import Bubus

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
}
_NAMES = {kind: code for code, kind in reversed(_CODES.items())}


def to_exception(error):
    """What Python raises for @error, a GLib.Error; it keeps domain and code."""
    kind = _CODES.get(error.code) if error.domain == DOMAIN else None
    if kind is None:
        return error
    exception = kind(error.message)
    exception.domain, exception.code, exception.message = error.domain, error.code, error.message
    return exception


def to_error(exception):
    """What the library keeps of @exception: its type is the domain."""
    if isinstance(exception, GLib.Error):
        return exception
    code = _NAMES.get(type(exception))
    if code is not None:
        return GLib.Error(str(exception), DOMAIN, code)
    return GLib.Error(str(exception), type(exception).__name__, 0)


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
