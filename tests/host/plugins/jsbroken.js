// SPDX-License-Identifier: LGPL-2.1-or-later

// Fails in the way for which the test asks.

import Bubus from 'gi://Bubus?version=1';
import GLib from 'gi://GLib';

const fault = GLib.getenv('BUBUS_TEST_BROKEN');

if (fault === 'import')
    imports.gi.ThereIsNoSuchNamespace;
if (fault === 'body')
    throw new TypeError('The body has thrown');

export function activate(context) {
    if (fault === 'activate')
        throw new RangeError('The activation has thrown');
    if (fault === 'error')
        throw new GLib.Error(GLib.quark_from_string('test-quark'), 7, 'JavaScript was asked to');
    context.on_pattern(null, 'PingEvent', 'js_answer', (event, invocation) => {
        invocation.return_string(`from JavaScript: ${event.get_event_type()}`);
    });
    return fault !== 'false';
}

export function deactivate() {
    if (GLib.getenv('BUBUS_TEST_BROKEN') === 'deactivate')
        throw new RangeError('The deactivation has thrown');
}
