// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The row gjs-handler: a handler in JavaScript, beside a bare callback of GLib with two arguments.
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

const BenchEvent = GObject.registerClass({
    Properties: {
        'number': GObject.ParamSpec.int('number', '', '', GObject.ParamFlags.READWRITE, 0, 1000, 0),
    },
}, class BenchEvent extends Bubus.Event {});

const n = Number(ARGV[0] ?? 20000);
const bus = Bubus.EventBus.new('Bench');
const store = Gio.ListStore.new(GObject.Object.$gtype);
let nBare = 0;
let nHandled = 0;

const runEvent = () => {
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
    const start = GLib.get_monotonic_time();
    work();
    return (GLib.get_monotonic_time() - start) * 1000 / (count() - before);
};

const median = numbers => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

for (let i = 0; i < SORTED; i++)
    store.append(new GObject.Object());
for (let i = 0; i < n; i++) {
    bus.on(BenchEvent.$gtype, 'count', () => {
        nHandled++;
        return true;
    });
}
runEvent();

/* Older versions of gjs get slower with each object that waits for the garbage collection, and block callbacks in it. */
const ns = [];
const baseline = [];
for (let i = 0; i < ROUNDS; i++) {
    baseline.push(timed(() => nBare, sort));
    System.gc();
    ns.push(timed(() => nHandled, runEvent));
    System.gc();
}
if (nHandled !== n * (ROUNDS + 1))
    throw new Error(`${nHandled} calls instead of ${n * (ROUNDS + 1)}`);

const row = {
    name: 'gjs-handler',
    ns: median(ns),
    baseline: 'introspected-callback',
    baseline_ns: median(baseline),
    ratio: median(ns) / median(baseline),
    budget: BUDGET,
};
print(JSON.stringify({rows: [row]}));
