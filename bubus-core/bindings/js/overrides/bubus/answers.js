// SPDX-License-Identifier: LGPL-2.1-or-later
/* Values and errors of JavaScript, as the library has them, and how functions are handlers. */
/* exported describe, fromLibrary, isEventClass, makeTrampoline, nameOf, recall */
/* exported toError, toJson, toLikeness, toText, toTypeName */

const {GLib, GObject} = imports.gi;
const System = imports.system;
const Context = imports.overrides.bubus.context;

/* Before 1.90 a wrapper costs time for each other wrapper that lives, and the collector does not see their size. */
const COLLECTOR_NEEDS_HELP = System.version < 19000;
const CALLS_PER_COLLECTION = 1000;

/* Of an error whose domain says it all: the name of an error of JavaScript, which is its type in JSON. */
const TYPE_CODE = -1;

let callsSinceCollection = 0;

function helpCollector() {
    if (!COLLECTOR_NEEDS_HELP || ++callsSinceCollection < CALLS_PER_COLLECTION)
        return;
    callsSinceCollection = 0;
    System.gc();
}

/* ---- values ---- */

function toJson(value) {
    const {Json} = imports.gi.Bubus;
    return value instanceof Json ? value : Json.new(JSON.stringify(value), -1);
}

/* As toJson(), of anything: of a circle, a BigInt or a function the others get the name. */
function toLikeness(value) {
    try {
        return toJson(value);
    } catch {
        return toJson(toText(value));
    }
}

/* A value may throw when it is asked for anything, also for its text. */
function toText(value) {
    try {
        return String(value);
    } catch {
        return `a ${typeof value} without a text`;
    }
}

function fromLibrary(value) {
    return value instanceof imports.gi.Bubus.Json ? JSON.parse(value.get_text()) : value;
}

/* A value that the library has only a likeness of; JavaScript gets the same one back as long as the event lives. */
function remember(event, handlerId, value) {
    event._bubusKept ??= new Map();
    event._bubusKept.set(handlerId, value);
}

function recall(event, handlerId) {
    return event._bubusKept?.get(handlerId);
}

function isEventClass(pattern) {
    return typeof pattern === 'function' && pattern.$gtype !== undefined &&
        GObject.type_is_a(pattern.$gtype, imports.gi.Bubus.Event.$gtype);
}

function toTypeName(pattern) {
    return isEventClass(pattern) ? pattern.get_declared_type() : pattern;
}

/* ---- answering ---- */

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
    else if (value instanceof imports.gi.Bubus.Json)
        invocation.return_json(value);
    else if (value instanceof Error)
        fail(event, invocation, handlerId, value);
    else
        answerObject(event, invocation, handlerId, value);
}

function isGenerator(value) {
    return ['[object Generator]', '[object AsyncGenerator]'].includes(Object.prototype.toString.call(value));
}

function answerObject(event, invocation, handlerId, value) {
    if (isGenerator(value))
        throw new TypeError('the function has a yield in it, and so does nothing by being called');
    remember(event, handlerId, value);
    invocation.return_json(toLikeness(value));
}

function fail(event, invocation, handlerId, error) {
    if (error instanceof GLib.Error) {
        invocation.return_error(error);
        return;
    }
    remember(event, handlerId, error);
    const [name, message] = describe(error);
    invocation.return_error_literal(GLib.quark_from_string(name || 'Error'), TYPE_CODE, message);
}

/* Its name and its message. */
function describe(error) {
    try {
        return error instanceof Error ? [String(error.name), String(error.message)] : ['Error', String(error)];
    } catch {
        return ['Error', toText(error)];
    }
}

/* An error of JavaScript that was read from JSON, or comes from elsewhere, is one again. */
function toError(error, type) {
    const Kind = globalThis[type];
    if (typeof Kind !== 'function' || !(Kind === Error || Kind.prototype instanceof Error))
        return error;
    return new Kind(error.message);
}

/* ---- handlers ---- */

function nameOf(func) {
    return func.name !== '' ? func.name : 'anonymous';
}

/* What the library calls: registration.call(event, invocation, call) returns a value or a promise, and
 * registration.findId(event) says of which handler the answer is. */
function makeTrampoline(registration) {
    return (event, invocation) => {
        const id = registration.findId(event);
        const call = Context.makeCall(invocation);
        const finish = (respond, value) => {
            if (call.invocation === null)
                return;
            call.invocation = null;
            try {
                respond(event, invocation, id, value);
            } catch (error) {
                fail(event, invocation, id, error);
            }
        };
        helpCollector();
        try {
            call.reply = value => finish(answer, value);
            const value = Context.run({call, permit: null}, () => registration.call(event, invocation, call));
            if (typeof value?.then !== 'function') {
                finish(answer, value);
                return true;
            }
            if (call.invocation !== null)
                invocation.defer();
            value.then(result => finish(answer, result)).catch(error => finish(fail, error));
        } catch (error) {
            finish(fail, error);
        }
        return true;
    };
}
