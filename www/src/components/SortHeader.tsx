import { Icon } from './Icon'
import styles from './SortHeader.module.css'

interface Props {
  label: string
  className?: string | undefined
  direction: 'ascending' | 'descending' | null
  onSort: () => void
}

/** A column's name that sorts by it. */
export function SortHeader({ label, className, direction, onSort }: Props) {
  return (
    <th scope="col" className={className} aria-sort={direction ?? 'none'}>
      <button type="button" className={styles.button} onClick={onSort}>
        {label}
        <span className={styles.sign} data-shown={direction !== null}>
          <Icon name={direction === 'ascending' ? 'up' : 'down'} size={13} />
        </span>
      </button>
    </th>
  )
}
