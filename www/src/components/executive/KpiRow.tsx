import type { ExecutiveDashboard, RevenueReport } from 'samekey/shadower'
import { compact, count, dollars, percent } from '../../format/number'
import { Sparkline } from '../charts/Sparkline'
import { Delta } from '../Delta'
import { Meter } from '../Meter'
import { Stat } from '../Stat'
import { StatRow } from '../StatRow'
import styles from './KpiRow.module.css'

interface Props {
  data: ExecutiveDashboard
  /** For the line under MRR; the figure itself does not wait for it. */
  revenue: RevenueReport | undefined
}

/** The numbers one looks at first, each against the period before. */
export function KpiRow({ data, revenue }: Props) {
  const { kpis, current, previous } = data
  // Without the last bucket, which is still filling: a line this small cannot say that its fall is none.
  const trend = data.trend.slice(0, -1)
  const credits = kpis.credits_used + kpis.credits_remaining
  return (
    <StatRow label="Key figures">
      <Stat label="MRR" value={kpis.mrr} text={dollars(kpis.mrr)} note="recurring revenue per month">
        <span className={styles.extra}>{revenue && `${dollars(revenue.credits_revenue)} of credits in this period`}</span>
      </Stat>
      <Stat
        label="Credits"
        value={current.credits}
        text={count(current.credits)}
        delta={<Delta now={current.credits} before={previous.credits} better="none" />}
        note={`${compact(kpis.credits_remaining)} of ${compact(credits)} left`}
      >
        <Meter part={kpis.credits_used} whole={credits} />
      </Stat>
      <Stat
        label="Runs"
        value={current.runs}
        text={count(current.runs)}
        delta={<Delta now={current.runs} before={previous.runs} />}
        note={`${count(previous.runs)} the period before`}
      >
        <Sparkline values={trend.map((point) => point.runs)} />
      </Stat>
      <Stat
        label="Success rate"
        value={current.success_rate}
        text={current.runs === 0 ? '–' : percent(current.success_rate)}
        delta={current.runs > 0 && previous.runs > 0 && <Delta now={current.success_rate} before={previous.success_rate} unit="points" />}
        note={previous.runs === 0 ? 'no runs the period before' : `${percent(previous.success_rate)} the period before`}
      >
        <Sparkline values={trend.map((point) => (point.runs === 0 ? 1 : 1 - point.failed / point.runs))} />
      </Stat>
    </StatRow>
  )
}
