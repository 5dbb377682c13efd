#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
/* A service that answers requests, and tells everybody what has happened. */

import Bubus from 'gi://Bubus?version=1';
import GLib from 'gi://GLib';

const Address = {CREATE_USER: 'create_user', GET_USER: 'get_user'};

/* [service] */
class UserService {
    constructor(messenger) {
        this._messenger = messenger;
        this._users = new Map();

        messenger.consumer(Address.CREATE_USER, message => this.createUser(message));
        messenger.consumer(Address.GET_USER, message => this._users.get(message.value));
    }

    async createUser(message) {
        const user = {id: GLib.uuid_string_random(), ...message.value};
        this._users.set(user.id, user);

        await this._messenger.publish('user.created', user).wait();
        return user;
    }
}
/* [/service] */

const loop = new GLib.MainLoop(null, false);

async function main() {
    const messenger = Bubus.Messenger.new(new Bubus.EventBus());
    const service = new UserService(messenger);

    /* [listen] */
    messenger.on('user.*', (user, message) => print(message.get_address(), user.username));
    /* [/listen] */

    /* [request] */
    const user = await messenger.request(Address.CREATE_USER, {username: 'john', email: 'john@example.com'});
    const found = await messenger.request(Address.GET_USER, user.id, {timeout: 5});
    print('retrieved', found.username, found === user);
    /* [/request] */
    print(await messenger.request(Address.GET_USER, 'somebody'), service instanceof UserService);

    /* [errors] */
    messenger.consumer('fail', () => {
        throw new RangeError('no such user');
    });
    try {
        await messenger.request('fail');
    } catch (error) {
        print(error.message, error.cause instanceof RangeError);
    }
    /* [/errors] */

    /* [stream] */
    const news = messenger.messages('news.*');
    for (const number of [1, 2, 3])
        messenger.publish('news.daily', {number});
    for await (const message of news) {
        print(message.get_address(), message.value.number);
        if (message.value.number === 3)
            break;
    }
    /* [/stream] */
}

main().catch(logError).finally(() => loop.quit());
loop.run();
