import { useId, type ReactNode } from 'react'
import styles from './Card.module.css'

interface Props {
  title: string
  /** One quiet line under the title: units, period, source. */
  note?: ReactNode
  /** Right of the title: a switch, a link, a badge. */
  action?: ReactNode
  className?: string | undefined
  children: ReactNode
}

/** A named region of a page. */
export function Card({ title, note, action, className, children }: Props) {
  const id = useId()
  return (
    <section className={[styles.card, className].filter(Boolean).join(' ')} aria-labelledby={id}>
      <header className={styles.head}>
        <div>
          <h2 id={id} className={styles.title}>
            {title}
          </h2>
          {note !== undefined && <p className={styles.note}>{note}</p>}
        </div>
        {action}
      </header>
      {children}
    </section>
  )
}
