#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Functions and handlers that are tried again, and of which a limited number run at a time."""

import asyncio
import logging

import gi

gi.require_version("Bubus", "1")
from gi.repository import Bubus

logging.getLogger("bubus").setLevel(logging.CRITICAL)  # what fails here is meant to
attempts = []


class FetchEvent(Bubus.Event):
    url: str


# [handler]
bus = Bubus.EventBus("Main")


@bus.on(FetchEvent)
@Bubus.retry(
    wait=0.01,  # seconds before the second attempt
    backoff_factor=1.5,  # each further wait is 1.5 times as long
    retries=3,  # up to four attempts
    timeout=5,  # for each of them
    retry_on=(ConnectionError, TimeoutError),
)
async def fetch(event: FetchEvent):
    attempts.append(event.url)
    if len(attempts) < 3:
        raise ConnectionError("the server is busy")
    return f"{event.url} in attempt {len(attempts)}"
# [/handler]


# [semaphore]
class Database:
    def __init__(self):
        self.running = self.most = 0

    @Bubus.retry(semaphore_limit=2, semaphore_scope="self", semaphore_name="queries")
    async def query(self, number):
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0.01)
        self.running -= 1
        return number
# [/semaphore]


# [strict]
@Bubus.retry(
    retries=0,
    semaphore_limit=1,
    semaphore_scope="multiprocess",  # of all programs of this user, in any language
    semaphore_lax=False,
    semaphore_timeout=0.01,
)
async def migrate(begun, finish):
    begun.set()
    await finish.wait()
    return "migrated"
# [/strict]


async def main():
    event = await bus.dispatch(FetchEvent(url="example.org"))
    print(await event.event_result())

    attempts[:] = ["here"] * 2
    database = Database()
    print(await asyncio.gather(*[database.query(i) for i in range(5)]), "at most", database.most)

    begun, finish = asyncio.Event(), asyncio.Event()
    first = asyncio.ensure_future(migrate(begun, finish))
    await begun.wait()
    try:
        await migrate(begun, finish)
    except TimeoutError as error:
        print(error)
    finish.set()
    print(await first)

    # [final]
    @Bubus.retry(wait=0, retry_on=ConnectionError)
    async def parse(text):
        attempts.append(text)
        return int(text)

    attempts.clear()
    try:
        await parse("seven")
    except ValueError as error:
        print(error, "after", len(attempts), "attempt")
    # [/final]


Bubus.run(main())
