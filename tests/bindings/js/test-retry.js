// SPDX-License-Identifier: LGPL-2.1-or-later
/* retry() in JavaScript: R-22, B-9. */

import Bubus from 'gi://Bubus?version=1';
import GLib from 'gi://GLib';

import {check, equal, rejects, run, throws} from './support.js';

const NS = 10 ** 9;
const WorkEvent = Bubus.registerEvent(class WorkEvent extends Bubus.Event {});
const ChildEvent = Bubus.registerEvent(class ChildEvent extends Bubus.Event {});

const tick = () => new Promise(resolve => GLib.idle_add(GLib.PRIORITY_DEFAULT_IDLE, () => {
    resolve();
    return GLib.SOURCE_REMOVE;
}));

async function settle() {
    for (let i = 0; i < 20; i++)
        await tick();
}

/* Time passes when the test says so, for what is begun in @func. */
async function withClock(func) {
    const clock = Bubus.Clock.new_test(0);
    clock.push_thread_default();
    try {
        await func(clock);
    } finally {
        clock.pop_thread_default();
    }
}

function failing(nFailures, options, error = new TypeError('failure')) {
    const calls = [];
    const call = Bubus.retry(async value => {
        calls.push(value);
        await null;
        if (calls.length <= nFailures)
            throw error;
        return value;
    }, options);
    return [call, calls];
}

function makeLatch() {
    const latch = {};
    latch.passed = new Promise(resolve => (latch.open = resolve));
    return latch;
}

run({
    async 'B-9.2: waits grow'() {
        await withClock(async clock => {
            const [call, calls] = failing(3, {wait: 2, backoffFactor: 1.5});
            const result = call('done');
            const seen = [];
            for (let i = 0; i < 20; i++) {
                await settle();
                seen.push(calls.length);
                clock.advance(NS / 2);
            }
            equal(await result, 'done');
            equal([1, 2, 3, 4].map(n => seen.indexOf(n) / 2), [0, 2, 5, 9.5]);
        });
    },
    async 'B-9.5: the last error comes through unchanged'() {
        const error = new RangeError('always');
        const [call, calls] = failing(9, {wait: 0}, error);
        check(await rejects(call(), /always/) === error);
        equal(calls.length, 4);
    },
    async 'B-9.4: other errors are final'() {
        const cases = [[RangeError, 1], [TypeError, 4], ['TypeError', 4], [/fail/, 4], [[/x/, Error], 4]];
        for (const [retryOn, n] of cases) {
            const [call, calls] = failing(9, {wait: 0, retryOn});
            await rejects(call(), /failure/);
            equal(calls.length, n);
        }
    },
    async 'B-9.3: each attempt has a limit of time'() {
        await withClock(async clock => {
            const attempts = [];
            const call = Bubus.retry(attempt => {
                attempts.push(attempt);
                return new Promise(() => {});
            }, {wait: 0, retries: 1});
            const result = call();
            for (let i = 0; i < 2; i++) {
                await settle();
                clock.advance(5 * NS);
            }
            await rejects(result, /Attempt 2 took longer than 5 s/);
            equal(attempts.map(attempt => attempt.get_number()), [1, 2]);
            check(attempts.every(attempt => attempt.get_cancellable().is_cancelled()));
        });
    },
    async 'B-9.7: what the scopes count by'() {
        class Worker {
            constructor() {
                this.running = 0;
                this.latch = makeLatch();
            }
        }
        async function work() {
            this.running++;
            await this.latch.passed;
        }
        for (const [semaphoreScope, expected] of [['self', 2], ['class', 1], ['global', 1]]) {
            Worker.prototype.work = Bubus.retry(work, {semaphoreLimit: 1, semaphoreScope, semaphoreName: 'js-scopes'});
            const workers = [new Worker(), new Worker()];
            const results = workers.map(worker => worker.work());
            await settle();
            equal(workers.reduce((sum, worker) => sum + worker.running, 0), expected);
            workers.forEach(worker => worker.latch.open());
            await Promise.all(results);
        }
    },
    async 'places are shared with other languages and processes'() {
        for (const semaphoreScope of ['global', 'multiprocess']) {
            const [call, calls] = failing(0, {semaphoreLimit: 1, semaphoreName: 'js-shared', semaphoreScope});
            const semaphore = Bubus.Semaphore.new('js-shared', 1, Bubus.Scope[semaphoreScope.toUpperCase()]);
            const permit = semaphore.try_acquire(null, null);
            const result = call(1);
            await settle();
            equal(calls.length, 0);
            permit.release();
            equal(await result, 1);
        }
    },
    async 'B-9.9: strict and lax'() {
        const permit = Bubus.Semaphore.new('js-strict', 1, Bubus.Scope.GLOBAL).try_acquire(null, null);
        const base = {semaphoreLimit: 1, semaphoreName: 'js-strict', semaphoreTimeout: 0.001};
        await rejects(failing(0, {...base, semaphoreLax: false})[0](), /js-strict/);
        equal(await failing(0, base)[0]('went on'), 'went on');
        permit.release();
    },
    async 'B-9.10: one chain of calls needs one place'() {
        const call = Bubus.retry(async depth => depth === 0 ? 'bottom' : call(depth - 1),
            {semaphoreLimit: 1, semaphoreName: 'js-chain', semaphoreLax: false, semaphoreTimeout: 0});
        equal(await call(3), 'bottom');
        const twice = Bubus.retry(async () => [await call(1), await call(0)],
            {semaphoreLimit: 1, semaphoreName: 'js-chain', semaphoreLax: false, semaphoreTimeout: 0});
        equal(await twice(), ['bottom', 'bottom']);
    },
    async 'B-9.17: a handler is tried again'() {
        const bus = new Bubus.EventBus(), parents = [];
        let n = 0;
        bus.on(WorkEvent, Bubus.retry(async function handle(event) {
            const child = await bus.dispatch(new ChildEvent()).wait();
            parents.push(child.get_event_parent_id() === event.get_event_id());
            if (++n < 3)
                throw new TypeError('busy');
            return n;
        }, {wait: 0}));
        const event = bus.dispatch(new WorkEvent());
        equal(await event.eventResult(), 3);
        equal(parents, [true, true, true]);
        equal(event.list_results().map(result => result.get_handler_name()), ['handle']);
    },
    async 'B-17.10: a handler that is given up gives its place back'() {
        const bus = new Bubus.EventBus();
        bus.on(WorkEvent, Bubus.retry(() => new Promise(() => {}),
            {timeout: 0, semaphoreLimit: 1, semaphoreName: 'js-given-up'}), {timeout: 0.01});
        await rejects(bus.dispatch(new WorkEvent()).eventResult(), /./);
        await settle();
        Bubus.Semaphore.new('js-given-up', 1, Bubus.Scope.GLOBAL).try_acquire(null, null).release();
    },
    'wrong options'() {
        throws(() => Bubus.retry(() => {}, {tries: 3}), /no option “tries”/);
        throws(() => Bubus.retry(() => {}, {semaphoreScope: 'planet'}), /no scope/);
    },
});
