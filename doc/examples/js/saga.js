#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
/* An order is fulfilled when it has been paid for and the goods are reserved, whichever comes first. */

import Bubus from 'gi://Bubus?version=1';
import GLib from 'gi://GLib';

const DomainEvent = Bubus.registerEvent(class DomainEvent extends Bubus.Event {
    static fields = {order_id: String};
});
const PaymentProcessed = Bubus.registerEvent(class PaymentProcessed extends DomainEvent {
    static fields = {amount: Number};
});
const InventoryReserved = Bubus.registerEvent(class InventoryReserved extends DomainEvent {});
const OrderCancelled = Bubus.registerEvent(class OrderCancelled extends DomainEvent {});
const FulfillmentStarted = Bubus.registerEvent(class FulfillmentStarted extends DomainEvent {});
const PaymentReturned = Bubus.registerEvent(class PaymentReturned extends DomainEvent {
    static fields = {amount: Number};
});

/* [saga] */
const makeFulfillment = bus => Bubus.makeSaga(bus, 'fulfillment', 'order_id', {
    steps: [PaymentProcessed, InventoryReserved],
    failures: [OrderCancelled],
    timeout: 3600,
    completion: instance => new FulfillmentStarted({order_id: instance.get_key()}),
    compensations: [
        [PaymentProcessed, (instance, event) =>
            new PaymentReturned({order_id: instance.get_key(), amount: event.amount})],
    ],
});
/* [/saga] */

const loop = new GLib.MainLoop(null, false);

async function main() {
    const bus = new Bubus.EventBus();
    const saga = makeFulfillment(bus);
    bus.on(DomainEvent, event => print('audited', event.get_event_type(), event.order_id));

    /* [recorder] */
    const recorder = Bubus.Recorder.new(bus);
    const complete = saga.wait('1');
    bus.dispatch(new InventoryReserved({order_id: '1'}));
    bus.dispatch(new PaymentProcessed({order_id: '1', amount: 49.99}));
    print('complete:', (await complete).get_key());

    await recorder.wait(FulfillmentStarted);
    recorder.checkSequence([InventoryReserved, PaymentProcessed, FulfillmentStarted]);
    recorder.checkNoErrors();
    /* [/recorder] */
    await bus.waitUntilIdle();

    bus.dispatch(new PaymentProcessed({order_id: '2', amount: 5}));
    bus.dispatch(new OrderCancelled({order_id: '2'}));
    const [returned] = await recorder.wait(PaymentReturned);
    print('returned:', returned.order_id, returned.amount);
    await bus.waitUntilIdle();
}

main().catch(logError).finally(() => loop.quit());
loop.run();
