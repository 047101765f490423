import { useQuery, useQueryClient } from 'samekey/react'
import { NO_FAMILY } from '../../api/family-of'
import { lookupsOf } from '../../api/lookups'
import { serverStatsQuery, type FamilyStats } from '../../api/server-cache'
import { bytes, count, duration, words } from '../../format/number'
import { Card } from '../Card'
import { EmptyState } from '../EmptyState'
import { Meter } from '../Meter'
import { QueryView } from '../QueryView'
import { Skeleton } from '../Skeleton'
import table from '../Table.module.css'
import type { CacheRow } from './cache-rows'
import { familyRows, hitRate, type FamilyRow, type InBrowser } from './family-rows'
import styles from './FamilyTable.module.css'
import { Ticker } from './Ticker'

/** What answered, family by family and on both tiers, as it happens. */
export function FamilyTable({ entries }: { entries: readonly CacheRow[] }) {
  const server = useQuery(serverStatsQuery())
  const cache = useQueryClient().getQueryCache()
  return (
    <Card title="Both tiers, by family" note="Counted since this page was loaded, and since the server started">
      <QueryView query={server} what="the server’s statistics" skeleton={<Skeleton height={240} />}>
        {(stats) => <Families rows={familyRows(entries, (family) => lookupsOf(cache, family), stats.families)} store={stats.store} />}
      </QueryView>
    </Card>
  )
}

function Families({ rows, store }: { rows: FamilyRow[]; store: string }) {
  if (rows.length === 0) return <EmptyState title="Nothing was asked for yet">Open any page; what it asks for appears here.</EmptyState>
  return (
    <div className={styles.scroll} role="region" aria-label="Families on both tiers" tabIndex={0}>
      <table className={[table.table, styles.families].join(' ')}>
        <thead>
          <tr className={styles.tiers}>
            <td />
            <th scope="colgroup" colSpan={8}>This browser</th>
            <th scope="colgroup" colSpan={7}>The server</th>
          </tr>
          <tr>
            <th scope="col">Family</th>
            <th scope="col">Hit rate</th>
            <th scope="col" className={table.num}>Hits</th>
            <th scope="col" className={table.num}>Misses</th>
            <th scope="col" className={table.num}>Entries</th>
            <th scope="col" className={table.num}>Watched</th>
            <th scope="col" className={table.num}>Fresh</th>
            <th scope="col" className={table.num}>Stale</th>
            <th scope="col" className={table.num}>Size</th>
            <th scope="col">Hit rate</th>
            <th scope="col" className={table.num}>Process</th>
            <th scope="col" className={table.num}>{store === 'redis' ? 'Redis' : 'Store'}</th>
            <th scope="col" className={table.num}>Stale</th>
            <th scope="col" className={table.num}>Misses</th>
            <th scope="col" className={table.num}>Computed</th>
            <th scope="col" className={table.num}>Takes</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ family, browser, server }) => (
            <tr key={family} data-family={family}>
              <th scope="row" className={styles.family}>
                {family === NO_FAMILY ? 'Lists, statistics' : words(family)}
              </th>
              <BrowserCells of={browser} />
              <ServerCells of={server} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function BrowserCells({ of }: { of: InBrowser }) {
  return (
    <>
      <Rate column="browser-rate" percent={hitRate(of)} />
      <Figure column="browser-hits" text={count(of.hits)} />
      <Figure column="browser-misses" text={count(of.misses)} />
      <Figure column="browser-entries" text={count(of.entries)} />
      <Figure column="browser-watched" text={count(of.watching)} />
      <Figure column="browser-fresh" text={count(of.fresh)} />
      <Figure column="browser-stale" text={count(of.stale)} tone={of.stale > 0 ? styles.stale : undefined} />
      <Figure column="browser-size" text={of.size > 0 ? bytes(of.size) : '–'} />
    </>
  )
}

function ServerCells({ of }: { of: FamilyStats | undefined }) {
  return (
    <>
      <Rate column="server-rate" percent={of && lookups(of) > 0 ? of.hit_rate_percent : undefined} />
      <Figure column="server-process" text={figure(of?.l1_hits)} />
      <Figure column="server-store" text={figure(of?.l2_hits)} />
      <Figure column="server-stale" text={figure(of?.stale)} />
      <Figure column="server-misses" text={figure(of?.misses)} />
      <Figure column="server-computed" text={figure(of?.computes)} />
      <Figure column="server-takes" text={of && of.computes > 0 ? duration(of.compute_ms) : '–'} />
    </>
  )
}

function Rate({ column, percent }: { column: string; percent: number | undefined }) {
  return (
    <td data-column={column} className={styles.first}>
      {percent === undefined ? (
        <span className={table.quiet}>–</span>
      ) : (
        <span className={styles.rate}>
          {percent.toFixed(1)}%
          <Meter part={percent} whole={100} />
        </span>
      )}
    </td>
  )
}

function Figure({ column, text, tone }: { column: string; text: string; tone?: string | undefined }) {
  const quiet = text === '–' || text === '0'
  return (
    <td data-column={column} className={[table.num, quiet ? table.quiet : tone].filter(Boolean).join(' ')}>
      <Ticker text={text} />
    </td>
  )
}

const figure = (value: number | undefined) => (value === undefined ? '–' : count(value))
const lookups = (of: FamilyStats) => of.l1_hits + of.l2_hits + of.stale + of.misses
