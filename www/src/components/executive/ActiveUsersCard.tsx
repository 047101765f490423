import type { ExecutiveKpis } from 'samekey/shadower'
import { count, percent } from '../../format/number'
import { Card } from '../Card'
import { BarList } from '../charts/BarList'

/** People by how recently they were here, and the share of the month's users that came today. */
export function ActiveUsersCard({ kpis }: { kpis: ExecutiveKpis }) {
  const sticky = kpis.mau === 0 ? 0 : kpis.dau / kpis.mau
  const bars = [
    { id: 'dau', label: 'Daily (DAU)', value: kpis.dau },
    { id: 'wau', label: 'Weekly (WAU)', value: kpis.wau },
    { id: 'mau', label: 'Monthly (MAU)', value: kpis.mau },
  ]
  return (
    <Card title="Active users" note={`Stickiness (DAU / MAU) ${percent(sticky)}`}>
      <BarList bars={bars.map((bar) => ({ ...bar, text: count(bar.value) }))} />
    </Card>
  )
}
