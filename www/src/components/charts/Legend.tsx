import { TONE_COLOR, type Series } from './series'
import styles from './Legend.module.css'

export function Legend<P>({ series }: { series: readonly Series<P>[] }) {
  return (
    <ul className={styles.legend}>
      {series.map((line) => (
        <li key={line.label} className={styles.item}>
          <span className={styles.swatch} style={{ background: TONE_COLOR[line.tone] }} />
          {line.label}
        </li>
      ))}
    </ul>
  )
}
