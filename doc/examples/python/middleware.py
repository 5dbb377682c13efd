#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Functions that see each event before its handlers do: they log, count, convert, or stop it."""

import asyncio
import collections
import logging
import sys

import gi

gi.require_version("Bubus", "1")
from gi.repository import Bubus

logging.basicConfig(stream=sys.stdout, format="%(message)s", level=logging.INFO)
log = logging.getLogger("shop")
counter = collections.Counter()


class OrderPlaced(Bubus.Event):
    order_id: str
    user_id: str = ""
    amount: float = 0.0


async def check_permissions(user_id, event_type):
    await asyncio.sleep(0)  # whatever it takes
    return user_id != "intruder"


# [middleware]
async def logging_middleware(event):
    log.info("Event published: %s", event.event_type)
    return event


async def authorization_middleware(event):
    if hasattr(event, "user_id"):
        if not await check_permissions(event.user_id, event.event_type):
            log.warning("Unauthorized event from %s", event.user_id)
            return None
    return event


def metrics_middleware(event):
    counter[event.event_type] += 1
    return event


def rounding_middleware(event):
    if isinstance(event, OrderPlaced) and event.amount != round(event.amount, 2):
        return OrderPlaced(order_id=event.order_id, user_id=event.user_id, amount=round(event.amount, 2))
    return event
# [/middleware]


async def main():
    bus = Bubus.EventBus("Shop")
    for middleware in (logging_middleware, authorization_middleware, metrics_middleware, rounding_middleware):
        bus.add_middleware(middleware)

    @bus.on(OrderPlaced)
    def validate(event):
        print("placed", event.order_id, event.amount)

    bus.dispatch(OrderPlaced(order_id="1", user_id="u1", amount=49.9949))
    await bus.wait_until_idle()
    try:
        await bus.dispatch(OrderPlaced(order_id="2", user_id="intruder"))
    except Bubus.EventDroppedError as error:
        print(error)
    print(dict(counter))


Bubus.run(main())
