// Generated from schema/shadower.toml by `samekey gen --lang ts`. Do not edit: change the schema and run it again.

import { defineFamily } from '../core/typedKey'

/** How far back the analysis looks. */
export type Timeframe = '1h' | '24h' | '7d' | '30d' | '90d'

/** How long ago counts as active. */
export type WindowValue = '24h' | '7d' | '30d'

/** The size of one bucket. */
export type Period = 'hourly' | 'daily'

/** The data of `kpis`. */
export interface ExecutiveKpis {
  workspace_id: string
  mrr: number
  credits_used: number
  credits_remaining: number
  dau: number
  wau: number
  mau: number
  total_runs: number
  success_rate: number
  avg_duration_ms: number
  active_agents: number
  computed_at: string
}

/** A part of `ExecutiveDashboard`, `AgentAnalytics`, `RunMetrics`. */
export interface TrendPoint {
  at: string
  runs: number
  failed: number
  credits: number
  active_users: number
}

/** A part of `ExecutiveDashboard`, `TopAgents`, `WorkspaceAnalytics`. */
export interface TopAgent {
  agent_id: string
  name: string
  runs: number
  success_rate: number
  credits: number
  avg_duration_ms: number
}

/** A part of `ExecutiveDashboard`. */
export interface PeriodSummary {
  runs: number
  success_rate: number
  credits: number
  active_users: number
}

/** The data of `executive`. */
export interface ExecutiveDashboard {
  workspace_id: string
  timeframe: string
  kpis: ExecutiveKpis
  current: PeriodSummary
  previous: PeriodSummary
  trend: TrendPoint[]
  top_agents: TopAgent[]
  computed_at: string
}

/** A part of `RevenueReport`. */
export interface RevenuePoint {
  date: string
  revenue: number
  credits: number
}

/** A part of `RevenueReport`. */
export interface PlanRevenue {
  plan: string
  revenue: number
}

/** The data of `revenue`. */
export interface RevenueReport {
  workspace_id: string
  timeframe: string
  mrr: number
  credits_revenue: number
  by_day: RevenuePoint[]
  by_plan: PlanRevenue[]
  computed_at: string
}

/** The data of `topAgents`. */
export interface TopAgents {
  workspace_id: string
  timeframe: string
  limit: number
  agents: TopAgent[]
  computed_at: string
}

/** A part of `AgentAnalytics`. */
export interface ErrorCount {
  kind: string
  count: number
}

/** The data of `agentAnalytics`. */
export interface AgentAnalytics {
  agent_id: string
  name: string
  workspace_id: string
  timeframe: string
  runs: number
  success_rate: number
  avg_duration_ms: number
  p95_duration_ms: number
  credits: number
  trend: TrendPoint[]
  errors: ErrorCount[]
  computed_at: string
}

/** A part of `UserActivity`. */
export interface ActivityEvent {
  at: string
  kind: string
  detail: string
}

/** The data of `userActivity`. */
export interface UserActivity {
  user_id: string
  name: string
  date: string
  events: ActivityEvent[]
  runs: number
  credits: number
  computed_at: string
}

/** The data of `userMetrics`. */
export interface UserMetrics {
  user_id: string
  timeframe: string
  runs: number
  success_rate: number
  credits: number
  active_days: number
  computed_at: string
}

/** A part of `UserAnalytics`. */
export interface UserTrendPoint {
  at: string
  active: number
  new: number
}

/** A part of `UserAnalytics`. */
export interface SegmentCount {
  segment: string
  users: number
  runs: number
}

/** The data of `userAnalytics`. */
export interface UserAnalytics {
  workspace_id: string
  timeframe: string
  segment?: string | null
  dau: number
  wau: number
  mau: number
  new_users: number
  trend: UserTrendPoint[]
  segments: SegmentCount[]
  computed_at: string
}

/** A part of `RetentionCurve`. */
export interface RetentionPoint {
  day: number
  retained: number
  rate: number
}

/** The data of `retentionCurve`. */
export interface RetentionCurve {
  workspace_id: string
  cohort_date: string
  days: number
  cohort_size: number
  points: RetentionPoint[]
  computed_at: string
}

/** The data of `churn`. */
export interface ChurnReport {
  workspace_id: string
  timeframe: string
  churned: number
  at_risk: number
  rate: number
  computed_at: string
}

/** The data of `workspaceOverview`. */
export interface WorkspaceOverview {
  workspace_id: string
  name: string
  plan: string
  agents: number
  users: number
  runs_today: number
  success_rate_today: number
  credits_today: number
  computed_at: string
}

/** The data of `workspaceAnalytics`. */
export interface WorkspaceAnalytics {
  workspace_id: string
  timeframe: string
  runs: number
  success_rate: number
  credits: number
  active_users: number
  by_agent: TopAgent[]
  computed_at: string
}

/** The data of `runMetrics`. */
export interface RunMetrics {
  workspace_id: string
  period: string
  buckets: TrendPoint[]
  computed_at: string
}

/** The data of `realtimeMetrics`. */
export interface RealtimeMetrics {
  workspace_id: string
  metric: string
  value: number
  per_minute: number[]
  computed_at: string
}

/** The data of `activeUsers`. */
export interface ActiveUsers {
  workspace_id: string
  window: string
  active: number
  computed_at: string
}

/** A part of `CreditMetrics`. */
export interface CreditPoint {
  at: string
  used: number
  purchased: number
}

/** The data of `creditMetrics`. */
export interface CreditMetrics {
  workspace_id: string
  period: string
  used: number
  purchased: number
  balance: number
  buckets: CreditPoint[]
  computed_at: string
}

/** Lifetimes in milliseconds. */
export const cacheTime = {
  SHORT: 60000,
  MEDIUM: 300000,
  LONG: 1800000,
  HOUR: 3600000,
  DAY: 86400000,
} as const

/** Lifetimes in milliseconds, by timeframe. */
export const cacheTimeByTimeframe = {
  '1h': cacheTime.SHORT,
  '24h': cacheTime.MEDIUM,
  '7d': cacheTime.LONG,
  '30d': cacheTime.HOUR,
  '90d': cacheTime.HOUR,
} as const

/** The query keys: one function for each family. */
export const queryKeys = {
  /** The executive dashboard: figures, trend and top agents of a workspace. */
  executive: defineFamily<ExecutiveDashboard, [workspace: string, timeframe: Timeframe]>(
    'exec:dashboard:{workspace}:{timeframe}',
    { ttl: cacheTime.LONG, endpoint: '/api/v1/executive/dashboard?workspace_id={workspace}&timeframe={timeframe}' },
  ),
  /** A workspace's key figures as of now. */
  kpis: defineFamily<ExecutiveKpis, [workspace: string]>(
    'exec:kpis:{workspace}',
    { ttl: cacheTime.MEDIUM, endpoint: '/api/v1/executive/kpis?workspace_id={workspace}' },
  ),
  /** Revenue by day and by plan. */
  revenue: defineFamily<RevenueReport, [workspace: string, timeframe: Timeframe]>(
    'exec:revenue:{workspace}:{timeframe}',
    { ttl: cacheTime.LONG, endpoint: '/api/v1/executive/revenue?workspace_id={workspace}&timeframe={timeframe}', sensitive: true },
  ),
  /** One agent's runs, success, duration, cost and errors. */
  agentAnalytics: defineFamily<AgentAnalytics, [agent: string, timeframe: Timeframe]>(
    'agent:analytics:{agent}:{timeframe}',
    { ttl: cacheTime.LONG, endpoint: '/api/v1/agents/{agent}/analytics?timeframe={timeframe}' },
  ),
  /** The busiest agents of a workspace. */
  topAgents: defineFamily<TopAgents, [workspace: string, timeframe: Timeframe, limit?: number]>(
    'agent:top:{workspace}:{timeframe}:{limit=10}',
    { ttl: cacheTime.LONG, endpoint: '/api/v1/agents/top?workspace_id={workspace}&timeframe={timeframe}&limit={limit}' },
  ),
  /** What one user did on one day. */
  userActivity: defineFamily<UserActivity, [user: string, date: string]>(
    'user:activity:{user}:{date}',
    { ttl: cacheTime.MEDIUM, endpoint: '/api/v1/users/{user}/activity?date={date}', sensitive: true },
  ),
  /** One user's figures. */
  userMetrics: defineFamily<UserMetrics, [user: string, timeframe: Timeframe]>(
    'user:metrics:{user}:{timeframe}',
    { ttl: cacheTime.MEDIUM, endpoint: '/api/v1/users/{user}/metrics?timeframe={timeframe}' },
  ),
  /** A workspace's users: how many are active, how many are new; of one segment or of all. */
  userAnalytics: defineFamily<UserAnalytics, [workspace: string, timeframe: Timeframe, segment?: string]>(
    'user:analytics:{workspace}:{timeframe}[:{segment}]',
    { ttl: cacheTime.LONG, endpoint: '/api/v1/users/analytics?workspace_id={workspace}&timeframe={timeframe}[&segment={segment}]' },
  ),
  /** How many of a cohort came back on each day. */
  retentionCurve: defineFamily<RetentionCurve, [workspace: string, cohortDate: string, days: number]>(
    'user:retention:curve:{workspace}:{cohort_date}:{days}',
    { ttl: cacheTime.DAY, endpoint: '/api/v1/users/retention?workspace_id={workspace}&cohort_date={cohort_date}&days={days}' },
  ),
  /** Cohorts compared. */
  cohortAnalysis: defineFamily<unknown, [workspace: string, cohortType: string, start: string, end: string]>(
    'user:cohort:{workspace}:{cohort_type}:{start}:{end}',
    { ttl: cacheTime.DAY },
  ),
  /** Users lost, and users about to be. */
  churn: defineFamily<ChurnReport, [workspace: string, timeframe: Timeframe]>(
    'user:churn:{workspace}:{timeframe}',
    { ttl: cacheTime.HOUR, endpoint: '/api/v1/users/churn?workspace_id={workspace}&timeframe={timeframe}' },
  ),
  /** One metric of a workspace on one day. */
  workspaceMetrics: defineFamily<unknown, [workspace: string, metric: string, date: string]>(
    'ws:metrics:{workspace}:{metric}:{date}',
    { ttl: cacheTime.MEDIUM },
  ),
  /** A workspace at a glance: today's figures. */
  workspaceOverview: defineFamily<WorkspaceOverview, [workspace: string]>(
    'ws:overview:{workspace}',
    { ttl: cacheTime.MEDIUM, endpoint: '/api/v1/workspaces/{workspace}/overview' },
  ),
  /** A workspace's runs, credits and users, and its agents. */
  workspaceAnalytics: defineFamily<WorkspaceAnalytics, [workspace: string, timeframe: Timeframe]>(
    'ws:analytics:{workspace}:{timeframe}',
    { ttl: cacheTime.LONG, endpoint: '/api/v1/workspaces/{workspace}/analytics?timeframe={timeframe}' },
  ),
  /** A metric summed over a period. */
  metricsAggregation: defineFamily<unknown, [metric: string, workspace: string, period: Period]>(
    'metrics:agg:{metric}:{workspace}:{period}',
    { ttl: cacheTime.HOUR },
  ),
  /** Runs in buckets. */
  runMetrics: defineFamily<RunMetrics, [workspace: string, period: Period]>(
    'metrics:runs:{workspace}:{period}',
    { ttl: cacheTime.MEDIUM, endpoint: '/api/v1/metrics/runs?workspace_id={workspace}&period={period}' },
  ),
  /** A metric over the last sixty minutes. */
  realtimeMetrics: defineFamily<RealtimeMetrics, [workspace: string, metric: string]>(
    'metrics:realtime:{workspace}:{metric}',
    { ttl: cacheTime.SHORT, endpoint: '/api/v1/metrics/realtime?workspace_id={workspace}&metric={metric}', refetchInterval: 30000 },
  ),
  /** How many users were active within a window. */
  activeUsers: defineFamily<ActiveUsers, [workspace: string, window: WindowValue]>(
    'metrics:users:active:{workspace}:{window}',
    { ttl: cacheTime.SHORT, endpoint: '/api/v1/metrics/active-users?workspace_id={workspace}&window={window}' },
  ),
  /** Credits used and bought, in buckets. */
  creditMetrics: defineFamily<CreditMetrics, [workspace: string, period: Period]>(
    'metrics:credits:{workspace}:{period}',
    { ttl: cacheTime.MEDIUM, endpoint: '/api/v1/metrics/credits?workspace_id={workspace}&period={period}' },
  ),
  /** The rows of a query, by the hash of its text and parameters. */
  queryResult: defineFamily<unknown, [hash: string]>(
    'query:result:{hash}',
    { ttl: cacheTime.MEDIUM },
  ),
  /** A generated report. */
  reportData: defineFamily<unknown, [report: string, format?: string]>(
    'report:data:{report}:{format=json}',
    { ttl: cacheTime.DAY },
  ),
} as const

/** What each event makes stale: patterns, with the event's fields in braces. */
export const events = {
  /** An agent began a run. */
  agent_run_started: [
    'metrics:realtime:{workspace_id}:*',
    'metrics:runs:{workspace_id}:*',
  ],
  /** An agent ended a run, well or not. */
  agent_run_completed: [
    'agent:analytics:{agent_id}:*',
    'agent:top:{workspace_id}:*',
    'exec:dashboard:{workspace_id}:*',
    'exec:kpis:{workspace_id}',
    'metrics:realtime:{workspace_id}:*',
    'metrics:runs:{workspace_id}:*',
    'ws:analytics:{workspace_id}:*',
    'ws:metrics:{workspace_id}:*',
    'ws:overview:{workspace_id}',
  ],
  /** A user did something. */
  user_activity: [
    'user:activity:{user_id}:*',
    'user:metrics:{user_id}:*',
    'metrics:users:active:{workspace_id}:*',
  ],
  /** A workspace's settings, plan or members changed. */
  workspace_updated: [
    'exec:dashboard:{workspace_id}:*',
    'exec:kpis:{workspace_id}',
    'exec:revenue:{workspace_id}:*',
    'agent:top:{workspace_id}:*:*',
    'user:analytics:{workspace_id}:*',
    'user:retention:curve:{workspace_id}:*:*',
    'user:cohort:{workspace_id}:*:*:*',
    'user:churn:{workspace_id}:*',
    'ws:metrics:{workspace_id}:*:*',
    'ws:overview:{workspace_id}',
    'ws:analytics:{workspace_id}:*',
    'metrics:agg:*:{workspace_id}:*',
    'metrics:runs:{workspace_id}:*',
    'metrics:realtime:{workspace_id}:*',
    'metrics:users:active:{workspace_id}:*',
    'metrics:credits:{workspace_id}:*',
  ],
  /** Credits were bought or spent. */
  credit_transaction: [
    'metrics:credits:{workspace_id}:*',
    'exec:dashboard:{workspace_id}:*',
    'exec:kpis:{workspace_id}',
    'exec:revenue:{workspace_id}:*',
  ],
  /** A report is ready. Other formats of it are stale, and this one is stored. */
  report_generated: [
    'report:data:{report_id}:*',
  ],
} as const

/** The fields each event carries. */
export interface EventFields {
  agent_run_started: { workspace_id: string; agent_id: string }
  agent_run_completed: { workspace_id: string; agent_id: string }
  user_activity: { workspace_id: string; user_id: string }
  workspace_updated: { workspace_id: string }
  credit_transaction: { workspace_id: string }
  report_generated: { report_id: string; format?: string; data: unknown }
}

/** Every key of an entity: patterns, with the entity's id in braces. */
export const entities = {
  workspace: [
    'exec:dashboard:{workspace}:*',
    'exec:kpis:{workspace}',
    'exec:revenue:{workspace}:*',
    'agent:top:{workspace}:*:*',
    'user:analytics:{workspace}:*',
    'user:retention:curve:{workspace}:*:*',
    'user:cohort:{workspace}:*:*:*',
    'user:churn:{workspace}:*',
    'ws:metrics:{workspace}:*:*',
    'ws:overview:{workspace}',
    'ws:analytics:{workspace}:*',
    'metrics:agg:*:{workspace}:*',
    'metrics:runs:{workspace}:*',
    'metrics:realtime:{workspace}:*',
    'metrics:users:active:{workspace}:*',
    'metrics:credits:{workspace}:*',
  ],
  agent: [
    'agent:analytics:{agent}:*',
  ],
  user: [
    'user:activity:{user}:*',
    'user:metrics:{user}:*',
  ],
} as const
