// @vitest-environment node
import { expect, it, vi } from 'vitest'
import { CancelledError, isCancelledError } from '../src/core/cancelledError'
import { keepPreviousData } from '../src/core/keepPreviousData'
import { Subscribable } from '../src/core/subscribable'

class Bell extends Subscribable<(times: number) => void> {
  ring(times: number): void {
    this.listeners.forEach((listener) => listener(times))
  }
}

it('a subscribable tells its listeners until they unsubscribe', () => {
  const bell = new Bell()
  const listener = vi.fn()
  const unsubscribe = bell.subscribe(listener)
  expect(bell.hasListeners()).toBe(true)
  bell.ring(1)
  unsubscribe()
  bell.ring(2)
  expect(bell.hasListeners()).toBe(false)
  expect(listener).toHaveBeenCalledExactlyOnceWith(1)
})

it('subscribe can be handed around without its object', () => {
  const { subscribe } = new Bell()
  expect(subscribe(() => {})).toBeTypeOf('function')
})

it('a cancelled error says how it was cancelled', () => {
  const error = new CancelledError({ revert: true, silent: false })
  expect(error).toMatchObject({ message: 'CancelledError', revert: true, silent: false })
  expect(isCancelledError(error)).toBe(true)
  expect(isCancelledError(new Error('CancelledError'))).toBe(false)
})

it('keepPreviousData is the identity', () => {
  const data = {}
  expect(keepPreviousData(data)).toBe(data)
  expect(keepPreviousData(undefined)).toBeUndefined()
})
