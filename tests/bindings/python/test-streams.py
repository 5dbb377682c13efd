# SPDX-License-Identifier: LGPL-2.1-or-later
"""Streams of replies: R-23."""

import asyncio
import contextlib

import support
from support import AsyncTestCase, Bubus, Gio


class StreamTest(AsyncTestCase):
    def setUp(self):
        self.messenger = Bubus.Messenger.new(Bubus.EventBus())
        self.sent, self.tasks = [], []

    def consume(self, send):
        """Has a coroutine send the parts, and answers when it is over."""
        loop = asyncio.get_running_loop()

        def consumer(message, invocation):
            async def work():
                try:
                    await send(message)
                except Exception as error:  # noqa: BLE001
                    self.sent.append(type(error).__name__)
                    invocation.return_error_literal(Gio.io_error_quark(), Gio.IOErrorEnum.FAILED, str(error))
                else:
                    invocation.return_nothing()

            invocation.defer()
            self.tasks.append(loop.create_task(work()))
            return True

        self.messenger.consumer("numbers", Bubus.ConsumerFlags.NONE, consumer)

    async def count(self, message, end=None):
        for number in range(end or 10**6):
            await message.send_part({"number": number})
            self.sent.append(number)

    async def test_values(self):
        self.consume(lambda message: self.count(message, 40))
        stream = self.messenger.request_stream("numbers", None)
        self.assertEqual([part["number"] async for part in stream], list(range(40)))
        self.assertEqual(stream.get_n_received(), 40)
        self.assertEqual([part async for part in stream], [])

    async def test_back_pressure_and_close(self):
        self.consume(self.count)
        message = Bubus.Message.new("numbers", None)
        stream = self.messenger.request_stream_message(message, 2, -1, 0, None)
        async with contextlib.aclosing(stream):
            async for part in stream:
                self.assertLessEqual(len(self.sent), part["number"] + 3)
                if part["number"] == 5:
                    break
        await asyncio.gather(*self.tasks)
        self.assertEqual(self.sent[-1], "HandlerCancelledError")

    async def test_failure(self):
        async def fail(message):
            await message.send_part("one")
            raise ValueError("no more")

        self.consume(fail)
        stream, parts = self.messenger.request_stream("numbers", None), []
        with self.assertRaisesRegex(Exception, "“numbers” failed: no more"):
            async for part in stream:
                parts.append(part)
        self.assertEqual(parts, ["one"])


class GeneratorTest(AsyncTestCase):
    def setUp(self):
        self.messenger = Bubus.Messenger()
        self.closed = asyncio.Event()

        @self.messenger.consumer("numbers")
        async def numbers(message):
            try:
                for number in range(message.body["end"]):
                    yield {"number": number}
                if message.headers.get("broken"):
                    raise ValueError("no more")
            finally:
                self.closed.set()

    async def test_values(self):
        stream = self.messenger.request_stream("numbers", {"end": 40})
        self.assertEqual([part["number"] async for part in stream], list(range(40)))

    async def test_failure(self):
        parts = []
        with self.assertRaisesRegex(Exception, "“numbers” failed: no more"):
            async for part in self.messenger.request_stream("numbers", {"end": 1}, headers={"broken": "yes"}):
                parts.append(part)
        self.assertEqual(parts, [{"number": 0}])

    async def test_close_ends_generator(self):
        async with contextlib.aclosing(self.messenger.request_stream("numbers", {"end": 10**6}, window=2)) as stream:
            self.assertEqual(await anext(stream), {"number": 0})
        await self.closed.wait()

    async def test_plain_request(self):
        """Who asks for one answer is told that there would be many."""
        with self.assertRaises(Bubus.HandlerExecutionError):
            await self.messenger.request("numbers", {"end": 3})

    async def test_nobody(self):
        with self.assertRaises(Bubus.HandlerNotFoundError):
            self.messenger.request_stream("nowhere")


if __name__ == "__main__":
    support.main()
