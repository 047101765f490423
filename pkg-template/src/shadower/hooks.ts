'use client'
import { useFamilyQuery, type FamilyHookOptions } from '../react/useFamilyQuery'
import { queryKeys, type Period, type Timeframe, type WindowValue } from './generated'

export type { FamilyHookOptions } from '../react/useFamilyQuery'

interface Workspace {
  workspaceId: string
}
interface Over extends Workspace {
  timeframe: Timeframe
}
interface By extends Workspace {
  period: Period
}

/** A workspace's dashboard: figures, trend and top agents. */
export const useExecutiveDashboard = ({ workspaceId, timeframe }: Over, options?: FamilyHookOptions) =>
  useFamilyQuery(queryKeys.executive(workspaceId, timeframe), options)

/** A workspace's key figures as of now. */
export const useExecutiveKpis = ({ workspaceId }: Workspace, options?: FamilyHookOptions) =>
  useFamilyQuery(queryKeys.kpis(workspaceId), options)

/** Revenue by day and by plan. */
export const useRevenue = ({ workspaceId, timeframe }: Over, options?: FamilyHookOptions) =>
  useFamilyQuery(queryKeys.revenue(workspaceId, timeframe), options)

/** The busiest agents of a workspace; ten, unless `limit` says otherwise. */
export const useTopAgents = (
  { workspaceId, timeframe, limit }: Over & { limit?: number | undefined },
  options?: FamilyHookOptions,
) => useFamilyQuery(queryKeys.topAgents(workspaceId, timeframe, limit), options)

/** One agent's runs, success, duration, cost and errors. */
export const useAgentAnalytics = (
  { agentId, timeframe }: { agentId: string; timeframe: Timeframe },
  options?: FamilyHookOptions,
) => useFamilyQuery(queryKeys.agentAnalytics(agentId, timeframe), options)

/** What one user did on one day, `2026-11-22`. */
export const useUserActivity = ({ userId, date }: { userId: string; date: string }, options?: FamilyHookOptions) =>
  useFamilyQuery(queryKeys.userActivity(userId, date), options)

/** One user's figures. */
export const useUserMetrics = (
  { userId, timeframe }: { userId: string; timeframe: Timeframe },
  options?: FamilyHookOptions,
) => useFamilyQuery(queryKeys.userMetrics(userId, timeframe), options)

/** A workspace's users, of one segment or of all: how many are active, how many are new. */
export const useUserAnalytics = (
  { workspaceId, timeframe, segment }: Over & { segment?: string | undefined },
  options?: FamilyHookOptions,
) => useFamilyQuery(queryKeys.userAnalytics(workspaceId, timeframe, segment), options)

/** How many of those who came on `cohortDate` were there on each of the `days` that followed. */
export const useRetentionCurve = (
  { workspaceId, cohortDate, days }: Workspace & { cohortDate: string; days: number },
  options?: FamilyHookOptions,
) => useFamilyQuery(queryKeys.retentionCurve(workspaceId, cohortDate, days), options)

/** Users lost, and users about to be. */
export const useChurn = ({ workspaceId, timeframe }: Over, options?: FamilyHookOptions) =>
  useFamilyQuery(queryKeys.churn(workspaceId, timeframe), options)

/** A workspace at a glance: today's figures. */
export const useWorkspaceOverview = ({ workspaceId }: Workspace, options?: FamilyHookOptions) =>
  useFamilyQuery(queryKeys.workspaceOverview(workspaceId), options)

/** A workspace's runs, credits and users, and its agents. */
export const useWorkspaceAnalytics = ({ workspaceId, timeframe }: Over, options?: FamilyHookOptions) =>
  useFamilyQuery(queryKeys.workspaceAnalytics(workspaceId, timeframe), options)

/** Runs in buckets. */
export const useRunMetrics = ({ workspaceId, period }: By, options?: FamilyHookOptions) =>
  useFamilyQuery(queryKeys.runMetrics(workspaceId, period), options)

/** A metric (`runs`, `credits` or `users`) over the last sixty minutes; it polls. */
export const useRealtimeMetrics = (
  { workspaceId, metric }: Workspace & { metric: string },
  options?: FamilyHookOptions,
) => useFamilyQuery(queryKeys.realtimeMetrics(workspaceId, metric), options)

/** How many users were active within a window. */
export const useActiveUsers = (
  { workspaceId, window }: Workspace & { window: WindowValue },
  options?: FamilyHookOptions,
) => useFamilyQuery(queryKeys.activeUsers(workspaceId, window), options)

/** Credits used and bought, in buckets. */
export const useCreditMetrics = ({ workspaceId, period }: By, options?: FamilyHookOptions) =>
  useFamilyQuery(queryKeys.creditMetrics(workspaceId, period), options)
