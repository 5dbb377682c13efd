// SPDX-License-Identifier: LGPL-2.1-or-later

// The same plugin as crelay.c and pyrelay.py.

import Bubus from 'gi://Bubus?version=1';
import GObject from 'gi://GObject';

const JsHello = GObject.registerClass({
    Properties: {
        'guest': GObject.ParamSpec.string('guest', '', '', GObject.ParamFlags.READWRITE, ''),
    },
}, class JsHello extends Bubus.Event {});

JsHello.set_result_type(GObject.TYPE_STRING);

// Dispatches a child, awaits it, and says what its handler has returned.
function ask(invocation, event) {
    invocation.dispatch(null, event);
    invocation.run(event);
    const results = event.list_results();
    return results[0]?.get_value() ?? 'nobody';
}

function greet(event, invocation) {
    invocation.return_string(`JavaScript greets ${event.guest}`);
}

function relay(event, invocation) {
    const greeting = ask(invocation, new JsHello({guest: 'Brendan'}));
    const others = ask(invocation, Bubus.GenericEvent.new('NobodyRelay', null));
    invocation.return_string(`${greeting}, ${others}`);
}

function fail() {
    throw new RangeError('JavaScript has no time');
}

async function failLater() {
    await null;
    throw new RangeError('JavaScript has no time later');
}

// What is not of the declared type.
function answerWrongly(event, invocation) {
    invocation.return_int(42);
}

export function activate(context) {
    context.on(null, JsHello.$gtype, 'js_greet', greet);
    context.on(null, JsHello.$gtype, 'js_wrong', answerWrongly);
    context.on_pattern(null, 'JsRelay', 'js_relay', relay);
    context.on_pattern(null, 'Fail', 'js_fail', fail);
    context.on_pattern(null, 'Fail', 'js_fail_later', failLater);
}
