import { useQuery } from 'samekey/react'
import { useState } from 'react'
import { USER_LIMIT } from '../api/limits'
import { agentsQuery, usersQuery, workspacesQuery } from '../api/lists'
import { invalidateOnServer, postEvent, simulate } from '../api/server-cache'
import { CacheTable } from '../components/cache/CacheTable'
import { EventsCard } from '../components/cache/EventsCard'
import { FamilyTable } from '../components/cache/FamilyTable'
import { InvalidateCard } from '../components/cache/InvalidateCard'
import { LogCard } from '../components/cache/LogCard'
import { Tiers } from '../components/cache/Tiers'
import { useActions } from '../components/cache/use-actions'
import { useCacheRows } from '../components/cache/use-cache-rows'
import { PageHead } from '../components/PageHead'
import { Split } from '../components/Split'
import { useScope } from '../state/scope'
import { useTitle } from '../state/use-title'

export function CachePage() {
  useTitle('Cache')
  const { workspaceId } = useScope()
  const workspaces = useQuery(workspacesQuery()).data?.workspaces ?? []
  const agents = useQuery(agentsQuery(workspaceId)).data?.agents ?? []
  const users = useQuery(usersQuery(workspaceId, USER_LIMIT)).data?.users ?? []
  const [agent, setAgent] = useState('')
  const [user, setUser] = useState('')
  const { entries, onServer, inBrowserOnly } = useActions()
  const rows = useCacheRows()

  // A choice made in one workspace means nothing in the next: fall back to its first.
  const agentId = agents.find((choice) => choice.id === agent)?.id ?? agents[0]?.id ?? ''
  const userId = users.find((choice) => choice.id === user)?.id ?? users[0]?.id ?? ''
  const subjects = { workspaceId, agentId, userId }

  return (
    <>
      <PageHead title="Cache" note="One key on both sides: what this browser holds, and what the server answered" />
      <Tiers />
      <FamilyTable entries={rows} />
      <CacheTable rows={rows} />
      <Split shape="equal">
        <InvalidateCard
          key={workspaceId}
          subjects={subjects}
          workspaceName={workspaces.find((workspace) => workspace.id === workspaceId)?.name ?? workspaceId}
          agents={agents}
          users={users}
          onAgent={setAgent}
          onUser={setUser}
          onScope={(label, scope) => void onServer(`Invalidated ${label}`, () => invalidateOnServer(scope))}
          onPrefix={(label, queryKey) => inBrowserOnly(`Invalidated ${label}`, queryKey)}
        />
        <EventsCard
          subjects={subjects}
          onEvent={(label, event) => void onServer(label, () => postEvent(event))}
          onSimulate={(label, kind) => void onServer(label, () => simulate(workspaceId, kind))}
        />
      </Split>
      <LogCard entries={entries} />
    </>
  )
}
