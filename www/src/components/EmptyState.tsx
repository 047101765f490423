import type { ReactNode } from 'react'
import styles from './EmptyState.module.css'

/** Nothing to show, and that is not a fault: says so, and where to look instead. */
export function EmptyState({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={styles.box}>
      <p className={styles.title}>{title}</p>
      {children !== undefined && <p className={styles.text}>{children}</p>}
    </div>
  )
}
