/** What is measured, the same for both libraries and in both hosts. Each case gives nanoseconds per operation. */
import { compare } from './clock.js'

const DATA = { runs: 1204, success_rate: 0.973, trend: [1, 2, 3, 4, 5] }
const noop = () => {}

/** Keys as a dashboard has them: families, workspaces, timeframes; ten to a group. */
function keyOf(index) {
  return ['metrics', `group-${Math.floor(index / 10)}`, `ws-${index % 10}`, '7d']
}

function filled(library, count) {
  const client = new library.QueryClient({ defaultOptions: { queries: { gcTime: Infinity, staleTime: Infinity } } })
  for (let i = 0; i < count; i++) client.setQueryData(keyOf(i), DATA)
  return client
}

/** One case on both sides. */
async function row(rows, name, libraries, make, options) {
  const sides = libraries.map(make)
  const [samekey, tanstack] = await compare(sides, options)
  for (const side of sides) side.end?.()
  rows.push({ name, samekey, tanstack })
}

export async function reads(libraries, rows) {
  const clients = new Map(libraries.map((library) => [library, filled(library, 10_000)]))
  for (const [library, client] of clients) {
    for (let i = 0; i < 100; i++) client.setQueryData(library.typedKey(`ws-${i}`, '7d'), DATA)
  }
  const workspaces = Array.from({ length: 100 }, (_, i) => `ws-${i}`)
  await row(rows, 'read, typed key', libraries, (library) => {
    const client = clients.get(library)
    return { run: (i) => void client.getQueryData(library.typedKey(workspaces[i % 100], '7d')) }
  })
  await row(rows, 'read, plain key of 4 strings', libraries, (library) => {
    const client = clients.get(library)
    return { run: (i) => void client.getQueryData(['metrics', `group-${i % 1000}`, `ws-${i % 10}`, '7d']) }
  })
  await row(rows, 'read, plain key with an object', libraries, (library) => {
    const client = clients.get(library)
    const key = (i) => ['list', { page: i % 100, filter: { done: true, owner: 'me' } }]
    for (let i = 0; i < 100; i++) client.setQueryData(key(i), DATA)
    return { run: (i) => void client.getQueryData(key(i)) }
  })
  await row(rows, 'set, typed key', libraries, (library) => {
    const client = clients.get(library)
    return { run: (i) => void client.setQueryData(library.typedKey(workspaces[i % 100], '7d'), { runs: i }) }
  })
  await row(rows, 'set, plain key', libraries, (library) => {
    const client = clients.get(library)
    return { run: (i) => void client.setQueryData(keyOf(i % 10_000), { runs: i }) }
  })
  for (const client of clients.values()) client.clear()
}

export async function invalidations(libraries, rows, sizes) {
  for (const size of sizes) {
    const clients = new Map(libraries.map((library) => [library, filled(library, size)]))
    const groups = size / 10
    const kinds = {
      exact: { filter: (i) => ({ queryKey: keyOf(i), exact: true }), matches: (i) => [i] },
      'prefix, 10 matches': {
        filter: (i) => ({ queryKey: ['metrics', `group-${i}`] }),
        matches: (i) => Array.from({ length: 10 }, (_, k) => i * 10 + k),
      },
      'pattern, 10 matches': {
        filter: (i, library) => library.pattern('metrics', `group-${i}`),
        matches: (i) => Array.from({ length: 10 }, (_, k) => i * 10 + k),
      },
    }
    for (const [kind, { filter, matches }] of Object.entries(kinds)) {
      await row(
        rows,
        `invalidate ${kind}, ${size.toLocaleString('en')} entries`,
        libraries,
        (library) => {
          const client = clients.get(library)
          return {
            run: (i) => client.invalidateQueries(filter(i % groups, library)),
            restore(count) {
              for (let i = 0; i < Math.min(count, groups); i++) {
                for (const match of matches(i)) client.setQueryData(keyOf(match), { ...DATA })
              }
            },
          }
        },
        { rounds: size >= 100_000 ? 5 : 11, limit: Math.min(groups, 100), atLeast: 20 },
      )
    }
    for (const client of clients.values()) client.clear()
  }
}

export async function observers(libraries, rows) {
  for (const count of [1_000, 10_000]) {
    for (const [what, keyFor] of [
      ['each on its query', (i) => keyOf(i)],
      ['all on one query', () => keyOf(0)],
    ]) {
      await row(
        rows,
        `mount and unmount ${count.toLocaleString('en')} observers, ${what}`,
        libraries,
        (library) => {
          const client = filled(library, count)
          return {
            run() {
              const stops = []
              for (let i = 0; i < count; i++) {
                const observer = new library.QueryObserver(client, { queryKey: keyFor(i), staleTime: Infinity, queryFn: noop })
                stops.push(observer.subscribe(noop))
              }
              for (const stop of stops) stop()
            },
            end: () => client.clear(),
          }
        },
        { rounds: 5, limit: 1 },
      )
    }
  }
  await row(rows, 'one update seen by 1,000 observers', libraries, (library) => {
    const client = filled(library, 1)
    const stops = Array.from({ length: 1000 }, () =>
      new library.QueryObserver(client, { queryKey: keyOf(0), staleTime: Infinity, queryFn: noop }).subscribe(noop),
    )
    return {
      run: (i) => void client.setQueryData(keyOf(0), { runs: i }),
      end() {
        for (const stop of stops) stop()
        client.clear()
      },
    }
  })
}

export async function refetches(libraries, rows) {
  const text = JSON.stringify(Array.from({ length: 6000 }, (_, i) => ({ id: i, name: `agent ${i}`, runs: i * 7, success_rate: i / 6000, tags: ['a', 'b', 'c'], plan: 'team', active: i % 2 === 0 })))
  const copies = Array.from({ length: 40 }, () => JSON.parse(text))
  await row(
    rows,
    `refetch of ${(text.length / 1e6).toFixed(1)} MB that did not change`,
    libraries,
    (library) => {
      const client = new library.QueryClient()
      let next = 0
      const options = { queryKey: ['big'], queryFn: () => Promise.resolve(copies[next++ % copies.length]), staleTime: 0 }
      const stop = new library.QueryObserver(client, options).subscribe(noop)
      return {
        run: () => client.refetchQueries({ queryKey: ['big'] }),
        end() {
          stop()
          client.clear()
        },
      }
    },
    { rounds: 21, limit: 1 },
  )
}

/** Needs a document. */
export async function renders(libraries, rows, { createElement, createRoot, flushSync }) {
  const HOOKS = 100
  await row(
    rows,
    'render of a useQuery',
    libraries,
    (library) => {
      const client = filled(library, HOOKS)
      let rerender
      const queryFn = () => Promise.resolve(DATA)
      const Cell = ({ index }) => {
        const { data } = library.useQuery({ queryKey: keyOf(index), queryFn, staleTime: Infinity })
        return data.runs
      }
      const Page = () => {
        rerender = library.useReducer((n) => n + 1, 0)[1]
        return Array.from({ length: HOOKS }, (_, index) => createElement(Cell, { key: index, index }))
      }
      const root = createRoot(document.createElement('div'))
      flushSync(() => root.render(createElement(library.QueryClientProvider, { client }, createElement(Page))))
      return {
        run: () => flushSync(() => rerender()),
        end() {
          root.unmount()
          client.clear()
        },
      }
    },
    { rounds: 25, atLeast: 20 },
  )
  const last = rows.at(-1)
  last.samekey /= HOOKS
  last.tanstack /= HOOKS
}
