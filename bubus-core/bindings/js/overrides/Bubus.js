// SPDX-License-Identifier: LGPL-2.1-or-later
/* What makes libbubus at home in gjs: functions and async functions as handlers, promises, plain values. */
/* exported _init */

const {Gio, GLib, GObject} = imports.gi;
const Answers = imports.overrides.bubus.answers;
const Context = imports.overrides.bubus.context;
const Messaging = imports.overrides.bubus.messaging;
const Retry = imports.overrides.bubus.retry;
const Sagas = imports.overrides.bubus.sagas;
const Streams = imports.overrides.bubus.streams;

let Bubus;

/* ---- handlers ---- */

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

    /* The form of the C library: on(GType, name, function). */
    const onPlain = (bus, type, name, func) => {
        const handler = on.call(bus, type, name, func);
        if (typeof func === 'function' && Answers.seesAtMost(func, 1))
            handler.set_keeps_invocation(false);
        return handler;
    };

    prototype.on = function (pattern, func, options = {}) {
        if (typeof func === 'string')
            return onPlain(this, pattern, func, options);
        if (func instanceof Bubus.EventBus)
            return forward.call(this, Answers.toTypeName(pattern), null, func);
        if (typeof func !== 'function')
            throw new TypeError('a handler must be a function, or a bus');
        if (pattern === '' || (typeof pattern !== 'string' && !Answers.isEventClass(pattern)))
            throw new TypeError(`a pattern is an event class, a type name or “*”, not “${pattern}”`);

        const keeps = !Answers.seesAtMost(func, 1);
        const [add, what] = Answers.isEventClass(pattern) ? [on, pattern.$gtype] : [onPattern, pattern];
        const handler = add.call(this, what, options.name ?? Answers.nameOf(func),
            Answers.makeTrampoline(func, keeps));
        if (!keeps)
            handler.set_keeps_invocation(false);
        handler._bubusFunc = func;
        try {
            configure(handler, options);
        } catch (error) {
            off.call(this, handler);
            throw error;
        }
        return handler;
    };

    prototype.off = function (what, func) {
        if (what instanceof Bubus.Handler)
            return off.call(this, what) ? 1 : 0;
        const pattern = Answers.toTypeName(what);
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
            if (Bubus.Event.prototype.is_sealed.call(this))
                throw new TypeError(`${name} cannot be changed: the event has been dispatched`);
            if (value !== null && !isJson && typeof value !== kind.name.toLowerCase())
                throw new TypeError(`“${name}” must be a ${kind.name.toLowerCase()}, but is ${typeof value}`);
            this[slot] = value === null || !isJson ? value : Answers.toJson(value);
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
        const converted = names.filter(name => name in values).map(name => [name, Answers.toJson(values[name])]);
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
        if (Bubus.Event.find_property(property) !== null)
            throw new TypeError(`“${name}” is reserved: every event has it`);
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

/* Before 1.90, gjs mixes up the callbacks of a function that is called again while it runs: so it only waits. */
function runOnce(invocation, event, cancellable) {
    invocation.start(event);
    return invocation.run_async(event, cancellable);
}

async function runInPlace(invocation, event, seconds) {
    const cancellable = seconds >= 0 ? new Gio.Cancellable() : null;
    const timeout = seconds >= 0 ? GLib.timeout_add(GLib.PRIORITY_DEFAULT, seconds * 1000, () => {
        cancellable.cancel();
        return GLib.SOURCE_CONTINUE;
    }) : 0;
    try {
        await runOnce(invocation, event, cancellable);
    } catch (error) {
        if (!cancellable?.is_cancelled())
            throw error;
        throw new GLib.Error(Bubus.error_quark(), Bubus.Error.TIMED_OUT,
            `“${event.get_event_type()}” took longer than ${seconds} s`);
    } finally {
        if (timeout !== 0)
            GLib.source_remove(timeout);
    }
}

function overrideEvent(prototype) {
    Gio._promisify(prototype, 'wait_async', 'wait_finish');
    Gio._promisify(prototype, 'wait_for_async', 'wait_for_finish');

    /* Inside a handler the event is handled at once, in place; elsewhere it takes its turn. */
    prototype.wait = async function (seconds = -1) {
        const call = Context.getCall();
        if (call !== null)
            await runInPlace(call.invocation, this, seconds);
        else
            await this.wait_for_async(seconds, null);
        return this;
    };
    Context.track(prototype, ['wait']);
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
    const kept = result => Answers.recall(result.get_event(), result.dup_handler_id());

    Object.defineProperties(prototype, {
        value: {
            get() {
                if (this.get_status() !== Bubus.ResultStatus.COMPLETED)
                    return null;
                const original = kept(this);
                if (original !== undefined && !(original instanceof Error))  // it answered, and failed after that
                    return original;
                return Answers.fromLibrary(this.get_value()) ?? null;
            },
        },
        error: {
            get() {
                const error = this.get_error();
                const original = error !== null ? kept(this) : undefined;
                if (original !== undefined && original !== null && Answers.describe(original)[1] === error.message)
                    return original;
                return error !== null ? Answers.toError(error, this.dup_error_type()) : null;
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
    Context.track(prototype, [
        'eventResult', 'eventResultsList', 'eventResultsFiltered', 'eventResultsByHandlerId',
        'eventResultsByHandlerName', 'eventResultsFlatList', 'eventResultsFlatDict',
    ]);
}

/* ---- buses ---- */

function toSeconds(limit) {
    return limit === true ? -1 : Math.max(0, Number(limit));
}

function makeQuery(pattern, {include = null, exclude = null, past, future, limit, childOf, fields = {}} = {}) {
    const query = Answers.isEventClass(pattern)
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

function overrideBus(prototype) {
    const {dispatch, stop, filter} = prototype;

    for (const name of ['dispatch', 'expect', 'find', 'filter', 'wait_until_idle', 'wait_until_idle_for', 'stop'])
        Gio._promisify(prototype, `${name}_async`, `${name}_finish`);

    /* What a handler dispatches is a child of what it handles. */
    prototype.dispatch = function (event) {
        const call = Context.getCall();
        if (call !== null)
            call.invocation.dispatch(this, event);
        else
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
            : Context.keep(this.filter_async(makeQuery(pattern, options), null));
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
    /* The events that match, from now on, as they are handled. */
    prototype.events = function (pattern) {
        return Streams.makeStream(receive => {
            const handler = this.on(pattern, event => receive(event), {name: 'events', priority: GLib.MAXINT32});
            return () => this.off(handler);
        });
    };
    prototype.logTree = function () {
        return this.format_tree(Bubus.TreeFlags.NONE);
    };
    Context.track(prototype, ['expect', 'find', 'waitUntilIdle', 'stop']);
}

function overrideInvocation(prototype) {
    const {dispatch, defer} = prototype;

    Gio._promisify(prototype, 'run_async', 'run_finish');
    prototype.defer = function () {
        defer.call(this);
        Context.defer(this);
    };
    prototype.dispatch = function (...args) {
        const [bus, event] = args.length === 1 ? [null, args[0]] : args;
        dispatch.call(this, bus, event);
        return event;
    };
    prototype.wait = async function (event) {
        await runOnce(this, event, null);
        return event;
    };
    Context.track(prototype, ['wait']);
}

/* ---- what else is asynchronous ---- */

const PROMISES = {
    Journal: ['dispatch', 'flush', 'recover'],
    Replay: ['run'],
    Results: ['wait'],
};

/* Where the name is free, each is a promise as well: journal.recover(), replay.run(). */
function overrideOthers() {
    for (const [kind, names] of Object.entries(PROMISES)) {
        const {prototype} = Bubus[kind];
        for (const name of names) {
            Gio._promisify(prototype, `${name}_async`, `${name}_finish`);
            prototype[name] ??= function (...args) {
                return Context.keep(this[`${name}_async`](...args, null));
            };
        }
    }
}

/* Half of one would have no name, no event and no bus. What the library has made is wrapped without _init(). */
const MADE_BY_THE_LIBRARY = [
    'Attempt', 'Handler', 'Hold', 'Interception', 'Invocation', 'Permit', 'ReplyStream', 'SagaInstance',
];

function refuseToMake() {
    for (const name of MADE_BY_THE_LIBRARY) {
        Bubus[name].prototype._init = () => {
            throw new TypeError(`objects of ${name} are made by the library`);
        };
    }
}

function _init() {
    Bubus = this;
    Answers.init(Bubus);

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
    overrideOthers();
    refuseToMake();
    Messaging.init(Bubus);
    Retry.init(Bubus);
    Sagas.init(Bubus);
    Bubus.registerEvent = registerEvent;
    Bubus.keep = Context.keep;
}
