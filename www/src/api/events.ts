import type { CacheEvent } from './server-cache'

/** Whom the events of the cache page are about. */
export interface Subjects {
  workspaceId: string
  agentId: string
  userId: string
}

interface EventButton {
  label: string
  /** What really happens then, in words. */
  means: string
  event: (subjects: Subjects) => CacheEvent
}

/** Every event of the schema, with the fields it needs. */
export const EVENTS: readonly EventButton[] = [
  {
    label: 'Agent run started',
    means: 'an agent begins a run',
    event: ({ workspaceId, agentId }) => ({ event: 'agent_run_started', workspace_id: workspaceId, agent_id: agentId }),
  },
  {
    label: 'Agent run completed',
    means: 'the agent’s families, the dashboard, top agents, run metrics',
    event: ({ workspaceId, agentId }) => ({ event: 'agent_run_completed', workspace_id: workspaceId, agent_id: agentId }),
  },
  {
    label: 'User activity',
    means: 'that user’s activity and the active-user metrics',
    event: ({ workspaceId, userId }) => ({ event: 'user_activity', workspace_id: workspaceId, user_id: userId }),
  },
  {
    label: 'Workspace updated',
    means: 'every family of the workspace',
    event: ({ workspaceId }) => ({ event: 'workspace_updated', workspace_id: workspaceId }),
  },
  {
    label: 'Credit transaction',
    means: 'credit metrics and the dashboard',
    event: ({ workspaceId }) => ({ event: 'credit_transaction', workspace_id: workspaceId }),
  },
  {
    label: 'Report generated',
    means: 'the report goes into the server’s cache',
    event: ({ workspaceId }) => ({
      event: 'report_generated',
      report_id: `overview-${workspaceId}`,
      format: 'json',
      data: { workspace_id: workspaceId, made_at: new Date().toISOString() },
    }),
  },
]
