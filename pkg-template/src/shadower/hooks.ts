'use client'
import { useState } from 'react'
import { fetchTyped } from '../core/familyDefaults'
import { typedKeyFacts, type TypedQueryKey } from '../core/typedKey'
import type { QueryFunctionContext } from '../core/types'
import type { UseQueryResult } from '../react/types'
import { useQuery } from '../react/useQuery'
import { queryKeys, type Period, type Timeframe, type WindowValue } from './generated'

/** What the hooks of the bundled schema take besides the key's parts. */
export interface FamilyHookOptions {
  /**
   * Neither our cache nor the server's may answer: until the fetch of this mount is done there is no data, and the
   * server is asked to compute it (`skip_cache=true`). What comes goes into the cache, for all who do not skip it.
   */
  skipCache?: boolean | undefined
  /** Milliseconds between polls; `false` for none. @default what the family says */
  refetchInterval?: number | false | undefined
  /** `false` fetches nothing. @default true */
  enabled?: boolean | undefined
}

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
  useFamily(queryKeys.executive(workspaceId, timeframe), options)

/** A workspace's key figures as of now. */
export const useExecutiveKpis = ({ workspaceId }: Workspace, options?: FamilyHookOptions) =>
  useFamily(queryKeys.kpis(workspaceId), options)

/** Revenue by day and by plan. */
export const useRevenue = ({ workspaceId, timeframe }: Over, options?: FamilyHookOptions) =>
  useFamily(queryKeys.revenue(workspaceId, timeframe), options)

/** The busiest agents of a workspace; ten, unless `limit` says otherwise. */
export const useTopAgents = (
  { workspaceId, timeframe, limit }: Over & { limit?: number | undefined },
  options?: FamilyHookOptions,
) => useFamily(queryKeys.topAgents(workspaceId, timeframe, limit), options)

/** One agent's runs, success, duration, cost and errors. */
export const useAgentAnalytics = (
  { agentId, timeframe }: { agentId: string; timeframe: Timeframe },
  options?: FamilyHookOptions,
) => useFamily(queryKeys.agentAnalytics(agentId, timeframe), options)

/** What one user did on one day, `2026-11-22`. */
export const useUserActivity = ({ userId, date }: { userId: string; date: string }, options?: FamilyHookOptions) =>
  useFamily(queryKeys.userActivity(userId, date), options)

/** One user's figures. */
export const useUserMetrics = (
  { userId, timeframe }: { userId: string; timeframe: Timeframe },
  options?: FamilyHookOptions,
) => useFamily(queryKeys.userMetrics(userId, timeframe), options)

/** A workspace's users, of one segment or of all: how many are active, how many are new. */
export const useUserAnalytics = (
  { workspaceId, timeframe, segment }: Over & { segment?: string | undefined },
  options?: FamilyHookOptions,
) => useFamily(queryKeys.userAnalytics(workspaceId, timeframe, segment), options)

/** How many of those who came on `cohortDate` were there on each of the `days` that followed. */
export const useRetentionCurve = (
  { workspaceId, cohortDate, days }: Workspace & { cohortDate: string; days: number },
  options?: FamilyHookOptions,
) => useFamily(queryKeys.retentionCurve(workspaceId, cohortDate, days), options)

/** Users lost, and users about to be. */
export const useChurn = ({ workspaceId, timeframe }: Over, options?: FamilyHookOptions) =>
  useFamily(queryKeys.churn(workspaceId, timeframe), options)

/** A workspace at a glance: today's figures. */
export const useWorkspaceOverview = ({ workspaceId }: Workspace, options?: FamilyHookOptions) =>
  useFamily(queryKeys.workspaceOverview(workspaceId), options)

/** A workspace's runs, credits and users, and its agents. */
export const useWorkspaceAnalytics = ({ workspaceId, timeframe }: Over, options?: FamilyHookOptions) =>
  useFamily(queryKeys.workspaceAnalytics(workspaceId, timeframe), options)

/** Runs in buckets. */
export const useRunMetrics = ({ workspaceId, period }: By, options?: FamilyHookOptions) =>
  useFamily(queryKeys.runMetrics(workspaceId, period), options)

/** A metric (`runs`, `credits` or `users`) over the last sixty minutes; it polls. */
export const useRealtimeMetrics = (
  { workspaceId, metric }: Workspace & { metric: string },
  options?: FamilyHookOptions,
) => useFamily(queryKeys.realtimeMetrics(workspaceId, metric), options)

/** How many users were active within a window. */
export const useActiveUsers = (
  { workspaceId, window }: Workspace & { window: WindowValue },
  options?: FamilyHookOptions,
) => useFamily(queryKeys.activeUsers(workspaceId, window), options)

/** Credits used and bought, in buckets. */
export const useCreditMetrics = ({ workspaceId, period }: By, options?: FamilyHookOptions) =>
  useFamily(queryKeys.creditMetrics(workspaceId, period), options)

/** Tells mounts that skip the cache apart. */
let mounts = 0

/** What the hooks share: the key brings its endpoint and its lifetime. */
function useFamily<TData>(
  queryKey: TypedQueryKey<TData>,
  { skipCache, enabled, refetchInterval }: FamilyHookOptions = {},
): UseQueryResult<TData> {
  const [mount] = useState(() => ++mounts)
  return useQuery<TData, Error, TData, TypedQueryKey<TData>>({
    queryKey,
    // Said only where they are, because an option that is there, `undefined` even, goes before a default.
    ...(enabled === undefined ? {} : { enabled }),
    ...(refetchInterval === undefined ? {} : { refetchInterval }),
    ...(skipCache ? skippingCache(queryKey, mount) : {}),
  })
}

/**
 * An entry of the mount's own beside the shared one, under the same key: it begins empty, its errors have no old data
 * beside them, and patterns and prefixes find it when they find the other.
 */
function skippingCache<TData>(queryKey: TypedQueryKey<TData>, mount: number) {
  return {
    queryHash: `skip_cache ${mount} ${typedKeyFacts(queryKey)!.hash}`,
    queryFn: async ({ client, signal }: QueryFunctionContext<TypedQueryKey<TData>>): Promise<TData> => {
      const data = await fetchTyped(queryKey, { client, signal }, { skipCache: true })
      // Newer than what the others see: two numbers for one thing on one screen would be worse than either.
      if (!signal.aborted) client.setQueryData<TData, TypedQueryKey<TData>, TData>(queryKey, data)
      return data
    },
    gcTime: 0,
  }
}
