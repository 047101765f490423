import type { ReactNode } from 'react'
import styles from './Stack.module.css'

/** Cards below each other, the last one taking what height is left. */
export function Stack({ children }: { children: ReactNode }) {
  return <div className={styles.stack}>{children}</div>
}
