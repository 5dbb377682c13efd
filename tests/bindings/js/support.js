// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the tests of the JavaScript overrides have in common: a test is a function, or an async one, that throws. */

import GLib from 'gi://GLib';
import System from 'system';

const DEADLINE_S = 60;

export function equal(found, expected) {
    const [a, b] = [found, expected].map(each => JSON.stringify(each) ?? String(each));
    if (found !== expected && (typeof found !== 'object' || a !== b))
        throw new Error(`expected ${b}, found ${a}`);
}

export function check(condition, what) {
    if (!condition)
        throw new Error(what ?? 'it is not so');
}

export function throws(func, pattern) {
    try {
        func();
    } catch (error) {
        check(pattern.test(error.message), error.message);
        return;
    }
    throw new Error('nothing was thrown');
}

export async function rejects(promise, pattern) {
    try {
        await promise;
    } catch (error) {
        check(pattern.test(error.message), error.message);
        return error;
    }
    throw new Error('the promise was not rejected');
}

/* Runs what a module exports, one after the other, under a main loop. */
export function run(tests) {
    const loop = new GLib.MainLoop(null, false);
    let failed = false;

    GLib.timeout_add_seconds(GLib.PRIORITY_HIGH, DEADLINE_S, () => {
        printerr('the tests take too long');
        System.exit(2);
    });

    async function runAll() {
        for (const [name, test] of Object.entries(tests)) {
            try {
                await test();
                print(`ok - ${name}`);
            } catch (error) {
                failed = true;
                print(`not ok - ${name}: ${error.message}\n${error.stack ?? ''}`);
            }
        }
    }

    runAll().finally(() => loop.quit());
    loop.run();
    System.exit(failed ? 1 : 0);
}
