# SPDX-License-Identifier: LGPL-2.1-or-later
"""What makes libbubus at home in Python: annotated events, coroutines, exceptions."""

from ._bus import EventBus, get_current_bus, get_current_event
from ._errors import (
    BusFullError,
    BusStoppedError,
    ConflictError,
    EventBusError,
    EventDroppedError,
    HandlerAbortedError,
    HandlerAlreadyRegisteredError,
    HandlerCancelledError,
    HandlerExecutionError,
    HandlerNotFoundError,
    HandlerTimeoutError,
    NoResultError,
    NotDispatchedError,
    RecursionLimitError,
    ResultTypeError,
    TimedOutError,
    ValidationError,
    WouldDeadlockError,
)
from ._event import Event, GenericEvent
from ._handlers import Handler
from ._loop import EventLoop, run
from ._messaging import Consumer, Listener, Message, Messenger
from ._recorder import Recorder
from ._results import EventResult
from ._retry import retry
from ._saga import Saga, SagaInstance
from ._streams import ReplyStream

BaseEvent = Event

__all__ = [
    "BaseEvent",
    "BusFullError",
    "BusStoppedError",
    "ConflictError",
    "Consumer",
    "Event",
    "EventBus",
    "EventBusError",
    "EventDroppedError",
    "EventLoop",
    "EventResult",
    "GenericEvent",
    "Handler",
    "HandlerAbortedError",
    "HandlerAlreadyRegisteredError",
    "HandlerCancelledError",
    "HandlerExecutionError",
    "HandlerNotFoundError",
    "HandlerTimeoutError",
    "Listener",
    "Message",
    "Messenger",
    "NoResultError",
    "NotDispatchedError",
    "Recorder",
    "RecursionLimitError",
    "ReplyStream",
    "ResultTypeError",
    "Saga",
    "SagaInstance",
    "TimedOutError",
    "ValidationError",
    "WouldDeadlockError",
    "get_current_bus",
    "get_current_event",
    "retry",
    "run",
]
