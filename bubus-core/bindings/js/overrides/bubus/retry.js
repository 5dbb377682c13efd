// SPDX-License-Identifier: LGPL-2.1-or-later
/* Functions that are tried again, and of which a limited number run at a time: under the policies of the library. */
/* exported init */

const {Gio, GLib, GObject} = imports.gi;
const Answers = imports.overrides.bubus.answers;
const Context = imports.overrides.bubus.context;

/* What the library is told of an error: whether it is a reason to try again. The error itself stays here. */
const ERROR = 'bubus-retry-error';
const FINAL = 0;
const AGAIN = 1;

let Bubus;

const owners = new WeakMap();

/* The object that stands for any other in the library. */
function getOwner(target) {
    if (target instanceof GObject.Object)
        return target;
    if (!owners.has(target))
        owners.set(target, new GObject.Object());
    return owners.get(target);
}

/* Reasons are classes, names of errors, or patterns of “Name: message”. */
function isReason(reasons, error) {
    return reasons === null || reasons.some(reason => {
        if (typeof reason === 'function')
            return error instanceof reason;
        if (reason instanceof RegExp)
            return reason.test(`${error?.name}: ${error?.message}`);
        return error?.name === reason;
    });
}

function makePolicy(settings, name, scope) {
    const policy = new Bubus.RetryPolicy({
        wait: Math.max(settings.wait, 0),
        retries: Math.max(settings.retries, 0),
        timeout: settings.timeout ?? 0,
        backoff_factor: settings.backoffFactor,
    });
    policy.retry_on(GLib.quark_from_string(ERROR), AGAIN);
    const timedOut = new GLib.Error(Bubus.error_quark(), Bubus.Error.TIMED_OUT, 'timeout');
    if (isReason(settings.reasons, timedOut) || settings.reasons.includes('TimeoutError'))
        policy.retry_on(Bubus.error_quark(), Bubus.Error.TIMED_OUT);
    if (settings.semaphoreLimit > 0) {
        policy.set_semaphore(new Bubus.Semaphore({
            name,
            scope: Bubus.Scope[scope.toUpperCase()],
            limit: settings.semaphoreLimit,
            lax: settings.semaphoreLax,
            timeout: settings.semaphoreTimeout ?? -1,
        }));
    }
    return policy;
}

/* The policy for a call on behalf of @target, and who that is to the library. */
function choose(settings, target) {
    const isObject = target !== null && typeof target === 'object';
    let {name, semaphoreScope: scope} = settings, owner = null;
    if (settings.semaphoreLimit > 0 && isObject && scope === 'self') {
        owner = getOwner(target);
    } else if (settings.semaphoreLimit > 0 && isObject && scope === 'class') {
        if (target instanceof GObject.Object)
            owner = target;
        else
            [name, scope] = [`${target.constructor?.name}.${name}`, 'global'];
    }
    const key = `${scope} ${name}`;
    if (!settings.policies.has(key))
        settings.policies.set(key, makePolicy(settings, name, scope));
    return [settings.policies.get(key), owner];
}

async function runUnder(policy, operation, outcome) {
    try {
        await policy.run_async(operation, outcome.cancellable);
        return outcome.value;
    } catch (error) {
        throw error instanceof GLib.Error && error.domain === GLib.quark_from_string(ERROR) ? outcome.error : error;
    }
}

function makeOperation(settings, call, outcome) {
    const context = Context.getContext();
    const succeed = (attempt, value) => {
        outcome.value = value;
        attempt.return_nothing();
    };
    const fail = (attempt, error) => {
        let code = FINAL;
        outcome.error = error;
        try {
            code = isReason(settings.reasons, error) ? AGAIN : FINAL;
        } catch {
            // It cannot be asked for its name or its message, so it is none of those that were named.
        }
        attempt.return_error_literal(GLib.quark_from_string(ERROR), code, Answers.toText(error));
    };
    const run = attempt => {
        try {
            const inner = {call: context?.call ?? null, permit: attempt.get_permit()};
            const value = Context.run(inner, () => call(attempt));
            if (typeof value?.then === 'function')
                value.then(result => succeed(attempt, result)).catch(error => fail(attempt, error));
            else
                succeed(attempt, value);
        } catch (error) {
            fail(attempt, error);
        }
    };
    /* Not while run_async() runs, which before 1.90 must not be called by what it calls. */
    return Bubus.Operation.new(attempt => {
        Promise.resolve(attempt).then(run);
        return true;
    });
}

/* Makes a function, which may be a method or a handler, that is tried again when it throws or rejects. */
function retry(func, options = {}) {
    const settings = {
        wait: 3, retries: 3, timeout: 5, retryOn: null, backoffFactor: 1, semaphoreLimit: null, semaphoreName: null,
        semaphoreLax: true, semaphoreScope: 'global', semaphoreTimeout: null,
    };
    for (const [name, value] of Object.entries(options)) {
        if (!(name in settings))
            throw new TypeError(`retry() has no option “${name}”`);
        settings[name] = value;
    }
    if (Bubus.Scope[settings.semaphoreScope.toUpperCase()] === undefined)
        throw new TypeError(`there is no scope “${settings.semaphoreScope}”`);
    settings.reasons = settings.retryOn === null ? null : [settings.retryOn].flat();
    settings.name = settings.semaphoreName ?? func.name;
    settings.policies = new Map();

    function retried(...args) {
        const [policy, owner] = choose(settings, this ?? null);
        const outcome = {value: undefined, error: null, cancellable: null};
        const operation = makeOperation(settings, attempt => func.apply(this, [...args, attempt]), outcome);
        operation.set_owner(owner);
        operation.set_held(Context.getContext()?.permit ?? null);
        outcome.cancellable = Context.getCall()?.invocation.get_cancellable() ?? null;
        return Context.keep(runUnder(policy, operation, outcome));
    }
    Object.defineProperty(retried, 'name', {value: func.name});
    return retried;
}

function init(namespace) {
    Bubus = namespace;
    for (const kind of [Bubus.RetryPolicy, Bubus.Semaphore, Bubus.CircuitBreaker])
        Gio._promisify(kind.prototype, 'run_async', 'run_finish');
    Gio._promisify(Bubus.Semaphore.prototype, 'acquire_async', 'acquire_finish');
    Bubus.retry = retry;
}
