import { timeOfDay } from '../../format/time'
import { Card } from '../Card'
import { EmptyState } from '../EmptyState'
import type { LogEntry } from './use-actions'
import styles from './LogCard.module.css'

/** What each button did, newest first, read aloud as it comes. */
export function LogCard({ entries }: { entries: LogEntry[] }) {
  return (
    <Card title="What happened">
      <div role="log" aria-live="polite" aria-label="Results">
        {entries.length === 0 && <EmptyState title="Nothing yet">Press a button above; its effect on both tiers appears here.</EmptyState>}
        <ol className={styles.list}>
          {entries.map((entry) => (
            <li key={entry.id} className={styles.entry} data-failed={entry.failed}>
              <time className={styles.time}>{timeOfDay(entry.at)}</time>
              <div>
                <p className={styles.label}>{entry.label}</p>
                <p className={styles.text}>{entry.text}</p>
                {entry.patterns.length > 0 && (
                  <p className={styles.patterns}>
                    {entry.patterns.map((pattern) => (
                      <code key={pattern}>{pattern}</code>
                    ))}
                  </p>
                )}
              </div>
            </li>
          ))}
        </ol>
      </div>
    </Card>
  )
}
