import { EVENTS, type Subjects } from '../../api/events'
import type { CacheEvent, SimulatedKind } from '../../api/server-cache'
import { Button } from '../Button'
import { Card } from '../Card'
import styles from './EventsCard.module.css'

const SIMULATED: readonly { kind: SimulatedKind; label: string }[] = [
  { kind: 'run', label: 'Run an agent' },
  { kind: 'activity', label: 'Be a user' },
  { kind: 'credits', label: 'Buy credits' },
]

interface Props {
  subjects: Subjects
  onEvent: (label: string, event: CacheEvent) => void
  onSimulate: (label: string, kind: SimulatedKind) => void
}

/** Every event of the schema as a button, and three that change the database for real. */
export function EventsCard({ subjects, onEvent, onSimulate }: Props) {
  return (
    <Card title="Events" note="for the agent and user chosen under Invalidate">
      <div className={styles.grid}>
        {EVENTS.map(({ label, means, event }) => (
          <Button key={label} title={means} onClick={() => onEvent(label, event(subjects))}>
            {label}
          </Button>
        ))}
      </div>
      <h3 className={styles.head}>Make it happen</h3>
      <p className={styles.note}>Writes to the database; the event follows by itself.</p>
      <div className={styles.grid}>
        {SIMULATED.map(({ kind, label }) => (
          <Button key={kind} look="primary" onClick={() => onSimulate(label, kind)}>
            {label}
          </Button>
        ))}
      </div>
    </Card>
  )
}
