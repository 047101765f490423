import { act, cleanup, render, screen } from '@testing-library/react'
import { StrictMode } from 'react'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { QueryClient, QueryClientProvider, useQuery } from 'samekey/react'
import { live, useLive, useLiveStatus, type Live, type LiveOptions } from 'samekey/live/react'
import { queryKeys } from 'samekey/shadower'
import { soon } from './soon'
import { StreamServer } from './streamServer'

let server: StreamServer
let url: string
let client: QueryClient

beforeEach(async () => {
  server = new StreamServer()
  url = await server.start()
  client = new QueryClient()
})
afterEach(async () => {
  cleanup()
  client.clear()
  await server.kill()
})

function Kpis({ queryFn }: { queryFn: () => Promise<string> }) {
  const { data } = useQuery({ queryKey: queryKeys.kpis('ws1'), queryFn: queryFn as never, staleTime: Infinity })
  return <p>{data as unknown as string}</p>
}

function App({ queryFn, ...options }: Partial<LiveOptions> & { enabled?: boolean; queryFn: () => Promise<string> }) {
  const status = useLive({ url, ...options })
  return (
    <>
      <output>{status}</output>
      <Kpis queryFn={queryFn} />
    </>
  )
}

const tree = (app: React.ReactNode) => (
  <StrictMode>
    <QueryClientProvider client={client}>{app}</QueryClientProvider>
  </StrictMode>
)

it('shows what the server says has changed, while it is mounted', async () => {
  let version = 1
  const queryFn = () => Promise.resolve(`version ${version}`)
  const { unmount } = render(tree(<App queryFn={queryFn} />))
  await soon(() => expect(screen.getByRole('status').textContent).toBe('open'))
  await soon(() => expect(screen.getByText('version 1')).toBeTruthy())
  version = 2
  server.invalidate(['exec:kpis:ws1'])
  await soon(() => expect(screen.getByText('version 2')).toBeTruthy())
  expect(server.open).toHaveLength(1)
  unmount()
  await soon(() => expect(server.open).toHaveLength(0))
})

it('keeps its connection when functions are new at each render, and asks the newest', async () => {
  const seen: string[] = []
  const app = (name: string) => tree(<App queryFn={() => Promise.resolve('')} token={() => name} onInvalidate={() => seen.push(name)} />)
  const { rerender } = render(app('first'))
  await soon(() => expect(screen.getByRole('status').textContent).toBe('open'))
  const visits = server.visits.length
  rerender(app('second'))
  server.invalidate(['exec:*'])
  await soon(() => expect(seen).toEqual(['second']))
  expect(server.visits).toHaveLength(visits)
  server.last.break()
  await soon(() => expect(server.visits.length).toBeGreaterThan(visits))
  expect(server.last.headers.authorization).toBe('Bearer second')
})

it('connects anew with another token, and not at all when it is off', async () => {
  const queryFn = () => Promise.resolve('')
  const { rerender } = render(tree(<App queryFn={queryFn} token="one" enabled={false} />))
  expect(screen.getByRole('status').textContent).toBe('stopped')
  expect(server.visits).toHaveLength(0)
  rerender(tree(<App queryFn={queryFn} token="one" />))
  await soon(() => expect(screen.getByRole('status').textContent).toBe('open'))
  rerender(tree(<App queryFn={queryFn} token="two" />))
  await soon(() => expect(server.open.map(({ headers }) => headers.authorization)).toEqual(['Bearer two']))
  rerender(tree(<App queryFn={queryFn} token="two" enabled={false} />))
  await soon(() => expect(server.open).toHaveLength(0))
  expect(screen.getByRole('status').textContent).toBe('stopped')
})

it('the status of a stream that is made elsewhere can be shown', async () => {
  function Status({ stream }: { stream: Live | undefined }) {
    return <output>{useLiveStatus(stream)}</output>
  }
  const { rerender } = render(<Status stream={undefined} />)
  expect(screen.getByRole('status').textContent).toBe('stopped')
  const stream = live(client, { url })
  rerender(<Status stream={stream} />)
  await soon(() => expect(screen.getByRole('status').textContent).toBe('open'))
  act(() => stream.stop())
  expect(screen.getByRole('status').textContent).toBe('stopped')
})
