#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
/* A login that asks another service, and children that pass the queue. */

import Bubus from 'gi://Bubus?version=1';
import GLib from 'gi://GLib';

/* [class] */
const UserLoginEvent = Bubus.registerEvent(class UserLoginEvent extends Bubus.Event {
    static fields = {username: String, is_admin: Boolean, groups: Object};
});
/* [/class] */
const AuthRequestEvent = Bubus.registerEvent(class AuthRequestEvent extends Bubus.Event {
    static fields = {username: String};
});

const bus = new Bubus.EventBus({name: 'Main'});
const loop = new GLib.MainLoop(null, false);

/* [handlers] */
bus.on(AuthRequestEvent, async event => {
    await null;  // whatever it takes
    return {status: 'ok', user: event.username};
});

bus.on(UserLoginEvent, async (event, invocation) => {
    const request = invocation.dispatch(new AuthRequestEvent({username: event.username}));
    await invocation.wait(request);
    const answer = await request.eventResult();
    return `User ${answer.user} logged in admin=${event.is_admin}: ${answer.status}`;
});
/* [/handlers] */

async function main() {
    /* [dispatch] */
    const event = bus.dispatch(new UserLoginEvent({username: 'alice', is_admin: true, groups: ['a', 'b']}));
    print(await event.eventResult());
    /* [/dispatch] */
    print(event.groups.value.length, 'groups,', event.list_children().get_n_items(), 'child');
    await bus.stop();
}

main().catch(logError).finally(() => loop.quit());
loop.run();
