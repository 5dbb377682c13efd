#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Priorities, handlers of errors, middleware, classes of events, a saga by hand, and a bus that is watched."""

import logging

import gi

gi.require_version("Bubus", "1")
from gi.repository import Bubus

logging.getLogger("bubus").setLevel(logging.CRITICAL)  # what fails here is meant to


class DomainEvent(Bubus.Event):
    pass


class OrderEvent(DomainEvent):
    order_id: str = ""


class OrderPlaced(OrderEvent):
    user_id: str = ""
    amount: float = 0.0


class OrderCancelled(OrderEvent):
    reason: str = ""


class PaymentProcessed(DomainEvent):
    order_id: str


class InventoryReserved(DomainEvent):
    order_id: str


class FulfillmentStarted(DomainEvent):
    order_id: str


class FulfillmentSaga:
    def __init__(self, bus):
        self.bus = bus
        self.pending = {}
        bus.on(PaymentProcessed, self.on_step)
        bus.on(InventoryReserved, self.on_step)

    def on_step(self, event):
        steps = self.pending.setdefault(event.order_id, set())
        steps.add(event.event_type)
        if len(steps) == 2:
            del self.pending[event.order_id]
            self.bus.dispatch(FulfillmentStarted(order_id=event.order_id))


def analytics(event):
    raise ConnectionError("analytics are down")


# [middleware]
async def authorization(event):
    return None if getattr(event, "user_id", None) == "intruder" else event
# [/middleware]


async def main():
    bus = Bubus.EventBus("Shop")
    published = []
    bus.on("*", lambda event: published.append(event.event_type), priority=100)
    bus.on(OrderPlaced, analytics, on_error=lambda event, error: print("on_error:", error))
    bus.on(OrderPlaced, lambda event: print("validated", event.order_id), priority=10)
    bus.on(OrderEvent, lambda event: print("audited", event.event_type))
    bus.add_middleware(authorization)
    FulfillmentSaga(bus)

    event = await bus.dispatch(OrderPlaced(order_id="1", user_id="u1", amount=49.99))
    print("errors:", [str(result.error) for result in event.event_results.values() if result.error])
    await bus.dispatch(OrderCancelled(order_id="1", reason="changed my mind"))

    try:
        await bus.dispatch(OrderPlaced(order_id="2", user_id="intruder"))
    except RuntimeError as error:
        print(error)

    bus.dispatch(InventoryReserved(order_id="3"))
    bus.dispatch(PaymentProcessed(order_id="3"))
    await bus.wait_until_idle()
    print(published)


Bubus.run(main())
