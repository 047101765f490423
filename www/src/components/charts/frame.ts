import { scaleLinear, scaleUtc } from '@visx/scale'

/** Room around the plot for the axis texts. */
export const MARGIN = { top: 10, right: 10, bottom: 26, left: 46 }

/** Where values land in pixels, and which of them get a tick. */
export interface Frame {
  x: (value: number) => number
  y: (value: number) => number
  xTicks: number[]
  yTicks: number[]
  right: number
  bottom: number
  /** How wide one bucket's bar is, a gap to its neighbour left. */
  barWidth: number
}

interface Input {
  xs: number[]
  highest: number
  /** A fixed top for shares (1), so that a rate is never drawn against itself. */
  top?: number | undefined
  kind: 'time' | 'number'
  width: number
  height: number
  /** Leave room at both ends for half a bar. */
  bars: boolean
}

/** Pixels a text on the x axis wants to itself. */
const X_TICK_ROOM = 84
/** Pixels between two of them at the least. */
const X_TICK_GAP = 64

/** The scales of one chart. The y axis always begins at zero: areas would lie otherwise. */
export function frame({ xs, highest, top, kind, width, height, bars }: Input): Frame {
  const right = Math.max(MARGIN.left + 1, width - MARGIN.right)
  const bottom = height - MARGIN.bottom
  const domain = [xs[0] ?? 0, xs.at(-1) ?? 1]
  const slot = (right - MARGIN.left) / Math.max(1, xs.length)
  const inset = bars ? slot / 2 : 0
  const range = [MARGIN.left + inset, right - inset]
  const barWidth = Math.min(28, Math.max(2, slot * 0.68))
  const y = scaleLinear({ domain: [0, top ?? (highest || 1)], range: [bottom, MARGIN.top], nice: top === undefined ? 4 : false })
  const wanted = Math.max(2, Math.floor((right - MARGIN.left) / X_TICK_ROOM))
  const yTicks = y.ticks(4)

  if (kind === 'time') {
    const x = scaleUtc({ domain, range })
    return { x: (v) => x(v), y: (v) => y(v), xTicks: apart(x.ticks(wanted).map(Number), (v) => x(v)), yTicks, right, bottom, barWidth }
  }
  const x = scaleLinear({ domain, range })
  return { x: (v) => x(v), y: (v) => y(v), xTicks: x.ticks(wanted), yTicks, right, bottom, barWidth }
}

/** Leaves out texts that would touch their neighbour: time ticks bunch where a month begins. */
function apart(ticks: number[], x: (value: number) => number): number[] {
  const kept: number[] = []
  for (const tick of ticks) {
    const before = kept.at(-1)
    if (before === undefined || x(tick) - x(before) >= X_TICK_GAP) kept.push(tick)
  }
  return kept
}
