import { useQuery } from 'samekey/react'
import { queryKeys } from 'samekey/shadower'
import { count, percent } from '../../format/number'
import { timeframeWords, useScope } from '../../state/scope'
import { QueryView } from '../QueryView'
import { Skeleton } from '../Skeleton'
import { Stat } from '../Stat'
import { StatRow } from '../StatRow'

export function UserMetricsRow({ userId }: { userId: string }) {
  const { timeframe } = useScope()
  const metrics = useQuery({ queryKey: queryKeys.userMetrics(userId, timeframe) })
  return (
    <QueryView query={metrics} what="the user’s figures" skeleton={<Skeleton height={96} />}>
      {(data) => (
        <StatRow label={`Figures of the ${timeframeWords(timeframe)}`}>
          <Stat label="Runs started" value={data.runs} text={count(data.runs)} />
          <Stat label="Success rate" value={data.success_rate} text={percent(data.success_rate)} />
          <Stat label="Credits used" value={data.credits} text={count(data.credits)} />
          <Stat label="Active days" value={data.active_days} text={count(data.active_days)} />
        </StatRow>
      )}
    </QueryView>
  )
}
