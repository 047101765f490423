import { count, duration, percent } from '../../format/number'
import { SortHeader } from '../SortHeader'
import table from '../Table.module.css'
import { AgentLink } from './AgentLink'
import type { AgentRow, SortColumn, Sorting } from './agent-rows'

const COLUMNS: readonly { column: SortColumn; label: string; wideOnly?: boolean }[] = [
  { column: 'name', label: 'Agent' },
  { column: 'runs', label: 'Runs' },
  { column: 'success_rate', label: 'Success' },
  { column: 'credits', label: 'Credits', wideOnly: true },
  { column: 'avg_duration_ms', label: 'Avg. duration', wideOnly: true },
]

interface Props {
  rows: AgentRow[]
  sorting: Sorting
  onSort: (sorting: Sorting) => void
}

export function AgentsTable({ rows, sorting, onSort }: Props) {
  return (
    <table className={table.table}>
      <thead>
        <tr>
          {COLUMNS.map(({ column, label, wideOnly }) => (
            <SortHeader
              key={column}
              label={label}
              className={[column === 'name' ? '' : table.num, wideOnly ? table.wideOnly : ''].join(' ')}
              direction={sorting.column !== column ? null : sorting.descending ? 'descending' : 'ascending'}
              // A new column begins with the largest first, names with A.
              onSort={() => onSort({ column, descending: sorting.column === column ? !sorting.descending : column !== 'name' })}
            />
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ id, name, stats }) => (
          <tr key={id}>
            <td>
              <AgentLink id={id} name={name} />
            </td>
            <td className={table.num}>{stats ? count(stats.runs) : <Unranked />}</td>
            <td className={table.num}>{stats ? percent(stats.success_rate) : <Unranked />}</td>
            <td className={`${table.num} ${table.wideOnly}`}>{stats ? count(stats.credits) : <Unranked />}</td>
            <td className={`${table.num} ${table.wideOnly}`}>{stats ? duration(stats.avg_duration_ms) : <Unranked />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Unranked() {
  return (
    <span className={table.quiet}>
      <span aria-hidden="true">–</span>
      <span className="hidden-visually">not ranked</span>
    </span>
  )
}
