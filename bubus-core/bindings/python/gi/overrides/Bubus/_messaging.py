# SPDX-License-Identifier: LGPL-2.1-or-later
"""Requests, replies and messages: consumers at addresses, and listeners to what is published."""

import contextvars
import enum
import inspect
import json
import types
import typing

from ._bus import EventBus, name_handler
from ._calls import Registration, check_not_given_up, get_call, perform
from ._errors import (
    HandlerExecutionError,
    HandlerNotFoundError,
    HandlerTimeoutError,
    ResultTypeError,
    TimedOutError,
    ValidationError,
    to_error,
    translated,
)
from ._library import Bubus, override
from ._streams import send_parts
from ._types import decode, matches, name_of, to_json

_MISSING = object()


class Message(Bubus.Message):
    """An event that is addressed. Its body comes to a consumer of Python as the same object."""

    _body = (None, None)
    _answering = None

    def __new__(cls, address, body=None, headers=None):
        likeness = body if body is None or isinstance(body, Bubus.Json) else to_json(body)
        message = Bubus.Message.new(_to_address(address), likeness)
        for name, value in (headers or {}).items():
            message.set_header(name, value)
        if likeness is not body:
            message._body = (body, likeness.get_text())
        return message

    def __init__(self, *_, **__):
        pass

    def __class_getitem__(cls, body_type):
        """typing.get_type_hints() gives a tuple."""
        return types.GenericAlias(cls, body_type if isinstance(body_type, tuple) else (body_type,))

    id = property(lambda self: self.get_event_id())
    address = property(lambda self: self.get_address())
    delivery = property(lambda self: self.get_delivery().value_nick)

    @property
    def body(self):
        """What is said: the object itself, unless it comes from another language, or was changed on the way."""
        likeness = self.get_body()
        if likeness is None:
            return None
        text = likeness.get_text()
        return self._body[0] if self._body[1] == text else json.loads(text)

    @property
    def headers(self):
        headers = self.get_property("headers")
        return headers.unpack() if headers is not None else {}

    def reply(self, value=None, headers=None):
        """Answers a request before the consumer returns; what it returns is no answer any more then."""
        receiver, call = self._answering or (None, None)
        if call is None or call.invocation is None:
            raise RuntimeError("only the consumer of a message can reply to it, and only once")
        for name, text in (headers or {}).items():
            self.set_reply_header(name, text)
        self._answering = None
        receiver.reply(call, value)

    async def send_part(self, value):
        """Sends one answer of many, and comes back when there is room for the next one."""
        part = value if isinstance(value, Bubus.Json) else to_json(value)
        await perform(lambda *args: self.send_part_async(part, *args), self.send_part_finish)

    def __repr__(self):
        return f"Message({self.get_address()!r}, {self.body!r:.100})"


Message = override(Message)


def _to_address(address):
    address = address.value if isinstance(address, enum.Enum) else address
    if not isinstance(address, str) or not address:
        raise TypeError(f"an address is a text, not {address!r:.100}")
    return address


def _read_annotations(func):
    """What is annotated of the first parameter, and of the return value."""
    func = func if hasattr(func, "__annotations__") else getattr(func, "__call__", func)
    try:
        hints = typing.get_type_hints(func)
    except Exception:  # noqa: BLE001, a name that is not known here is not checked
        hints = {}
    returned = hints.pop("return", _MISSING)
    return next(iter(hints.values()), _MISSING), returned


class _Receiver(Registration):
    """What the library calls for a consumer or a listener."""

    __slots__ = ("receive", "is_consumer", "takes_message", "body_type", "return_type")

    def __init__(self, func, name, is_consumer):
        super().__init__(self._receive, name, False)
        self.receive = func
        self.is_consumer = is_consumer
        annotation, self.return_type = _read_annotations(func)
        says_message = annotation is Message or typing.get_origin(annotation) is Message
        self.takes_message = is_consumer or says_message
        self.body_type = _MISSING if is_consumer and not says_message else annotation
        if says_message:
            self.body_type = next(iter(typing.get_args(annotation)), _MISSING)

    def _find_handler_id(self, message):
        """A consumer is not a handler itself, but called by that of its address."""
        for result in message.list_results():
            if result.get_handler_name() == self.name and result.get_status() == Bubus.ResultStatus.STARTED:
                return result.dup_handler_id()
        return None

    def _receive(self, message):
        if self.handler_id is None:
            self.handler_id = self._find_handler_id(message)
        body = self._accept_body(message)
        if self.is_consumer:
            message._answering = (self, get_call())
        received = self.receive(message if self.takes_message else body)
        return send_parts(message, received) if inspect.isasyncgen(received) else received

    def _accept_body(self, message):
        body = message.body
        if self.body_type is _MISSING or matches(self.body_type, body):
            return body
        decoded = decode(self.body_type, body)
        if not matches(self.body_type, decoded):
            raise ValidationError(
                f"{self.name} takes {name_of(self.body_type)}, but the body is {type(body).__qualname__} {body!r:.100}"
            )
        message._body = (decoded, message.get_body().get_text())
        return decoded

    def _answer(self, call, value):
        if not self.is_consumer or call.event._answering is not None:
            self.reply(call, value)

    def reply(self, call, value):
        self._check_return(value)
        super()._answer(call, value)

    def _check_return(self, value):
        if self.return_type is _MISSING or isinstance(value, BaseException) or matches(self.return_type, value):
            return
        raise ResultTypeError(
            f"{self.name} returned an invalid type: expected {name_of(self.return_type)}, got "
            f"{type(value).__qualname__} {value!r:.100}"
        )


class Consumer(Bubus.Consumer):
    """Whoever is at an address."""

    handler = None

    address = property(lambda self: self.get_address())

    def __repr__(self):
        return f"Consumer({self.get_address()!r})"


Consumer = override(Consumer)


class Listener:
    """Whoever listens to what is published."""

    def __init__(self, messenger, event, handler, record):
        self.event = event
        self.handler = handler
        self.record = record
        self._messenger = messenger

    def unregister(self):
        self._messenger.remove_listener(self)

    def __repr__(self):
        return f"Listener({self.event!r})"


class Messenger(Bubus.Messenger):
    """Requests and replies on a bus: on one of its own, which handles messages side by side, unless one is given."""

    _consumers = None
    _listeners = None

    def __init__(self, bus=None, *, timeout=30.0):
        if bus is None:
            bus = EventBus("Messages", event_concurrency="parallel", parallel_handlers=True, max_pending=0)
        super().__init__(bus=bus, timeout=timeout)

    @classmethod
    def new(cls, bus):
        return cls(bus)

    bus = property(lambda self: self.get_bus())
    timeout = property(lambda self: self.get_timeout(), lambda self, seconds: self.set_timeout(seconds))

    # ---- consumers

    def consumer(self, address, handler=None, *raw, shared=False):
        """Registers who answers requests to an address, or decorates one."""
        if raw:  # the form of the C library: consumer(address, flags, function, …)
            return super().consumer(address, handler, *raw)
        address = _to_address(address)
        if handler is not None:
            return self._add_consumer(address, handler, shared)

        def decorate(func):
            self._add_consumer(address, func, shared)
            return func

        return decorate

    def _add_consumer(self, address, func, shared):
        flags = Bubus.ConsumerFlags.SHARED if shared else Bubus.ConsumerFlags.NONE
        with translated():
            consumer = super().consumer(address, flags, _Receiver(func, address, True))
        consumer.handler = func
        self._consumers = [*(each for each in self._consumers or () if each.is_registered()), consumer]
        return consumer

    def remove_consumer(self, address):
        """Takes off whoever is at an address; says how many there were."""
        address = _to_address(address)
        known = [each for each in self._consumers or () if each.address == address]
        return sum(each.unregister() for each in known)

    def get_consumers(self):
        """The addresses at which somebody is."""
        return list(dict.fromkeys(each.address for each in self._consumers or () if each.is_registered()))

    # ---- listeners

    def on(self, pattern, handler=None, *raw, name=None):
        """Registers who listens to what is published at an address, or a glob of them, or decorates one."""
        if raw:  # the form of the C library: on(pattern, name, function, …)
            return super().on(pattern, handler, *raw)
        pattern = _to_address(pattern)
        if handler is not None:
            return self._add_listener(pattern, handler, name)

        def decorate(func):
            self._add_listener(pattern, func, name)
            return func

        return decorate

    def _add_listener(self, pattern, func, name):
        name = name or name_handler(func)
        receiver = _Receiver(func, name, False)
        record = super().on(pattern, name, receiver)
        receiver.handler_id = record.get_id()
        listener = Listener(self, pattern, func, record)
        self._listeners = [*(self._listeners or ()), listener]
        return listener

    def remove_listener(self, event, handler=None):
        """Takes off a listener, or all functions @handler that listen to @event; says how many there were."""
        if isinstance(event, Listener):
            doomed = [each for each in self._listeners or () if each is event]
        else:
            event = _to_address(event)
            doomed = [each for each in self._listeners or () if each.event == event and each.handler == handler]
        self._listeners = [each for each in self._listeners or () if each not in doomed]
        return sum(self.get_bus().off(each.record) for each in doomed)

    def get_listeners(self, event):
        """The functions that were registered to listen to @event."""
        event = _to_address(event)
        return [each.handler for each in self._listeners or () if each.event == event]

    # ---- messages

    def _prepare(self, address, body, headers):
        message = address if isinstance(address, Bubus.Message) else Message(address, body, headers)
        check_not_given_up()
        message._context = contextvars.copy_context()
        call = get_call()
        return message, call.invocation if call is not None else None

    def _post(self, delivery, address, body, headers):
        message, invocation = self._prepare(address, body, headers)
        with translated():
            self.dispatch_message(message, delivery, invocation)
        return message

    def publish(self, address, body=None, *, headers=None):
        """Says something to everybody who listens. Awaiting the message waits until all have heard it."""
        return self._post(Bubus.Delivery.PUBLISH, address, body, headers)

    def send(self, address, body=None, *, headers=None):
        """Says something to one consumer. Awaiting the message waits until it is done."""
        return self._post(Bubus.Delivery.SEND, address, body, headers)

    async def request(self, address, body=None, *, timeout=None, headers=None):
        """Asks one consumer, and gives what it returns."""
        value, error = await self._ask(address, body, timeout, headers)
        if error is not None:
            cause = error.__cause__
            try:
                raise error from cause
            finally:
                self = error = cause = None  # what is raised keeps this frame
        return value

    def request_stream(self, address, body=None, *, window=0, idle_timeout=None, timeout=None, headers=None):
        """Asks one consumer for many answers: what “async for” gives. The limits are seconds; 0 is without limit."""
        message, invocation = self._prepare(address, body, headers)
        limits = -1 if idle_timeout is None else idle_timeout, 0 if timeout is None else timeout
        with translated():
            return self.request_stream_message(message, window, *limits, invocation)

    async def _ask(self, address, body, timeout, headers):
        message, invocation = self._prepare(address, body, headers)
        seconds = -1 if timeout is None else timeout
        try:
            result = await perform(
                lambda *args: self.request_message_async(message, seconds, invocation, *args),
                self.request_message_finish,
            )
            return result.result, None
        except TimedOutError:
            return None, _time_out(message.get_address(), self.get_timeout() if timeout is None else timeout)
        except (HandlerNotFoundError, HandlerExecutionError) as error:
            return None, _explain(error, message)

    # ---- interceptors

    def add_interceptor(self, direction, func, *raw):
        """Has a function look at messages, “outbound” or “inbound”: what it raises, or False, stops them."""
        if isinstance(direction, str):
            direction = getattr(Bubus.Direction, direction.upper())

        def intercept(message, *_):
            try:
                return func(message, *raw) is not False
            except Exception as error:
                raise to_error(error) from None

        return super().add_interceptor(direction, intercept)


Messenger = override(Messenger)


def _time_out(address, seconds):
    error = HandlerTimeoutError(f"“{address}” timed out after {seconds:g} seconds")
    error.address, error.timeout = address, seconds
    return error


def _find_failure(error, message):
    for result in message.list_results():
        failure = result.get_error()
        if failure is not None and error.message.endswith(failure.message):
            return result.error
    return None


def _explain(error, message):
    """With the exception of the consumer, if it is one of Python. One that has found nobody itself has failed."""
    original = _find_failure(error, message)
    if isinstance(error, HandlerNotFoundError) and getattr(original, "address", None) is not None:
        error = HandlerExecutionError(f"“{message.get_address()}” failed: {original}")
    error.address = message.get_address()
    if isinstance(error, HandlerExecutionError):
        error.original_error = error.__cause__ = original
    return error.with_traceback(None)


__all__ = ["Consumer", "Listener", "Message", "Messenger"]
