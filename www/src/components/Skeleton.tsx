import styles from './Skeleton.module.css'

interface Props {
  height?: number | string
  width?: number | string
  /** Several lines of the same size. */
  lines?: number
}

/** The shape of what is being loaded. Silent: the region around it says that it is busy. */
export function Skeleton({ height = 16, width = '100%', lines = 1 }: Props) {
  return (
    <div className={styles.stack} aria-hidden="true">
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} className={styles.bone} style={{ height, width }} />
      ))}
    </div>
  )
}
