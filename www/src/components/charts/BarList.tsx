import type { ReactNode } from 'react'
import styles from './BarList.module.css'

export interface Bar {
  id: string
  label: ReactNode
  value: number
  text: string
  /** Right of the value, quiet. */
  note?: string
}

/** Amounts compared by length, largest first as they come. A list, so it reads as one. */
export function BarList({ bars, tone = 'accent' }: { bars: Bar[]; tone?: 'accent' | 'teal' | 'bad' }) {
  const top = Math.max(...bars.map((bar) => bar.value), 1)
  return (
    <ul className={styles.list}>
      {bars.map((bar) => (
        <li key={bar.id} className={styles.row}>
          <span className={styles.label}>{bar.label}</span>
          <span className={styles.value}>
            {bar.text}
            {bar.note !== undefined && <span className={styles.note}> {bar.note}</span>}
          </span>
          <span className={styles.track} aria-hidden="true">
            {bar.value > 0 && <span className={styles.bar} data-tone={tone} style={{ width: `${(bar.value / top) * 100}%` }} />}
          </span>
        </li>
      ))}
    </ul>
  )
}
