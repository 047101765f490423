import type { UseQueryResult } from 'samekey/react'
import type { RevenuePoint, RevenueReport } from 'samekey/shadower'
import { compactDollars, dollars, words } from '../../format/number'
import { Card } from '../Card'
import { BarList } from '../charts/BarList'
import { BucketChart } from '../charts/BucketChart'
import type { Series } from '../charts/series'
import { EmptyState } from '../EmptyState'
import { QueryView } from '../QueryView'
import { Skeleton } from '../Skeleton'
import styles from './RevenueCard.module.css'

const SERIES: readonly Series<RevenuePoint>[] = [{ label: 'Revenue', tone: 'teal', value: (point) => point.revenue }]

/** Where the money comes from: per day of the period, and per plan. */
export function RevenueCard({ revenue }: { revenue: UseQueryResult<RevenueReport> }) {
  return (
    <Card title="Revenue" note="subscriptions and credits">
      <QueryView query={revenue} what="the revenue" skeleton={<Skeleton height={220} />}>
        {(data) => (
          <div className={styles.stack}>
            {data.by_day.length > 1 ? (
              <BucketChart
                label="Revenue per day"
                points={data.by_day.map((day) => ({ ...day, at: day.date }))}
                computedAt={data.computed_at}
                series={SERIES}
                yText={compactDollars}
                valueText={dollars}
                minHeight={168}
              />
            ) : (
              data.by_day.length === 0 && <EmptyState title="No revenue in this period">Choose a longer timeframe.</EmptyState>
            )}
            <BarList
              tone="teal"
              bars={data.by_plan.map((plan) => ({ id: plan.plan, label: words(plan.plan), value: plan.revenue, text: dollars(plan.revenue) }))}
            />
          </div>
        )}
      </QueryView>
    </Card>
  )
}
