// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { environmentManager, QueryClient, QueryObserver, type QueryObserverOptions } from 'samekey'
import { queryKeys } from 'samekey/shadower'

let client: QueryClient
beforeEach(() => {
  environmentManager.setIsServer(() => false)
  client = new QueryClient()
})
afterEach(() => {
  environmentManager.setIsServer(() => true)
  client.clear()
})

/** How often a render with these options asks the clock, as whoever computes a result must. */
function looksAtTheClock(options: QueryObserverOptions): number {
  client.setQueryData(options.queryKey, { mrr: 1 })
  const render = () => client.defaultQueryOptions({ ...options, _optimisticResults: 'optimistic' })
  const observer = new QueryObserver(client, render())
  const stop = observer.subscribe(() => {})
  const shown = observer.getOptimisticResult(render())
  const clock = vi.spyOn(Date, 'now')
  expect(observer.getOptimisticResult(render())).toBe(shown)
  observer.setOptions(render())
  const looks = clock.mock.calls.length
  clock.mockRestore()
  stop()
  return looks
}

describe('a render that changes nothing', () => {
  it('computes nothing', () => {
    expect(looksAtTheClock({ queryKey: ['todos'], queryFn: () => [] })).toBe(0)
  })

  it('computes nothing for a typed key, whose staleness goes by the reply that its data came with', () => {
    expect(looksAtTheClock({ queryKey: queryKeys.kpis('ws1') })).toBe(0)
  })

  it("asks the user's functions again: they may go by anything", () => {
    const enabled = () => true
    expect(looksAtTheClock({ queryKey: ['todos'], queryFn: () => [], enabled })).toBeGreaterThan(0)
    const staleTime = () => 1000
    expect(looksAtTheClock({ queryKey: ['users'], queryFn: () => [], staleTime })).toBeGreaterThan(0)
  })
})
