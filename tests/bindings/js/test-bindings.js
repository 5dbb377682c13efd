// SPDX-License-Identifier: LGPL-2.1-or-later
/* Event classes, handlers, promises, streams and results in JavaScript. */

import Bubus from 'gi://Bubus?version=1';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';

import {check, equal, rejects, run, throws} from './support.js';

const UserEvent = Bubus.registerEvent(class UserEvent extends Bubus.Event {
    static fields = {user_name: String, age: Number, admin: Boolean, items: Object};
});
const SpecialUserEvent = Bubus.registerEvent(class SpecialUserEvent extends UserEvent {
    static fields = {level: Number};
});
const RenamedEvent = Bubus.registerEvent(class RenamedEvent extends Bubus.Event {
    static eventType = 'renamed.event';

    static eventResultType = GObject.TYPE_STRING;
});
const ParentEvent = Bubus.registerEvent(class ParentEvent extends Bubus.Event {});
const ChildEvent = Bubus.registerEvent(class ChildEvent extends Bubus.Event {
    static fields = {number: Number};
});
const OldStyleEvent = GObject.registerClass({
    Properties: {name: GObject.ParamSpec.string('name', '', '', GObject.ParamFlags.READWRITE, '')},
}, class OldStyleEvent extends Bubus.Event {});

/* A promise that is fulfilled by hand. */
function makeLatch() {
    const latch = {};
    latch.passed = new Promise(resolve => (latch.open = resolve));
    return latch;
}

const eventTests = {
    'fields have values'() {
        const event = new UserEvent({user_name: 'bob', age: 7, items: [1, {a: 2}]});
        equal([event.user_name, event.age, event.admin, event.items.value], ['bob', 7, false, [1, {a: 2}]]);
        equal(event.payload, {user_name: 'bob', age: 7, admin: false, items: [1, {a: 2}]});
    },
    'fields are inherited'() {
        const event = new SpecialUserEvent({user_name: 'eve', level: 3});
        equal([event.user_name, event.level, event.get_event_type()], ['eve', 3, 'SpecialUserEvent']);
    },
    'fields are checked'() {
        throws(() => (new UserEvent().user_name = 3), /must be a string/);
        throws(() => (new UserEvent().age = 'x'), /must be a number/);
    },
    'a dispatched event is sealed'() {
        const event = new Bubus.EventBus().dispatch(new UserEvent());
        throws(() => (event.user_name = 'late'), /has been dispatched/);
    },
    'events go to JSON and back'() {
        const event = new UserEvent({user_name: 'ä', items: {deep: [null]}});
        const again = Bubus.Event.new_from_json(event.to_json(), -1, Bubus.JsonFlags.NONE);
        check(again instanceof UserEvent);
        equal([again.user_name, again.items.value], ['ä', {deep: [null]}]);
        equal(JSON.parse(JSON.stringify({event})).event.user_name, 'ä');
    },
    'a class says its type'() {
        equal(new RenamedEvent().get_event_type(), 'renamed.event');
        equal(RenamedEvent.get_declared_type(), 'renamed.event');
    },
    'properties of GObject still work'() {
        equal(new OldStyleEvent({name: 'x'}).payload, {name: 'x'});
    },
};

const handlerTests = {
    async 'all patterns match'() {
        const bus = new Bubus.EventBus({name: 'Main'}), seen = [];
        bus.on('*', () => void seen.push('all'));
        bus.on('User*', () => void seen.push('glob'));
        bus.on('UserEvent', () => void seen.push('name'));
        bus.on(UserEvent, () => void seen.push('class'));
        bus.on(UserEvent, () => void seen.push('first'), {priority: 9});
        await bus.dispatch(new UserEvent()).wait();
        equal(seen, ['first', 'name', 'class', 'glob', 'all']);
    },
    async 'the bus has a priority'() {
        const bus = new Bubus.EventBus({name: 'Main', priority: GLib.PRIORITY_DEFAULT_IDLE});
        equal(bus.priority, GLib.PRIORITY_DEFAULT_IDLE);
        bus.priority = GLib.PRIORITY_LOW;
        equal(bus.get_priority(), GLib.PRIORITY_LOW);
        await bus.dispatch(new UserEvent()).wait();
    },
    async 'values come back'() {
        const circle = {};
        circle.self = circle;
        const values = ['text', '', 0, 1.5, 2 ** 60, true, false, {a: [1]}, [], circle, null, undefined];
        const bus = new Bubus.EventBus();
        values.forEach(value => bus.on(UserEvent, () => value));
        const event = await bus.dispatch(new UserEvent()).wait();
        const found = event.list_results().map(result => result.value);
        values.forEach((value, i) => check(found[i] === (value ?? null), `${i}: ${found[i]}`));
    },
    async 'async handlers are awaited in order'() {
        const bus = new Bubus.EventBus(), order = [];
        bus.on(UserEvent, async event => {
            order.push(`${event.user_name}+`);
            await null;
            order.push(`${event.user_name}-`);
        });
        bus.dispatch(new UserEvent({user_name: 'a'}));
        bus.dispatch(new UserEvent({user_name: 'b'}));
        await bus.waitUntilIdle();
        equal(order, ['a+', 'a-', 'b+', 'b-']);
    },
    async 'what is thrown is an error of that handler alone'() {
        const bus = new Bubus.EventBus(), error = new TypeError('nope'), seen = [];
        bus.on(UserEvent, () => {
            throw error;
        }, {onError: (_event, each) => seen.push(each)});
        bus.on(UserEvent, async () => {
            throw error;
        });
        bus.on(UserEvent, () => 'fine');
        const event = bus.dispatch(new UserEvent());
        equal(await event.eventResultsList({raiseIfAny: false}), ['fine']);
        check(await rejects(event.eventResult(), /nope/) === error);
        check(seen[0] === error);
        check(event.to_json().includes('"TypeError"'));
    },
    async 'an error that was read from JSON is one again'() {
        const bus = new Bubus.EventBus();
        bus.on(UserEvent, () => {
            throw new RangeError('too far');
        });
        const text = (await bus.dispatch(new UserEvent()).wait()).to_json();
        const read = json => Bubus.Event.new_from_json(json, -1, Bubus.JsonFlags.NONE).list_results()[0];
        const {error} = read(text);
        check(error instanceof RangeError && error.message === 'too far');
        const foreign = read(text.replace('"RangeError"', '"NoSuchError"'));
        check(foreign.error instanceof GLib.Error);
        equal(foreign.dup_error_type(), 'NoSuchError');
    },
    async 'an error of GLib keeps its code'() {
        const bus = new Bubus.EventBus();
        bus.on(UserEvent, () => {
            throw new GLib.Error(Bubus.error_quark(), Bubus.Error.CONFLICT, 'twice');
        });
        const error = await rejects(bus.dispatch(new UserEvent()).eventResult(), /twice/);
        check(error.matches(Bubus.error_quark(), Bubus.Error.CONFLICT));
    },
    async 'the declared type is kept'() {
        const bus = new Bubus.EventBus();
        bus.on(RenamedEvent, () => 5);
        await rejects(bus.dispatch(new RenamedEvent()).eventResult(), /declares gchararray/);
    },
    'off in all forms'() {
        const bus = new Bubus.EventBus(), func = () => null;
        const handler = bus.on(UserEvent, func);
        bus.on('*', func);
        bus.on('Other', func);
        equal([bus.off(handler), bus.off(handler), bus.off('*'), bus.off(func), bus.off(func)], [1, 0, 1, 1, 0]);
        throws(() => bus.on(UserEvent, 3), /must be a function/);
        throws(() => bus.on(UserEvent, func, {bogus: 1}), /no option/);
    },
    async 'the form of the C library'() {
        const bus = Bubus.EventBus.new('Raw');
        bus.on(UserEvent.$gtype, 'raw', (event, invocation) => {
            invocation.return_string('raw');
            return true;
        });
        equal(await bus.dispatch(new UserEvent()).eventResult(), 'raw');
    },
    async 'events are forwarded'() {
        const [a, b] = [Bubus.EventBus.new('A'), Bubus.EventBus.new('B')];
        a.on('*', b);
        b.on('*', a);
        b.on(UserEvent, () => 'there');
        equal(await a.dispatch(new UserEvent()).eventResult(), 'there');
    },
};

const waitTests = {
    async 'a child passes the queue, also after an await'() {
        const bus = new Bubus.EventBus(), order = [];
        bus.on(ParentEvent, async (event, invocation) => {
            await null;
            const child = invocation.dispatch(new ChildEvent());
            equal(child.get_event_parent_id(), event.get_event_id());
            await invocation.wait(child);
            order.push('parent');
            return child.eventResult();
        });
        bus.on(ChildEvent, () => {
            order.push('child');
            return 'from the child';
        });
        bus.on(UserEvent, () => void order.push('later'));
        const parent = bus.dispatch(new ParentEvent());
        bus.dispatch(new UserEvent());
        await bus.waitUntilIdle();
        equal(order, ['child', 'parent', 'later']);
        equal(await parent.eventResult(), 'from the child');
    },
    async 'a child is awaited in place where it was dispatched'() {
        const bus = new Bubus.EventBus(), order = [];
        bus.on(ParentEvent, async (event, invocation) => {
            await null;
            const first = await invocation.dispatch(new ChildEvent()).eventResult();
            await invocation.dispatch(new ChildEvent()).wait();
            order.push('parent');
            return first;
        });
        bus.on(ChildEvent, () => {
            order.push('child');
            return 'from the child';
        });
        bus.on(UserEvent, () => void order.push('later'));
        const parent = bus.dispatch(new ParentEvent());
        bus.dispatch(new UserEvent());
        await bus.waitUntilIdle();
        equal(order, ['child', 'child', 'parent', 'later']);
        equal(await parent.eventResult(), 'from the child');
    },
    async 'what a handler dispatches is a child'() {
        const bus = new Bubus.EventBus();
        bus.on(ParentEvent, () => void bus.dispatch(new ChildEvent()));
        const parent = await bus.dispatch(new ParentEvent()).wait();
        equal(parent.list_children().get_n_items(), 1);
    },
    async 'expect and find'() {
        const bus = new Bubus.EventBus();
        const expected = bus.expect(UserEvent, {include: event => event.age > 1, exclude: event => event.age > 2});
        [1, 3, 2].forEach(age => bus.dispatch(new UserEvent({age})));
        equal((await expected).age, 2);
        equal((await bus.find(UserEvent)).age, 2);
        equal((await bus.find('UserEvent', {fields: {age: 3}})).age, 3);
        equal(await bus.find(ChildEvent), null);
        equal((await bus.filter(UserEvent, {limit: 2})).map(event => event.age), [2, 3]);
        const error = await rejects(bus.expect(ChildEvent, {timeout: 0.01}), /./);
        check(error.matches(Bubus.error_quark(), Bubus.Error.TIMED_OUT));
    },
    async 'for await walks the events that come'() {
        const bus = new Bubus.EventBus(), stream = bus.events(ChildEvent), seen = [];
        for (let number = 0; number < 3; number++)
            bus.dispatch(new ChildEvent({number}));
        for await (const event of stream) {
            seen.push(event.number);
            if (seen.length === 2)
                bus.dispatch(new ChildEvent({number: 9}));
            if (event.number === 9)
                break;
        }
        equal(seen, [0, 1, 2, 9]);
        equal(bus.list_handlers().length, 0);
        equal((await stream.next()).done, true);
    },
    async 'a wait has a limit'() {
        const bus = new Bubus.EventBus(), latch = makeLatch();
        bus.on(UserEvent, () => latch.passed);
        const event = bus.dispatch(new UserEvent());
        await rejects(event.wait(0.01), /not complete/);
        latch.open('late');
        equal(await event.eventResult(), 'late');
    },
    async 'result helpers'() {
        const bus = new Bubus.EventBus();
        bus.on(UserEvent, () => ({a: 1}), {name: 'one'});
        bus.on(UserEvent, () => ({a: 2, b: 3}), {name: 'two'});
        bus.on(UserEvent, () => [4], {name: 'three'});
        const event = bus.dispatch(new UserEvent());
        equal(await event.eventResultsFlatDict({raiseIfConflicts: false}), {a: 2, b: 3});
        await rejects(event.eventResultsFlatDict(), /two handlers/);
        equal(await event.eventResultsFlatList(), [4]);
        equal(await event.eventResultsByHandlerName(), {one: {a: 1}, two: {a: 2, b: 3}, three: [4]});
        equal(Object.keys(await event.eventResultsByHandlerId()).length, 3);
        equal((await event.eventResultsFiltered({include: result => Array.isArray(result.value)})).length, 1);
        await rejects(bus.dispatch(new ChildEvent()).eventResult(), /No handler/);
        equal(await bus.dispatch(new ChildEvent()).eventResult({raiseIfNone: false}), null);
    },
    async 'a stopped bus is over'() {
        const bus = new Bubus.EventBus();
        bus.on(UserEvent, () => 1);
        await bus.dispatch(new UserEvent()).wait();
        check(bus.logTree().includes('UserEvent'));
        equal(await bus.stop({timeout: 1, clear: true}), true);
        equal([bus.list_history().length, bus.list_handlers().length], [0, 0]);
        throws(() => bus.dispatch(new UserEvent()), /has been stopped/);
    },
};

run({...eventTests, ...handlerTests, ...waitTests});
