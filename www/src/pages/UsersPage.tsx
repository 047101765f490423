import { useUserAnalytics } from 'samekey/shadower'
import { useSearchParams } from 'wouter'
import { Freshness } from '../components/Freshness'
import { PageHead } from '../components/PageHead'
import { PageSkeleton } from '../components/PageSkeleton'
import { QueryView } from '../components/QueryView'
import { Split } from '../components/Split'
import { ChurnCard } from '../components/users/ChurnCard'
import { RetentionCard } from '../components/users/RetentionCard'
import { SegmentsCard } from '../components/users/SegmentsCard'
import { UserFigures } from '../components/users/UserFigures'
import { UserListCard } from '../components/users/UserListCard'
import { UserTrendCard } from '../components/users/UserTrendCard'
import { timeframeWords, useScope } from '../state/scope'
import { useTitle } from '../state/use-title'

export function UsersPage() {
  useTitle('Users')
  const { workspaceId, timeframe } = useScope()
  const [params] = useSearchParams()
  const segment = params.get('segment')
  const analytics = useUserAnalytics({ workspaceId, timeframe, ...(segment === null ? {} : { segment }) })
  return (
    <>
      <PageHead title="Users" note={`The ${timeframeWords(timeframe)}`} action={<Freshness query={analytics} />} />
      <QueryView query={analytics} what="the users" skeleton={<PageSkeleton cards={['Active and new users', 'Segments']} />}>
        {(data) => (
          <>
            <UserFigures data={data} />
            <Split>
              <UserTrendCard data={data} segment={segment} />
              <SegmentsCard segments={data.segments} chosen={segment} />
            </Split>
          </>
        )}
      </QueryView>
      <Split>
        <RetentionCard />
        <ChurnCard />
      </Split>
      <UserListCard segment={segment} />
    </>
  )
}
