import { useAgentAnalytics } from 'samekey/shadower'
import { AgentErrorsCard } from '../components/agents/AgentErrorsCard'
import { AgentFigures } from '../components/agents/AgentFigures'
import { AgentTrendCard } from '../components/agents/AgentTrendCard'
import { BackLink } from '../components/BackLink'
import { Freshness } from '../components/Freshness'
import { PageHead } from '../components/PageHead'
import { PageSkeleton } from '../components/PageSkeleton'
import { QueryView } from '../components/QueryView'
import { Split } from '../components/Split'
import { timeframeWords, useScope } from '../state/scope'
import { useTitle } from '../state/use-title'

export function AgentPage({ agentId }: { agentId: string }) {
  const { timeframe, href } = useScope()
  const analytics = useAgentAnalytics({ agentId, timeframe })
  const name = analytics.data?.name ?? agentId
  useTitle(name)
  return (
    <>
      <PageHead
        before={<BackLink href={href('/agents')}>Agents</BackLink>}
        title={name}
        note={`The ${timeframeWords(timeframe)}`}
        action={<Freshness query={analytics} />}
      />
      <QueryView query={analytics} what="this agent" skeleton={<PageSkeleton cards={['Runs', 'Failures']} />}>
        {(data) => (
          <>
            <AgentFigures data={data} />
            <Split>
              <AgentTrendCard data={data} />
              <AgentErrorsCard errors={data.errors} />
            </Split>
          </>
        )}
      </QueryView>
    </>
  )
}
