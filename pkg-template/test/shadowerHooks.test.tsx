import { cleanup, render, screen } from '@testing-library/react'
import { StrictMode, type ReactNode } from 'react'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { configureFetch, defineFamily } from 'samekey'
import { QueryClient, QueryClientProvider, useFamilyQuery, useQuery, type UseQueryResult } from 'samekey/react'
import { queryKeys, useExecutiveDashboard, useExecutiveKpis, useRealtimeMetrics, useTopAgents } from 'samekey/shadower'
import { EndpointServer, json } from './endpointServer'
import { soon } from './soon'

let server: EndpointServer
let client: QueryClient
const open = { 'access-control-allow-origin': '*' }

beforeEach(async () => {
  server = new EndpointServer()
  configureFetch({ baseUrl: await server.start() })
  client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
})
afterEach(() => {
  cleanup()
  client.clear()
  return server.stop()
})

const show = (children: ReactNode) => render(<QueryClientProvider client={client}>{children}</QueryClientProvider>)
const text = ({ data, status, error }: UseQueryResult<unknown>) =>
  `${status} ${JSON.stringify(data) ?? 'nothing'} ${error?.message.split(':')[0] ?? ''}`.trim()

function Dashboard({ skipCache }: { skipCache?: boolean }) {
  return <p data-testid="dashboard">{text(useExecutiveDashboard({ workspaceId: 'ws1', timeframe: '7d' }, { skipCache }))}</p>
}
const dashboard = () => screen.getByTestId('dashboard').textContent

describe('a hook of the bundled schema', () => {
  it('shows what its endpoint gives, in StrictMode too', async () => {
    server.answer = json({ runs: 1 }, open)
    show(
      <StrictMode>
        <Dashboard />
      </StrictMode>,
    )
    expect(dashboard()).toBe('pending nothing')
    await soon(() => expect(dashboard()).toBe('success {"runs":1}'))
    expect(server.asked.at(-1)).toBe('/api/v1/executive/dashboard?workspace_id=ws1&timeframe=7d')
  })

  it('shares the entry of its key', async () => {
    server.answer = json({ mrr: 5 }, open)
    function Both() {
      const plain = useQuery({ queryKey: queryKeys.kpis('ws1') })
      const hook = useExecutiveKpis({ workspaceId: 'ws1' })
      return <p data-testid="both">{`${text(plain)}|${text(hook)}|${plain.data === hook.data}`}</p>
    }
    show(<Both />)
    await soon(() => expect(screen.getByTestId('both').textContent).toBe('success {"mrr":5}|success {"mrr":5}|true'))
    expect(server.asked).toHaveLength(1)
  })

  it('with `enabled: false` asks nothing', async () => {
    function Idle() {
      return <p data-testid="idle">{useTopAgents({ workspaceId: 'ws1', timeframe: '7d' }, { enabled: false }).fetchStatus}</p>
    }
    show(<Idle />)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(screen.getByTestId('idle').textContent).toBe('idle')
    expect(server.asked).toEqual([])
  })

  it('polls as it is told, and else as its family says', async () => {
    server.answer = json({ value: 1 }, open)
    function Live({ every }: { every?: number }) {
      useRealtimeMetrics({ workspaceId: 'ws1', metric: 'runs' }, { refetchInterval: every })
      return null
    }
    show(<Live every={30} />)
    await soon(() => expect(server.asked.length).toBeGreaterThan(2))
    const queryKey = queryKeys.realtimeMetrics('ws1', 'runs')
    expect(client.defaultQueryOptions({ queryKey }).refetchInterval).toBe(30_000)
  })
})

describe('skipCache', () => {
  const queryKey = queryKeys.executive('ws1', '7d')

  it('asks the server to skip its cache, and shows nothing of ours until it has answered', async () => {
    client.setQueryData(queryKey, { runs: 'old' } as never)
    let answer!: () => void
    server.answer = (request, response) => void (answer = () => json({ runs: 'new' }, open)(request, response))
    show(<Dashboard skipCache />)
    expect(dashboard()).toBe('pending nothing')
    await soon(() => expect(server.asked).toEqual(['/api/v1/executive/dashboard?workspace_id=ws1&timeframe=7d&skip_cache=true']))
    expect(dashboard()).toBe('pending nothing')
    answer()
    await soon(() => expect(dashboard()).toBe('success {"runs":"new"}'))
  })

  it('asks again at each mount', async () => {
    let runs = 0
    server.answer = (request, response) => json({ runs: ++runs }, open)(request, response)
    const first = show(<Dashboard skipCache />)
    await soon(() => expect(dashboard()).toBe('success {"runs":1}'))
    first.unmount()
    show(<Dashboard skipCache />)
    expect(dashboard()).toBe('pending nothing')
    await soon(() => expect(dashboard()).toBe('success {"runs":2}'))
  })

  it('fails without old data beside the error', async () => {
    client.setQueryData(queryKey, { runs: 'old' } as never)
    server.answer = json({}, open, 500)
    show(<Dashboard skipCache />)
    await soon(() => expect(dashboard()).toBe('error nothing E_HTTP_STATUS'))
  })

  it('brings what comes to those who do not skip', async () => {
    client.setQueryData(queryKey, { runs: 'old' } as never)
    server.answer = json({ runs: 'new' }, open)
    function Other() {
      return <p data-testid="other">{text(useQuery({ queryKey }))}</p>
    }
    show(
      <>
        <Other />
        <Dashboard skipCache />
      </>,
    )
    expect(screen.getByTestId('other').textContent).toBe('success {"runs":"old"}')
    await soon(() => expect(screen.getByTestId('other').textContent).toBe('success {"runs":"new"}'))
    expect(server.asked).toHaveLength(1)
  })

  it('is refetched by what makes its key stale', async () => {
    server.answer = json({ runs: 1 }, open)
    show(<Dashboard skipCache />)
    await soon(() => expect(dashboard()).toBe('success {"runs":1}'))
    server.answer = json({ runs: 2 }, open)
    await client.invalidateQueries({ pattern: 'exec:dashboard:ws1:*' })
    await soon(() => expect(dashboard()).toBe('success {"runs":2}'))
    expect(server.asked.every((url) => url.endsWith('skip_cache=true'))).toBe(true)
  })
})

describe('a hook of a schema of one’s own', () => {
  const position = defineFamily<{ lat: number }, [vehicle: string]>('vehicle:position:{vehicle}', {
    ttl: 60_000,
    endpoint: '/vehicles/{vehicle}/position',
  })

  function Position({ skipCache }: { skipCache?: boolean }) {
    return <p data-testid={skipCache ? 'anew' : 'cached'}>{text(useFamilyQuery(position('v1'), { skipCache }))}</p>
  }
  const shown = (id: string) => screen.getByTestId(id).textContent

  it('skips both caches when asked to, and everybody sees what came', async () => {
    server.answer = json({ lat: 1 }, open)
    const { rerender } = show(<Position />)
    await soon(() => expect(shown('cached')).toBe('success {"lat":1}'))
    server.answer = json({ lat: 2 }, open)
    rerender(
      <QueryClientProvider client={client}>
        <Position />
        <Position skipCache />
      </QueryClientProvider>,
    )
    expect(shown('anew')).toBe('pending nothing')
    await soon(() => expect([shown('cached'), shown('anew')]).toEqual(['success {"lat":2}', 'success {"lat":2}']))
    expect(server.asked).toEqual(['/vehicles/v1/position', '/vehicles/v1/position?skip_cache=true'])
  })
})
