// SPDX-License-Identifier: LGPL-2.1-or-later

// The same plugin as pywaits.py: asynchronous handlers that wait for what they dispatch.

import Bubus from 'gi://Bubus?version=1';

async function ask(invocation, type) {
    const child = Bubus.GenericEvent.new(type, null);

    invocation.dispatch(null, child);
    await invocation.wait(child);
    return child.eventResult();
}

export async function activate(context) {
    await null;
    context.on_pattern(null, 'Answer', 'answer', (event, invocation) => invocation.return_string('JavaScript'));
    context.on_pattern(null, 'Ask', 'ask', async (event, invocation) => {
        const answers = [await ask(invocation, 'FromHost'), await ask(invocation, 'Answer')];

        invocation.return_string(answers.join(', '));
    });
    context.on_pattern(null, 'AskBusy', 'ask_busy', async (event, invocation) => {
        invocation.return_string(await ask(invocation, 'Busy'));
    });
    context.on_pattern(null, 'Busy', 'busy', async () => {
        throw new RangeError('no time');
    });
}
