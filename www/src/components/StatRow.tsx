import type { ReactNode } from 'react'
import styles from './StatRow.module.css'

/** Numbers side by side, one frame each, two to a row on a phone. */
export function StatRow({ label, children }: { label: string; children: ReactNode }) {
  return (
    <section aria-label={label}>
      <dl className={styles.row}>{children}</dl>
    </section>
  )
}
