// SPDX-License-Identifier: LGPL-2.1-or-later
/* What code belongs to: the call of a handler, and the places of semaphores that its chain of calls has.
 *
 * JavaScript has no context that outlives an await. But what an async function awaits is asked for its then(): promises
 * of this kind put the context, in which they were made, around whatever waits for them. */
/* exported defer, end, endCall, getCall, getContext, isOver, keep, keepCall, run, scope, track */

/* Where code is: in a context, or in a handler's call of which nobody has asked for the context yet; or in none. */
var scope = {context: null, event: null, invocation: null};

/* A context never changes, so that it can be kept: {call, permit}. A call that is over has no invocation any more. */
function getContext() {
    const {event, invocation} = scope;
    if (invocation !== null) {
        const call = {event, invocation, isKept: false, isDeferred: false};
        scope.context = {call, permit: null};
        scope.event = scope.invocation = null;
    }
    return scope.context;
}

function endCall(call) {
    call.event = call.invocation = null;
}

/* The call that this code belongs to, if it is not over. Of what was deferred by hand nobody tells when it is answered. */
function getCall() {
    const call = getContext()?.call;
    if (call?.isDeferred && call.invocation !== null && !call.invocation.is_deferred())
        endCall(call);
    return call?.invocation ? call : null;
}

/* The call that this code belongs to, which goes on after the handler has returned. */
function keepCall() {
    const {call} = getContext();
    call.isKept = true;
    return call;
}

/* The handler has said that it answers by its invocation, later. */
function defer(invocation) {
    const call = getContext()?.call;
    if (call?.invocation === invocation && !call.isKept)
        call.isDeferred = true;
}

function isOver() {
    return scope.context !== null && scope.context.call?.invocation === null;
}

/* The handler has returned. */
function end(invocation) {
    const {call} = scope.context;
    if (call?.invocation === invocation && !call.isKept && !call.isDeferred)
        endCall(call);
}

function setContext(context) {
    scope.context = context;
    scope.event = scope.invocation = null;
}

function run(context, func) {
    const before = getContext();
    setContext(context);
    try {
        return func();
    } finally {
        setContext(before);
    }
}

/* When an async function waits, @func only queues what comes after the await: between what is queued here. */
function wrap(context, func) {
    if (typeof func !== 'function')
        return func;
    return value => {
        let before = null;
        Promise.resolve().then(() => {
            before = getContext();
            setContext(context);
        });
        try {
            return run(context, () => func(value));
        } finally {
            Promise.resolve().then(() => setContext(before));
        }
    };
}

class ContextPromise extends Promise {
    constructor(executor) {
        super(executor);
        this._bubusContext = getContext();
    }

    static get [Symbol.species]() {
        return Promise;
    }

    then(onFulfilled, onRejected) {
        const context = this._bubusContext;
        return super.then(wrap(context, onFulfilled), wrap(context, onRejected));
    }
}

/* A promise that brings the context back; outside of any, the promise itself. */
function keep(promise) {
    return getContext() === null ? promise : new ContextPromise((resolve, reject) => promise.then(resolve, reject));
}

/* Makes the functions of these names return promises that do. */
function track(prototype, names) {
    for (const name of names) {
        const func = prototype[name];
        prototype[name] = function (...args) {
            return keep(func.apply(this, args));
        };
    }
}
