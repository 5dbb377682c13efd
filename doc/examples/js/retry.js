#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
/* Functions and handlers that are tried again, and of which a limited number run at a time. */

import Bubus from 'gi://Bubus?version=1';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';

const FetchEvent = Bubus.registerEvent(class FetchEvent extends Bubus.Event {
    static fields = {url: String};
});

const loop = new GLib.MainLoop(null, false);

async function main() {
    const bus = new Bubus.EventBus();

    /* [handler] */
    bus.on(FetchEvent, Bubus.retry(async (event, invocation, attempt) => {
        await null;  // whatever it takes
        if (attempt.get_number() < 3)
            throw new GLib.Error(Gio.io_error_quark(), Gio.IOErrorEnum.BUSY, 'the server is busy');
        return `${event.url} in attempt ${attempt.get_number()}`;
    }, {wait: 0.01, backoffFactor: 1.5, retries: 3, timeout: 5}));
    /* [/handler] */
    print(await bus.dispatch(new FetchEvent({url: 'example.org'})).eventResult());

    /* [semaphore] */
    const wait = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));
    let running = 0, most = 0;
    const query = Bubus.retry(async number => {
        most = Math.max(most, ++running);
        await wait(10);
        running--;
        return number;
    }, {semaphoreLimit: 2, semaphoreName: 'queries', semaphoreScope: 'multiprocess'});

    print(await Promise.all([0, 1, 2, 3, 4].map(number => query(number))), 'at most', most);
    /* [/semaphore] */

    /* [final] */
    let attempts = 0;
    const parse = Bubus.retry(text => {
        attempts++;
        return JSON.parse(text);
    }, {wait: 0, retryOn: [RangeError, 'TimeoutError', /busy/]});

    try {
        await parse('{');
    } catch (error) {
        print(error.name, 'after', attempts, 'attempt');
    }
    /* [/final] */
}

main().catch(logError).finally(() => loop.quit());
loop.run();
