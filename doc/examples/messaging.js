#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later

import Bubus from 'gi://Bubus?version=1';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';

const bus = Bubus.EventBus.new('Main');
const messenger = Bubus.Messenger.new(bus);
const recorder = Bubus.Recorder.new(bus);
const saga = Bubus.Saga.new(bus, 'fulfilment', 'order');
const policy = new Bubus.RetryPolicy({wait: 0, semaphore: Bubus.Semaphore.new('fetch', 1, Bubus.Scope.GLOBAL)});
const loop = new GLib.MainLoop(null, false);

function ask(addresses) {
    const [address, ...others] = addresses;

    if (address === undefined) {
        goOn();
        return;
    }
    messenger.request_async(address, Bubus.Json.new('"World"', -1), -1, null, (source, result) => {
        try {
            print(address, 'answers', messenger.request_finish(result).get_value());
        } catch (error) {
            print(error.message);
        }
        ask(others);
    });
}

function thirdTime(event, invocation, attempt) {
    if (attempt.get_number() < 3)
        throw new GLib.Error(Gio.io_error_quark(), Gio.IOErrorEnum.BUSY, 'busy');
    const value = new GObject.Value();
    value.init(GObject.TYPE_INT);
    value.set_int(attempt.get_number());
    attempt.return_value(value);
    return true;
}

function orderEvent(eventType) {
    return Bubus.GenericEvent.new(eventType, new GLib.Variant('a{sv}', {order: new GLib.Variant('i', 7)}));
}

messenger.consumer('greeting', Bubus.ConsumerFlags.NONE, (message, invocation) => {
    invocation.return_string(`Hello, ${message.get_body().get_text()}`);
    return true;
});
messenger.consumer('closed', Bubus.ConsumerFlags.NONE, () => {
    throw new GLib.Error(Gio.io_error_quark(), Gio.IOErrorEnum.CLOSED, 'closed');
});

bus.on_with_policy('Fetch', 'fetch', policy, thirdTime);
const fetch = Bubus.GenericEvent.new('Fetch', null);

saga.add_step('Paid');
saga.add_step('Packed');
saga.set_completion(() => Bubus.GenericEvent.new('Done', null));
saga.connect('completed', (source, instance) => print(instance.get_key(), ...instance.dup_steps()));

function goOn() {
    bus.dispatch(fetch);
    bus.dispatch(orderEvent('Packed'));
    bus.dispatch(orderEvent('Paid'));
    recorder.wait_async('Done', 1, null, (source, result) => {
        recorder.wait_finish(result);
        try {
            recorder.check_sequence(['Paid']);
        } catch (error) {
            print(error.message);
        }
        loop.quit();
    });
}

ask(['greeting', 'closed', 'nowhere']);
loop.run();
print('fetched in attempt', fetch.list_results()[0].get_value());
