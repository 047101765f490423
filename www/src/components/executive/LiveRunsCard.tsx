import { useRealtimeMetrics } from 'samekey/shadower'
import { count } from '../../format/number'
import { useScope } from '../../state/scope'
import { Card } from '../Card'
import { MinuteBars } from '../charts/MinuteBars'
import { QueryView } from '../QueryView'
import { Skeleton } from '../Skeleton'
import { Stat } from '../Stat'

const EVERY_MS = 15_000

/** The last hour, minute by minute, asked for again while the page is visible. */
export function LiveRunsCard() {
  const { workspaceId } = useScope()
  const live = useRealtimeMetrics({ workspaceId, metric: 'runs' }, { refetchInterval: EVERY_MS })
  return (
    <Card title="Live" note="renewed every 15 s">
      <QueryView query={live} what="the live metrics" skeleton={<Skeleton height={96} />}>
        {(data) => (
          <dl>
            <Stat label="Runs in the last hour" value={data.value} text={count(data.value)}>
              <MinuteBars values={data.per_minute} />
            </Stat>
          </dl>
        )}
      </QueryView>
    </Card>
  )
}
