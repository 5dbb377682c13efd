#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
/* What handlers returned, errors, and events that are waited for. */

import Bubus from 'gi://Bubus?version=1';
import GLib from 'gi://GLib';

const GetConfigEvent = Bubus.registerEvent(class GetConfigEvent extends Bubus.Event {});
const ReplyEvent = Bubus.registerEvent(class ReplyEvent extends Bubus.Event {
    static fields = {number: Number};
});

const loop = new GLib.MainLoop(null, false);

async function main() {
    const bus = new Bubus.EventBus();

    bus.on(GetConfigEvent, () => ({debug: true, port: 8080}), {name: 'user'});
    bus.on('Get*', async () => ({debug: false, timeout: 30}), {name: 'system'});
    /* [results] */
    const event = bus.dispatch(new GetConfigEvent());
    print(JSON.stringify(await event.eventResultsFlatDict({raiseIfConflicts: false})));
    print(JSON.stringify(await event.eventResultsByHandlerName()));
    /* [/results] */

    /* [errors] */
    bus.on(GetConfigEvent, () => {
        throw new RangeError('no such key');
    });
    try {
        await bus.dispatch(new GetConfigEvent()).eventResult();
    } catch (error) {
        print(error instanceof RangeError, error.message);
    }
    /* [/errors] */

    /* [expect] */
    const reply = bus.expect(ReplyEvent, {include: each => each.number > 1, timeout: 30});
    bus.dispatch(new ReplyEvent({number: 1}));
    bus.dispatch(new ReplyEvent({number: 2}));
    print((await reply).number);
    /* [/expect] */

    /* [stream] */
    const replies = bus.events(ReplyEvent);
    for (const number of [3, 4, 5])
        bus.dispatch(new ReplyEvent({number}));
    for await (const each of replies) {
        print('seen', each.number);
        if (each.number === 5)
            break;
    }
    /* [/stream] */
}

main().catch(logError).finally(() => loop.quit());
loop.run();
