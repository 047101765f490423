import { useCallback, useState } from 'react'

export interface Size {
  width: number
  height: number
}

/**
 * The size of an element, without a padding, followed as it changes. Charts draw in pixels, so that text and strokes never scale.
 * It is there for the first paint: an observer tells only afterwards, and WebKit a while afterwards.
 */
export function useSize(): [(element: HTMLElement | null) => (() => void) | undefined, Size] {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 })
  const ref = useCallback((element: HTMLElement | null) => {
    if (!element) return undefined
    const note = (width: number, height: number) => {
      const now = { width: Math.floor(width), height: Math.floor(height) }
      setSize((before) => (before.width === now.width && before.height === now.height ? before : now))
    }
    note(element.clientWidth, element.clientHeight)
    const observer = new ResizeObserver(([entry]) => entry && note(entry.contentRect.width, entry.contentRect.height))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [ref, size]
}
