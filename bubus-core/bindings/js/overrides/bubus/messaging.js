// SPDX-License-Identifier: LGPL-2.1-or-later
/* Requests, replies and messages. */
/* exported init */

const {Gio, GLib} = imports.gi;
const Answers = imports.overrides.bubus.answers;
const Context = imports.overrides.bubus.context;
const Streams = imports.overrides.bubus.streams;

let Bubus;

/* The value itself travels beside its likeness; one that was changed on the way is read from that. */
function makeMessage(address, value, headers = {}) {
    if (address instanceof Bubus.Message)
        return address;
    const body = value === undefined || value === null ? null : Answers.toLikeness(value);
    const message = Bubus.Message.new(address, body);
    for (const [name, text] of Object.entries(headers))
        message.set_header(name, text);
    if (body !== value)
        message._bubusValue = {value, text: body?.get_text()};
    return message;
}

function overrideMessage(prototype) {
    Object.defineProperties(prototype, {
        value: {
            get() {
                const body = this.get_body();
                if (body === null)
                    return null;
                const kept = this._bubusValue;
                return kept?.text === body.get_text() ? kept.value : JSON.parse(body.get_text());
            },
        },
    });
    prototype.reply = function (value) {
        if (!this._bubusCall?.invocation)
            throw new TypeError('only the consumer of a message can reply to it, and only once');
        Answers.reply(this._bubusCall, value);
    };
    prototype.sendPart = async function (value) {
        await this.send_part_async(Answers.toLikeness(value ?? null), null);
    };
    Context.track(prototype, ['sendPart']);
}

/* Sends all that an asynchronous generator gives, each when there is room for it. */
async function sendParts(message, parts) {
    for await (const part of parts)
        await message.sendPart(part);
}

/* “for await” has the parts as values; who leaves the loop closes the stream. */
function overrideReplyStream(prototype) {
    prototype.next = async function () {
        const part = await this.next_async(null);
        return part === null ? {done: true} : {value: part.value, done: false};
    };
    prototype.return = function (value) {
        this.close();
        return Promise.resolve({value, done: true});
    };
    prototype[Symbol.asyncIterator] = function () {
        return this;
    };
    Context.track(prototype, ['next']);
}

function overrideConsumers(prototype) {
    const {consumer, on, add_interceptor: addInterceptor} = prototype;

    prototype.consumer = function (address, func, ...raw) {
        if (typeof func !== 'function')  // the form of the C library: consumer(address, flags, function)
            return consumer.call(this, address, func, ...raw);
        const [{shared = false} = {}] = raw;
        const call = (message, invocation) => {
            message._bubusCall = Context.getCall();
            const received = func(message, invocation);
            return received?.[Symbol.asyncIterator] ? sendParts(message, received) : received;
        };
        const flags = shared ? Bubus.ConsumerFlags.SHARED : Bubus.ConsumerFlags.NONE;
        return consumer.call(this, address, flags, Answers.makeTrampoline(call));
    };
    prototype.on = function (pattern, func, ...raw) {
        if (typeof func !== 'function')  // on(pattern, name, function)
            return on.call(this, pattern, func, ...raw);
        const call = (message, invocation) => func(message.value, message, invocation);
        const keeps = !Answers.seesAtMost(func, 2);
        const handler = on.call(this, pattern, raw[0]?.name ?? Answers.nameOf(func),
            Answers.makeTrampoline(call, keeps));
        if (!keeps)
            handler.set_keeps_invocation(false);
        return handler;
    };
    prototype.messages = function (pattern) {
        return Streams.makeStream(receive => {
            const handler = this.on(pattern, (_value, message) => receive(message), {name: 'messages'});
            return () => this.get_bus().off(handler);
        });
    };
    prototype.addInterceptor = function (direction, func) {
        return addInterceptor.call(this, direction, message => func(message) !== false);
    };
}

/* The consumer's own error is the cause of what the requester is thrown. */
function explain(error, message) {
    if (!(error instanceof GLib.Error) || !error.matches(Bubus.error_quark(), Bubus.Error.RECIPIENT_FAILURE))
        return error;
    const failed = message.list_results().find(result => result.get_error() !== null &&
        error.message.endsWith(result.get_error().message));
    if (failed !== undefined)
        error.cause = failed.error;
    return error;
}

let isRequesting = false;

/* A request is handled in place. Before 1.90, gjs mixes up the callbacks of a function that is called again then. */
async function requestOnce(messenger, message, timeout, call, cancellable) {
    if (isRequesting)
        await null;
    isRequesting = true;
    let reply;
    try {
        reply = messenger.request_message_async(message, timeout, call?.invocation ?? null, cancellable);
    } finally {
        isRequesting = false;
    }
    return reply;
}

function overrideMessages(prototype) {
    const {publish, send} = prototype;

    const post = (raw, delivery) => function (address, value, {headers} = {}) {
        if (value instanceof Bubus.Json && headers === undefined && Context.getCall() === null)
            return raw.call(this, address, value);
        const message = makeMessage(address, value, headers);
        this.dispatch_message(message, delivery, Context.getCall()?.invocation ?? null);
        return message;
    };
    prototype.publish = post(publish, Bubus.Delivery.PUBLISH);
    prototype.send = post(send, Bubus.Delivery.SEND);

    prototype.request = async function (address, value, {timeout = -1, headers, cancellable = null} = {}) {
        const message = makeMessage(address, value, headers);
        try {
            return (await requestOnce(this, message, timeout, Context.getCall(), cancellable)).value;
        } catch (error) {
            throw explain(error, message);
        }
    };
    Context.track(prototype, ['request']);

    prototype.requestStream = function (address, value, {window = 0, idleTimeout = -1, timeout = 0, headers} = {}) {
        const message = makeMessage(address, value, headers);
        return this.request_stream_message(message, window, idleTimeout, timeout, Context.getCall()?.invocation ?? null);
    };
}

function init(namespace) {
    Bubus = namespace;
    for (const name of ['request', 'request_message'])
        Gio._promisify(Bubus.Messenger.prototype, `${name}_async`, `${name}_finish`);
    Gio._promisify(Bubus.Message.prototype, 'send_part_async', 'send_part_finish');
    Gio._promisify(Bubus.ReplyStream.prototype, 'next_async', 'next_finish');
    overrideMessage(Bubus.Message.prototype);
    overrideReplyStream(Bubus.ReplyStream.prototype);
    overrideConsumers(Bubus.Messenger.prototype);
    overrideMessages(Bubus.Messenger.prototype);
}
