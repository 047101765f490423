import type { TopAgent } from 'samekey/shadower'
import type { AgentName } from '../../api/lists'

/** One line of the agents table; without numbers for an agent beyond the ranking. */
export interface AgentRow {
  id: string
  name: string
  stats: TopAgent | null
}

export type SortColumn = 'name' | 'runs' | 'success_rate' | 'credits' | 'avg_duration_ms'

export interface Sorting {
  column: SortColumn
  descending: boolean
}

/** The ranked agents, then the others of the workspace. */
export function agentRows(ranked: TopAgent[], all: AgentName[]): AgentRow[] {
  const known = new Set(ranked.map((agent) => agent.agent_id))
  return [
    ...ranked.map((stats) => ({ id: stats.agent_id, name: stats.name, stats })),
    ...all.filter((agent) => !known.has(agent.id)).map((agent) => ({ ...agent, stats: null })),
  ]
}

/** Filters by name and sorts; rows without numbers stay last whichever way the numbers run. */
export function arrange(rows: AgentRow[], filter: string, { column, descending }: Sorting): AgentRow[] {
  const sign = descending ? -1 : 1
  const wanted = filter.trim().toLowerCase()
  return rows
    .filter((row) => row.name.toLowerCase().includes(wanted))
    .sort((a, b) => {
      if (column === 'name') return sign * a.name.localeCompare(b.name)
      if (!a.stats || !b.stats) return Number(!a.stats) - Number(!b.stats)
      return sign * (a.stats[column] - b.stats[column])
    })
}
