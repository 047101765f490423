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
import { Stat } from '../Stat'
import styles from './RevenueCard.module.css'

const SERIES: readonly Series<RevenuePoint>[] = [{ label: 'Revenue', tone: 'teal', value: (day) => day.revenue }]

/** Where the money comes from: per day of the period, and per plan where there is more than one. */
export function RevenueCard({ revenue }: { revenue: UseQueryResult<RevenueReport> }) {
  return (
    <Card title="Revenue" note="subscriptions by the day, and credits bought">
      <QueryView query={revenue} what="the revenue" skeleton={<Skeleton height={220} />}>
        {(data) => {
          if (data.by_day.length === 0) return <EmptyState title="No revenue in this period">Choose a longer timeframe.</EmptyState>
          const total = data.by_day.reduce((sum, day) => sum + day.revenue, 0)
          return (
            <div className={styles.stack}>
              <dl className={styles.sums}>
                <Stat label="In this period" value={total} text={dollars(total)} />
                <Stat label="Of it credits" value={data.credits_revenue} text={dollars(data.credits_revenue)} />
              </dl>
              <BucketChart
                label="Revenue per day"
                points={data.by_day.map((day) => ({ ...day, at: day.date }))}
                computedAt={data.computed_at}
                series={SERIES}
                yText={compactDollars}
                valueText={dollars}
                shape="bars"
                minHeight={168}
              />
              {data.by_plan.length > 1 && (
                <BarList tone="teal" bars={data.by_plan.map(({ plan, revenue: sum }) => ({ id: plan, label: words(plan), value: sum, text: dollars(sum) }))} />
              )}
            </div>
          )
        }}
      </QueryView>
    </Card>
  )
}
