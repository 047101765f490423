import styles from './MinuteBars.module.css'

/** Sixty thin bars, the newest at the right. Decorative: the sum beside it is the information. */
export function MinuteBars({ values }: { values: number[] }) {
  const top = Math.max(...values, 1)
  return (
    <span className={styles.bars} aria-hidden="true">
      {values.map((value, minute) => (
        <span key={minute} style={{ height: `${Math.max(value === 0 ? 4 : 10, (value / top) * 100)}%` }} data-zero={value === 0} />
      ))}
    </span>
  )
}
