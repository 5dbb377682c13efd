// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is done with is gone. Objects are counted, not bytes. */

import Bubus from 'gi://Bubus?version=1';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import System from 'system';

import {check, equal, run} from './support.js';

const N_EVENTS = 4000;

const CountedEvent = Bubus.registerEvent(class CountedEvent extends Bubus.Event {
    static fields = {items: Object};
});

/* What a collection has found is given back by the main loop. */
function collect() {
    for (let i = 0; i < 3; i++) {
        System.gc();
        while (GLib.MainContext.default().iteration(false));
    }
}

/* A group of bindings has a weak reference to its source; that of JavaScript is not given up before gjs 1.80. */
function makeCounter() {
    const groups = [];
    return {
        add(event) {
            const group = new GObject.BindingGroup();
            group.set({source: event});
            groups.push(group);
        },
        count() {
            return groups.filter(group => group.dup_source() !== null).length;
        },
    };
}

function later(milliseconds) {
    return new Promise(resolve => GLib.timeout_add(GLib.PRIORITY_LOW, milliseconds, () => {
        resolve();
        return GLib.SOURCE_REMOVE;
    }));
}

async function runMany(handler, seesInvocation = false) {
    const bus = new Bubus.EventBus({max_history_size: 10});
    const counter = makeCounter();
    let nCalls = 0;
    const call = event => {
        nCalls++;
        return handler(event);
    };
    bus.on(CountedEvent, seesInvocation ? (event, _invocation) => call(event) : call);
    for (let i = 0; i < N_EVENTS; i++) {
        const event = bus.dispatch(new CountedEvent({items: [i]}));
        counter.add(event);
        await event.wait();
    }
    await later(0);
    collect();
    equal(nCalls, N_EVENTS);
    equal(bus.list_history().length, 10);
    check(counter.count() <= 20, `${counter.count()} of ${N_EVENTS} events are left`);
}

run({
    'functions that return nothing leave nothing behind': () => runMany(() => {}),
    'functions with an invocation leave nothing behind': () => runMany(event => event.items.value.length, true),
    async 'the event that was handled last is not kept'() {
        const bus = new Bubus.EventBus({max_history_size: 0});
        const counter = makeCounter();
        const handleOne = async () => {
            const event = bus.dispatch(new CountedEvent({items: []}));
            counter.add(event);
            await event.wait();
        };
        bus.on(CountedEvent, () => {});
        await handleOne();
        await later(200);  // what forgets it has a timeout that is over before this one
        collect();
        equal(counter.count(), 0);
    },
    'functions leave nothing behind': () => runMany(event => ({event: event.items.value})),
    'async functions leave nothing behind': () => runMany(async event => {
        await null;
        return {items: event.items.value};
    }),
    'failures leave nothing behind': () => runMany(() => {
        throw new Error('again');
    }),
});
