import { useQuery, useQueryClient } from 'samekey/react'
import { useState } from 'react'
import { NO_FAMILY } from '../../api/family-of'
import { lookupsOf } from '../../api/lookups'
import { serverStatsQuery, type FamilyStats } from '../../api/server-cache'
import { bytes, count, duration, words } from '../../format/number'
import { Card } from '../Card'
import { EmptyState } from '../EmptyState'
import { Meter } from '../Meter'
import { QueryView } from '../QueryView'
import { Segmented } from '../Segmented'
import { Skeleton } from '../Skeleton'
import table from '../Table.module.css'
import type { CacheRow } from './cache-rows'
import { familyRows, hitRate, type FamilyRow, type InBrowser } from './family-rows'
import styles from './FamilyTable.module.css'
import { Ticker } from './Ticker'

type Tier = 'browser' | 'server'

const TIERS = [
  { value: 'browser', label: 'This browser', content: 'This browser' },
  { value: 'server', label: 'The server', content: 'The server' },
] as const

/** What answered, family by family and on both tiers, as it happens. */
export function FamilyTable({ entries }: { entries: readonly CacheRow[] }) {
  const server = useQuery(serverStatsQuery())
  const cache = useQueryClient().getQueryCache()
  // Where only one of them fits.
  const [tier, setTier] = useState<Tier>('browser')
  return (
    <Card
      title="Both tiers, by family"
      note="Counted since this page was loaded, and since the server started"
      action={
        <div className={styles.switch}>
          <Segmented legend="Tier" value={tier} options={TIERS} onChange={setTier} />
        </div>
      }
    >
      <QueryView query={server} what="the server’s statistics" skeleton={<Skeleton height={240} />}>
        {(stats) => <Families rows={familyRows(entries, (family) => lookupsOf(cache, family), stats.families)} store={stats.store} tier={tier} />}
      </QueryView>
    </Card>
  )
}

function Families({ rows, store, tier }: { rows: FamilyRow[]; store: string; tier: Tier }) {
  if (rows.length === 0) return <EmptyState title="Nothing was asked for yet">Open any page; what it asks for appears here.</EmptyState>
  return (
    <div className={styles.scroll} role="region" aria-label="Families on both tiers" tabIndex={0}>
      <table className={[table.table, styles.families].join(' ')} data-tier={tier}>
        <thead>
          <tr className={styles.tiers}>
            <td />
            <th scope="colgroup" colSpan={8} data-of="browser">This browser</th>
            <th scope="colgroup" colSpan={7} data-of="server">The server</th>
          </tr>
          <tr>
            <th scope="col">Family</th>
            <Heads of="browser" figures={['Hits', 'Misses', 'Entries', 'Watched', 'Fresh', 'Stale', 'Size']} />
            <Heads of="server" figures={['Process', store === 'redis' ? 'Redis' : 'Store', 'Stale', 'Misses', 'Computed', 'Takes']} />
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

function Heads({ of, figures }: { of: Tier; figures: readonly string[] }) {
  return (
    <>
      <th scope="col" data-of={of} className={styles.first}>Hit rate</th>
      {figures.map((figure) => (
        <th key={figure} scope="col" data-of={of} className={table.num}>{figure}</th>
      ))}
    </>
  )
}

function BrowserCells({ of }: { of: InBrowser }) {
  return (
    <>
      <Rate of="browser" percent={hitRate(of)} />
      <Figure of="browser" column="hits" text={count(of.hits)} />
      <Figure of="browser" column="misses" text={count(of.misses)} />
      <Figure of="browser" column="entries" text={count(of.entries)} />
      <Figure of="browser" column="watched" text={count(of.watching)} />
      <Figure of="browser" column="fresh" text={count(of.fresh)} />
      <Figure of="browser" column="stale" text={count(of.stale)} tone={of.stale > 0 ? styles.stale : undefined} />
      <Figure of="browser" column="size" text={of.size > 0 ? bytes(of.size) : '–'} />
    </>
  )
}

function ServerCells({ of }: { of: FamilyStats | undefined }) {
  return (
    <>
      <Rate of="server" percent={of && lookups(of) > 0 ? of.hit_rate_percent : undefined} />
      <Figure of="server" column="process" text={figure(of?.l1_hits)} />
      <Figure of="server" column="store" text={figure(of?.l2_hits)} />
      <Figure of="server" column="stale" text={figure(of?.stale)} />
      <Figure of="server" column="misses" text={figure(of?.misses)} />
      <Figure of="server" column="computed" text={figure(of?.computes)} />
      <Figure of="server" column="takes" text={of && of.computes > 0 ? duration(of.compute_ms) : '–'} />
    </>
  )
}

function Rate({ of, percent }: { of: Tier; percent: number | undefined }) {
  return (
    <td data-of={of} data-column="rate" className={styles.first}>
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

interface FigureProps {
  of: Tier
  column: string
  text: string
  tone?: string | undefined
}

function Figure({ of, column, text, tone }: FigureProps) {
  const quiet = text === '–' || text === '0'
  return (
    <td data-of={of} data-column={column} className={[table.num, quiet ? table.quiet : tone].filter(Boolean).join(' ')}>
      <Ticker text={text} />
    </td>
  )
}

const figure = (value: number | undefined) => (value === undefined ? '–' : count(value))
const lookups = (of: FamilyStats) => of.l1_hits + of.l2_hits + of.stale + of.misses
