// SPDX-License-Identifier: LGPL-2.1-or-later
/* Streams of replies in JavaScript: R-23. */

import Bubus from 'gi://Bubus?version=1';
import Gio from 'gi://Gio';

import {check, equal, rejects, run} from './support.js';

/* A messenger whose consumer sends what an async function sends, and what went wrong there. */
function makeMessenger(send) {
    const messenger = Bubus.Messenger.new(Bubus.EventBus.new('Streams'));
    const failures = [];

    messenger.consumer('numbers', Bubus.ConsumerFlags.NONE, (message, invocation) => {
        invocation.defer();
        send(message).then(() => invocation.return_nothing(), error => {
            failures.push(error.message);
            invocation.return_error_literal(Gio.io_error_quark(), Gio.IOErrorEnum.FAILED, error.message);
        });
        return true;
    });
    return [messenger, failures];
}

async function countTo(message, end) {
    for (let number = 0; number < end; number++)
        await message.sendPart({number}); // eslint-disable-line no-await-in-loop
}

const streamTests = {
    async 'parts are values'() {
        const [messenger] = makeMessenger(message => countTo(message, 40));
        const numbers = [];

        for await (const part of messenger.request_stream('numbers', null))
            numbers.push(part.number);
        equal(numbers, Array.from({length: 40}, (_, index) => index));
    },
    async 'who leaves the loop closes the stream'() {
        const [messenger, failures] = makeMessenger(message => countTo(message, Infinity));
        const stream = messenger.request_stream_message(Bubus.Message.new('numbers', null), 2, -1, 0, null);

        for await (const part of stream) {
            if (part.number === 5)
                break;
        }
        equal(stream.state, Bubus.ReplyStreamState.CLOSED);
        while (failures.length === 0)
            await Promise.resolve(new Promise(resolve => setTimeout(resolve, 0))); // eslint-disable-line no-await-in-loop
        check(/Nobody wants more/.test(failures[0]), failures[0]);
    },
    async 'a failure is raised after the parts'() {
        const [messenger] = makeMessenger(async message => {
            await message.sendPart('one');
            throw new Error('no more');
        });
        const parts = [];

        await rejects((async () => {
            for await (const part of messenger.request_stream('numbers', null))
                parts.push(part);
        })(), /“numbers” failed: no more/);
        equal(parts, ['one']);
    },
    async 'a generator sends what it yields, and is ended'() {
        const messenger = Bubus.Messenger.new(Bubus.EventBus.new('Generators'));
        const numbers = [];
        let ended = false;

        messenger.consumer('numbers', async function *(message) {
            try {
                for (let number = 0; number < message.value.end; number++)
                    yield {number};
            } finally {
                ended = true;
            }
        });
        for await (const part of messenger.requestStream('numbers', {end: 20}))
            numbers.push(part.number);
        equal(numbers, Array.from({length: 20}, (_, index) => index));
        check(ended);

        ended = false;
        for await (const _part of messenger.requestStream('numbers', {end: Infinity}, {window: 2}))
            break;
        while (!ended)
            await Promise.resolve(new Promise(resolve => setTimeout(resolve, 0))); // eslint-disable-line no-await-in-loop
        await rejects(messenger.request('numbers', {end: 3}), /stream/);
    },
};

run(streamTests);
