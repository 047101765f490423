import type { AgentAnalytics } from 'samekey/shadower'
import { count, duration, percent } from '../../format/number'
import { Stat } from '../Stat'
import { StatRow } from '../StatRow'

export function AgentFigures({ data }: { data: AgentAnalytics }) {
  const failed = data.trend.reduce((sum, point) => sum + point.failed, 0)
  return (
    <StatRow label="Key figures of the agent">
      <Stat label="Runs" value={data.runs} text={count(data.runs)} note={`${count(failed)} failed`} />
      <Stat label="Success rate" value={data.success_rate} text={data.runs === 0 ? '–' : percent(data.success_rate)} note="of finished runs" />
      <Stat label="Average duration" value={data.avg_duration_ms} text={duration(data.avg_duration_ms)} note={`95% within ${duration(data.p95_duration_ms)}`} />
      <Stat
        label="Credits"
        value={data.credits}
        text={count(data.credits)}
        note={data.runs > 0 ? `${(data.credits / data.runs).toFixed(2)} per run` : 'no runs'}
      />
    </StatRow>
  )
}
