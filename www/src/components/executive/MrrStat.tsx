import { useRevenue } from 'samekey/shadower'
import { dollars } from '../../format/number'
import { useScope } from '../../state/scope'
import { Sparkline } from '../charts/Sparkline'
import { Stat } from '../Stat'

/** MRR with the shape of the period's daily revenue: the same query as the revenue card, so it costs no request. */
export function MrrStat({ mrr }: { mrr: number }) {
  const { workspaceId, timeframe } = useScope()
  const revenue = useRevenue({ workspaceId, timeframe })
  return (
    <Stat label="MRR" value={mrr} text={dollars(mrr)} note="recurring revenue per month">
      <Sparkline values={revenue.data?.by_day.map((day) => day.revenue) ?? []} />
    </Stat>
  )
}
