import type { ReactNode } from 'react'
import styles from './PageHead.module.css'

interface Props {
  title: string
  /** Above the title: the way back. */
  before?: ReactNode
  /** Under the title. */
  note?: ReactNode
  /** Right of the title: freshness, pickers of this page alone. */
  action?: ReactNode
}

export function PageHead({ title, before, note, action }: Props) {
  return (
    <header className={styles.head}>
      <div className={styles.names}>
        {before}
        <h1 className={styles.title}>{title}</h1>
        {note !== undefined && <p className={styles.note}>{note}</p>}
      </div>
      {action}
    </header>
  )
}
