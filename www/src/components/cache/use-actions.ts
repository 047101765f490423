import { useQueryClient } from 'samekey/react'
import { useState } from 'react'
import { invalidatePatterns, invalidatePrefix, type Touched } from '../../api/browser-cache'
import { describeError } from '../../api/describe-error'
import { serverStatsQuery, type Invalidated } from '../../api/server-cache'
import { count } from '../../format/number'

export interface LogEntry {
  id: number
  at: number
  label: string
  text: string
  patterns: string[]
  failed: boolean
}

const KEPT = 20

/** Runs the page's actions one after another and keeps a log of what each did on both tiers. */
export function useActions() {
  const client = useQueryClient()
  const [entries, setEntries] = useState<LogEntry[]>([])

  const log = (label: string, text: string, patterns: string[] = [], failed = false) =>
    setEntries((previous) =>
      [{ id: (previous[0]?.id ?? 0) + 1, at: Date.now(), label, text, patterns, failed }, ...previous].slice(0, KEPT),
    )

  /** Something only the server can do; its patterns then apply to this browser too. */
  const onServer = async (label: string, act: () => Promise<Partial<Invalidated>>) => {
    try {
      const { deleted = 0, patterns = [] } = await act()
      const touched = invalidatePatterns(client, patterns)
      log(label, `Server: ${count(deleted)} dropped. ${inBrowser(touched)}`, patterns)
      void client.invalidateQueries(serverStatsQuery())
    } catch (error) {
      const { title, advice } = describeError(error)
      log(label, `${title}. ${advice}`, [], true)
    }
  }

  const inBrowserOnly = (label: string, queryKey: readonly string[]) => log(label, inBrowser(invalidatePrefix(client, queryKey)))

  return { entries, onServer, inBrowserOnly }
}

const inBrowser = ({ marked, refetched }: Touched) =>
  `Browser: ${count(marked + refetched)} matched, ${count(refetched)} on the screen and refetched.`
