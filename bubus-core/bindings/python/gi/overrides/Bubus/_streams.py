# SPDX-License-Identifier: LGPL-2.1-or-later
"""Streams of replies: "async for" for who takes, an asynchronous generator for who sends."""

import json

from ._calls import perform
from ._library import Bubus, override


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


ReplyStream = override(ReplyStream)


async def send_parts(message, parts):
    """Sends all that an asynchronous generator gives, each when there is room for it."""
    try:
        async for part in parts:
            await message.send_part(part)
    finally:
        await parts.aclose()


__all__ = ["ReplyStream", "send_parts"]
