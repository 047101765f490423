import { Icon } from './Icon'
import styles from './SearchField.module.css'

interface Props {
  label: string
  value: string
  onChange: (value: string) => void
}

export function SearchField({ label, value, onChange }: Props) {
  return (
    <label className={styles.field}>
      <Icon name="search" size={17} />
      <input type="search" className={styles.input} placeholder={label} aria-label={label} value={value} onChange={(event) => onChange(event.target.value)} />
    </label>
  )
}
