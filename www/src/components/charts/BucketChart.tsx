import { axisTime, bucketName } from '../../format/time'
import { Chart } from './Chart'
import type { Series } from './series'

interface Props<P> {
  label: string
  points: P[]
  /** When the server computed the points: a last bucket that ends later is still filling. */
  computedAt: string
  series: readonly Series<P>[]
  yText: (value: number) => string
  valueText: (value: number) => string
  shape?: 'lines' | 'bars'
  minHeight?: number
}

/** A line chart over the server's time buckets, whatever their width. */
export function BucketChart<P extends { at: string }>({ points, computedAt, ...rest }: Props<P>) {
  const x = (point: P) => Date.parse(point.at)
  const first = points[0]
  const second = points[1]
  const last = points.at(-1)
  const step = first && second ? x(second) - x(first) : 0
  const whole = first && last ? x(last) - x(first) + step : 0
  const openEnd = last !== undefined && x(last) + step > Date.parse(computedAt)
  return (
    <Chart
      {...rest}
      points={points}
      kind="time"
      x={x}
      xText={(at) => axisTime(at, whole)}
      name={(at) => (openEnd && at === x(last) ? `${bucketName(at, step)}, so far` : bucketName(at, step))}
      openEnd={openEnd}
    />
  )
}
