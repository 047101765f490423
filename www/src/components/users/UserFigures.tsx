import type { UserAnalytics } from 'samekey/shadower'
import { count, percent } from '../../format/number'
import { Stat } from '../Stat'
import { StatRow } from '../StatRow'

export function UserFigures({ data }: { data: UserAnalytics }) {
  return (
    <StatRow label="Key figures of the users">
      <Stat label="Daily active" value={data.dau} text={count(data.dau)} note={data.mau > 0 ? `${percent(data.dau / data.mau)} of the month’s` : 'nobody this month'} />
      <Stat label="Weekly active" value={data.wau} text={count(data.wau)} note="last 7 days" />
      <Stat label="Monthly active" value={data.mau} text={count(data.mau)} note="last 30 days" />
      <Stat label="New users" value={data.new_users} text={count(data.new_users)} note="first seen in the period" />
    </StatRow>
  )
}
