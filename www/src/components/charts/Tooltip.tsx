import styles from './Tooltip.module.css'

export interface TooltipRow {
  label: string
  color: string
  text: string
}

interface Props {
  title: string
  rows: TooltipRow[]
  x: number
  /** Width of the chart: the box turns to the other side of the pointer past the middle. */
  width: number
}

/** The values at one place. Hidden from screen readers: the chart's slider says the same text. */
export function Tooltip({ title, rows, x, width }: Props) {
  const side = x > width / 2 ? { right: width - x + 12 } : { left: x + 12 }
  return (
    <div className={styles.box} style={side} aria-hidden="true">
      <p className={styles.title}>{title}</p>
      {rows.map((row) => (
        <p key={row.label} className={styles.row}>
          <span className={styles.swatch} style={{ background: row.color }} />
          {row.label}
          <span className={styles.value}>{row.text}</span>
        </p>
      ))}
    </div>
  )
}
