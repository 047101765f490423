// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createNotifyManager, defaultScheduler } from '../src/core/notifyManager'

describe('notifyManager', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('notifies in the next task, not in the call that schedules', () => {
    const manager = createNotifyManager()
    const callback = vi.fn()
    manager.schedule(callback)
    expect(callback).not.toHaveBeenCalled()
    vi.advanceTimersByTime(0)
    expect(callback).toHaveBeenCalledTimes(1)
  })

  it('flushes a batch once, after the outermost one, in order', () => {
    const manager = createNotifyManager()
    const scheduler = vi.fn(defaultScheduler)
    manager.setScheduler(scheduler)
    const seen: number[] = []
    manager.batch(() => {
      manager.schedule(() => seen.push(1))
      manager.batch(() => manager.schedule(() => seen.push(2)))
      expect(scheduler).not.toHaveBeenCalled()
      manager.schedule(() => seen.push(3))
    })
    expect(scheduler).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(0)
    expect(seen).toEqual([1, 2, 3])
  })

  it('schedules nothing for a batch in which nothing happened', () => {
    const manager = createNotifyManager()
    const scheduler = vi.fn()
    manager.setScheduler(scheduler)
    expect(manager.batch(() => 'result')).toBe('result')
    expect(scheduler).not.toHaveBeenCalled()
  })

  it('flushes although the batch throws', () => {
    const manager = createNotifyManager()
    const callback = vi.fn()
    expect(() =>
      manager.batch(() => {
        manager.schedule(callback)
        throw new Error('oops')
      }),
    ).toThrow('oops')
    vi.advanceTimersByTime(0)
    expect(callback).toHaveBeenCalledTimes(1)
    manager.schedule(callback)
    vi.advanceTimersByTime(0)
    expect(callback).toHaveBeenCalledTimes(2)
  })

  it('turns a function into one that only schedules the call', () => {
    const manager = createNotifyManager()
    const callback = vi.fn()
    manager.batchCalls(callback)('a', 1)
    expect(callback).not.toHaveBeenCalled()
    vi.advanceTimersByTime(0)
    expect(callback).toHaveBeenCalledExactlyOnceWith('a', 1)
  })

  it('runs notifications through the functions it is given', () => {
    const manager = createNotifyManager()
    const log: string[] = []
    manager.setScheduler((callback) => callback())
    manager.setBatchNotifyFunction((callback) => {
      log.push('batch')
      callback()
    })
    manager.setNotifyFunction((callback) => {
      log.push('notify')
      callback()
    })
    manager.batch(() => {
      manager.schedule(() => log.push('a'))
      manager.schedule(() => log.push('b'))
    })
    expect(log).toEqual(['batch', 'notify', 'a', 'notify', 'b'])
  })
})
