import { curveMonotoneX } from '@visx/curve'
import { AreaClosed, LinePath } from '@visx/shape'
import { scaleLinear } from '@visx/scale'
import { useId } from 'react'
import type { Frame } from './frame'

export interface Dot {
  x: number
  y: number
}

interface Props {
  dots: Dot[]
  frame: Frame
  color: string
  filled: boolean
  /** The last bucket is still filling: draw the way to it dashed, so that it does not read as a fall. */
  openEnd: boolean
}

/** One line, with a soft area below it if it is the first of its chart. */
export function SeriesPath({ dots, frame, color, filled, openEnd }: Props) {
  const gradient = useId()
  const x = (dot: Dot) => frame.x(dot.x)
  const y = (dot: Dot) => frame.y(dot.y)
  const closed = openEnd ? dots.slice(0, -1) : dots
  const yScale = scaleLinear({ range: [frame.bottom, 0] })
  return (
    <>
      {filled && (
        <>
          <linearGradient id={gradient} x1="0" x2="0" y1="0" y2="1">
            <stop offset="0%" stopColor={color} stopOpacity={0.16} />
            <stop offset="100%" stopColor={color} stopOpacity={0.01} />
          </linearGradient>
          <AreaClosed data={closed} x={x} y={y} yScale={yScale} curve={curveMonotoneX} fill={`url(#${gradient})`} />
        </>
      )}
      <LinePath data={closed} x={x} y={y} curve={curveMonotoneX} stroke={color} strokeWidth={1.75} strokeLinecap="round" />
      {openEnd && (
        <LinePath data={dots.slice(-2)} x={x} y={y} stroke={color} strokeWidth={1.5} strokeDasharray="2 4" strokeLinecap="round" />
      )}
    </>
  )
}
