import { useExecutiveDashboard, useRevenue } from 'samekey/shadower'
import { ActiveUsersCard } from '../components/executive/ActiveUsersCard'
import { KpiRow } from '../components/executive/KpiRow'
import { LiveRunsCard } from '../components/executive/LiveRunsCard'
import { RevenueCard } from '../components/executive/RevenueCard'
import { TopAgentsCard } from '../components/executive/TopAgentsCard'
import { TrendCard } from '../components/executive/TrendCard'
import { Freshness } from '../components/Freshness'
import { PageHead } from '../components/PageHead'
import { PageSkeleton } from '../components/PageSkeleton'
import { QueryView } from '../components/QueryView'
import { Split } from '../components/Split'
import { Stack } from '../components/Stack'
import { timeframeWords, useScope } from '../state/scope'
import { useTitle } from '../state/use-title'

export function ExecutivePage() {
  useTitle('Overview')
  const { workspaceId, timeframe } = useScope()
  const dashboard = useExecutiveDashboard({ workspaceId, timeframe })
  // Asked for here, beside the dashboard and not after it: two cards below show it.
  const revenue = useRevenue({ workspaceId, timeframe })
  return (
    <>
      <PageHead title="Executive dashboard" note={`The ${timeframeWords(timeframe)} against the period before`} action={<Freshness query={dashboard} />} />
      <QueryView query={dashboard} what="the dashboard" skeleton={<PageSkeleton cards={['Trend', 'Active users']} tall />}>
        {(data) => (
          <>
            <KpiRow data={data} revenue={revenue.data} />
            <Split>
              <TrendCard data={data} />
              <Stack>
                <ActiveUsersCard kpis={data.kpis} />
                <LiveRunsCard />
              </Stack>
            </Split>
            <Split>
              <TopAgentsCard agents={data.top_agents} />
              <RevenueCard revenue={revenue} />
            </Split>
          </>
        )}
      </QueryView>
    </>
  )
}
