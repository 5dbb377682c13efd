// SPDX-License-Identifier: LGPL-2.1-or-later
/* Promises of a plugin host. */

import Bubus from 'gi://Bubus?version=1';
import BubusHost from 'gi://BubusHost?version=1';
import GLib from 'gi://GLib';

import {equal, rejects, run, throws} from './support.js';

run({
    async 'what takes its time is a promise'() {
        const host = BubusHost.Host.new(new Bubus.EventBus());
        equal(await host.activateEnabled(), true);
        const error = await rejects(host.activatePlugin('nowhere'), /nowhere/);
        equal(error.matches(Bubus.error_quark(), Bubus.Error.PLUGIN_NOT_FOUND), true);
        await rejects(host.reloadPlugin('nowhere'), /nowhere/);
        await rejects(host.deactivatePlugin('nowhere'), /nowhere/);
        equal(await host.deactivateAll(), true);
    },

    async 'the host is a list of plugins, with their settings'() {
        const host = BubusHost.Host.new(new Bubus.EventBus());
        host.add_search_path(GLib.getenv('BUBUS_TEST_PLUGIN_PATH'));
        host.scan();
        equal([...host].map(info => info.name).includes('log'), true);
        await host.activatePlugin('log');
        equal(host.lookup_plugin('log').state, BubusHost.PluginState.ACTIVE);
        const keep = host.list_plugin_settings('log').find(setting => setting.name === 'keep');
        equal(keep.value.recursiveUnpack(), 3);
        await host.deactivateAll();
    },

    'what the host makes'() {
        for (const kind of [BubusHost.PluginContext, BubusHost.PluginInfo])
            throws(() => new kind(), /made by the host/);
    },
});
