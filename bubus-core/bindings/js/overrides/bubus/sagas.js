// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sagas and recorders. */
/* exported init */

const {Gio} = imports.gi;
const Answers = imports.overrides.bubus.answers;
const Context = imports.overrides.bubus.context;

let Bubus;

/* What is thrown here could go nowhere. */
function makeEvent(func, ...args) {
    try {
        return func(...args) ?? null;
    } catch (error) {
        logError(error, 'a function of a saga failed');
        return null;
    }
}

function makeSaga(bus, name, key, {steps = [], failures = [], timeout = 0, completion, compensations = []} = {}) {
    const saga = new Bubus.Saga({bus, name, key_property: key, timeout});
    steps.forEach(step => saga.add_step(step));
    failures.forEach(failure => saga.add_failure(failure));
    if (completion !== undefined)
        saga.set_completion((_saga, instance) => makeEvent(completion, instance));
    for (const [step, func] of compensations) {
        saga.set_compensation(Answers.toTypeName(step),
            (_saga, instance, event) => makeEvent(func, instance, event));
    }
    return saga;
}

function overrideSaga(prototype) {
    const {add_step: addStep, add_failure: addFailure, restore} = prototype;

    prototype.add_step = function (type) {
        addStep.call(this, Answers.toTypeName(type));
    };
    prototype.add_failure = function (type) {
        addFailure.call(this, Answers.toTypeName(type));
    };
    prototype.restore = function (values) {
        return restore.call(this, Answers.toJson(values));
    };
    prototype.dump = function () {
        return this.to_json().value;
    };
    /* When the next instance, of a key if it is given, is complete; rejected when it is aborted. */
    prototype.wait = function (key = null) {
        return new Promise((resolve, reject) => {
            const ids = [];
            const end = finish => (_saga, instance, reason) => {
                if (key !== null && instance.get_key() !== String(key))
                    return;
                ids.forEach(id => this.disconnect(id));
                finish(instance, reason);
            };
            ids.push(this.connect('completed', end(resolve)));
            ids.push(this.connect('aborted', end((_instance, reason) => reject(reason))));
        });
    };
    Context.track(prototype, ['wait']);
    Object.defineProperty(prototype, 'instances', {
        get() {
            return new Map(this.list_instances().map(instance => [instance.get_key(), instance]));
        },
    });
}

function overrideInstance(prototype) {
    const {get_event: getEvent} = prototype;

    prototype.get_event = function (type) {
        return getEvent.call(this, Answers.toTypeName(type));
    };
}

function overrideRecorder(prototype) {
    Gio._promisify(prototype, 'wait_async', 'wait_finish');
    prototype.wait = async function (pattern = null, {count = 1, cancellable = null} = {}) {
        await this.wait_async(Answers.toTypeName(pattern), count, cancellable);
        return this.list_events(Answers.toTypeName(pattern));
    };
    Context.track(prototype, ['wait']);
    prototype.events = function (pattern = null) {
        return this.list_events(Answers.toTypeName(pattern));
    };
    prototype.checkCount = function (pattern, expected) {
        this.check_count(Answers.toTypeName(pattern), expected);
    };
    prototype.checkSequence = function (types) {
        this.check_sequence(types.map(Answers.toTypeName));
    };
    prototype.checkNoErrors = function () {
        this.check_no_errors();
    };
    Object.defineProperty(prototype, 'eventTypes', {
        get() {
            return this.list_events(null).map(event => event.get_event_type());
        },
    });
}

function init(namespace) {
    Bubus = namespace;
    overrideSaga(Bubus.Saga.prototype);
    overrideInstance(Bubus.SagaInstance.prototype);
    overrideRecorder(Bubus.Recorder.prototype);
    Bubus.makeSaga = makeSaga;
}
