import { useId, type ReactNode } from 'react'
import styles from './Segmented.module.css'

interface Option<V extends string> {
  value: V
  /** The name read aloud, and shown as a hint. */
  label: string
  content: ReactNode
}

interface Props<V extends string> {
  legend: string
  value: V
  options: readonly Option<V>[]
  onChange: (value: V) => void
  /** The pointer rests on an option that is not chosen: a chance to load ahead. */
  onHover?: (value: V) => void
}

/** One choice of a few, side by side. Radio buttons underneath, so arrow keys and screen readers just work. */
export function Segmented<V extends string>({ legend, value, options, onChange, onHover }: Props<V>) {
  const name = useId()
  return (
    <fieldset className={styles.group}>
      <legend className="hidden-visually">{legend}</legend>
      {options.map((option) => (
        <label
          key={option.value}
          className={styles.option}
          title={option.label}
          onPointerEnter={() => option.value !== value && onHover?.(option.value)}
        >
          <input
            type="radio"
            className={styles.input}
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
            aria-label={option.label}
          />
          <span aria-hidden="true" className={styles.face}>
            {option.content}
          </span>
        </label>
      ))}
    </fieldset>
  )
}
