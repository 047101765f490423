import { describeError } from '../api/describe-error'
import { Button } from './Button'
import { Icon } from './Icon'
import styles from './ErrorState.module.css'

interface Props {
  /** What could not be loaded, as in "the dashboard". */
  what: string
  error: unknown
  /** Set while another try is under way. */
  retrying: boolean
  onRetry: () => void
}

/** Says what failed, why, and what a person can do about it. */
export function ErrorState({ what, error, retrying, onRetry }: Props) {
  const text = describeError(error)
  return (
    <div className={styles.box} role="alert">
      <span className={styles.sign}>
        <Icon name="alert" />
      </span>
      <div>
        <p className={styles.title}>
          Could not load {what}: {text.title.charAt(0).toLowerCase() + text.title.slice(1)}
        </p>
        <p className={styles.advice}>{text.advice}</p>
      </div>
      <Button onClick={onRetry} disabled={retrying}>
        {retrying ? 'Trying again…' : 'Try again'}
      </Button>
    </div>
  )
}
