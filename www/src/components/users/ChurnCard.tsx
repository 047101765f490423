import { useQuery } from 'samekey/react'
import { queryKeys } from 'samekey/shadower'
import { count, percent } from '../../format/number'
import { timeframeWords, useScope } from '../../state/scope'
import { Card } from '../Card'
import { QueryView } from '../QueryView'
import { Skeleton } from '../Skeleton'
import { Stat } from '../Stat'
import styles from './ChurnCard.module.css'

export function ChurnCard() {
  const { workspaceId, timeframe } = useScope()
  const churn = useQuery({ queryKey: queryKeys.churn(workspaceId, timeframe) })
  return (
    <Card title="Churn" note={timeframeWords(timeframe)}>
      <QueryView query={churn} what="the churn" skeleton={<Skeleton height={44} lines={3} />}>
        {(data) => (
          <dl className={styles.list}>
            <Stat label="Churn rate" value={data.rate} text={percent(data.rate)} />
            <Stat label="Churned users" value={data.churned} text={count(data.churned)} note="active before, not in this period" />
            <Stat label="At risk" value={data.at_risk} text={count(data.at_risk)} note="fading activity" />
          </dl>
        )}
      </QueryView>
    </Card>
  )
}
