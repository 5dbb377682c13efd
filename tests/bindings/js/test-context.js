// SPDX-License-Identifier: LGPL-2.1-or-later
/* the parent is found after an await of what the library has promised, and nowhere else by mistake. */

import Bubus from 'gi://Bubus?version=1';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';

import {check, equal, rejects, run} from './support.js';

const ParentEvent = Bubus.registerEvent(class ParentEvent extends Bubus.Event {
    static fields = {name: String};
});
const ChildEvent = Bubus.registerEvent(class ChildEvent extends Bubus.Event {
    static fields = {name: String};
});
const OtherEvent = Bubus.registerEvent(class OtherEvent extends Bubus.Event {});

const tick = () => new Promise(resolve => GLib.idle_add(GLib.PRIORITY_DEFAULT, () => {
    resolve();
    return GLib.SOURCE_REMOVE;
}));
const parentOf = event => event.get_event_parent_id();

run({
    async 'a child is one after an await'() {
        const bus = new Bubus.EventBus(), children = [];
        bus.on(ChildEvent, event => event.name);
        bus.on(ParentEvent, async () => {
            children.push(await bus.dispatch(new ChildEvent({name: 'a'})).wait());
            children.push(bus.dispatch(new ChildEvent({name: 'b'})));
            equal(await children[1].eventResult(), 'b');
            children.push(bus.dispatch(new ChildEvent({name: 'c'})));
            await bus.find(ChildEvent, {past: true});
            children.push(bus.dispatch(new ChildEvent({name: 'd'})));
        });
        const parent = await bus.dispatch(new ParentEvent()).wait();
        equal(children.map(parentOf), children.map(() => parent.get_event_id()));
        equal(children.length, 4);
        check(parentOf(bus.dispatch(new ChildEvent())) === null);
    },
    async 'handlers of two buses that take turns are told apart'() {
        const parents = new Map(), found = new Map();
        const handle = bus => async event => {
            parents.set(event.name, event);
            for (let i = 0; i < 5; i++) {
                const child = bus.dispatch(new ChildEvent({name: event.name}));
                found.set(child, event.name);
                await child.wait();
            }
        };
        const buses = [0, 1, 2].map(() => new Bubus.EventBus());
        buses.forEach(bus => {
            bus.on(ParentEvent, handle(bus));
            bus.on(ChildEvent, () => tick());
        });
        await Promise.all(buses.map((bus, i) => bus.dispatch(new ParentEvent({name: `${i}`})).wait()));
        equal(found.size, 15);
        for (const [child, name] of found)
            equal(parentOf(child), parents.get(name).get_event_id());
    },
    async 'after a promise of somebody else there is no parent'() {
        const bus = new Bubus.EventBus(), found = [];
        bus.on(ParentEvent, async (_event, invocation) => {
            await tick();
            found.push(bus.dispatch(new OtherEvent()));
            await Promise.all([bus.find(ParentEvent)]);
            found.push(bus.dispatch(new OtherEvent()));
            found.push(invocation.dispatch(new OtherEvent()));
        });
        const parent = await bus.dispatch(new ParentEvent()).wait();
        equal(found.map(parentOf), [null, null, parent.get_event_id()]);
    },
    async 'while a handler waits, others have no parent'() {
        const bus = new Bubus.EventBus();
        let finish;
        const passed = new Promise(resolve => (finish = resolve));
        bus.on(ParentEvent, async () => {
            await bus.find(ParentEvent);
            await passed;
        });
        const parent = bus.dispatch(new ParentEvent());
        for (let i = 0; i < 5; i++)
            await tick();
        check(parentOf(bus.dispatch(new OtherEvent())) === null);
        finish();
        await parent.wait();
    },
    async 'a context may be kept'() {
        const bus = new Bubus.EventBus(), found = [];
        async function look() {
            await bus.find(ParentEvent);
        }
        bus.on(ParentEvent, async () => {
            await Bubus.keep(look());
            found.push(bus.dispatch(new OtherEvent()));
            await Bubus.keep(tick());
            found.push(bus.dispatch(new OtherEvent()));
            await Bubus.keep(Promise.all([tick(), tick()]));
            found.push(bus.dispatch(new OtherEvent()));
        });
        const parent = await bus.dispatch(new ParentEvent()).wait();
        equal(found.map(parentOf), found.map(() => parent.get_event_id()));
        equal(await Bubus.keep(Promise.resolve(5)), 5);
    },
    async 'also after a rejection, and in then()'() {
        const bus = new Bubus.EventBus(), found = [];
        bus.on(ParentEvent, async () => {
            try {
                await bus.expect('Never', {timeout: 0.001});
            } catch {
                found.push(bus.dispatch(new OtherEvent()));
            }
            await bus.find(ParentEvent).then(() => found.push(bus.dispatch(new OtherEvent())));
        });
        const parent = await bus.dispatch(new ParentEvent()).wait();
        equal(found.map(parentOf), found.map(() => parent.get_event_id()));
        equal(found.length, 2);
    },
    async 'what goes on after the handler has answered has no parent'() {
        const bus = new Bubus.EventBus();
        let late;
        const done = new Promise(resolve => {
            bus.on(ParentEvent, () => {
                bus.find(ParentEvent).then(() => resolve((late = bus.dispatch(new OtherEvent()))));
            });
        });
        await bus.dispatch(new ParentEvent()).wait();
        await done;
        check(parentOf(late) === null);
    },
    async 'a wait in a handler is in place, and may have a limit'() {
        const bus = new Bubus.EventBus(), order = [];
        bus.on(ChildEvent, event => order.push(event.name));
        bus.on(OtherEvent, () => new Promise(() => {}), {timeout: 1});
        bus.on(ParentEvent, async () => {
            bus.dispatch(new ChildEvent({name: 'later'}));
            await bus.dispatch(new ChildEvent({name: 'now'})).wait();
            order.push('parent');
            await rejects(bus.dispatch(new OtherEvent()).wait(0.001), /took longer than 0.001 s/);
        });
        await bus.dispatch(new ParentEvent()).wait();
        await bus.waitUntilIdle();
        equal(order, ['now', 'parent', 'later']);
    },
    async 'everything asynchronous is a promise'() {
        const path = GLib.build_filenamev([GLib.Dir.make_tmp('bubus-XXXXXX'), 'journal.jsonl']);
        const bus = new Bubus.EventBus();
        const journal = Bubus.Journal.attach(bus, path);
        await bus.dispatch(new ParentEvent({name: 'x'})).wait();
        await journal.flush_async(null);
        check(Gio.File.new_for_path(path).load_contents(null)[1].length > 0);
        equal(typeof Bubus.Replay.prototype.run, 'function');
        equal(typeof Bubus.Journal.prototype.recover, 'function');
    },
});
