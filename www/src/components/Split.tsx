import type { ReactNode } from 'react'
import styles from './Split.module.css'

/** Cards side by side, the first wider (`wide`) or all equal; below each other where there is no room. */
export function Split({ shape = 'wide', children }: { shape?: 'wide' | 'equal'; children: ReactNode }) {
  return <div className={styles[shape]}>{children}</div>
}
