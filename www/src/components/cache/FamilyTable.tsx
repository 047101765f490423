import { useQuery } from 'samekey/react'
import { serverStatsQuery, type FamilyStats } from '../../api/server-cache'
import { count, duration, words } from '../../format/number'
import { Card } from '../Card'
import { EmptyState } from '../EmptyState'
import { Meter } from '../Meter'
import { QueryView } from '../QueryView'
import { Skeleton } from '../Skeleton'
import table from '../Table.module.css'
import styles from './CacheTable.module.css'

/** What answered on the server, family by family: the process itself, the store, an old value, or a compute. */
export function FamilyTable() {
  const server = useQuery(serverStatsQuery())
  return (
    <Card title="On the server, by family" note="Since it started; the busiest first">
      <QueryView query={server} what="the server’s statistics" skeleton={<Skeleton height={160} />}>
        {(stats) => <Families families={stats.families.filter(isUsed).sort((a, b) => lookups(b) - lookups(a))} store={stats.store} />}
      </QueryView>
    </Card>
  )
}

function Families({ families, store }: { families: FamilyStats[]; store: string }) {
  if (families.length === 0) return <EmptyState title="Nothing was asked for yet">Open any page; what it asks the server appears here.</EmptyState>
  return (
    <div className={styles.scroll} role="region" aria-label="Families on the server" tabIndex={0}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Family</th>
            <th scope="col">Hit rate</th>
            <th scope="col" className={table.num}>In process</th>
            <th scope="col" className={table.num}>{store === 'redis' ? 'In Redis' : 'In the store'}</th>
            <th scope="col" className={table.num}>Stale</th>
            <th scope="col" className={table.num}>Missed</th>
            <th scope="col" className={table.num}>Computed</th>
            <th scope="col" className={table.num}>A compute takes</th>
          </tr>
        </thead>
        <tbody>
          {families.map((of) => (
            <tr key={of.family} data-family={of.family}>
              <td className={styles.family}>{words(of.family)}</td>
              <td>
                <span className={styles.rate}>
                  {of.hit_rate_percent.toFixed(1)}%
                  <Meter part={of.hit_rate_percent} whole={100} />
                </span>
              </td>
              <td className={table.num}>{count(of.l1_hits)}</td>
              <td className={table.num}>{count(of.l2_hits)}</td>
              <td className={table.num}>{count(of.stale)}</td>
              <td className={table.num}>{count(of.misses)}</td>
              <td className={table.num}>{count(of.computes)}</td>
              <td className={table.num}>{of.computes > 0 ? duration(of.compute_ms) : '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const lookups = (of: FamilyStats) => of.l1_hits + of.l2_hits + of.stale + of.misses
const isUsed = (of: FamilyStats) => lookups(of) + of.bypasses + of.computes > 0
