// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The rows gjs-handler…: handlers in JavaScript, beside a bare callback of GLib with two arguments.
//
// usage: gjs -m bench-handler.js [N]

import Bubus from 'gi://Bubus?version=1';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Gio from 'gi://Gio';
import System from 'system';

const ROUNDS = 5;
const SORTED = 256;
const BUDGET = 2;
const PROCESSOR_TIME = '/proc/thread-self/schedstat';
const HAS_OVERRIDES = Bubus.registerEvent !== undefined;

const BenchEvent = GObject.registerClass({
    Properties: {
        'number': GObject.ParamSpec.int('number', '', '', GObject.ParamFlags.READWRITE, 0, 1000, 0),
    },
}, class BenchEvent extends Bubus.Event {});

const n = Number(ARGV[0] ?? 20000);
const store = Gio.ListStore.new(GObject.Object.$gtype);
let nBare = 0;
let nHandled = 0;

/* Each is a function of its own, as handlers are. */
const makePlain = () => () => {
    nHandled++;
};
const makeValue = () => event => {
    nHandled++;
    return 5;
};
const makeInvocation = () => (event, invocation) => {
    nHandled++;
};
const makeTrue = () => () => {
    nHandled++;
    return true;
};

const decoder = new TextDecoder();

/* In nanoseconds, of the processor where that is told: a busy machine does not count. */
const getTime = () => {
    if (!GLib.file_test(PROCESSOR_TIME, GLib.FileTest.EXISTS))
        return GLib.get_monotonic_time() * 1000;
    const [, bytes] = GLib.file_get_contents(PROCESSOR_TIME);
    return Number(decoder.decode(bytes).split(' ')[0]);
};

const runEvent = bus => {
    bus.dispatch(new BenchEvent({number: 7}));
    while (!bus.is_idle())
        GLib.MainContext.default().iteration(true);
};

const sort = () => {
    const before = nBare;
    while (nBare - before < n) {
        store.sort(() => {
            nBare++;
            return 0;
        });
    }
};

const timed = (count, work) => {
    const before = count();
    const start = getTime();
    work();
    return (getTime() - start) / (count() - before);
};

const median = numbers => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/* Older versions of gjs get slower with each object that waits for the garbage collection, and block callbacks in it. */
const measure = (name, register) => {
    const bus = Bubus.EventBus.new('Bench');
    const ns = [];
    const baseline = [];
    const nBefore = nHandled;

    for (let i = 0; i < n; i++)
        register(bus);
    runEvent(bus);
    System.gc();
    for (let i = 0; i < ROUNDS; i++) {
        baseline.push(timed(() => nBare, sort));
        System.gc();
        ns.push(timed(() => nHandled, () => runEvent(bus)));
        System.gc();
    }
    if (nHandled - nBefore !== n * (ROUNDS + 1))
        throw new Error(`${nHandled - nBefore} calls instead of ${n * (ROUNDS + 1)}`);
    bus.list_handlers().forEach(handler => bus.off(handler));
    return {
        name,
        ns: median(ns),
        baseline: 'introspected-callback',
        baseline_ns: median(baseline),
        ratio: median(ns) / median(baseline),
    };
};

for (let i = 0; i < SORTED; i++)
    store.append(new GObject.Object());

/* Without the overrides there is the form of the C library only. */
const rows = HAS_OVERRIDES
    ? [
        {...measure('gjs-handler', bus => bus.on(BenchEvent, makePlain())), budget: BUDGET},
        measure('gjs-handler-value', bus => bus.on(BenchEvent, makeValue())),
        measure('gjs-handler-invocation', bus => bus.on(BenchEvent, makeInvocation())),
    ]
    : [{
        ...measure('gjs-handler', bus =>
            bus.on(BenchEvent.$gtype, 'count', makeTrue()).set_keeps_invocation(false)),
        budget: BUDGET,
    }];
print(JSON.stringify({rows}));
