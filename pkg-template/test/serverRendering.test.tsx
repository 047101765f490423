// @vitest-environment node
/** A page made on a server: the data is in the markup, and the browser does not fetch it again. */
import { Suspense } from 'react'
import { renderToPipeableStream, renderToString } from 'react-dom/server'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { dehydrate, HydrationBoundary, QueryClient, QueryClientProvider, useQuery, useSuspenseQuery, type DehydratedState } from 'samekey/react'
import { expect, it } from 'vitest'

const options = { queryKey: ['figures'], queryFn: () => Promise.resolve(42), staleTime: 60_000 }

function Figures() {
  const { data } = useQuery(options)
  return <p>{data ?? 'Loading'}</p>
}

const page = (client: QueryClient, state?: DehydratedState) => (
  <QueryClientProvider client={client}>
    <HydrationBoundary state={state}>
      <Figures />
    </HydrationBoundary>
  </QueryClientProvider>
)

it('what was prefetched is in the markup, and in the first render of the browser', async () => {
  const onServer = new QueryClient()
  await onServer.prefetchQuery(options)
  expect(renderToString(page(onServer))).toBe('<p>42</p>')

  const inBrowser = new QueryClient()
  const state = JSON.parse(JSON.stringify(dehydrate(onServer))) as DehydratedState
  expect(renderToString(page(inBrowser, state))).toBe('<p>42</p>')
  onServer.clear()
  inBrowser.clear()
})

it('a component that suspends is streamed when its data is there', async () => {
  const client = new QueryClient()
  const Waiting = () => <p>{useSuspenseQuery(options).data}</p>
  const out = new PassThrough()
  const { pipe } = renderToPipeableStream(
    <QueryClientProvider client={client}>
      <Suspense fallback="Loading">
        <Waiting />
      </Suspense>
    </QueryClientProvider>,
  )
  pipe(out)
  expect(await text(out)).toContain('<p>42</p>')
  client.clear()
})
