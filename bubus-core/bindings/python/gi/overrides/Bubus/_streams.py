# SPDX-License-Identifier: LGPL-2.1-or-later
"""Streams of replies: "async for" for who takes, a coroutine for who sends."""

import json

from ._calls import perform
from ._library import Bubus, override


@override
class ReplyStream(Bubus.ReplyStream):
    """The many answers to one request. Iterated, it gives the parts as Python values, and raises why there is no end."""

    def __aiter__(self):
        return self

    async def __anext__(self):
        part = await perform(self.next_async, self.next_finish)
        if part is None:
            raise StopAsyncIteration
        return json.loads(part.get_text())

    async def aclose(self):
        """Says that no more is wanted, as contextlib.aclosing() does."""
        self.close()


async def send_value(self, value):
    """Sends one answer of many, and comes back when there is room for the next one."""
    part = Bubus.Json.new(json.dumps(value), -1)
    await perform(lambda *args: self.send_part_async(part, *args), self.send_part_finish)


Bubus.Message.send_value = send_value
