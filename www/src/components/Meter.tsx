import styles from './Meter.module.css'

/** How much of a whole is used. Decorative: the text beside it names both amounts. */
export function Meter({ part, whole }: { part: number; whole: number }) {
  const share = whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0
  return (
    <span className={styles.track} aria-hidden="true">
      <span className={styles.fill} style={{ width: `${share * 100}%` }} />
    </span>
  )
}
