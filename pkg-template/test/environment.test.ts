import { afterEach, describe, expect, it, vi } from 'vitest'
import { FocusManager } from '../src/core/focusManager'
import { OnlineManager } from '../src/core/onlineManager'

describe('FocusManager', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('reads the visibility each time it is asked', () => {
    const manager = new FocusManager()
    const visibility = vi.spyOn(document, 'visibilityState', 'get')
    visibility.mockReturnValue('hidden')
    expect(manager.isFocused()).toBe(false)
    visibility.mockReturnValue('visible')
    expect(manager.isFocused()).toBe(true)
  })

  it('counts as focused where there is no document', () => {
    vi.stubGlobal('document', undefined)
    expect(new FocusManager().isFocused()).toBe(true)
    vi.unstubAllGlobals()
  })

  it('listens to the page only while somebody subscribes', () => {
    const add = vi.spyOn(window, 'addEventListener')
    const remove = vi.spyOn(window, 'removeEventListener')
    const manager = new FocusManager()
    expect(add).not.toHaveBeenCalled()
    const first = manager.subscribe(() => {})
    const second = manager.subscribe(() => {})
    expect(add).toHaveBeenCalledTimes(1)
    first()
    expect(remove).not.toHaveBeenCalled()
    second()
    expect(remove).toHaveBeenCalledTimes(1)
    manager.subscribe(() => {})()
    expect(add).toHaveBeenCalledTimes(2)
  })

  it('tells every visibility event, changed or not', () => {
    const manager = new FocusManager()
    const listener = vi.fn()
    const unsubscribe = manager.subscribe(listener)
    window.dispatchEvent(new Event('visibilitychange'))
    window.dispatchEvent(new Event('visibilitychange'))
    expect(listener.mock.calls).toEqual([[true], [true]])
    unsubscribe()
  })

  it('lets an application override the document, and hand back', () => {
    const manager = new FocusManager()
    const listener = vi.fn()
    manager.subscribe(listener)
    manager.setFocused(false)
    manager.setFocused(false)
    expect(manager.isFocused()).toBe(false)
    manager.setFocused(undefined)
    expect(manager.isFocused()).toBe(true)
    expect(listener.mock.calls).toEqual([[false], [true]])
  })

  it('replaces the environment listener and ends the old one', () => {
    const manager = new FocusManager()
    const end = vi.fn()
    let report: ((focused?: boolean) => void) | undefined
    manager.setEventListener((given) => {
      report = given
      return end
    })
    const listener = vi.fn()
    const unsubscribe = manager.subscribe(listener)
    report?.(false)
    report?.()
    expect(listener.mock.calls).toEqual([[false], [false]])
    unsubscribe()
    expect(end).toHaveBeenCalledTimes(1)
  })
})

describe('OnlineManager', () => {
  it('begins online whatever the navigator says', () => {
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
    expect(new OnlineManager().isOnline()).toBe(true)
  })

  it('follows the window and tells changes only', () => {
    const manager = new OnlineManager()
    const listener = vi.fn()
    const unsubscribe = manager.subscribe(listener)
    window.dispatchEvent(new Event('online'))
    window.dispatchEvent(new Event('offline'))
    window.dispatchEvent(new Event('offline'))
    expect(manager.isOnline()).toBe(false)
    window.dispatchEvent(new Event('online'))
    expect(listener.mock.calls).toEqual([[false], [true]])
    unsubscribe()
    window.dispatchEvent(new Event('offline'))
    expect(manager.isOnline()).toBe(true)
  })

  it('replaces the environment listener', () => {
    const manager = new OnlineManager()
    manager.setEventListener((report) => {
      report(false)
      return undefined
    })
    expect(manager.isOnline()).toBe(false)
  })
})
