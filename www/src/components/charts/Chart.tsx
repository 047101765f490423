import { useState, type PointerEvent } from 'react'
import { Axes } from './Axes'
import { frame as makeFrame } from './frame'
import { Legend } from './Legend'
import { Marker } from './Marker'
import { TONE_COLOR, type Series } from './series'
import { SeriesBars } from './SeriesBars'
import { SeriesPath } from './SeriesPath'
import { Tooltip } from './Tooltip'
import { useSize } from './use-size'
import styles from './Chart.module.css'

export interface ChartProps<P> {
  /** What is drawn, in words: the name of the chart for those who cannot see it. */
  label: string
  points: P[]
  x: (point: P) => number
  kind: 'time' | 'number'
  series: readonly Series<P>[]
  xText: (x: number) => string
  /** The full name of one place on the x axis. */
  name: (x: number) => string
  yText: (value: number) => string
  valueText: (value: number) => string
  top?: number
  openEnd?: boolean
  /** Lines for what flows, bars for amounts of separate days. */
  shape?: 'lines' | 'bars'
  /** The plot takes what height its card has to give, and at least this. */
  minHeight?: number
}

/**
 * Lines or bars over a common x axis, drawn as SVG so that the theme's colours apply by CSS alone. A pointer reads values under
 * it; the keyboard and screen readers read them through a native slider that lies unseen over the chart.
 *
 * visx gives scales and paths, and this file the rest: 17 kB brotli in all, where Recharts is 93, Chart.js 49 and uPlot
 * 21, the last two on a canvas that neither CSS nor a screen reader reaches.
 */
export function Chart<P>(props: ChartProps<P>) {
  const { label, points, x, series, name, valueText, openEnd = false, shape = 'lines', minHeight = 248 } = props
  const [ref, { width, height }] = useSize()
  const [at, setAt] = useState<number | null>(null)

  const xs = points.map(x)
  const highest = Math.max(0, ...series.flatMap((line) => points.map(line.value)))
  const frame = makeFrame({ xs, highest, top: props.top, kind: props.kind, width, height, bars: shape === 'bars' })
  const index = at === null ? null : Math.min(at, points.length - 1)
  const point = index === null ? undefined : points[index]

  const rowsOf = (of: P) => series.map((line) => ({ label: line.label, color: TONE_COLOR[line.tone], text: valueText(line.value(of)) }))
  const sentence = (i: number) => {
    const of = points[i]
    if (!of) return ''
    return `${name(x(of))}: ${rowsOf(of).map((row) => `${row.label} ${row.text}`).join(', ')}`
  }
  const follow = (event: PointerEvent<HTMLElement>) => {
    const left = event.clientX - event.currentTarget.getBoundingClientRect().left
    setAt(nearest(xs.map(frame.x), left))
  }

  return (
    <figure className={styles.figure}>
      {series.length > 1 && <Legend series={series} />}
      <div ref={ref} className={styles.plot} style={{ minHeight }} onPointerMove={follow} onPointerLeave={() => setAt(null)}>
        {width > 0 && height > 0 && (
          <svg width={width} height={height} className={styles.svg} aria-hidden="true">
            <Axes frame={frame} xText={props.xText} yText={props.yText} />
            {series.map((line, i) => {
              const drawn = { dots: points.map((p) => ({ x: x(p), y: line.value(p) })), frame, color: TONE_COLOR[line.tone] }
              if (shape === 'bars') return <SeriesBars key={line.label} {...drawn} />
              return <SeriesPath key={line.label} {...drawn} filled={i === 0} openEnd={openEnd && points.length > 2} />
            })}
            {point !== undefined && <Marker x={frame.x(x(point))} bottom={frame.bottom} dots={shape === 'bars' ? [] : series.map((line) => ({ y: frame.y(line.value(point)), color: TONE_COLOR[line.tone] }))} />}
          </svg>
        )}
        {point !== undefined && <Tooltip title={name(x(point))} rows={rowsOf(point)} x={frame.x(x(point))} width={width} />}
        <input
          type="range"
          className={styles.slider}
          aria-label={label}
          aria-valuetext={sentence(index ?? points.length - 1)}
          min={0}
          max={Math.max(0, points.length - 1)}
          value={index ?? points.length - 1}
          onChange={(event) => setAt(Number(event.target.value))}
          onFocus={(event) => event.target.matches(':focus-visible') && setAt(points.length - 1)}
          onBlur={() => setAt(null)}
        />
      </div>
    </figure>
  )
}

/** The index of the position closest to `to`. */
function nearest(positions: number[], to: number): number {
  let best = 0
  positions.forEach((position, i) => {
    if (Math.abs(position - to) < Math.abs((positions[best] ?? 0) - to)) best = i
  })
  return best
}
