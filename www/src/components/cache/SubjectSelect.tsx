import styles from './SubjectSelect.module.css'

interface Props {
  label: string
  value: string
  choices: { id: string; name: string }[]
  onChange: (id: string) => void
}

export function SubjectSelect({ label, value, choices, onChange }: Props) {
  return (
    <span className={styles.frame}>
      <select className={styles.select} aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
        {choices.length === 0 && <option value="">loading…</option>}
        {choices.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </span>
  )
}
