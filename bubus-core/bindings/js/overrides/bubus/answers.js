// SPDX-License-Identifier: LGPL-2.1-or-later
/* Values and errors of JavaScript, as the library has them, and how functions are handlers. */
/* exported describe, fromLibrary, init, isEventClass, makeTrampoline, nameOf, recall, reply, seesAtMost */
/* exported toError, toJson, toLikeness, toText, toTypeName */

const {GLib, GObject} = imports.gi;
const Collector = imports.overrides.bubus.collector;
const Context = imports.overrides.bubus.context;

/* Of an error whose domain says it all: the name of an error of JavaScript, which is its type in JSON. */
const TYPE_CODE = -1;

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
function remember(event, invocation, value) {
    event._bubusKept ??= new Map();
    event._bubusKept.set(invocation.get_handler_id(), value);
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

function answer(event, invocation, value) {
    if (value === undefined || value === null)
        invocation.return_nothing();
    else if (typeof value === 'string')
        invocation.return_string(value);
    else if (typeof value === 'boolean')
        invocation.return_boolean(value);
    else if (typeof value === 'number')
        invocation.return_number(value);
    else if (value instanceof GObject.Object)
        invocation.return_object(value);
    else if (value instanceof GLib.Variant)
        invocation.return_variant(value);
    else if (value instanceof imports.gi.Bubus.Json)
        invocation.return_json(value);
    else if (value instanceof Error)
        fail(event, invocation, value);
    else
        answerObject(event, invocation, value);
}

function isGenerator(value) {
    return ['[object Generator]', '[object AsyncGenerator]'].includes(Object.prototype.toString.call(value));
}

function answerObject(event, invocation, value) {
    if (isGenerator(value))
        throw new TypeError('the function has a yield in it, and so does nothing by being called');
    remember(event, invocation, value);
    invocation.return_json(toLikeness(value));
}

function fail(event, invocation, error) {
    if (error instanceof GLib.Error)
        invocation.return_error(error);
    else
        invocation.return_error_literal(...toLibraryError(event, invocation, error));
}

/* What makes a GError: the domain, the code and the message. */
function toLibraryError(event, invocation, error) {
    Collector.countObject();
    remember(event, invocation, error);
    const [name, message] = describe(error);
    return [GLib.quark_from_string(name || 'Error'), TYPE_CODE, message];
}

/* It takes longer than fail(), but takes back what the function has answered before. */
function toGError(event, invocation, error) {
    return error instanceof GLib.Error ? error : new GLib.Error(...toLibraryError(event, invocation, error));
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

/* Parameters that stand for one argument each, and no strings, comments or expressions. */
const PARAMETERS = /^(?:async\b\s*)?(?:function\b\s*)?(?:[\w$]*\s*\(([\w$\s,:{}[\]]*)\)|[\w$]+)\s*(=>|\{)/;
const OTHER_WAYS = /\b(?:arguments|eval)\b|\\u|\[native code\]/;

/* Whether a function can see only so many of its arguments. Of one that is bound or built in nobody knows. */
function seesAtMost(func, nArguments) {
    if (func.length > nArguments)
        return false;
    const source = Function.prototype.toString.call(func);
    const [, , body] = PARAMETERS.exec(source) ?? [];
    return body === '=>' || (body !== undefined && !OTHER_WAYS.test(source));
}

function reply(call, value) {
    calls.finish(call, answer, value);
}

/* How the library calls a function: one that returns nothing has answered with nothing, or answers by its invocation.
 * The interpreter compiles nothing that stands in a module of this kind, and so this is taken out of it: it knows only
 * what it is given. Each handler has as few objects of its own as can be, because where there are many, the time of a
 * call is that of finding them in memory. */
function defineCalls({answer, fail, toGError}, natives, Collector, Context) {
    const {defer, returnNumber, returnString, returnBoolean} = natives;
    const {counted} = Collector;
    const {scope} = Context;

    function isThenable(value) {
        return value !== null && (typeof value === 'object' || typeof value === 'function') &&
            typeof value.then === 'function';
    }

    /* The first answer counts. */
    function finish(call, respond, value) {
        const {event, invocation} = call;
        if (invocation === null)
            return;
        Context.endCall(call);
        try {
            respond(event, invocation, value);
        } catch (error) {
            fail(event, invocation, error);
        }
    }

    function finishLater(call, promise) {
        if (call.invocation !== null)
            defer.call(call.invocation);
        try {
            promise.then(value => finish(call, answer, value)).catch(error => finish(call, fail, error));
        } catch (error) {  // it only looked like one
            call.isKept = false;
            throw error;
        }
    }

    /* A function has returned anything but nothing, or a plain value. */
    function finishAtOnce(event, invocation, value) {
        Collector.countObject();
        if (isThenable(value))
            finishLater(Context.keepCall(), value);
        else if (!Context.isOver())
            answer(event, invocation, value);
    }

    function answerAtOnce(event, invocation, value) {
        switch (typeof value) {
        case 'undefined':
            break;
        case 'number':
            returnNumber.call(invocation, value);
            break;
        case 'string':
            returnString.call(invocation, value);
            break;
        case 'boolean':
            returnBoolean.call(invocation, value);
            break;
        default:
            if (value !== null)
                finishAtOnce(event, invocation, value);
        }
    }

    function failed(event, invocation, error, mayHaveAnswered) {
        if (Context.isOver())
            return;
        if (mayHaveAnswered)
            throw toGError(event, invocation, error);
        fail(event, invocation, error);
    }

    function call(func, event, invocation, mayAnswer) {
        const {context: outerContext, event: outerEvent, invocation: outerInvocation} = scope;
        scope.context = null;
        scope.event = event;
        scope.invocation = invocation;
        try {
            answerAtOnce(event, invocation, func(event, invocation));
        } catch (error) {
            failed(event, invocation, error, mayAnswer);
        } finally {
            if (scope.context !== null)
                Context.end(invocation);
            scope.context = outerContext;
            scope.event = outerEvent;
            scope.invocation = outerInvocation;
        }
        return true;
    }

    function count(event) {
        if (event !== counted.event)
            Collector.countEvent(event);
        else if (++counted.nCalls === counted.maxCalls)
            Collector.countCalls();
    }

    return {
        finish,
        makeKeeping: func => (event, invocation) => {
            count(event);
            Collector.countObject();
            return call(func, event, invocation, true);
        },
        makeLettingGo: func => (event, invocation) => {
            count(event);
            return call(func, event, invocation, false);
        },
    };
}

let calls;

/* What the library calls: func(event, invocation) returns a value or a promise. */
function makeTrampoline(func, keepsInvocation = true) {
    return keepsInvocation ? calls.makeKeeping(func) : calls.makeLettingGo(func);
}

/* The functions of the library are looked up once: where a member of its objects is found is not remembered. */
function init(namespace) {
    const {prototype} = namespace.Invocation;
    const natives = {
        defer: prototype.defer,
        returnNumber: prototype.return_number,
        returnString: prototype.return_string,
        returnBoolean: prototype.return_boolean,
    };
    calls = Function(`'use strict'; return ${defineCalls};`)()(
        {answer, fail, toGError}, natives, Collector, Context);
}
