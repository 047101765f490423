import { describe } from 'vitest'
import { scenario, type World } from './harness'

async function blurAndFocus(w: World) {
  w.lib.focusManager.setFocused(false)
  await w.advance(5)
  w.lib.focusManager.setFocused(true)
  await w.advance(50)
}

async function loseAndRegainNetwork(w: World) {
  w.lib.onlineManager.setOnline(false)
  await w.advance(5)
  w.lib.onlineManager.setOnline(true)
  await w.advance(50)
}

describe('focus', () => {
  scenario('refetches stale queries', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn() })
    await w.advance(20)
    await blurAndFocus(w)
  })

  scenario('leaves fresh queries alone', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), staleTime: 10_000 })
    await w.advance(20)
    await blurAndFocus(w)
  })

  scenario('leaves queries alone that say false', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), refetchOnWindowFocus: false })
    await w.advance(20)
    await blurAndFocus(w)
  })

  scenario("refetches even fresh queries that say 'always'", async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), refetchOnWindowFocus: 'always', staleTime: Infinity })
    await w.advance(20)
    await blurAndFocus(w)
  })

  scenario('asks the function', async (w) => {
    w.watch({
      queryKey: ['a'],
      queryFn: w.fn(),
      refetchOnWindowFocus: (query) => (query.state.dataUpdateCount < 2 ? 'always' : false),
    })
    await w.advance(20)
    await blurAndFocus(w)
    await blurAndFocus(w)
  })

  scenario('leaves disabled and unwatched queries alone', async (w) => {
    w.client.setQueryData(['unwatched'], 1)
    w.watch({ queryKey: ['disabled'], queryFn: w.fn(), enabled: false, initialData: 1 })
    await w.advance(20)
    await blurAndFocus(w)
  })

  scenario('does not disturb a fetch under way', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(undefined, 100) })
    await w.advance(20)
    await blurAndFocus(w)
    await w.advance(100)
  })

  scenario('one observer that wants it is enough, and one fetch serves all', async (w) => {
    const queryFn = w.fn()
    w.watch({ queryKey: ['a'], queryFn, refetchOnWindowFocus: false }, 'no')
    w.watch({ queryKey: ['a'], queryFn }, 'yes')
    w.watch({ queryKey: ['a'], queryFn }, 'also')
    await w.advance(20)
    await blurAndFocus(w)
  })

  scenario('is not heard by a client that is not mounted', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn() })
    await w.advance(20)
    w.client.unmount()
    await blurAndFocus(w)
    w.client.mount()
  })
})

describe('reconnect', () => {
  scenario('refetches stale queries', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn() })
    await w.advance(20)
    await loseAndRegainNetwork(w)
  })

  scenario('leaves queries alone that say false', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), refetchOnReconnect: false })
    await w.advance(20)
    await loseAndRegainNetwork(w)
  })

  scenario("refetches even fresh queries that say 'always'", async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), refetchOnReconnect: 'always', staleTime: Infinity })
    await w.advance(20)
    await loseAndRegainNetwork(w)
  })

  scenario("does nothing by default for networkMode 'always'", async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), networkMode: 'always' })
    await w.advance(20)
    await loseAndRegainNetwork(w)
  })
})

describe('mount', () => {
  scenario('false shows stale data without a refetch', async (w) => {
    w.client.setQueryData(['a'], 'old')
    await w.advance(5)
    w.watch({ queryKey: ['a'], queryFn: w.fn(), refetchOnMount: false })
    await w.advance(20)
  })

  scenario("'always' refetches fresh data", async (w) => {
    w.client.setQueryData(['a'], 'old')
    w.watch({ queryKey: ['a'], queryFn: w.fn(), refetchOnMount: 'always', staleTime: Infinity })
    await w.advance(20)
  })

  scenario("'static' data is not refetched even by 'always'", async (w) => {
    w.client.setQueryData(['a'], 'old')
    w.watch({ queryKey: ['a'], queryFn: w.fn(), refetchOnMount: 'always', staleTime: 'static' })
    await w.advance(20)
  })

  scenario('a function decides', async (w) => {
    w.client.setQueryData(['a'], 'old')
    await w.advance(5)
    w.watch({ queryKey: ['a'], queryFn: w.fn(), refetchOnMount: (query) => query.state.data !== 'old' })
    await w.advance(20)
  })

  scenario('false still fetches what was never fetched', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), refetchOnMount: false })
    await w.advance(20)
  })
})
