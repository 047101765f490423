import { useSyncExternalStore } from 'react'

/** `system` follows the operating system; the other two hold whatever it says. */
export type Theme = 'system' | 'light' | 'dark'

const STORED = 'samekey-dashboard-theme'
const listeners = new Set<() => void>()

function stored(): Theme {
  const value = localStorage.getItem(STORED)
  return value === 'light' || value === 'dark' ? value : 'system'
}

function apply(theme: Theme) {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

/** Called before the first paint, so that a chosen theme never flashes the other one. */
export function applyStoredTheme() {
  apply(stored())
}

export function setTheme(theme: Theme) {
  if (theme === 'system') localStorage.removeItem(STORED)
  else localStorage.setItem(STORED, theme)
  apply(theme)
  for (const listener of listeners) listener()
}

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, stored)
}
