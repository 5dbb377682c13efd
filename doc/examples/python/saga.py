#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An order is fulfilled when it has been paid for and the goods are reserved, whichever comes first."""

import asyncio

import gi

gi.require_version("Bubus", "1")
from gi.repository import Bubus


class DomainEvent(Bubus.Event):
    order_id: str


class PaymentProcessed(DomainEvent):
    amount: float = 0.0


class InventoryReserved(DomainEvent):
    warehouse: str = ""


class OrderCancelled(DomainEvent):
    pass


class FulfillmentStarted(DomainEvent):
    warehouse: str = ""


class PaymentReturned(DomainEvent):
    amount: float = 0.0


# [saga]
def make_saga(bus):
    saga = Bubus.Saga(
        bus,
        "fulfillment",
        "order_id",
        steps=[PaymentProcessed, InventoryReserved],
        failures=[OrderCancelled],
        timeout=3600,
    )

    @saga.completion
    def start(instance):
        return FulfillmentStarted(order_id=instance.key, warehouse=instance[InventoryReserved].warehouse)

    @saga.compensation(PaymentProcessed)
    def give_money_back(instance, event):
        return PaymentReturned(order_id=instance.key, amount=event.amount)

    return saga
# [/saga]


async def main():
    bus = Bubus.EventBus("Shop")
    saga = make_saga(bus)

    # [audit]
    @bus.on(DomainEvent)
    def audit(event):
        print("audited", event.event_type, event.order_id)
    # [/audit]

    # [recorder]
    recorder = Bubus.Recorder(bus)
    fulfilled = asyncio.ensure_future(saga.wait("1"))
    bus.dispatch(InventoryReserved(order_id="1", warehouse="north"))
    bus.dispatch(PaymentProcessed(order_id="1", amount=49.99))
    print("complete:", await fulfilled)

    await recorder.wait(FulfillmentStarted)
    recorder.check_sequence([InventoryReserved, PaymentProcessed, FulfillmentStarted])
    recorder.check_no_errors()
    # [/recorder]
    await bus.wait_until_idle()

    bus.dispatch(PaymentProcessed(order_id="2", amount=5.0))
    bus.dispatch(OrderCancelled(order_id="2"))
    (returned,) = await recorder.wait(PaymentReturned)
    await bus.wait_until_idle()
    print("returned:", returned.order_id, returned.amount)
    try:
        recorder.check_count(PaymentReturned, 2)
    except AssertionError as error:
        print(error)


Bubus.run(main())
