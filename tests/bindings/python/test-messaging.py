# SPDX-License-Identifier: LGPL-2.1-or-later
"""Requests, replies, messages and listeners: what tinybus promises, and what a message of the library is."""

import asyncio
import dataclasses
import enum
import typing

import support
from support import AsyncTestCase, Bubus, Latch, UserActionEvent, collect_garbage


class Address(str, enum.Enum):
    GREET = "greet"


@dataclasses.dataclass
class Person:
    name: str


class RequestTest(AsyncTestCase):
    async def test_answers(self):
        """B-12.3"""
        messenger = Bubus.Messenger()

        @messenger.consumer(Address.GREET)
        async def greet(message: Bubus.Message[Person]) -> str:
            await asyncio.sleep(0)  # a turn of the loop
            return f"Hello, {message.body.name}"

        self.assertEqual(await messenger.request(Address.GREET, Person("Ada")), "Hello, Ada")
        self.assertEqual(await messenger.request("greet", Person("Bo")), "Hello, Bo")

    async def test_objects_come_as_they_are(self):
        messenger, seen = Bubus.Messenger(), []
        messenger.consumer("keep", lambda message: seen.append(message.body) or message.body)
        body = {"any": {1, 2}, "thing": object()}
        self.assertIs(await messenger.request("keep", body), body)
        self.assertIs(seen[0], body)
        for value in (None, 7, 2.5, "text", True, ["a"]):
            self.assertEqual(await messenger.request("keep", value), value)

    async def test_body_of_another_language(self):
        messenger = Bubus.Messenger()

        @messenger.consumer("greet")
        def greet(message: Bubus.Message[Person]):
            return message.body

        self.assertEqual(await messenger.request("greet", Bubus.Json.new('{"name":"Cy"}', -1)), Person("Cy"))
        with self.assertRaisesRegex(Bubus.HandlerExecutionError, "greet takes Person, but the body is int 5"):
            await messenger.request("greet", 5)

    async def test_body_that_an_interceptor_has_changed(self):
        messenger = Bubus.Messenger()
        messenger.consumer("echo", lambda message: (message.body, message.headers))

        def change(message):
            message.set_body(Bubus.Json.new('"changed"', -1))
            message.set_header("by", "interceptor")

        messenger.add_interceptor("outbound", change)
        self.assertEqual(await messenger.request("echo", "said"), ("changed", {"by": "interceptor"}))

    async def test_interceptors_refuse(self):
        messenger = Bubus.Messenger()
        messenger.consumer("echo", lambda message: message.body)

        def guard(message):
            if message.headers.get("token") != "secret":
                raise PermissionError("no token")

        interceptor_id = messenger.add_interceptor("outbound", guard)
        self.assertEqual(await messenger.request("echo", 1, headers={"Token": "secret", "token": "secret"}), 1)
        with self.assertRaisesRegex(PermissionError, "no token"):
            await messenger.request("echo", 1)
        messenger.remove_interceptor(interceptor_id)
        self.assertEqual(await messenger.request("echo", 1), 1)

    async def test_nobody_there(self):
        """B-12.3, R-23"""
        messenger = Bubus.Messenger()
        with self.assertRaises(Bubus.HandlerNotFoundError) as caught:
            await messenger.request("nowhere")
        self.assertEqual(caught.exception.address, "nowhere")
        self.assertIsInstance(caught.exception, Bubus.EventBusError)
        with self.assertRaises(Bubus.HandlerNotFoundError):
            messenger.send("nowhere")

    async def test_failure(self):
        """R-23: a consumer that fails answers at once; the exception is the one that it has raised."""
        messenger, error = Bubus.Messenger(), LookupError("no such user")

        @messenger.consumer("fail")
        async def fail(message):
            raise error

        with self.assertRaisesRegex(Bubus.HandlerExecutionError, "“fail” failed: no such user") as caught:
            await messenger.request("fail")
        self.assertIs(caught.exception.original_error, error)
        self.assertIs(caught.exception.__cause__, error)
        self.assertEqual(caught.exception.address, "fail")

    async def test_consumer_that_finds_nobody(self):
        messenger = Bubus.Messenger()

        @messenger.consumer("outer")
        async def outer(message):
            return await messenger.request("inner")

        with self.assertRaisesRegex(Bubus.HandlerExecutionError, "“outer” failed: Nobody is at “inner”") as caught:
            await messenger.request("outer")
        self.assertIsInstance(caught.exception.original_error, Bubus.HandlerNotFoundError)
        self.assertEqual(caught.exception.original_error.address, "inner")

    async def test_time_limit(self):
        messenger, ended = Bubus.Messenger(), asyncio.Event()

        @messenger.consumer("slow")
        async def slow(message):
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        with self.assertRaisesRegex(Bubus.HandlerTimeoutError, "timed out after 0.01 seconds") as caught:
            await messenger.request("slow", timeout=0.01)
        self.assertEqual((caught.exception.address, caught.exception.timeout), ("slow", 0.01))
        self.assertIsInstance(caught.exception, TimeoutError)
        await ended.wait()

    async def test_return_type(self):
        """B-12.5"""
        messenger = Bubus.Messenger()

        async def number(message) -> int:
            return message.body

        async def maybe(message) -> typing.Optional[int]:
            return message.body

        messenger.consumer("number", number)
        messenger.consumer("maybe", maybe)
        self.assertEqual(await messenger.request("number", 3), 3)
        self.assertIsNone(await messenger.request("maybe", None))
        for wrong in ("text", None):
            with self.assertRaisesRegex(Bubus.HandlerExecutionError, "returned an invalid type: expected int"):
                await messenger.request("number", wrong)

    async def test_reply(self):
        messenger, latch = Bubus.Messenger(), Latch()

        @messenger.consumer("early")
        async def early(message) -> str:
            message.reply("at once", headers={"kind": "early"})
            with self.assertRaises(RuntimeError):
                message.reply("twice")
            return "late"

        message = Bubus.Message("early")
        self.assertEqual(await messenger.request(message), "at once")
        self.assertEqual(message.get_reply_header("kind"), "early")
        with self.assertRaises(RuntimeError):
            message.reply("nobody has asked")

    async def test_fail(self):
        """R-23: a message is answered with a failure, and has the consumer's own error."""
        messenger = Bubus.Messenger()

        @messenger.consumer("buy")
        async def buy(message):
            self.assertTrue(message.fail("out of stock"))
            self.assertFalse(message.fail("twice"))
            return "late"

        message = Bubus.Message("buy")
        self.assertIsNone(message.get_error())
        with self.assertRaisesRegex(Bubus.HandlerExecutionError, "out of stock"):
            await messenger.request(message)
        self.assertEqual(message.get_error().message, "out of stock")
        self.assertFalse(message.fail("nobody has asked"))

    async def test_side_by_side(self):
        """B-12.6: on a bus of its own, consumers do not wait for each other."""
        messenger, latch = Bubus.Messenger(), Latch()

        @messenger.consumer("wait")
        async def wait(message):
            await latch.pass_through()
            return message.body

        messenger.consumer("open", lambda message: latch.set())
        first = asyncio.ensure_future(messenger.request("wait", 1))
        await latch.reached.wait()
        await messenger.request("open")
        self.assertEqual(await first, 1)

    async def test_consumer_that_asks(self):
        """R-2: on a serial bus as well, and after an await."""
        messenger = Bubus.Messenger(Bubus.EventBus())

        @messenger.consumer("outer")
        async def outer(message):
            await asyncio.sleep(0)  # a turn of the loop
            return "outer " + await messenger.request("inner", message.body)

        @messenger.consumer("inner")
        async def inner(message):
            await asyncio.sleep(0)  # a turn of the loop
            self.assertEqual(message.event_parent.event_type, "outer")
            return f"inner {message.body}"

        self.assertEqual(await messenger.request("outer", 1), "outer inner 1")

    async def test_cancelled_request(self):
        messenger, latch = Bubus.Messenger(), Latch()
        messenger.consumer("wait", lambda message: latch.pass_through())
        task = asyncio.ensure_future(messenger.request("wait"))
        await latch.reached.wait()
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        latch.set()
        await messenger.bus.wait_until_idle()


class ConsumersTest(AsyncTestCase):
    async def test_one_at_an_address(self):
        """B-12.2"""
        messenger = Bubus.Messenger()
        consumer = messenger.consumer("one", lambda message: 1)
        with self.assertRaises(Bubus.HandlerAlreadyRegisteredError):
            messenger.consumer("one", lambda message: 2)
        self.assertEqual((consumer.address, messenger.get_consumers()), ("one", ["one"]))
        self.assertTrue(consumer.unregister())
        self.assertFalse(consumer.unregister())
        self.assertEqual(messenger.get_consumers(), [])
        messenger.consumer("one", lambda message: 3)
        self.assertEqual(await messenger.request("one"), 3)
        self.assertFalse(consumer.unregister())
        self.assertEqual(await messenger.request("one"), 3)
        self.assertEqual(messenger.remove_consumer("one"), 1)
        self.assertEqual(messenger.remove_consumer("one"), 0)

    async def test_shared_address(self):
        messenger = Bubus.Messenger()
        for name in ("a", "b"):
            messenger.consumer("turns", lambda message, name=name: name, shared=True)
        self.assertEqual([await messenger.request("turns") for _ in range(4)], ["a", "b", "a", "b"])

    def test_wrong_addresses(self):
        for address in ("", None, 5):
            with self.assertRaises(TypeError):
                Bubus.Messenger().consumer(address, print)

    async def test_form_of_the_library(self):
        messenger = Bubus.Messenger.new(Bubus.EventBus.new("Raw"))

        def answer(_message, invocation, *_):
            invocation.return_int64(5)
            return True

        messenger.consumer("raw", Bubus.ConsumerFlags.NONE, answer)
        self.assertEqual(await messenger.request("raw"), 5)


class PublishTest(AsyncTestCase):
    async def test_all_have_heard_it(self):
        """B-12.7"""
        messenger, heard = Bubus.Messenger(), []

        @messenger.on("user.created")
        async def first(user: Person):
            await asyncio.sleep(0)  # a turn of the loop
            heard.append(("first", user))

        @messenger.on("user.*")
        async def second(message: Bubus.Message[Person]):
            heard.append((message.address, message.body))

        messenger.consumer("user.created", lambda message: heard.append("consumer"))
        ada = Person("Ada")
        message = await messenger.publish("user.created", ada, headers={"a": "b"})
        self.assertCountEqual(heard, [("first", ada), ("user.created", ada)])
        self.assertEqual((message.delivery, message.headers), ("publish", {"a": "b"}))
        await messenger.publish("nobody.listens")

    async def test_a_listener_that_fails(self):
        """R-10"""
        messenger, heard = Bubus.Messenger(), []

        @messenger.on("news")
        async def failing(body):
            raise ValueError("no")

        messenger.on("news", heard.append)
        message = await messenger.publish("news", 1)
        self.assertEqual(heard, [1])
        with self.assertRaisesRegex(ValueError, "no"):
            await message.event_result()

    async def test_taking_off(self):
        messenger, heard = Bubus.Messenger(), []
        listener = messenger.on("news", heard.append)
        messenger.on("news", heard.append)
        self.assertEqual(messenger.get_listeners("news"), [heard.append, heard.append])
        listener.unregister()
        await messenger.publish("news", 1)
        self.assertEqual(heard, [1])
        self.assertEqual(messenger.remove_listener("news", heard.append), 1)
        self.assertEqual(messenger.remove_listener("other", heard.append), 0)
        await messenger.publish("news", 2)
        self.assertEqual(heard, [1])

    async def test_send(self):
        messenger, heard = Bubus.Messenger(), []
        messenger.consumer("inbox", lambda message: heard.append((message.delivery, message.body)))
        await messenger.send("inbox", 1)
        self.assertEqual(heard, [("send", 1)])

    async def test_said_in_a_handler(self):
        """R-4: what a handler says is its child, also after an await."""
        bus = Bubus.EventBus()
        messenger, heard = Bubus.Messenger(bus), []
        messenger.on("news", heard.append)
        messenger.consumer("inbox", lambda message: heard.append(message.body))

        @bus.on(UserActionEvent)
        async def handle(event):
            await asyncio.sleep(0)  # a turn of the loop
            await messenger.publish("news", 1)
            messenger.send("inbox", 2)

        event = await bus.dispatch(UserActionEvent())
        self.assertEqual([child.event_type for child in event.event_children], ["news", "inbox"])
        self.assertEqual(heard, [1, 2])
        await bus.stop(clear=True)

    async def test_handlers_of_the_bus_see_messages(self):
        messenger, seen = Bubus.Messenger(), []
        messenger.bus.on("news", lambda event: seen.append((type(event), event.body)))
        await messenger.publish("news", {"a": 1})
        self.assertEqual(seen, [(Bubus.Message, {"a": 1})])

    async def test_message_in_json(self):
        message = await Bubus.Messenger().publish("news", Person("Ada"), headers={"x": "y"})
        again = Bubus.Event.model_validate_json(message.model_dump_json())
        self.assertEqual((again.event_type, again.body, again.headers), ("news", {"name": "Ada"}, {"x": "y"}))


class MemoryTest(AsyncTestCase):
    def test_a_messenger_goes_with_its_last_reference(self):
        async def use():
            messenger = Bubus.Messenger()
            messenger.consumer("echo", lambda message: message.body)
            messenger.on("news", lambda body: None)
            await messenger.request("echo", 1)
            await messenger.publish("news", 1)
            gone = [messenger.weak_ref(), messenger.bus.weak_ref()]
            return gone

        gone = Bubus.run(use())
        collect_garbage()
        self.assertEqual([ref() for ref in gone], [None, None])


if __name__ == "__main__":
    support.main()
