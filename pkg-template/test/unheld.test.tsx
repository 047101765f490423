// @vitest-environment node
/**
 * Clients that nobody holds any more, as a server has one after each request: nobody says when they end, and what is in them
 * must not stay.
 */
import { useState, type ReactNode } from 'react'
import { renderToString } from 'react-dom/server'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeAll, describe, expect, it, vi } from 'vitest'
// The sources, also when the rest tests the built package: what is asked here is not for users to see.
import { wasm } from '../src/border/load'
import { dehydrate, HydrationBoundary, QueryClient, QueryClientProvider, QueryObserver, useQuery, useSuspenseQuery } from '../src/react'
import { queryKeys } from '../src/shadower'
import { soon } from './soon'

let gc: () => void

beforeAll(() => {
  setFlagsFromString('--expose-gc')
  gc = runInNewContext('gc') as () => void
})

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Collects what can be, and lets the host do what follows from it. */
async function collect() {
  for (let i = 0; i < 4; i++) {
    await pause(5)
    gc()
  }
  await pause(5)
}

/** How many of them stay. The host may have been busy when they were to be collected: what stays, stays. */
async function stay(made: Array<WeakRef<QueryClient>>): Promise<number> {
  const count = () => made.filter((ref) => ref.deref()).length
  for (let i = 0; i < 10; i++) {
    await collect()
    // The last one may still be on the stack.
    if (count() < 3) break
  }
  return count()
}

const rows = () => Promise.resolve({ rows: Array.from({ length: 100 }, (_, id) => ({ id })) })

const requests: Record<string, () => Promise<QueryClient>> = {
  'prefetches and dehydrates': async () => {
    const client = new QueryClient()
    await client.prefetchQuery({ queryKey: ['a'], queryFn: rows })
    dehydrate(client)
    return client
  },
  'renders a page': () => {
    let made!: QueryClient
    const Rows = () => <p>{useQuery({ queryKey: ['a'], queryFn: rows }).status}</p>
    const Providers = ({ children }: { children: ReactNode }) => {
      const [client] = useState(() => (made = new QueryClient()))
      return (
        <QueryClientProvider client={client}>
          <HydrationBoundary state={undefined}>{children}</HydrationBoundary>
        </QueryClientProvider>
      )
    }
    renderToString(<Providers children={<Rows />} />)
    return Promise.resolve(made)
  },
  'looks at its data by a typed key': async () => {
    const client = new QueryClient()
    const queryKey = queryKeys.kpis('ws1')
    await client.prefetchQuery({ queryKey, queryFn: rows as never })
    expect(client.getQueryData(queryKey)).toBeDefined()
    return client
  },
  'gives up a fetch': async () => {
    const client = new QueryClient()
    void client.prefetchQuery({ queryKey: ['a'], queryFn: () => new Promise(() => {}) })
    await client.cancelQueries()
    return client
  },
  'suspends and is not awaited': () => {
    let made!: QueryClient
    const Rows = () => <p>{useSuspenseQuery({ queryKey: ['a'], queryFn: rows }).data.rows.length}</p>
    const Page = () => {
      const [client] = useState(() => (made = new QueryClient()))
      return <QueryClientProvider client={client} children={<Rows />} />
    }
    expect(() => renderToString(<Page />)).toThrow()
    return Promise.resolve(made)
  },
}

describe.each(Object.entries(requests))('a request that %s', (_, request) => {
  /** Of so many clients, how many are there when nobody holds them. */
  async function left(count: number): Promise<number> {
    const made: Array<WeakRef<QueryClient>> = []
    for (let i = 0; i < count; i++) made.push(new WeakRef(await request()))
    return stay(made)
  }

  it('leaves nothing behind', async () => {
    expect(await left(50)).toBeLessThan(3)
    const before = wasm().buffer.byteLength
    // Each engine takes about 10 kB.
    for (let round = 0; round < 10; round++) expect(await left(50)).toBeLessThan(3)
    expect(wasm().buffer.byteLength - before).toBeLessThan(300_000)
  })
})

describe('a client that nobody holds but who waits for it', () => {
  it('tries again', async () => {
    const queryFn = vi.fn(() => (queryFn.mock.calls.length < 2 ? Promise.reject(new Error('down')) : Promise.resolve('up')))
    const begin = () => new QueryClient().fetchQuery({ queryKey: ['a'], queryFn, retry: 1, retryDelay: 100 })
    const fetched = begin()
    await collect()
    expect(await fetched).toBe('up')
  })

  it('polls', async () => {
    const queryFn = vi.fn(() => Promise.resolve(1))
    const { environmentManager } = await import('../src/core')
    environmentManager.setIsServer(() => false)
    const begin = () => new QueryObserver(new QueryClient(), { queryKey: ['a'], queryFn, refetchInterval: 40 }).subscribe(() => {})
    const stop = begin()
    await collect()
    queryFn.mockClear()
    await soon(() => expect(queryFn.mock.calls.length).toBeGreaterThan(1))
    stop()
    environmentManager.setIsServer(() => true)
  })
})

it('a client that is cleared, and then let go, is freed once', async () => {
  const begin = () => {
    const client = new QueryClient()
    client.setQueryData(['a'], 1)
    client.clear()
    client.setQueryData(['a'], 2)
    client.clear()
    return new WeakRef(client)
  }
  const made = Array.from({ length: 20 }, begin)
  expect(await stay(made)).toBeLessThan(3)
})
