import { queryOptions } from 'samekey/react'
import { getJson } from './http'

export interface Workspace {
  id: string
  name: string
  plan: string
}

export interface AgentName {
  id: string
  name: string
}

export interface User {
  id: string
  name: string
  email: string
  segment: string
}

/** Lists change rarely and are not in the schema; five minutes keeps the pickers quiet. */
const LIST_STALE_MS = 300_000

/** All workspaces. */
export const workspacesQuery = () =>
  queryOptions({
    queryKey: ['workspaces'],
    queryFn: ({ signal }) => getJson<{ workspaces: Workspace[] }>('/api/v1/workspaces', signal),
    staleTime: LIST_STALE_MS,
  })

/** Every agent of a workspace, those without a run in the timeframe too. */
export const agentsQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: ['agents', workspaceId],
    queryFn: ({ signal }) =>
      getJson<{ agents: AgentName[] }>(`/api/v1/agents?workspace_id=${encodeURIComponent(workspaceId)}`, signal),
    staleTime: LIST_STALE_MS,
  })

/** The first users of a workspace. */
export const usersQuery = (workspaceId: string, limit: number) =>
  queryOptions({
    queryKey: ['users', workspaceId, limit],
    queryFn: ({ signal }) =>
      getJson<{ users: User[] }>(`/api/v1/users?workspace_id=${encodeURIComponent(workspaceId)}&limit=${limit}`, signal),
    staleTime: LIST_STALE_MS,
  })
