import type { QueryClient } from 'samekey/react'
import { queryKeys, type Timeframe } from 'samekey/shadower'
import { agentsQuery, usersQuery } from './lists'
import { AGENT_LIMIT, USER_LIMIT } from './limits'
import { noteLookup } from './lookups'

interface Looked {
  workspaceId: string
  timeframe: Timeframe
}

/** Loads what a page is going to show. What is fresh already costs no request, so calling it often is free. */
export function prefetchPage(client: QueryClient, path: string, { workspaceId, timeframe }: Looked) {
  const load = (query: { queryKey: readonly unknown[] }) => {
    noteLookup(client, query.queryKey)
    void client.prefetchQuery(query)
  }
  const [, page, id] = path.split('/')
  switch (page) {
    case '':
      load({ queryKey: queryKeys.executive(workspaceId, timeframe) })
      load({ queryKey: queryKeys.revenue(workspaceId, timeframe) })
      break
    case 'agents':
      if (id === undefined) {
        load({ queryKey: queryKeys.topAgents(workspaceId, timeframe, AGENT_LIMIT) })
        load(agentsQuery(workspaceId))
      } else {
        load({ queryKey: queryKeys.agentAnalytics(decodeURIComponent(id), timeframe) })
      }
      break
    case 'users':
      if (id === undefined) {
        load({ queryKey: queryKeys.userAnalytics(workspaceId, timeframe) })
        load({ queryKey: queryKeys.churn(workspaceId, timeframe) })
        load(usersQuery(workspaceId, USER_LIMIT))
      } else {
        load({ queryKey: queryKeys.userMetrics(decodeURIComponent(id), timeframe) })
      }
      break
  }
}
