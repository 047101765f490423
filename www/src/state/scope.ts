import type { Timeframe } from 'samekey/shadower'
import { createContext, use } from 'react'

export const TIMEFRAMES: readonly { value: Timeframe; label: string; words: string }[] = [
  { value: '1h', label: '1h', words: 'last hour' },
  { value: '24h', label: '24h', words: 'last 24 hours' },
  { value: '7d', label: '7d', words: 'last 7 days' },
  { value: '30d', label: '30d', words: 'last 30 days' },
  { value: '90d', label: '90d', words: 'last 90 days' },
]

export const DEFAULT_TIMEFRAME: Timeframe = '7d'

/** What every page looks at: one workspace over one timeframe, both read from the address. */
export interface Scope {
  workspaceId: string
  timeframe: Timeframe
  setWorkspace: (id: string) => void
  setTimeframe: (timeframe: Timeframe) => void
  /** An address inside the app that keeps the scope. */
  href: (path: string, extra?: Record<string, string>) => string
}

export const ScopeContext = createContext<Scope | null>(null)

export function useScope(): Scope {
  const scope = use(ScopeContext)
  if (!scope) throw new Error('useScope is used outside <ScopeGate>')
  return scope
}

/** Reads a timeframe out of an address; anything unknown is the default. */
export function parseTimeframe(text: string | null): Timeframe {
  return TIMEFRAMES.find((t) => t.value === text)?.value ?? DEFAULT_TIMEFRAME
}

/** "last 7 days" */
export function timeframeWords(timeframe: Timeframe): string {
  return TIMEFRAMES.find((t) => t.value === timeframe)?.words ?? timeframe
}
