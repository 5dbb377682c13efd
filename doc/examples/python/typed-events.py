#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fields are checked; what handlers return is, too."""

import gi

gi.require_version("Bubus", "1")
from gi.repository import Bubus

from typing import Any


# [order]
class OrderCreatedEvent(Bubus.Event):
    order_id: str
    customer_id: str
    total_amount: float
    items: list[dict[str, Any]]
# [/order]


class ScreenshotEvent(Bubus.Event[bytes]):
    width: int
    height: int


class StringEvent(Bubus.Event[str]):
    pass


class EmailMessage:
    def __init__(self, subject):
        self.subject = subject


class FetchInboxEvent(Bubus.Event[list[EmailMessage]]):
    account_id: str


async def on_screenshot(event: ScreenshotEvent) -> bytes:
    return b"someimagebytes..."


def good_handler(event: StringEvent) -> str:
    return "hello"


def bad_handler(event: StringEvent) -> str:
    return 42  # type: ignore


async def fetch_from_gmail(event: FetchInboxEvent) -> list[EmailMessage]:
    return [EmailMessage(subject="Hi"), EmailMessage(subject="Bye")]


async def main():
    event = OrderCreatedEvent(
        order_id="ORD-123",
        customer_id="CUST-456",
        total_amount=99.99,
        items=[{"sku": "ITEM-1", "quantity": 2}],
    )
    print(event.order_id, event.total_amount, event.items)
    try:
        OrderCreatedEvent(order_id=123, customer_id="", total_amount=1, items=[])
    except Bubus.ValidationError as error:
        print(error)

    bus = Bubus.EventBus()
    bus.on(ScreenshotEvent, on_screenshot)
    bus.on(StringEvent, good_handler)
    bus.on(StringEvent, bad_handler)
    bus.on(FetchInboxEvent, fetch_from_gmail)

    print(await bus.dispatch(ScreenshotEvent(width=80, height=60)).event_result())

    event = bus.dispatch(StringEvent())
    print(await event.event_result(raise_if_any=False))
    try:
        await event.event_result()
    except TypeError as error:
        print(error)

    inbox = await bus.dispatch(FetchInboxEvent(account_id="124")).event_result()
    print([message.subject for message in inbox])


Bubus.run(main())
