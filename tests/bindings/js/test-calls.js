// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a function is given, what becomes of its invocation, and how calls nest. */

import Bubus from 'gi://Bubus?version=1';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';

import {check, equal, rejects, run} from './support.js';

const ParentEvent = Bubus.registerEvent(class ParentEvent extends Bubus.Event {
    static fields = {depth: Number};
});
const ChildEvent = Bubus.registerEvent(class ChildEvent extends Bubus.Event {});
const IntEvent = Bubus.registerEvent(class IntEvent extends Bubus.Event {
    static eventResultType = GObject.TYPE_INT;
});
const DoubleEvent = Bubus.registerEvent(class DoubleEvent extends Bubus.Event {
    static eventResultType = GObject.TYPE_DOUBLE;
});

const DEPTH = 20;

const tick = () => new Promise(resolve => GLib.idle_add(GLib.PRIORITY_DEFAULT, () => {
    resolve();
    return GLib.SOURCE_REMOVE;
}));
const parentOf = event => event.get_event_parent_id();
const handle = (bus, event = new ParentEvent()) => bus.dispatch(event).wait();

class Owner {
    method(event) {
        return event;
    }

    both(event, invocation) {
        return invocation;
    }
}

/* They see one argument and no more. */
const BLIND = {
    arrow: () => null,
    event: event => event,
    'event in parentheses': (event) => event,  // eslint-disable-line arrow-parens
    members: ({depth}) => depth,
    async: async event => event,
    function: function (event) {  // eslint-disable-line object-shorthand
        return event;
    },
    named: function named() {},
    method: new Owner().method,
};

/* They see the invocation, or might. */
const SEEING = {
    two: (event, invocation) => invocation,
    'async two': async (event, invocation) => invocation,
    method: new Owner().both,
    default: (event, invocation = null) => invocation,
    'first default': (event = null, invocation = null) => invocation,
    rest: (...args) => args[1],
    'event and rest': (event, ...rest) => rest[0],
    arguments: function () {  // eslint-disable-line object-shorthand
        return arguments[1];  // eslint-disable-line prefer-rest-params
    },
    eval: function () {  // eslint-disable-line object-shorthand
        return eval('arguments[1]');  // eslint-disable-line no-eval
    },
    bound: new Owner().both.bind(null),
    'bound with an argument': ((_bound, event, invocation) => invocation).bind(null, 0),
    proxy: new Proxy((event, invocation) => invocation, {}),
    'a length that lies': Object.defineProperty((...args) => args[1], 'length', {value: 0}),
};

const invocationTests = {
    'who cannot see the invocation lets go of it'() {
        const bus = new Bubus.EventBus();
        for (const [name, func] of Object.entries(BLIND)) {
            check(!bus.on(ParentEvent, func).keeps_invocation, name);
            check(!bus.on(ParentEvent.$gtype, name, func).keeps_invocation, `plain ${name}`);
        }
        for (const [name, func] of Object.entries(SEEING)) {
            check(bus.on(ParentEvent, func).keeps_invocation, name);
            if (name !== 'proxy')  // gjs takes it for no function, and aborts
                check(bus.on(ParentEvent.$gtype, name, func).keeps_invocation, `plain ${name}`);
        }
        check(bus.on(ParentEvent, Bubus.retry(() => null)).keeps_invocation);
    },
    async 'however it is asked for, it is there'() {
        for (const [name, func] of Object.entries(SEEING)) {
            const bus = new Bubus.EventBus(), found = [];
            bus.on(ParentEvent, func);
            bus.on('ParentEvent', (event, invocation) => void found.push(invocation));
            const event = await handle(bus);
            const first = event.list_results()[0].value;
            check(first instanceof Bubus.Invocation && first !== found[0], name);
            check(first.get_event() === event, name);
        }
    },
    async 'it is good for as long as somebody has it'() {
        const bus = new Bubus.EventBus(), kept = [], events = [];
        bus.on(ParentEvent, () => null);
        bus.on(ParentEvent, (event, invocation) => void kept.push(invocation));
        bus.on(ParentEvent, event => void events.push(event));
        for (let i = 0; i < 50; i++)
            await handle(bus);
        equal(new Set(kept).size, 50);
        kept.forEach((invocation, i) => check(invocation.get_event() === events[i], `${i}`));
        const child = kept[3].dispatch(new ChildEvent());
        equal(parentOf(child), events[3].get_event_id());
        await bus.waitUntilIdle();
    },
    async 'a function without it may be waiting when it has returned'() {
        const bus = new Bubus.EventBus({event_concurrency: Bubus.EventConcurrency.PARALLEL});
        let open, waiting = null, nCalls = 0;
        const opened = new Promise(resolve => (open = resolve));
        bus.on(ChildEvent, async () => {
            await opened;
            return 'child';
        });
        bus.on(ParentEvent, event => {
            nCalls++;
            if (event.depth === 1)
                waiting = bus.dispatch(new ChildEvent()).eventResult();
        });
        bus.dispatch(new ParentEvent({depth: 1}));
        for (let i = 0; i < 20; i++)
            bus.dispatch(new ParentEvent());
        while (nCalls < 21)
            await tick();  // eslint-disable-line no-await-in-loop
        open();
        equal(await waiting, 'child');
        await bus.waitUntilIdle();
    },
};

const answerTests = {
    async 'a function may defer by hand'() {
        const bus = new Bubus.EventBus(), children = [];
        bus.on(ParentEvent, (event, invocation) => {
            invocation.defer();
            bus.find(ParentEvent).then(async () => {
                children.push(bus.dispatch(new ChildEvent()));
                await Bubus.keep(tick());
                invocation.return_string('later');
                children.push(bus.dispatch(new ChildEvent()));
            });
        });
        const event = await handle(bus);
        equal(await event.eventResult(), 'later');
        equal(children.map(parentOf), [event.get_event_id(), null]);
        await bus.waitUntilIdle();
    },
    async 'what is returned is the answer, also of what was deferred'() {
        const bus = new Bubus.EventBus();
        bus.on(ParentEvent, (event, invocation) => {
            invocation.defer();
            return 5;
        });
        bus.on(ParentEvent, async (event, invocation) => {
            invocation.defer();
            await tick();
            return 6;
        });
        equal(await (await handle(bus)).eventResultsList(), [5, 6]);
    },
    async 'the first answer counts'() {
        const bus = new Bubus.EventBus();
        for (const value of [undefined, null, 2, 'two', true]) {
            bus.on(ParentEvent, (event, invocation) => {
                invocation.return_int(1);
                return value;
            });
        }
        equal(await (await handle(bus)).eventResultsList(), [1, 1, 1, 1, 1]);
    },
    async 'who answers and then throws has failed'() {
        const bus = new Bubus.EventBus(), error = new RangeError('after all');
        bus.on(ParentEvent, (event, invocation) => {
            invocation.return_int(1);
            throw error;
        });
        bus.on(ParentEvent, (event, invocation) => {
            invocation.defer();
            throw error;
        });
        const event = await handle(bus);
        for (const result of event.list_results()) {
            equal([result.value, result.error === error], [null, true]);
            equal([result.get_error().message, result.dup_error_type()], ['after all', 'RangeError']);
        }
    },
    async 'who has answered later, and then throws, has answered'() {
        const bus = new Bubus.EventBus();
        bus.on(ParentEvent, async (event, invocation) => {
            await null;
            invocation.return_int(1);
            throw new Error('too late');
        });
        equal((await handle(bus)).list_results()[0].value, 1);
    },
    async 'a consumer that has replied has answered'() {
        const messenger = Bubus.Messenger.new(new Bubus.EventBus());
        messenger.consumer('throws', message => {
            message.reply({reply: 1});
            throw new Error('too late');
        });
        messenger.consumer('returns', message => {
            message.reply({reply: 2});
            return {reply: 3};
        });
        messenger.consumer('defers', (message, invocation) => {
            invocation.defer();
            tick().then(() => message.reply({reply: 4}));
        });
        equal(await messenger.request('throws'), {reply: 1});
        equal(await messenger.request('returns'), {reply: 2});
        equal(await messenger.request('defers'), {reply: 4});
    },
    async 'what is thrown is the error, with its name and the same object'() {
        const bus = new Bubus.EventBus(), error = new TypeError('no');
        const gerror = new GLib.Error(Bubus.error_quark(), Bubus.Error.CONFLICT, 'both');
        for (const each of [error, gerror]) {
            bus.on(ParentEvent, () => {
                throw each;
            });
        }
        const [first, second] = (await handle(bus)).list_results();
        check(first.error === error && first.error.stack === error.stack);
        equal([first.dup_error_type(), first.get_error().message], ['TypeError', 'no']);
        check(second.error.matches(Bubus.error_quark(), Bubus.Error.CONFLICT));
        equal(second.error.message, 'both');
    },
    async 'what only looks like a promise is a failure'() {
        const bus = new Bubus.EventBus(), error = new Error('no promise');
        const then = () => {
            throw error;
        };
        bus.on(ParentEvent, () => ({then}));
        bus.on(ParentEvent, () => ({then: () => undefined}));
        const [first, second] = (await handle(bus)).list_results();
        check(first.error === error && second.error instanceof TypeError);
        check(parentOf(bus.dispatch(new ChildEvent())) === null);
    },
    async 'numbers are of the type that is declared'() {
        const found = [];
        for (const [kind, value] of [[IntEvent, 7], [DoubleEvent, 7], [IntEvent, 0.5], [IntEvent, 2 ** 40]]) {
            for (const func of [() => value, async () => value]) {
                const bus = new Bubus.EventBus();
                bus.on(kind, func);
                const [result] = (await handle(bus, new kind())).list_results();
                found.push(result.value ?? result.error.matches(Bubus.error_quark(), Bubus.Error.RESULT_TYPE));
            }
        }
        equal(found, [7, 7, 7, 7, true, true, true, true]);
    },
    async 'in the plain form the value says only whether it went well'() {
        const bus = new Bubus.EventBus();
        bus.on(ParentEvent.$gtype, 'true', () => true);
        bus.on(ParentEvent.$gtype, 'false', () => false);
        bus.on(ParentEvent.$gtype, 'answers', (event, invocation) => {
            invocation.return_int(3);
            return true;
        });
        const results = (await handle(bus)).list_results();
        equal(results.map(result => result.value), [null, null, 3]);
        equal(results.map(result => result.get_error() !== null), [false, true, false]);
    },
};

const nestingTests = {
    async 'functions that run each other in place know their parents'() {
        const bus = new Bubus.EventBus({max_handler_recursion: DEPTH}), found = [];
        bus.on(ParentEvent, async event => {
            if (event.depth === DEPTH)
                return;
            const before = bus.dispatch(new ChildEvent());
            const child = bus.dispatch(new ParentEvent({depth: event.depth + 1}));
            await child.wait();
            const after = bus.dispatch(new ChildEvent());
            found.push(...[before, child, after].map(each => [parentOf(each), event.get_event_id()]));
        });
        await handle(bus);
        await bus.waitUntilIdle();
        equal(found.length, 3 * DEPTH);
        found.forEach(([parent, id]) => equal(parent, id));
    },
    async 'also when all of them answer at once'() {
        const bus = new Bubus.EventBus({max_handler_recursion: DEPTH}), found = [], thrown = [];
        bus.on(ParentEvent, (event, invocation) => {
            if (event.depth === DEPTH)
                throw new Error('at the bottom');
            const child = bus.dispatch(new ParentEvent({depth: event.depth + 1}));
            invocation.run(child);
            child.list_results().forEach(result => thrown.push(result.error));
            found.push([parentOf(child), event.get_event_id()]);
            found.push([parentOf(bus.dispatch(new ChildEvent())), event.get_event_id()]);
        });
        bus.on(ParentEvent, event => {
            found.push([parentOf(bus.dispatch(new ChildEvent())), event.get_event_id()]);
            if (event.depth % 2 === 0)
                throw new Error('an even one');
        });
        await handle(bus);
        await bus.waitUntilIdle();
        equal(found.length, 3 * DEPTH + 1);
        found.forEach(([parent, id]) => equal(parent, id));
        equal(thrown.filter(error => error !== null).length, 1 + DEPTH / 2);
        check(parentOf(bus.dispatch(new ChildEvent())) === null);
    },
    async 'so do requests and retried functions'() {
        const bus = new Bubus.EventBus({max_handler_recursion: DEPTH}), messenger = Bubus.Messenger.new(bus);
        const count = Bubus.retry(async depth => depth === DEPTH ? depth : await count(depth + 1), {timeout: null});
        for (let i = 0; i < DEPTH; i++)
            messenger.consumer(`${i}`, () => i === DEPTH - 1 ? count(0) : messenger.request(`${i + 1}`));
        equal(await messenger.request('0'), DEPTH);
    },
    async 'one that has returned is no parent'() {
        const bus = new Bubus.EventBus();
        let late = null;
        bus.on(ParentEvent, () => void tick().then(() => (late = bus.dispatch(new ChildEvent()))));
        await handle(bus);
        while (late === null)
            await tick();
        check(parentOf(late) === null);
        await rejects(late.wait().then(() => late.eventResult()), /No handler/);
    },
    async 'none of many calls is lost'() {
        const bus = new Bubus.EventBus();
        let nCalls = 0, found = [];
        for (let i = 0; i < 500; i++) {
            bus.on(ParentEvent, i % 2 === 0
                ? event => void (nCalls++, found.push({event}))
                : event => ({depth: event.depth, text: `${nCalls++}`}));
        }
        for (let i = 0; i < 200; i++) {
            await handle(bus);
            found = [];
        }
        equal(nCalls, 500 * 200);
    },
};

run({...invocationTests, ...answerTests, ...nestingTests});
