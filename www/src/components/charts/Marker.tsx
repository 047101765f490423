import styles from './Marker.module.css'

interface Props {
  x: number
  bottom: number
  dots: { y: number; color: string }[]
}

/** The place being read: a rule, and a dot on each line. */
export function Marker({ x, bottom, dots }: Props) {
  return (
    <g>
      <line x1={x} x2={x} y1={8} y2={bottom} className={styles.rule} />
      {dots.map((dot, line) => (
        <circle key={line} cx={x} cy={dot.y} r={3.5} fill={dot.color} className={styles.mark} />
      ))}
    </g>
  )
}
