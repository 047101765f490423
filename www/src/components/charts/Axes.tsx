import { MARGIN, type Frame } from './frame'
import styles from './Axes.module.css'

interface Props {
  frame: Frame
  xText: (value: number) => string
  yText: (value: number) => string
}

/** Grid lines and axis texts: quiet, so that the data is what one sees. */
export function Axes({ frame, xText, yText }: Props) {
  return (
    <g className={styles.axes}>
      {frame.yTicks.map((tick) => (
        <g key={tick}>
          <line x1={MARGIN.left} x2={frame.right} y1={frame.y(tick)} y2={frame.y(tick)} className={tick === 0 ? styles.base : styles.grid} />
          <text x={MARGIN.left - 10} y={frame.y(tick)} dy="0.32em" textAnchor="end">
            {yText(tick)}
          </text>
        </g>
      ))}
      {frame.xTicks.map((tick) => (
        <text key={tick} x={frame.x(tick)} y={frame.bottom + 18} textAnchor={anchor(frame, frame.x(tick))}>
          {xText(tick)}
        </text>
      ))}
    </g>
  )
}

/** The outermost texts lean inwards, so that none is cut off. */
function anchor(frame: Frame, x: number) {
  if (x > frame.right - 16) return 'end'
  if (x < MARGIN.left + 16) return 'start'
  return 'middle'
}
