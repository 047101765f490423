import type { ReactNode } from 'react'
import styles from './FieldRow.module.css'

export function FieldRow({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={styles.row}>
      <span className={styles.label}>{label}</span>
      {children}
    </div>
  )
}
