import { useLiveStatus } from 'samekey/live/react'
import { stream } from '../../api/live'
import styles from './LiveStatus.module.css'

const STATES = {
  open: { name: 'Live', means: 'The server tells this page what has changed, as it happens' },
  connecting: { name: 'Connecting', means: 'Connecting to the server’s stream of changes; until then, this page asks on its own' },
  waiting: { name: 'Reconnecting', means: 'The server’s stream of changes was lost and is sought again; until then, this page asks on its own' },
  stopped: { name: 'Polling', means: 'The server does not tell this page what changes; it asks on its own' },
} as const

/** Whether the page is told of changes. Announced politely: it matters, and nobody has to act. */
export function LiveStatus() {
  const status = useLiveStatus(stream)
  const { name, means } = STATES[status]
  return (
    <p className={styles.status} role="status" aria-label="Connection" title={means} data-state={status}>
      <span className={styles.dot} data-state={status} aria-hidden="true" />
      {name}
    </p>
  )
}
