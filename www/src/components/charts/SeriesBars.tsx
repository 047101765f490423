import { BarRounded } from '@visx/shape'
import type { Frame } from './frame'
import type { Dot } from './SeriesPath'

interface Props {
  dots: Dot[]
  frame: Frame
  color: string
}

/** One bar for each bucket. Zero is drawn as nothing, not as a line. */
export function SeriesBars({ dots, frame, color }: Props) {
  return (
    <>
      {dots
        .filter((dot) => dot.y > 0)
        .map((dot) => {
          const y = frame.y(dot.y)
          const height = Math.max(1, frame.bottom - y)
          return (
            <BarRounded
              key={dot.x}
              x={frame.x(dot.x) - frame.barWidth / 2}
              y={frame.bottom - height}
              width={frame.barWidth}
              height={height}
              radius={Math.min(3, frame.barWidth / 2, height)}
              top
              fill={color}
            />
          )
        })}
    </>
  )
}
