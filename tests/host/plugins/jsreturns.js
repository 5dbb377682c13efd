// SPDX-License-Identifier: LGPL-2.1-or-later

// The same plugin as pyreturns.py: what handlers return.

export function activate(context) {
    context.on_pattern(null, 'Text', 'text', () => 'text');
    context.on_pattern(null, 'Data', 'data', () => ({list: [1, 2]}));
    context.on_pattern(null, 'Done', 'done', () => true);
    context.on_pattern(null, 'Undone', 'undone', () => false);
    context.on_pattern(null, 'Later', 'later', async () => {
        await null;
        return 'later';
    });
    context.on_pattern(null, 'Both', 'both', (event, invocation) => {
        invocation.return_string('answered');
        return 'returned';
    });
}
