import type { ReactNode } from 'react'
import styles from './Stat.module.css'

interface Props {
  label: string
  /** The exact value, for programs and for the pointer that rests on it. */
  value: number
  /** The value as people read it. */
  text: string
  /** Beside the value: usually the change against the period before. */
  delta?: ReactNode
  /** One line below. */
  note?: ReactNode
  /** A small drawing at the foot. */
  children?: ReactNode
}

/** One number with its name. The `data` element keeps the exact value beside the rounded text. */
export function Stat({ label, value, text, delta, note, children }: Props) {
  return (
    <div className={styles.stat}>
      <dt className={styles.label}>{label}</dt>
      <dd className={styles.body}>
        <span className={styles.line}>
          <data className={styles.value} value={value}>
            {text}
          </data>
          {delta}
        </span>
        {note !== undefined && <span className={styles.note}>{note}</span>}
        {children}
      </dd>
    </div>
  )
}
