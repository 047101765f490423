import type { TopAgent } from 'samekey/shadower'
import { Link } from 'wouter'
import { count, duration, percent } from '../../format/number'
import { useScope } from '../../state/scope'
import { AgentLink } from '../agents/AgentLink'
import { Card } from '../Card'
import { EmptyState } from '../EmptyState'
import table from '../Table.module.css'
import styles from './TopAgentsCard.module.css'

/** The busiest agents of the period. */
export function TopAgentsCard({ agents }: { agents: TopAgent[] }) {
  const { href } = useScope()
  const most = Math.max(...agents.map((agent) => agent.runs), 1)
  return (
    <Card title="Top agents" note="by runs" action={<Link href={href('/agents')} className={styles.all}>All agents</Link>}>
      {agents.length === 0 ? (
        <EmptyState title="No agent ran in this period">Choose a longer timeframe to see earlier runs.</EmptyState>
      ) : (
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">Agent</th>
              <th scope="col" className={table.num}>Runs</th>
              <th scope="col" className={table.num}>Success</th>
              <th scope="col" className={`${table.num} ${table.wideOnly}`}>Credits</th>
              <th scope="col" className={`${table.num} ${table.wideOnly}`}>Avg. duration</th>
            </tr>
          </thead>
          <tbody>
            {agents.map((agent) => (
              <tr key={agent.agent_id}>
                <td>
                  <AgentLink id={agent.agent_id} name={agent.name} />
                  <span className={styles.track} aria-hidden="true">
                    <span style={{ width: `${(agent.runs / most) * 100}%` }} />
                  </span>
                </td>
                <td className={table.num}>{count(agent.runs)}</td>
                <td className={table.num}>{percent(agent.success_rate)}</td>
                <td className={`${table.num} ${table.wideOnly}`}>{count(agent.credits)}</td>
                <td className={`${table.num} ${table.wideOnly}`}>{duration(agent.avg_duration_ms)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  )
}
