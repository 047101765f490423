import { useUserActivity } from 'samekey/shadower'
import { useSearchParams } from 'wouter'
import { BackLink } from '../components/BackLink'
import { Freshness } from '../components/Freshness'
import { PageHead } from '../components/PageHead'
import { ActivityCard } from '../components/users/ActivityCard'
import { UserMetricsRow } from '../components/users/UserMetricsRow'
import { useScope } from '../state/scope'
import { useTitle } from '../state/use-title'
import { useToday } from '../state/use-today'

export function UserPage({ userId }: { userId: string }) {
  const { href } = useScope()
  const [params, setParams] = useSearchParams()
  const today = useToday()
  const date = params.get('date') ?? today
  const activity = useUserActivity({ userId, date })
  const name = activity.data?.name ?? userId
  useTitle(name)

  const chooseDate = (day: string) =>
    setParams((previous) => {
      const next = new URLSearchParams(previous)
      next.set('date', day)
      return next
    })

  return (
    <>
      <PageHead before={<BackLink href={href('/users')}>Users</BackLink>} title={name} action={<Freshness query={activity} />} />
      <UserMetricsRow userId={userId} />
      <ActivityCard userId={userId} date={date} onDate={chooseDate} />
    </>
  )
}
