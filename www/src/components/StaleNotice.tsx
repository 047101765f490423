import { describeError } from '../api/describe-error'
import { ago } from '../format/time'
import { useNow } from '../state/use-now'
import { Button } from './Button'
import styles from './StaleNotice.module.css'

interface Props {
  what: string
  error: unknown
  /** When the data still shown arrived. */
  since: number
  retrying: boolean
  onRetry: () => void
}

/** A refetch failed and older data is on the screen: say so beside it instead of taking it away. */
export function StaleNotice({ what, error, since, retrying, onRetry }: Props) {
  const now = useNow(10_000)
  return (
    <div className={styles.notice} role="status">
      <p>
        {describeError(error).title}. Showing {what} as of {ago(now - since)}.
      </p>
      <Button look="quiet" onClick={onRetry} disabled={retrying}>
        {retrying ? 'Trying again…' : 'Try again'}
      </Button>
    </div>
  )
}
