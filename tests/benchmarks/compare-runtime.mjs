// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The work of some rows of bubus-bench, done by the JavaScript runtime. Run by `compare`:
//
//   node compare-runtime.mjs PACKAGE-FOLDER SAMPLE ROW N
//
// The last line that it prints is how many nanoseconds one unit took.

import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const [folder, sample, row, size] = process.argv.slice(2)
const { BaseEvent, EventBus } = await import(pathToFileURL(`${folder}/dist/esm/index.js`))
const { z } = await import(pathToFileURL(`${folder}/../zod/index.js`))

const BATCH = 512
const EVENTS_PER_BUS = 100
const WORST_TIMEOUT = 0.001
const WORST_SILENT = 100

const BenchEvent = BaseEvent.extend('BenchEvent', { label: z.string(), number: z.number().int() })
const BenchChildEvent = BaseEvent.extend('BenchChildEvent', { label: z.string(), number: z.number().int() })

// With any other limit of the history, it refuses what waits or forgets what is unfinished; without one it never forgets.
// Where handlers come from is not looked up, which would cost more than they do.
const makeBus = (name) => new EventBus(name, { max_history_size: 0, event_handler_detect_file_paths: false })

const makeEvent = (number = 7) => BenchEvent({ label: 'a label', number })

const check = (found, wanted) => {
  if (found !== wanted)
    throw new Error(`${row}: ${found} instead of ${wanted}`)
}

const timed = async (n, work) => {
  const start = process.hrtime.bigint()
  await work()
  return Number(process.hrtime.bigint() - start) / n
}

const inBatches = async (n, batch, work) => {
  for (let done = 0; done < n; done += batch)
    await work(done, Math.min(n, done + batch))
}

// Events of one bus are handled one after the other: when the last is complete, so are all.
const emitAndWait = async (bus, n) => {
  let last = null
  for (let i = 0; i < n; i++)
    last = bus.emit(makeEvent())
  await last.wait()
}

const rows = {
  async 'event-one-handler' (n) {
    const bus = makeBus('Bench')
    let calls = 0
    bus.on(BenchEvent, () => ++calls)
    const ns = await timed(n, () => inBatches(n, BATCH, (from, to) => emitAndWait(bus, to - from)))
    check(calls, n)
    await bus.destroy()
    return ns
  },

  async 'many-buses' (n) {
    const buses = []
    let calls = 0
    return timed(n, async () => {
      const last = []
      for (let i = 0; i < n / EVENTS_PER_BUS; i++) {
        const bus = makeBus(`Bench${i}`)
        bus.on(BenchEvent, () => ++calls)
        buses.push(bus)
        last.push(emitAndWait(bus, EVENTS_PER_BUS))
      }
      await Promise.all(last)
      check(calls, buses.length * EVENTS_PER_BUS)
      await Promise.all(buses.map((bus) => bus.destroy()))
    })
  },

  async 'handler-fanout' (n) {
    const bus = makeBus('Bench')
    let calls = 0
    for (let i = 0; i < n; i++)
      bus.on(BenchEvent, () => ++calls)
    await emitAndWait(bus, 1)
    const ns = await timed(n, () => emitAndWait(bus, 1))
    check(calls, 2 * n)
    await bus.destroy()
    return ns
  },

  async 'on-dispatch-off' (n) {
    const bus = makeBus('Bench')
    let calls = 0
    const ns = await timed(n, async () => {
      for (let i = 0; i < n; i++) {
        const handler = bus.on(BenchEvent, () => ++calls)
        await emitAndWait(bus, 1)
        bus.off(BenchEvent, handler)
      }
    })
    check(calls, n)
    await bus.destroy()
    return ns
  },

  // Wherever an event is awaited, it runs without a turn of the loop.
  async 'on-dispatch-off-loop' (n) {
    return rows['on-dispatch-off'](n)
  },

  // Two buses forward to a third, whose handler runs a child there past what waits; one child in a hundred times out.
  async 'worst-case' (n) {
    const [first, second, third] = ['First', 'Second', 'Third'].map(makeBus)
    const counts = { parents: 0, children: 0, forwarded: 0 }
    const parent = async () => {
      const number = counts.parents++
      const child = third.emit(BenchChildEvent({ label: 'a label', number, event_timeout: WORST_TIMEOUT }))
      await child.now()
    }
    for (const bus of [first, second]) {
      bus.on('*', third.emit.bind(third))
      bus.on(BenchEvent, parent)
    }
    third.on(BenchEvent, () => ++counts.forwarded)
    third.on(BenchChildEvent, (event) => {
      counts.children++
      return event.number % WORST_SILENT === WORST_SILENT - 1 ? new Promise(() => {}) : undefined
    })
    const ns = await timed(n, () => inBatches(n, BATCH, async (from, to) => {
      const events = []
      for (let i = from; i < to; i++)
        events.push((i % 2 === 0 ? first : second).emit(makeEvent()))
      await Promise.all(events.map((event) => event.wait()))
    }))
    check(counts.parents, n)
    check(counts.children, n)
    check(counts.forwarded, n)
    await Promise.all([first, second, third].map((bus) => bus.destroy()))
    return ns
  },

  // A batch is no longer than the file: for the runtime, events of one id are one event.
  async 'json-roundtrip' (n) {
    const lines = readFileSync(sample, 'utf8').trimEnd().split('\n')
    const bus = makeBus('Bench')
    let calls = 0
    let length = 0
    bus.on('OrderPlacedEvent', () => {
      calls++
      return 'accepted'
    })
    const ns = await timed(n, () => inBatches(n, Math.min(BATCH, lines.length), async (from, to) => {
      const events = []
      for (let i = from; i < to; i++)
        events.push(bus.emit(BaseEvent.fromJSON(JSON.parse(lines[i % lines.length]))))
      await events.at(-1).wait()
      for (const event of events)
        length += JSON.stringify(event).length + 1
    }))
    check(calls, n)
    check(length > n, true)
    await bus.destroy()
    return ns
  },
}

const n = Number(size)
await rows[row](Math.max(EVENTS_PER_BUS, n / 10))
console.log(await rows[row](n))
process.exit(0)
