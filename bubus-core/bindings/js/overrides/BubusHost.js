// SPDX-License-Identifier: LGPL-2.1-or-later
/* Plugin hosts in gjs: what takes its time is a promise, and the list of plugins can be iterated over. */
/* exported _init */

const {Gio} = imports.gi;
const Context = imports.overrides.bubus.context;

const PROMISES = {
    activatePlugin: 'activate_plugin',
    activateEnabled: 'activate_enabled',
    deactivatePlugin: 'deactivate_plugin',
    deactivateAll: 'deactivate_all',
    reloadPlugin: 'reload_plugin',
};

function _init() {
    const {prototype} = this.Host;

    for (const [name, func] of Object.entries(PROMISES)) {
        Gio._promisify(prototype, `${func}_async`, `${func}_finish`);
        prototype[name] = function (...args) {
            return Context.keep(this[`${func}_async`](...args, null));
        };
    }

    prototype[Symbol.iterator] = function* () {
        for (let i = 0; i < this.get_n_items(); i++)
            yield this.get_item(i);
    };

    for (const name of ['PluginContext', 'PluginInfo']) {
        this[name].prototype._init = () => {
            throw new TypeError(`objects of ${name} are made by the host`);
        };
    }
}
