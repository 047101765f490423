import { useWorkspaceOverview } from 'samekey/shadower'
import { count, percent } from '../../format/number'
import { useScope } from '../../state/scope'
import styles from './TodayPanel.module.css'

/** The workspace in a few lines. An extra: where it cannot be loaded it stays away, and the pages speak of the fault. */
export function TodayPanel() {
  const { workspaceId } = useScope()
  const { data } = useWorkspaceOverview({ workspaceId })
  if (!data) return null
  const rows = [
    ['Runs', count(data.runs_today)],
    ['Success rate', data.runs_today === 0 ? '–' : percent(data.success_rate_today)],
    ['Credits', count(data.credits_today)],
  ] as const
  return (
    <section className={styles.panel} aria-label={`${data.name} today`}>
      <h2 className={styles.title}>Today</h2>
      <dl className={styles.list}>
        {rows.map(([name, value]) => (
          <div key={name} className={styles.row}>
            <dt>{name}</dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
      <p className={styles.note}>
        {count(data.agents)} agents, {count(data.users)} users
      </p>
    </section>
  )
}
