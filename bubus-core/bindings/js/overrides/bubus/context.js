// SPDX-License-Identifier: LGPL-2.1-or-later
/* What code belongs to: the call of a handler, and the places of semaphores that its chain of calls has.
 *
 * JavaScript has no context that outlives an await. But what an async function awaits is asked for its then(): promises
 * of this kind put the context, in which they were made, around whatever waits for them. */
/* exported getCall, getContext, makeCall, keep, run, track */

let current = null;

/* A context never changes, so that it can be kept: {call, permit}. */
function getContext() {
    return current;
}

function makeCall(invocation) {
    return {invocation};
}

/* The call that this code belongs to, if it is not over. */
function getCall() {
    return current?.call?.invocation ? current.call : null;
}

function run(context, func) {
    const before = current;
    current = context;
    try {
        return func();
    } finally {
        current = before;
    }
}

/* When an async function waits, @func only queues what comes after the await: between what is queued here. */
function wrap(context, func) {
    if (typeof func !== 'function')
        return func;
    return value => {
        let before = null;
        Promise.resolve().then(() => {
            before = current;
            current = context;
        });
        try {
            return run(context, () => func(value));
        } finally {
            Promise.resolve().then(() => (current = before));
        }
    };
}

class ContextPromise extends Promise {
    constructor(executor) {
        super(executor);
        this._bubusContext = current;
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
    return current === null ? promise : new ContextPromise((resolve, reject) => promise.then(resolve, reject));
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
