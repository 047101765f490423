import type { ExecutiveDashboard, TrendPoint } from 'samekey/shadower'
import { useState } from 'react'
import { compact, count } from '../../format/number'
import { timeframeWords, useScope } from '../../state/scope'
import { Card } from '../Card'
import { BucketChart } from '../charts/BucketChart'
import type { Series } from '../charts/series'
import { EmptyState } from '../EmptyState'
import { Segmented } from '../Segmented'

type Metric = 'runs' | 'credits' | 'active_users'

const METRICS: readonly { value: Metric; label: string; content: string }[] = [
  { value: 'runs', label: 'Runs', content: 'Runs' },
  { value: 'credits', label: 'Credits', content: 'Credits' },
  { value: 'active_users', label: 'Active users', content: 'Users' },
]

const SERIES: Record<Metric, readonly Series<TrendPoint>[]> = {
  runs: [
    { label: 'Runs', tone: 'accent', value: (point) => point.runs },
    { label: 'Failed', tone: 'bad', value: (point) => point.failed },
  ],
  credits: [{ label: 'Credits', tone: 'teal', value: (point) => point.credits }],
  active_users: [{ label: 'Active users', tone: 'accent', value: (point) => point.active_users }],
}

/** The period bucket by bucket, one measure at a time: three scales in one picture would compare the incomparable. */
export function TrendCard({ data }: { data: ExecutiveDashboard }) {
  const [metric, setMetric] = useState<Metric>('runs')
  const { timeframe } = useScope()
  return (
    <Card
      title="Trend"
      note={`${timeframeWords(timeframe)}, times in UTC`}
      action={<Segmented legend="Measure" value={metric} options={METRICS} onChange={setMetric} />}
    >
      {data.trend.length === 0 ? (
        <EmptyState title="No runs in this period">Choose a longer timeframe, or wait for the first agent to run.</EmptyState>
      ) : (
        <BucketChart
          label={`Trend of ${metric.replace('_', ' ')}, ${timeframeWords(timeframe)}`}
          points={data.trend}
          computedAt={data.computed_at}
          series={SERIES[metric]}
          yText={compact}
          valueText={count}
          minHeight={272}
        />
      )}
    </Card>
  )
}
