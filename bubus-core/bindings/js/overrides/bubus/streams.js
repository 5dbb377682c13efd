// SPDX-License-Identifier: LGPL-2.1-or-later
/* What comes, one after the other: for await (const event of bus.events('Order*')) … */
/* exported makeStream */

const Context = imports.overrides.bubus.context;

/* subscribe(receive) has receive() called for each, from now on, and returns a function that ends it. */
function makeStream(subscribe) {
    const items = [], waiting = [];
    let open = true;
    const unsubscribe = subscribe(item => {
        if (waiting.length > 0)
            waiting.shift()({value: item, done: false});
        else
            items.push(item);
    });
    return {
        next() {
            if (items.length > 0)
                return Context.keep(Promise.resolve({value: items.shift(), done: false}));
            return Context.keep(open ? new Promise(resolve => waiting.push(resolve)) : Promise.resolve({done: true}));
        },
        return(value) {
            if (open)
                unsubscribe();
            open = false;
            waiting.splice(0).forEach(resolve => resolve({done: true}));
            return Promise.resolve({value, done: true});
        },
        [Symbol.asyncIterator]() {
            return this;
        },
    };
}
