import { useQuery } from 'samekey/react'
import { useTopAgents } from 'samekey/shadower'
import { useState } from 'react'
import { AGENT_LIMIT } from '../api/limits'
import { agentsQuery } from '../api/lists'
import { agentRows, arrange, type Sorting } from '../components/agents/agent-rows'
import { AgentsTable } from '../components/agents/AgentsTable'
import { Card } from '../components/Card'
import { EmptyState } from '../components/EmptyState'
import { Freshness } from '../components/Freshness'
import { PageHead } from '../components/PageHead'
import { QueryView } from '../components/QueryView'
import { SearchField } from '../components/SearchField'
import { Skeleton } from '../components/Skeleton'
import { count } from '../format/number'
import { timeframeWords, useScope } from '../state/scope'
import { useTitle } from '../state/use-title'

export function AgentsPage() {
  useTitle('Agents')
  const { workspaceId, timeframe } = useScope()
  const [filter, setFilter] = useState('')
  const [sorting, setSorting] = useState<Sorting>({ column: 'runs', descending: true })
  const ranked = useTopAgents({ workspaceId, timeframe, limit: AGENT_LIMIT })
  const all = useQuery(agentsQuery(workspaceId))
  const names = all.data?.agents ?? []

  return (
    <>
      <PageHead title="Agents" note={`Activity of the ${timeframeWords(timeframe)}`} action={<Freshness query={ranked} />} />
      <Card
        title={names.length > 0 ? `${count(names.length)} agents` : 'Agents'}
        note={names.length > AGENT_LIMIT ? `numbers for the ${AGENT_LIMIT} busiest` : 'by runs, credits or name'}
        action={<SearchField label="Find an agent" value={filter} onChange={setFilter} />}
      >
        <QueryView query={ranked} what="the agents" skeleton={<Skeleton height={26} lines={12} />}>
          {(data) => {
            const rows = arrange(agentRows(data.agents, names), filter, sorting)
            if (rows.length > 0) return <AgentsTable rows={rows} sorting={sorting} onSort={setSorting} />
            return filter === '' ? (
              <EmptyState title="This workspace has no agents">Choose another workspace above.</EmptyState>
            ) : (
              <EmptyState title={`No agent is called “${filter}”`}>Try a shorter name.</EmptyState>
            )
          }}
        </QueryView>
      </Card>
    </>
  )
}
