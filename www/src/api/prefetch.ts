import type { QueryClient } from 'samekey/react'
import { queryKeys, type Timeframe } from 'samekey/shadower'
import { agentsQuery, usersQuery } from './lists'
import { AGENT_LIMIT, USER_LIMIT } from './limits'

interface Looked {
  workspaceId: string
  timeframe: Timeframe
}

/** Loads what a page is going to show. What is fresh already costs no request, so calling it often is free. */
export function prefetchPage(client: QueryClient, path: string, { workspaceId, timeframe }: Looked) {
  const load = (queryKey: readonly unknown[]) => void client.prefetchQuery({ queryKey })
  const [, page, id] = path.split('/')
  switch (page) {
    case '':
      load(queryKeys.executive(workspaceId, timeframe))
      load(queryKeys.revenue(workspaceId, timeframe))
      break
    case 'agents':
      if (id === undefined) {
        load(queryKeys.topAgents(workspaceId, timeframe, AGENT_LIMIT))
        void client.prefetchQuery(agentsQuery(workspaceId))
      } else {
        load(queryKeys.agentAnalytics(decodeURIComponent(id), timeframe))
      }
      break
    case 'users':
      if (id === undefined) {
        load(queryKeys.userAnalytics(workspaceId, timeframe))
        load(queryKeys.churn(workspaceId, timeframe))
        void client.prefetchQuery(usersQuery(workspaceId, USER_LIMIT))
      } else {
        load(queryKeys.userMetrics(decodeURIComponent(id), timeframe))
      }
      break
  }
}
