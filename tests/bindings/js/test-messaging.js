// SPDX-License-Identifier: LGPL-2.1-or-later
/* Requests, replies, messages, sagas and recorders in JavaScript. */

import Bubus from 'gi://Bubus?version=1';

import {check, equal, rejects, run, throws} from './support.js';

const StepEvent = Bubus.registerEvent(class StepEvent extends Bubus.Event {
    static fields = {order_id: String};
});
const PaidEvent = Bubus.registerEvent(class PaidEvent extends StepEvent {});
const ReservedEvent = Bubus.registerEvent(class ReservedEvent extends StepEvent {});
const CancelledEvent = Bubus.registerEvent(class CancelledEvent extends StepEvent {});
const StartedEvent = Bubus.registerEvent(class StartedEvent extends StepEvent {});
const ReturnedEvent = Bubus.registerEvent(class ReturnedEvent extends StepEvent {});

function makeMessenger() {
    return Bubus.Messenger.new(new Bubus.EventBus());
}

function makeSaga(bus) {
    return Bubus.makeSaga(bus, 'fulfilment', 'order_id', {
        steps: [PaidEvent, 'ReservedEvent'],
        failures: [CancelledEvent],
        completion: instance => new StartedEvent({order_id: instance.get_key()}),
        compensations: [[PaidEvent, (_instance, event) => new ReturnedEvent({order_id: event.order_id})]],
    });
}

const requests = {
    async 'R-23: a consumer answers'() {
        const messenger = makeMessenger();
        messenger.consumer('greet', async message => {
            await null;
            return `Hello, ${message.value.name}`;
        });
        equal(await messenger.request('greet', {name: 'Ada'}), 'Hello, Ada');
        equal(await messenger.request('greet', Bubus.Json.new('{"name":"Bo"}', -1)), 'Hello, Bo');
    },
    async 'objects come as they are'() {
        const messenger = makeMessenger(), value = {any: new Set([1])};
        messenger.consumer('echo', message => message.value);
        check(await messenger.request('echo', value) === value);
        for (const each of [null, 7, 2.5, 'text', true])
            equal(await messenger.request('echo', each), each);
    },
    async 'headers and interceptors'() {
        const messenger = makeMessenger();
        messenger.addInterceptor(Bubus.Direction.OUTBOUND, message => message.get_header('token') !== null);
        messenger.addInterceptor(Bubus.Direction.INBOUND, () => {});
        messenger.consumer('echo', message => message.get_header('token'));
        equal(await messenger.request('echo', 1, {headers: {token: 'secret'}}), 'secret');
        await rejects(messenger.request('echo', 1), /echo/);
    },
    async 'R-23: a consumer that fails, or is not there, or too late'() {
        const messenger = makeMessenger(), error = new RangeError('no such user');
        messenger.consumer('fail', () => {
            throw error;
        });
        messenger.consumer('slow', () => new Promise(() => {}));
        const failure = await rejects(messenger.request('fail'), /“fail” failed: no such user/);
        check(failure.cause === error);
        check(failure.matches(Bubus.error_quark(), Bubus.Error.RECIPIENT_FAILURE));
        const nobody = await rejects(messenger.request('nowhere'), /nowhere/);
        check(nobody.matches(Bubus.error_quark(), Bubus.Error.NO_HANDLERS));
        const late = await rejects(messenger.request('slow', null, {timeout: 0.01}), /slow/);
        check(late.matches(Bubus.error_quark(), Bubus.Error.TIMED_OUT));
    },
    async 'a reply before the end'() {
        const messenger = makeMessenger();
        messenger.consumer('early', message => {
            message.reply({first: true});
            throws(() => message.reply('twice'), /only once/);
            return {late: true};
        });
        equal(await messenger.request('early'), {first: true});
        throws(() => Bubus.Message.new('x', null).reply(1), /only the consumer/);
    },
    async 'a failure before the end'() {
        const messenger = makeMessenger();
        messenger.consumer('buy', message => {
            check(message.fail('out of stock'));
            check(!message.fail('twice'));
            return {late: true};
        });
        const failed = await rejects(messenger.request('buy'), /out of stock/);
        check(failed.matches(Bubus.error_quark(), Bubus.Error.RECIPIENT_FAILURE));
    },
    async 'R-2: a consumer may ask, also after an await'() {
        const messenger = makeMessenger();
        messenger.consumer('inner', message => `inner ${message.value}`);
        messenger.consumer('outer', async message => {
            const first = await messenger.request('inner', message.value);
            return `outer ${first} ${await messenger.request('inner', 2)}`;
        });
        equal(await messenger.request('outer', 1), 'outer inner 1 inner 2');
    },
    async 'who shares an address takes turns'() {
        const messenger = makeMessenger();
        for (const name of ['a', 'b'])
            messenger.consumer('turns', () => name, {shared: true});
        const answers = [];
        for (let i = 0; i < 4; i++)
            answers.push(await messenger.request('turns'));
        equal(answers, ['a', 'b', 'a', 'b']);
        messenger.consumer('own', () => 1);
        throws(() => messenger.consumer('own', () => 2), /own/);
    },
    async 'what is published is heard, and is a child'() {
        const messenger = makeMessenger(), heard = [], value = {name: 'Ada'};
        const bus = messenger.get_bus(), recorder = Bubus.Recorder.new(bus);
        const handler = messenger.on('user.*', (each, message) => heard.push([each === value, message.get_address()]));
        messenger.consumer('inbox', message => heard.push(message.value));
        bus.on(PaidEvent, async () => {
            await bus.find(PaidEvent);
            await messenger.publish('user.created', value).wait();
            messenger.send('inbox', 5);
        });
        const event = await bus.dispatch(new PaidEvent()).wait();
        equal(heard, [[true, 'user.created'], 5]);
        const id = event.get_event_id();
        equal(recorder.events().map(each => each.get_event_parent_id()), [null, id, id]);
        bus.off(handler);
        await messenger.publish('user.created', value).wait();
        equal(heard.length, 2);
        throws(() => messenger.send('nowhere', 1), /nowhere/);
    },
    async 'for await over messages'() {
        const messenger = makeMessenger(), seen = [];
        const messages = messenger.messages('news.*');
        for (const number of [1, 2, 3])
            messenger.publish('news.daily', number);
        for await (const message of messages) {
            seen.push(message.value);
            if (message.value === 3)
                break;
        }
        equal(seen, [1, 2, 3]);
        equal(messenger.get_bus().list_handlers().length, 0);
    },
    async 'the form of the library'() {
        const messenger = makeMessenger();
        messenger.consumer('raw', Bubus.ConsumerFlags.NONE, (_message, invocation) => {
            invocation.return_int64(5);
            return true;
        });
        equal(await messenger.request('raw'), 5);
        check(messenger.publish('nobody', Bubus.Json.new('1', -1)) === true);
    },
};

const sagas = {
    async 'B-15.5: a saga in any order'() {
        const bus = new Bubus.EventBus(), saga = makeSaga(bus), recorder = Bubus.Recorder.new(bus);
        for (const [id, steps] of [['1', [PaidEvent, ReservedEvent]], ['2', [ReservedEvent, PaidEvent]]]) {
            const complete = saga.wait(id);
            steps.forEach(Step => bus.dispatch(new Step({order_id: id})));
            const instance = await complete;
            equal(instance.get_key(), id);
            check(instance.get_event(PaidEvent) instanceof PaidEvent);
        }
        await bus.waitUntilIdle();
        equal(recorder.events(StartedEvent).map(event => event.order_id), ['1', '2']);
        equal(saga.instances.size, 0);
    },
    async 'a saga that is aborted, and one that is restored'() {
        const bus = new Bubus.EventBus(), saga = makeSaga(bus), recorder = Bubus.Recorder.new(bus);
        bus.dispatch(new PaidEvent({order_id: '1'}));
        await bus.waitUntilIdle();
        const other = makeSaga(new Bubus.EventBus());
        other.restore(saga.dump());
        equal([...other.instances.keys()], ['1']);
        const ended = saga.wait();
        bus.dispatch(new CancelledEvent({order_id: '1'}));
        await rejects(ended, /CancelledEvent/);
        equal((await recorder.wait(ReturnedEvent)).length, 1);
        recorder.checkSequence([PaidEvent, CancelledEvent, ReturnedEvent]);
    },
    async 'B-15.6: a recorder'() {
        const bus = new Bubus.EventBus(), recorder = Bubus.Recorder.new(bus);
        const waiting = recorder.wait(PaidEvent, {count: 2});
        const events = ['1', '2'].map(id => bus.dispatch(new PaidEvent({order_id: id})));
        const found = await waiting;
        check(found[0] === events[0] && found[1] === events[1]);
        equal(recorder.eventTypes, ['PaidEvent', 'PaidEvent']);
        recorder.checkCount(PaidEvent, 2);
        throws(() => recorder.checkCount(PaidEvent, 3), /Expected 3/);
        throws(() => recorder.checkSequence([PaidEvent]), /seen: PaidEvent, PaidEvent/);
        bus.on(PaidEvent, () => {
            throw new Error('broken');
        });
        await bus.dispatch(new PaidEvent()).wait();
        throws(() => recorder.checkNoErrors(), /broken/);
    },
};

run({...requests, ...sagas});
