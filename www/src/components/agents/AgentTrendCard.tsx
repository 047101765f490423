import type { AgentAnalytics, TrendPoint } from 'samekey/shadower'
import { compact, count } from '../../format/number'
import { timeframeWords, useScope } from '../../state/scope'
import { Card } from '../Card'
import { BucketChart } from '../charts/BucketChart'
import type { Series } from '../charts/series'
import { EmptyState } from '../EmptyState'

const SERIES: readonly Series<TrendPoint>[] = [
  { label: 'Runs', tone: 'accent', value: (point) => point.runs },
  { label: 'Failed', tone: 'bad', value: (point) => point.failed },
]

export function AgentTrendCard({ data }: { data: AgentAnalytics }) {
  const { timeframe } = useScope()
  return (
    <Card title="Runs" note={`${timeframeWords(timeframe)}, times in UTC`}>
      {data.runs === 0 ? (
        <EmptyState title="This agent did not run in this period">Choose a longer timeframe to see earlier runs.</EmptyState>
      ) : (
        <BucketChart
          label={`Runs of ${data.name}, ${timeframeWords(timeframe)}`}
          points={data.trend}
          computedAt={data.computed_at}
          series={SERIES}
          yText={compact}
          valueText={count}
        />
      )}
    </Card>
  )
}
