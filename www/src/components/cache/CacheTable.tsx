import { span } from '../../format/time'
import { Card } from '../Card'
import { EmptyState } from '../EmptyState'
import table from '../Table.module.css'
import { Badge } from './Badge'
import type { CacheRow } from './cache-rows'
import styles from './CacheTable.module.css'

/** Everything this browser holds, as it stands this second. */
export function CacheTable({ rows }: { rows: readonly CacheRow[] }) {
  const watched = rows.filter((row) => row.observers > 0).length
  return (
    <Card title="In this browser, by key" note={`${rows.length} entries, ${watched} watched by this page`}>
      {rows.length === 0 ? (
        <EmptyState title="The cache is empty">Open any page to fill it.</EmptyState>
      ) : (
        <div className={styles.scroll} role="region" aria-label="Cache entries" tabIndex={0}>
          <table className={table.table}>
            <thead>
              <tr>
                <th scope="col">Key</th>
                <th scope="col">State</th>
                <th scope="col">Status</th>
                <th scope="col">Fetch</th>
                <th scope="col" className={table.num}>Age</th>
                <th scope="col" className={table.num}>Fresh for</th>
                <th scope="col" className={table.num}>Collected in</th>
                <th scope="col" className={table.num}>Observers</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.hash} data-key={row.key}>
                  <td className={styles.key}>
                    <code>{row.key}</code>
                  </td>
                  <td>
                    <Badge tone={row.state === 'fresh' ? 'good' : row.state === 'stale' ? 'warn' : 'none'}>{row.state}</Badge>
                  </td>
                  <td>{row.status}</td>
                  <td>{row.fetchStatus}</td>
                  <td className={table.num}>{time(row.age)}</td>
                  <td className={table.num}>{time(row.freshFor)}</td>
                  <td className={table.num}>{row.observers > 0 ? 'in use' : time(row.gcIn)}</td>
                  <td className={table.num}>{row.observers}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  )
}

const time = (ms: number | null) => (ms === null ? '–' : span(ms))
