import { useQuery } from 'samekey/react'
import { serverStatsQuery } from '../../api/server-cache'
import { bytes, count } from '../../format/number'
import { Meter } from '../Meter'
import { QueryView } from '../QueryView'
import { Skeleton } from '../Skeleton'
import { Stat } from '../Stat'
import { StatRow } from '../StatRow'
import { useBrowserStats } from './use-browser-stats'

/** Hits of both tiers side by side: what the browser answered itself, and what the server's cache answered. */
export function Tiers() {
  const server = useQuery(serverStatsQuery())
  const browser = useBrowserStats()
  return (
    <QueryView query={server} what="the server’s statistics" skeleton={<Skeleton height={112} />}>
      {(stats) => (
        <StatRow label="Hits on both tiers">
          <Stat
            label="Browser hit rate"
            value={browser.hit_rate_percent}
            text={`${browser.hit_rate_percent.toFixed(1)}%`}
            note={`${count(browser.hits)} hits, ${count(browser.misses)} misses`}
          >
            <Meter part={browser.hit_rate_percent} whole={100} />
          </Stat>
          <Stat label="Browser entries" value={browser.keys} text={count(browser.keys)} note={`${count(browser.observers)} observers, ${count(browser.evicted_keys)} evicted`} />
          <Stat
            label="Server hit rate"
            value={stats.hit_rate_percent}
            text={`${stats.hit_rate_percent.toFixed(1)}%`}
            note={`${count(stats.hits)} hits, ${count(stats.misses)} misses`}
          >
            <Meter part={stats.hit_rate_percent} whole={100} />
          </Stat>
          <Stat
            label="Server memory"
            value={stats.used_memory}
            text={bytes(stats.used_memory)}
            note={`${count(stats.keys)} keys in ${stats.store === 'redis' ? 'Redis' : 'the process'}, ${count(stats.evicted_keys)} evicted`}
          />
        </StatRow>
      )}
    </QueryView>
  )
}
