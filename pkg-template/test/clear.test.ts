// @vitest-environment node
import { expect, it } from 'vitest'
// The sources, also when the rest tests the built package: what is asked here is not for users to see.
import { wasm } from '../src/border/load'
import { QueryClient, QueryObserver } from '../src/core'

it('a cleared client gives its engine back and can be used again', () => {
  const client = new QueryClient()
  client.setQueryData(['a'], 1)
  expect(client.getQueryCache().engine.started).toBe(true)
  client.clear()
  expect(client.getQueryCache().engine.started).toBe(false)
  expect(client.getQueryData(['a'])).toBeUndefined()
  client.setQueryData(['a'], 2)
  expect(client.getQueryData(['a'])).toBe(2)
})

it('a cleared client keeps its engine while an observer looks on', () => {
  const client = new QueryClient()
  client.setQueryData(['a'], 1)
  const observer = new QueryObserver(client, { queryKey: ['a'], staleTime: Infinity })
  const unsubscribe = observer.subscribe(() => {})
  client.clear()
  expect(observer.getCurrentResult().data).toBe(1)
  unsubscribe()
  client.clear()
  expect(client.getQueryCache().engine.started).toBe(false)
})

it('clients that are made, used and cleared do not add up in the wasm', () => {
  const use = () => {
    const client = new QueryClient()
    client.setQueryData(['a'], 1)
    return client
  }
  for (let i = 0; i < 10; i++) use().clear()
  const before = wasm().buffer.byteLength
  // Each engine takes about 10 kB.
  for (let i = 0; i < 1000; i++) use().clear()
  expect(wasm().buffer.byteLength).toBe(before)
})
