# SPDX-License-Identifier: LGPL-2.1-or-later
"""What makes libbubus at home in Python: annotated events, coroutines, exceptions."""

from ._bus import EventBus, Handler, get_current_bus, get_current_event
from ._errors import (
    BusFullError,
    BusStoppedError,
    ConflictError,
    EventDroppedError,
    HandlerAbortedError,
    HandlerCancelledError,
    NoResultError,
    NotDispatchedError,
    RecursionLimitError,
    ResultTypeError,
    TimedOutError,
    ValidationError,
    WouldDeadlockError,
)
from ._event import Event, GenericEvent
from ._loop import EventLoop, run
from ._results import EventResult
from ._streams import ReplyStream

BaseEvent = Event

__all__ = [
    "BaseEvent",
    "BusFullError",
    "BusStoppedError",
    "ConflictError",
    "Event",
    "EventBus",
    "EventDroppedError",
    "EventLoop",
    "EventResult",
    "GenericEvent",
    "Handler",
    "HandlerAbortedError",
    "HandlerCancelledError",
    "NoResultError",
    "NotDispatchedError",
    "RecursionLimitError",
    "ReplyStream",
    "ResultTypeError",
    "TimedOutError",
    "ValidationError",
    "WouldDeadlockError",
    "get_current_bus",
    "get_current_event",
    "run",
]
