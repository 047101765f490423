import { useQuery } from 'samekey/react'
import { queryKeys, type RetentionPoint } from 'samekey/shadower'
import { RETENTION_DAYS } from '../../api/limits'
import { count, percent } from '../../format/number'
import { dayBefore, dayInWords } from '../../format/time'
import { useScope } from '../../state/scope'
import { useToday } from '../../state/use-today'
import { Card } from '../Card'
import { Chart } from '../charts/Chart'
import type { Series } from '../charts/series'
import { EmptyState } from '../EmptyState'
import { QueryView } from '../QueryView'
import { Skeleton } from '../Skeleton'

const SERIES: readonly Series<RetentionPoint>[] = [{ label: 'Retained', tone: 'accent', value: (point) => point.rate }]

/** How many of those who came first on one day were there again on each day after. */
export function RetentionCard() {
  const { workspaceId } = useScope()
  const cohort = dayBefore(useToday(), RETENTION_DAYS)
  const curve = useQuery({ queryKey: queryKeys.retentionCurve(workspaceId, cohort, RETENTION_DAYS) })
  return (
    <Card title="Retention" note={`Users first seen on ${dayInWords(cohort)}`}>
      <QueryView query={curve} what="the retention" skeleton={<Skeleton height={220} />}>
        {(data) =>
          data.cohort_size === 0 ? (
            <EmptyState title="Nobody joined on that day">The curve follows the users of one day; this day had none.</EmptyState>
          ) : (
            <Chart
              label={`Share of ${count(data.cohort_size)} users retained, by day`}
              points={data.points}
              kind="number"
              x={(point) => point.day}
              series={SERIES}
              top={1}
              xText={(day) => `day ${day}`}
              name={(day) => `Day ${day}, of ${count(data.cohort_size)} users`}
              yText={(rate) => `${Math.round(rate * 100)}%`}
              valueText={percent}
              minHeight={224}
            />
          )
        }
      </QueryView>
    </Card>
  )
}
