import { useQueryClient } from 'samekey/react'
import { useLocation } from 'wouter'
import { prefetchPage } from '../../api/prefetch'
import { TIMEFRAMES, useScope } from '../../state/scope'
import { Segmented } from '../Segmented'

/** The period every page looks at. Pointing at another loads the page's data for it. */
export function TimeframePicker() {
  const scope = useScope()
  const client = useQueryClient()
  const [location] = useLocation()
  return (
    <Segmented
      legend="Timeframe"
      value={scope.timeframe}
      onChange={scope.setTimeframe}
      onHover={(timeframe) => prefetchPage(client, location, { ...scope, timeframe })}
      options={TIMEFRAMES.map(({ value, label, words }) => ({ value, label: words, content: label }))}
    />
  )
}
