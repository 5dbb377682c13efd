// SPDX-License-Identifier: LGPL-2.1-or-later
/* What handlers return and throw that has no text, and what is registered wrongly. An event is never lost. */

import Bubus from 'gi://Bubus?version=1';

import {check, equal, run, throws} from './support.js';

const UserEvent = Bubus.registerEvent(class UserEvent extends Bubus.Event {});

const refuse = () => {
    throw new RangeError('there is no text');
};
const speechless = {toJSON: refuse, toString: refuse};

/* The results of functions that answer at once, after a promise, and later. */
async function outcomesOf(func) {
    const bus = new Bubus.EventBus();
    bus.on(UserEvent, () => func());
    bus.on(UserEvent, async () => func());
    bus.on(UserEvent, async () => {
        await null;
        return func();
    });
    const event = await bus.dispatch(new UserEvent()).wait();
    check(event.to_json() !== null);
    return event.list_results();
}

const answerTests = {
    async 'values without a text'() {
        for (const result of await outcomesOf(() => speechless))
            check(result.value === speechless);
    },
    async 'errors without a text'() {
        const silent = Object.defineProperty(new Error(''), 'message', {get: refuse});
        const named = (name, value) => Object.assign(new Error('told'), {[name]: value});
        for (const thrown of [speechless, silent, named('name', Symbol('s')), named('name', 5), named('name', null)]) {
            const results = await outcomesOf(() => {
                throw thrown;
            });
            equal(results.map(result => result.get_error() !== null), [true, true, true]);
        }
    },
    async 'errors without a text, of retried functions and consumers'() {
        const silent = Object.defineProperty(new Error(''), 'message', {get: refuse});
        for (const thrown of [speechless, silent]) {
            const fail = async () => {
                throw thrown;
            };
            let caught = null;
            await Bubus.retry(fail, {retries: 1, wait: 0, timeout: null, retryOn: /x/})().catch(e => (caught = e));
            check(caught === thrown);
            const messenger = Bubus.Messenger.new(new Bubus.EventBus());
            messenger.consumer('a', fail);
            await messenger.request('a').catch(error => (caught = error.cause));
            check(caught === thrown);
        }
    },
    async 'generators are no handlers'() {
        for (const func of [function* () {
            yield 1;
        }, async function* () {
            yield 1;
        }]) {
            const results = await outcomesOf(func);
            check(results.every(result => /yield/.test(result.error.message)));
        }
    },
};

const registrationTests = {
    'no pattern'() {
        for (const pattern of ['', null, undefined, 5, Error])
            throws(() => new Bubus.EventBus().on(pattern, () => null), /a pattern is/);
    },
    'refused options leave no handler'() {
        const bus = new Bubus.EventBus();
        throws(() => bus.on('*', () => null, {bogus: 1}), /no option/);
        equal(bus.list_handlers().length, 0);
    },
    'what the library makes'() {
        for (const kind of [Bubus.Attempt, Bubus.Handler, Bubus.Interception, Bubus.Invocation, Bubus.SagaInstance])
            throws(() => new kind(), /made by the library/);
    },
    'what every event has is no field'() {
        throws(() => Bubus.registerEvent(class BadEvent extends Bubus.Event {
            static fields = {event_id: String};
        }), /reserved/);
    },
};

run({...answerTests, ...registrationTests});
