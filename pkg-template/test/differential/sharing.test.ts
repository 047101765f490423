import { describe } from 'vitest'
import { scenario } from './harness'

describe('structural sharing', () => {
  scenario('equal data keeps its reference', async (w) => {
    const { observer } = w.watch({ queryKey: ['a'], queryFn: w.fn(() => ({ rows: [{ id: 1 }] })) })
    await w.advance(20)
    const before = observer.getCurrentResult().data
    w.track('refetch', observer.refetch())
    await w.advance(20)
    w.show('same', before === observer.getCurrentResult().data)
  })

  scenario('equal parts keep their references', async (w) => {
    const { observer } = w.watch({
      queryKey: ['a'],
      queryFn: w.fn((call) => ({ still: [{ id: 1 }], moving: { call } })),
    })
    await w.advance(20)
    const before = observer.getCurrentResult().data as { still: unknown; moving: unknown }
    w.track('refetch', observer.refetch())
    await w.advance(20)
    const after = observer.getCurrentResult().data as typeof before
    w.show('references', [before === after, before.still === after.still, before.moving === after.moving])
  })

  scenario('false takes the new data as it is', async (w) => {
    const { observer } = w.watch({ queryKey: ['a'], queryFn: w.fn(() => [1]), structuralSharing: false })
    await w.advance(20)
    const before = observer.getCurrentResult().data
    w.track('refetch', observer.refetch())
    await w.advance(20)
    w.show('same', before === observer.getCurrentResult().data)
  })

  scenario('a function merges', async (w) => {
    const { observer } = w.watch({
      queryKey: ['a'],
      queryFn: w.fn((call) => call),
      structuralSharing: (before, after) => {
        w.log(`merge ${String(before)} ${String(after)}`)
        return ((before as number | undefined) ?? 0) + (after as number)
      },
    })
    await w.advance(20)
    w.track('refetch', observer.refetch())
    await w.advance(20)
  })

  scenario('dates and class instances are kept as they are', async (w) => {
    const { observer } = w.watch({
      queryKey: ['a'],
      queryFn: w.fn(() => ({ at: new Date(0), map: new Map([[1, 2]]) })),
    })
    await w.advance(20)
    const before = observer.getCurrentResult().data as { at: Date; map: Map<number, number> }
    w.show('date', before.at instanceof Date)
    w.show('map', before.map.get(1))
    w.track('refetch', observer.refetch())
    await w.advance(20)
    w.show('same', before === observer.getCurrentResult().data)
  })
})

describe('notifyOnChangeProps', () => {
  scenario('a list wakes on its fields only', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), notifyOnChangeProps: ['data'] })
    await w.advance(20)
    w.track('invalidate', w.client.invalidateQueries())
    await w.advance(20)
  })

  scenario("'all' wakes on every field", async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(() => 1), notifyOnChangeProps: 'all' })
    await w.advance(20)
    w.track('invalidate', w.client.invalidateQueries())
    await w.advance(20)
  })

  scenario('a function gives the list', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), notifyOnChangeProps: () => ['isFetching'] })
    await w.advance(20)
  })

  scenario('an empty list never wakes', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), notifyOnChangeProps: [] })
    await w.advance(20)
  })

  scenario('tracked fields wake when they change', async (w) => {
    const observer = new w.lib.QueryObserver(w.client, { queryKey: ['a'], queryFn: w.fn() })
    const tracked = observer.trackResult(observer.getCurrentResult())
    w.show('read', tracked.data)
    w.show('keys', Object.keys(tracked).length)
    w.listen(observer)
    await w.advance(20)
    w.track('invalidate', w.client.invalidateQueries())
    await w.advance(20)
  })

  scenario('throwOnError adds the error', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.failing(9), retry: false, notifyOnChangeProps: ['data'], throwOnError: true })
    await w.advance(20)
  })
})
