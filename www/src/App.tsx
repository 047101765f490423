import { Route, Switch } from 'wouter'
import { Shell } from './components/shell/Shell'
import { AgentPage } from './pages/AgentPage'
import { AgentsPage } from './pages/AgentsPage'
import { CachePage } from './pages/CachePage'
import { ExecutivePage } from './pages/ExecutivePage'
import { NotFoundPage } from './pages/NotFoundPage'
import { UserPage } from './pages/UserPage'
import { UsersPage } from './pages/UsersPage'
import { ScopeGate } from './state/ScopeGate'

/** The pages and their addresses. Workspace and timeframe live in the query string of each. */
export function App() {
  return (
    <ScopeGate>
      <Shell>
        <Switch>
          <Route path="/" component={ExecutivePage} />
          <Route path="/agents" component={AgentsPage} />
          <Route path="/agents/:agentId">{({ agentId }) => <AgentPage agentId={agentId} />}</Route>
          <Route path="/users" component={UsersPage} />
          <Route path="/users/:userId">{({ userId }) => <UserPage userId={userId} />}</Route>
          <Route path="/cache" component={CachePage} />
          <Route component={NotFoundPage} />
        </Switch>
      </Shell>
    </ScopeGate>
  )
}
