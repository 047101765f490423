import type { ActivityEvent } from 'samekey/shadower'
import { words } from '../../format/number'
import { timeOfDay } from '../../format/time'
import styles from './ActivityList.module.css'

export function ActivityList({ events }: { events: ActivityEvent[] }) {
  return (
    <ol className={styles.list}>
      {events.map((event, line) => (
        // Two events may share a second and a kind; the list is replaced as a whole, so the line is a sound key.
        <li key={line} className={styles.event}>
          <time dateTime={event.at} className={styles.time}>
            {timeOfDay(Date.parse(event.at))}
          </time>
          <span className={styles.kind}>{words(event.kind)}</span>
          <span className={styles.detail}>{event.detail}</span>
        </li>
      ))}
    </ol>
  )
}
