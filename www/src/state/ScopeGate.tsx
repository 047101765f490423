import { useQuery } from 'samekey/react'
import type { Timeframe } from 'samekey/shadower'
import { useMemo, type ReactNode } from 'react'
import { useSearchParams } from 'wouter'
import { workspacesQuery } from '../api/lists'
import { Splash } from '../components/shell/Splash'
import { parseTimeframe, ScopeContext, type Scope } from './scope'

/**
 * Holds the pages back until a workspace is known. An address that names one starts at once, beside the list; one
 * that does not waits for the list and takes its first workspace.
 */
export function ScopeGate({ children }: { children: ReactNode }) {
  const [params, setParams] = useSearchParams()
  const workspaces = useQuery(workspacesQuery())
  const timeframe = parseTimeframe(params.get('timeframe'))
  const workspaceId = params.get('workspace') ?? workspaces.data?.workspaces[0]?.id

  const scope = useMemo<Scope | null>(() => {
    if (workspaceId === undefined) return null
    const change = (name: string, value: string) =>
      setParams((previous) => {
        const next = new URLSearchParams(previous)
        next.set('workspace', workspaceId)
        next.set(name, value)
        return next
      })
    return {
      workspaceId,
      timeframe,
      setWorkspace: (id: string) => change('workspace', id),
      setTimeframe: (value: Timeframe) => change('timeframe', value),
      href: (path, extra = {}) => `${path}?${new URLSearchParams({ workspace: workspaceId, timeframe, ...extra })}`,
    }
  }, [workspaceId, timeframe, setParams])

  if (!scope) return <Splash query={workspaces} />
  return <ScopeContext value={scope}>{children}</ScopeContext>
}
