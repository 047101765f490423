import { curveMonotoneX } from '@visx/curve'
import { LinePath } from '@visx/shape'
import { useSize } from './use-size'
import styles from './Sparkline.module.css'

const HEIGHT = 30

/** The shape of a series between its lowest and highest value, without axes. Decorative: the number above says it. */
export function Sparkline({ values }: { values: number[] }) {
  const [ref, { width }] = useSize()
  const low = Math.min(...values)
  const reach = Math.max(...values) - low
  const step = width / Math.max(1, values.length - 1)
  return (
    <span ref={ref} className={styles.box} style={{ height: HEIGHT }} aria-hidden="true">
      {width > 0 && values.length > 1 && (
        <svg width={width} height={HEIGHT} className={styles.svg}>
          <LinePath data={values} x={(_, i) => i * step} y={(value) => HEIGHT - 2 - (reach === 0 ? 0.5 : (value - low) / reach) * (HEIGHT - 4)} curve={curveMonotoneX} className={styles.line ?? ''} />
        </svg>
      )}
    </span>
  )
}
