import type { UserAnalytics, UserTrendPoint } from 'samekey/shadower'
import { compact, count, words } from '../../format/number'
import { timeframeWords, useScope } from '../../state/scope'
import { Card } from '../Card'
import { BucketChart } from '../charts/BucketChart'
import type { Series } from '../charts/series'
import { EmptyState } from '../EmptyState'

const SERIES: readonly Series<UserTrendPoint>[] = [
  { label: 'Active', tone: 'accent', value: (point) => point.active },
  { label: 'New', tone: 'teal', value: (point) => point.new },
]

export function UserTrendCard({ data, segment }: { data: UserAnalytics; segment: string | null }) {
  const { timeframe } = useScope()
  return (
    <Card title="Active and new users" note={`${segment === null ? 'All segments' : `Segment ${words(segment)}`}, ${timeframeWords(timeframe)}, times in UTC`}>
      {data.trend.length === 0 ? (
        <EmptyState title="Nobody was active in this period">Choose a longer timeframe.</EmptyState>
      ) : (
        <BucketChart
          label={`Active and new users, ${timeframeWords(timeframe)}`}
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
