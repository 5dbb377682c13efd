// SPDX-License-Identifier: LGPL-2.1-or-later
/* What makes libbubus at home in gjs: functions and async functions as handlers, promises, plain values. */
/* exported _init */

const {Gio, GLib, GObject} = imports.gi;
const System = imports.system;

/* Before 1.90 a wrapper costs time for each other wrapper that lives, and the collector does not see their size. */
const COLLECTOR_NEEDS_HELP = System.version < 19000;
const CALLS_PER_COLLECTION = 1000;

let Bubus;
let callsSinceCollection = 0;

function helpCollector() {
    if (!COLLECTOR_NEEDS_HELP || ++callsSinceCollection < CALLS_PER_COLLECTION)
        return;
    callsSinceCollection = 0;
    System.gc();
}

/* ---- values ---- */

function toJson(value) {
    return value instanceof Bubus.Json ? value : Bubus.Json.new(JSON.stringify(value), -1);
}

function fromLibrary(value) {
    return value instanceof Bubus.Json ? JSON.parse(value.get_text()) : value;
}

/* A value that the library has only a likeness of; JavaScript gets the same one back as long as the event lives. */
function keep(event, handlerId, value) {
    event._bubusKept ??= new Map();
    event._bubusKept.set(handlerId, value);
}

function answerNumber(event, invocation, value) {
    const type = event.get_event_result_type();
    if (type === GObject.TYPE_INT && Number.isInteger(value))
        invocation.return_int(value);
    else if (type !== GObject.TYPE_DOUBLE && Number.isSafeInteger(value))
        invocation.return_int64(value);
    else
        invocation.return_double(value);
}

function answer(event, invocation, handlerId, value) {
    if (value === undefined || value === null)
        invocation.return_nothing();
    else if (typeof value === 'string')
        invocation.return_string(value);
    else if (typeof value === 'boolean')
        invocation.return_boolean(value);
    else if (typeof value === 'number')
        answerNumber(event, invocation, value);
    else if (value instanceof GObject.Object)
        invocation.return_object(value);
    else if (value instanceof GLib.Variant)
        invocation.return_variant(value);
    else if (value instanceof Bubus.Json)
        invocation.return_json(value);
    else if (value instanceof Error)
        fail(event, invocation, handlerId, value);
    else
        answerObject(event, invocation, handlerId, value);
}

function answerObject(event, invocation, handlerId, value) {
    let json;
    try {
        json = toJson(value);
    } catch {  // a circle, a BigInt, or a function: the others get its name
        json = Bubus.Json.new(JSON.stringify(String(value)), -1);
    }
    keep(event, handlerId, value);
    invocation.return_json(json);
}

function fail(event, invocation, handlerId, error) {
    if (error instanceof GLib.Error) {
        invocation.return_error(error);
        return;
    }
    keep(event, handlerId, error);
    const [name, message] = error instanceof Error ? [error.name, error.message] : ['Error', String(error)];
    invocation.return_error_literal(GLib.quark_from_string(name || 'Error'), 0, message);
}

/* ---- handlers ---- */

function isEventClass(pattern) {
    return typeof pattern === 'function' && pattern.$gtype !== undefined &&
        GObject.type_is_a(pattern.$gtype, Bubus.Event.$gtype);
}

function makeTrampoline(func, registration) {
    return (event, invocation) => {
        const {id} = registration;
        helpCollector();
        try {
            const value = func(event, invocation);
            if (typeof value?.then !== 'function') {
                answer(event, invocation, id, value);
                return true;
            }
            invocation.defer();
            value.then(result => answer(event, invocation, id, result))
                .catch(error => fail(event, invocation, id, error));
        } catch (error) {
            fail(event, invocation, id, error);
        }
        return true;
    };
}

function nameOf(func) {
    return func.name !== '' ? func.name : 'anonymous';
}

const SETTERS = {
    priority: 'set_priority', timeout: 'set_timeout', slowTimeout: 'set_slow_timeout', once: 'set_once', tie: 'tie',
};

function configure(handler, options) {
    for (const [name, value] of Object.entries(options)) {
        if (name === 'name')
            continue;
        if (name === 'onError')
            handler.set_error_func((event, result, error) => value(event, result.error ?? error));
        else if (name in SETTERS)
            handler[SETTERS[name]](value);
        else
            throw new TypeError(`a handler has no option “${name}”`);
    }
}

function overrideHandlers(prototype) {
    const {on, on_pattern: onPattern, off, forward} = prototype;

    prototype.on = function (pattern, func, options = {}) {
        if (typeof func === 'string')  // the form of the C library: on(GType, name, function)
            return on.call(this, pattern, func, options);
        if (func instanceof Bubus.EventBus)
            return forward.call(this, isEventClass(pattern) ? pattern.get_declared_type() : pattern, null, func);
        if (typeof func !== 'function')
            throw new TypeError('a handler must be a function, or a bus');

        const registration = {id: null};
        const add = isEventClass(pattern) ? on : onPattern;
        const handler = add.call(this, isEventClass(pattern) ? pattern.$gtype : pattern, options.name ?? nameOf(func),
            makeTrampoline(func, registration));
        registration.id = handler.get_id();
        handler._bubusFunc = func;
        configure(handler, options);
        return handler;
    };

    prototype.off = function (what, func) {
        if (what instanceof Bubus.Handler)
            return off.call(this, what) ? 1 : 0;
        const pattern = isEventClass(what) ? what.get_declared_type() : what;
        const doomed = this.list_handlers().filter(each => typeof pattern === 'function'
            ? each._bubusFunc === pattern
            : each.get_pattern() === pattern && (func === undefined || each._bubusFunc === func));
        doomed.forEach(each => off.call(this, each));
        return doomed.length;
    };
}

/* ---- events ---- */

const FIELD_SPECS = new Map([
    [String, name => GObject.ParamSpec.string(name, '', '', GObject.ParamFlags.READWRITE, null)],
    [Number, name => GObject.ParamSpec.double(name, '', '', GObject.ParamFlags.READWRITE,
        -Number.MAX_VALUE, Number.MAX_VALUE, 0)],
    [Boolean, name => GObject.ParamSpec.boolean(name, '', '', GObject.ParamFlags.READWRITE, false)],
]);

function defineField(prototype, name, kind) {
    const isJson = !FIELD_SPECS.has(kind);
    const slot = `_field_${name}`;
    const initial = new Map([[Number, 0], [Boolean, false]]).get(kind) ?? null;

    Object.defineProperty(prototype, name, {
        configurable: true,
        enumerable: true,
        get() {
            return this[slot] ?? initial;
        },
        set(value) {
            if (this.is_sealed())
                throw new TypeError(`${name} cannot be changed: the event has been dispatched`);
            if (value !== null && !isJson && typeof value !== kind.name.toLowerCase())
                throw new TypeError(`“${name}” must be a ${kind.name.toLowerCase()}, but is ${typeof value}`);
            this[slot] = value === null || !isJson ? value : toJson(value);
        },
    });
}

/* What is given for a field of any value may be any value. */
function defineConstructor(prototype, fields) {
    const names = Object.keys(fields).filter(name => !FIELD_SPECS.has(fields[name]));
    const parent = Object.getPrototypeOf(prototype);

    if (names.length === 0 || Object.hasOwn(prototype, '_init'))
        return;
    prototype._init = function (values = {}) {
        const converted = names.filter(name => name in values).map(name => [name, toJson(values[name])]);
        parent._init.call(this, {...values, ...Object.fromEntries(converted)});
    };
}

/* Registers an event class, whose fields are a static member: {name: String, amount: Number, items: Object}. */
function registerEvent(klass) {
    const fields = Object.hasOwn(klass, 'fields') ? klass.fields : {};
    const properties = {};
    defineConstructor(klass.prototype, fields);
    for (const [name, kind] of Object.entries(fields)) {
        const property = name.replaceAll('_', '-');
        const makeSpec = FIELD_SPECS.get(kind) ??
            (each => GObject.ParamSpec.boxed(each, '', '', GObject.ParamFlags.READWRITE, Bubus.Json.$gtype));
        properties[property] = makeSpec(property);
        defineField(klass.prototype, name, kind);
    }
    const registered = GObject.registerClass({Properties: properties}, klass);
    registered.set_event_type(Object.hasOwn(klass, 'eventType') ? klass.eventType : klass.name);
    if (Object.hasOwn(klass, 'eventResultType'))
        registered.set_result_type(klass.eventResultType);
    Bubus.Event.register_type(registered.$gtype);
    return registered;
}

function overrideEvent(prototype) {
    Gio._promisify(prototype, 'wait_async', 'wait_finish');
    Gio._promisify(prototype, 'wait_for_async', 'wait_for_finish');

    prototype.wait = async function (seconds = -1) {
        await this.wait_for_async(seconds, null);
        return this;
    };
    Object.defineProperties(prototype, {
        payload: {
            get() {
                const members = Object.entries(JSON.parse(this.to_json()));
                return Object.fromEntries(members.filter(([name]) => !name.startsWith('event_')));
            },
        },
        eventResults: {
            get() {
                return new Map(this.list_results().map(result => [result.dup_handler_id(), result]));
            },
        },
    });
    prototype.toJSON = function () {
        return JSON.parse(this.to_json());
    };
}

/* ---- results ---- */

function overrideResult(prototype) {
    const kept = result => result.get_event()._bubusKept?.get(result.dup_handler_id());

    Object.defineProperties(prototype, {
        value: {
            get() {
                if (this.get_status() !== Bubus.ResultStatus.COMPLETED)
                    return null;
                return kept(this) ?? fromLibrary(this.get_value()) ?? null;
            },
        },
        error: {
            get() {
                const error = this.get_error();
                const original = error !== null ? kept(this) : undefined;
                return original instanceof Error && original.message === error.message ? original : error;
            },
        },
    });
}

async function gather(event, {timeout = -1, include = null, raiseIfAny = true, raiseIfNone = true} = {}) {
    await event.wait(timeout);
    const results = Bubus.Results.new(event);
    results.set_raise_if_any(raiseIfAny);
    results.set_raise_if_none(raiseIfNone);
    if (include !== null)
        results.set_include(include);
    try {
        return results.filter().filter(({value}) => value !== null && !(value instanceof Bubus.Event));
    } catch (error) {
        const first = event.list_results().find(each => each.get_error() !== null &&
            error.message.startsWith(each.get_error().message));
        throw first?.error ?? error;
    }
}

function overrideResultHelpers(prototype) {
    prototype.eventResult = async function (options) {
        return (await gather(this, options))[0]?.value ?? null;
    };
    prototype.eventResultsList = async function (options) {
        return (await gather(this, options)).map(result => result.value);
    };
    prototype.eventResultsFiltered = function (options) {
        return gather(this, options);
    };
    prototype.eventResultsByHandlerId = async function (options) {
        return Object.fromEntries((await gather(this, options)).map(each => [each.dup_handler_id(), each.value]));
    };
    prototype.eventResultsByHandlerName = async function (options) {
        return Object.fromEntries((await gather(this, options)).map(each => [each.get_handler_name(), each.value]));
    };
    prototype.eventResultsFlatList = async function (options) {
        return (await gather(this, options)).map(each => each.value).filter(Array.isArray).flat();
    };
    prototype.eventResultsFlatDict = async function ({raiseIfConflicts = true, ...options} = {}) {
        const found = await gather(this, {raiseIfNone: false, ...options});
        const merged = {};
        for (const {value} of found.filter(each => each.value.constructor === Object)) {
            const known = Object.keys(value).filter(key => Object.hasOwn(merged, key));
            if (known.length > 0 && raiseIfConflicts)
                throw new GLib.Error(Bubus.error_quark(), Bubus.Error.CONFLICT, `two handlers returned ${known}`);
            Object.assign(merged, value);
        }
        return merged;
    };
}

/* ---- buses ---- */

function toSeconds(limit) {
    return limit === true ? -1 : Math.max(0, Number(limit));
}

function makeQuery(pattern, {include = null, exclude = null, past, future, limit, childOf, fields = {}} = {}) {
    const query = isEventClass(pattern)
        ? Bubus.EventQuery.new(pattern.$gtype)
        : Bubus.EventQuery.new_for_pattern(pattern);
    const wanted = Object.entries(fields);
    if (include !== null || wanted.length > 0) {
        query.set_include(event => wanted.every(([name, value]) => event[name] === value) &&
            (include === null || Boolean(include(event))));
    }
    if (exclude !== null)
        query.set_exclude(event => Boolean(exclude(event)));
    if (past !== undefined)
        query.set_past(toSeconds(past));
    if (future !== undefined)
        query.set_future(toSeconds(future));
    if (limit !== undefined)
        query.set_limit(limit);
    if (childOf !== undefined)
        query.set_child_of(childOf);
    return query;
}

/* The events that match, from now on, as they are handled: for await (const event of bus.events('Order*')) … */
function makeStream(bus, pattern) {
    const events = [], waiting = [];
    let open = true;
    const handler = bus.on(pattern, event => {
        if (waiting.length > 0)
            waiting.shift()({value: event, done: false});
        else
            events.push(event);
    }, {name: 'events', priority: GLib.MAXINT32});
    return {
        next() {
            if (events.length > 0)
                return Promise.resolve({value: events.shift(), done: false});
            return open ? new Promise(resolve => waiting.push(resolve)) : Promise.resolve({done: true});
        },
        return(value) {
            open = false;
            bus.off(handler);
            waiting.splice(0).forEach(resolve => resolve({done: true}));
            return Promise.resolve({value, done: true});
        },
        [Symbol.asyncIterator]() {
            return this;
        },
    };
}

function overrideBus(prototype) {
    const {dispatch, stop, filter} = prototype;

    for (const name of ['dispatch', 'expect', 'find', 'filter', 'wait_until_idle', 'wait_until_idle_for', 'stop'])
        Gio._promisify(prototype, `${name}_async`, `${name}_finish`);

    prototype.dispatch = function (event) {
        dispatch.call(this, event);
        return event;
    };
    prototype.expect = function (pattern, {timeout = -1, ...options} = {}) {
        return this.expect_async(makeQuery(pattern, options), timeout, null);
    };
    prototype.find = function (pattern, options) {
        return this.find_async(makeQuery(pattern, options), null);
    };
    prototype.filter = function (pattern, options) {
        return pattern instanceof Bubus.EventQuery
            ? filter.call(this, pattern)
            : this.filter_async(makeQuery(pattern, options), null);
    };
    prototype.waitUntilIdle = function (seconds = -1) {
        return this.wait_until_idle_for_async(seconds, null);
    };
    prototype.stop = async function ({timeout = 0, clear = false} = {}) {
        const finished = timeout === 0 ? (stop.call(this), true) : await this.stop_async(timeout, null);
        if (clear)
            this.clear();
        return finished;
    };
    prototype.events = function (pattern) {
        return makeStream(this, pattern);
    };
    prototype.logTree = function () {
        return this.format_tree(Bubus.TreeFlags.NONE);
    };
}

function overrideInvocation(prototype) {
    const {dispatch} = prototype;

    Gio._promisify(prototype, 'run_async', 'run_finish');
    prototype.dispatch = function (...args) {
        const [bus, event] = args.length === 1 ? [null, args[0]] : args;
        dispatch.call(this, bus, event);
        return event;
    };
    prototype.wait = async function (event) {
        await this.run_async(event, null);
        return event;
    };
}

/* “for await” has the parts as values; who leaves the loop closes the stream. */
function overrideStreams(message, stream) {
    Gio._promisify(message, 'send_part_async', 'send_part_finish');
    Gio._promisify(stream, 'next_async', 'next_finish');

    message.sendPart = function (value) {
        return this.send_part_async(Bubus.Json.new(JSON.stringify(value) ?? 'null', -1), null);
    };
    stream[Symbol.asyncIterator] = function () {
        return {
            next: async () => {
                const part = await this.next_async(null);
                return part === null ? {done: true} : {value: part.value, done: false};
            },
            return: value => {
                this.close();
                return Promise.resolve({value, done: true});
            },
        };
    };
}

function _init() {
    Bubus = this;

    Object.defineProperty(Bubus.Json.prototype, 'value', {
        get() {
            return JSON.parse(this.get_text());
        },
    });
    overrideEvent(Bubus.Event.prototype);
    overrideResult(Bubus.EventResult.prototype);
    overrideResultHelpers(Bubus.Event.prototype);
    overrideHandlers(Bubus.EventBus.prototype);
    overrideBus(Bubus.EventBus.prototype);
    overrideInvocation(Bubus.Invocation.prototype);
    overrideStreams(Bubus.Message.prototype, Bubus.ReplyStream.prototype);
    Bubus.registerEvent = registerEvent;
}
