import type { ErrorCount } from 'samekey/shadower'
import { count, percent, words } from '../../format/number'
import { Card } from '../Card'
import { BarList } from '../charts/BarList'
import { EmptyState } from '../EmptyState'

/** Why runs failed, most frequent reason first. */
export function AgentErrorsCard({ errors }: { errors: ErrorCount[] }) {
  const all = errors.reduce((sum, error) => sum + error.count, 0)
  return (
    <Card title="Failures" note="by reason">
      {all === 0 ? (
        <EmptyState title="No failed run">Every run of this period succeeded.</EmptyState>
      ) : (
        <BarList
          tone="bad"
          bars={errors.map(({ kind, count: times }) => ({ id: kind, label: words(kind), value: times, text: count(times), note: percent(times / all) }))}
        />
      )}
    </Card>
  )
}
