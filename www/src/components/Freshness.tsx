import type { UseQueryResult } from 'samekey/react'
import { ago } from '../format/time'
import { useNow } from '../state/use-now'
import { Button } from './Button'
import { Icon } from './Icon'
import styles from './Freshness.module.css'

/** How old the shown data is, whether it still counts as fresh, and a way to ask again. */
export function Freshness({ query }: { query: UseQueryResult }) {
  const now = useNow(1_000)
  if (query.dataUpdatedAt === 0) return null
  const state = query.isPaused ? 'Waiting for network' : query.isFetching ? 'Updating' : query.isStale ? 'Stale' : 'Fresh'
  return (
    <div className={styles.box}>
      <span className={styles.dot} data-state={state.split(' ')[0]?.toLowerCase()} aria-hidden="true" />
      <span className={styles.text}>
        <strong>{state}</strong> · updated {ago(now - query.dataUpdatedAt)}
      </span>
      <Button look="quiet" onClick={() => void query.refetch()} disabled={query.isFetching} aria-label="Refresh" title="Ask the server again">
        <Icon name="refresh" size={16} />
      </Button>
    </div>
  )
}
