// SPDX-License-Identifier: LGPL-2.1-or-later

// The half of the JavaScript loader that is written in JavaScript: see bubus-js-loader.c. It is evaluated once, as a
// script, in the interpreter of all plugins.

imports.gi.versions.Bubus = '1';
imports.gi.versions.BubusHost = '1';

(function () {
    const {Bubus, BubusHost, Gio, GLib, GObject} = imports.gi;
    const System = imports.system;

    // gjs before 1.90 does not see what the objects that it wraps cost, and drops calls when it begins to collect by
    // itself after too many of them.
    const CALLS_PER_COLLECTION = System.version < 19000 ? 1000 : 0;
    const MAX_FRAMES = 10;
    let nCalls = 0;

    function collectSometimes() {
        if (CALLS_PER_COLLECTION > 0 && ++nCalls % CALLS_PER_COLLECTION === 0)
            System.gc();
    }

    function describeFrame(frame) {
        const [, name, place] = frame.match(/^([^@]*)@(.*)$/) ?? [null, '', frame];

        return `\n    at ${name || '(module)'} (${place.replace(/^file:\/\//, '')})`;
    }

    // “TypeError: x is undefined”, and where, from the innermost function outwards
    function describe(thrown) {
        if (!(thrown instanceof Error))
            return `${thrown} was thrown`;

        const frames = (thrown.stack ?? '').split('\n')
            .filter(frame => frame !== '' && !frame.includes('bubus-js-loader'));
        const place = thrown instanceof SyntaxError && thrown.fileName
            ? [`@${thrown.fileName}:${thrown.lineNumber}`] : frames;

        return `${thrown}${place.slice(0, MAX_FRAMES).map(describeFrame).join('')}`;
    }

    // An error of GLib stays what it is.
    function convert(thrown, code) {
        if (thrown instanceof GLib.Error)
            return thrown;
        return new GLib.Error(Bubus.error_quark(), code, describe(thrown));
    }

    function toJson(value) {
        try {
            return Bubus.Json.new(JSON.stringify(value), -1);
        } catch {
            return Bubus.Json.new(JSON.stringify(String(value)), -1);
        }
    }

    function answerNumber(invocation, value) {
        const type = invocation.get_event().get_event_result_type();

        if (type === GObject.TYPE_INT && Number.isInteger(value))
            invocation.return_int(value);
        else if (type !== GObject.TYPE_DOUBLE && Number.isSafeInteger(value))
            invocation.return_int64(value);
        else
            invocation.return_double(value);
    }

    // What a handler returns is its result, as it is on a bus. An answer that it has given itself comes first.
    function answer(invocation, value) {
        if (value === undefined || value === null)
            invocation.return_nothing();
        else if (typeof value === 'string')
            invocation.return_string(value);
        else if (typeof value === 'boolean')
            invocation.return_boolean(value);
        else if (typeof value === 'number')
            answerNumber(invocation, value);
        else if (value instanceof GLib.Variant)
            invocation.return_variant(value);
        else if (value instanceof GObject.Object)
            invocation.return_object(value);
        else
            invocation.return_json(value instanceof Bubus.Json ? value : toJson(value));
    }

    // A function that answers at once may say whether it has succeeded, and what it has dispatched is no result.
    function isResult(outcome) {
        return outcome !== undefined && typeof outcome !== 'boolean' && !(outcome instanceof Bubus.Event);
    }

    async function answerLater(invocation, promise) {
        try {
            answer(invocation, await promise);
        } catch (thrown) {
            invocation.return_error(convert(thrown, Bubus.Error.HANDLER_FAILED));
        }
    }

    // What a handler throws becomes its error, with the type and the place; one that is asynchronous answers later.
    function guard(handler) {
        return (event, invocation) => {
            let outcome;

            collectSometimes();
            try {
                outcome = handler(event, invocation);
            } catch (thrown) {
                throw convert(thrown, Bubus.Error.HANDLER_FAILED);
            }

            if (outcome instanceof Promise) {
                invocation.defer();
                answerLater(invocation, outcome);
            } else if (isResult(outcome) && !invocation.is_deferred()) {
                answer(invocation, outcome);
            }
            return outcome !== false;
        };
    }

    const {on, on_pattern: onPattern} = BubusHost.PluginContext.prototype;

    BubusHost.PluginContext.prototype.on = function (bus, eventType, name, handler) {
        return on.call(this, bus, eventType, name, guard(handler));
    };

    BubusHost.PluginContext.prototype.on_pattern = function (bus, pattern, name, handler) {
        return onPattern.call(this, bus, pattern, name, guard(handler));
    };

    function findSyntaxError(text) {
        try {
            Function(`return async function () {${text}\n}`);
        } catch (thrown) {
            return thrown.lineNumber;
        }
        return 0;
    }

    function blank(text) {
        return text.replace(/[^\n]/g, ' ');
    }

    // gjs says what is wrong with a module that cannot be parsed, but not where. Without imports and exports, a module
    // is almost the body of a function, of which it says both.
    globalThis._bubusFindSyntaxError = function (uri) {
        const [, bytes] = Gio.File.new_for_uri(uri).load_contents(null);
        const text = new TextDecoder().decode(bytes)
            .replace(/^import\b[^;]*;/gm, blank)
            .replace(/^export\s+(default\s+)?/gm, blank);
        const line = findSyntaxError(text);

        return line > 0 ? line - findSyntaxError(';)') + 1 : 0;
    };

    GObject.registerClass({
        GTypeName: 'BubusScriptPlugin',
        Implements: [BubusHost.Plugin],
        Properties: {
            'address': GObject.ParamSpec.string('address', '', '',
                GObject.ParamFlags.READWRITE | GObject.ParamFlags.CONSTRUCT_ONLY, null),
            'problem': GObject.ParamSpec.string('problem', '', '', GObject.ParamFlags.READABLE, null),
        },
    }, class BubusScriptPlugin extends GObject.Object {
        get address() {
            return this._address;
        }

        set address(address) {
            this._address = address;
            this._imported = this._import(address);
        }

        get problem() {
            return this._problem ?? null;
        }

        async _import(address) {
            try {
                this._use(await import(address));
            } catch (thrown) {
                this._problem = describe(thrown);
            }
        }

        _use(module) {
            if (typeof module.activate !== 'function')
                this._problem = 'It does not export a function “activate”';
            else
                this._module = module;
        }

        _call(name, context) {
            try {
                return this._module[name]?.(context);
            } catch (thrown) {
                throw convert(thrown, Bubus.Error.PLUGIN);
            }
        }

        // A function that is asynchronous answers later.
        _answer(context, outcome) {
            if (outcome instanceof Promise) {
                context.defer();
                this._answerLater(context, outcome);
            }
            return outcome !== false;
        }

        async _answerLater(context, promise) {
            try {
                await promise;
                context.return_done();
            } catch (thrown) {
                context.return_error(convert(thrown, Bubus.Error.PLUGIN));
            }
        }

        // A module may wait for something at its top level.
        async _activateLater(context) {
            await this._imported;
            if (this._problem)
                throw new GLib.Error(Bubus.error_quark(), Bubus.Error.PLUGIN, this._problem);
            return this._call('activate', context);
        }

        vfunc_activate(context) {
            return this._answer(context, this._module
                ? this._call('activate', context) : this._activateLater(context));
        }

        vfunc_deactivate(context) {
            return this._answer(context, this._call('deactivate', context));
        }
    });
})();
0;
