// CommonJS, untransformed, in Jest's jsdom: which passes neither TextDecoder nor TextEncoder on.
const { createElement, useEffect, useState } = require('react')
const { render, screen, waitFor } = require('@testing-library/react')
const { QueryClient: CoreClient } = require('samekey')
const { useLive } = require('samekey/live/react')
const { QueryClient, QueryClientProvider, useQuery } = require('samekey/react')

/** On a busy machine, too. */
const soon = (check) => waitFor(check, { timeout: 60_000 })
let fetches = 0

function Greeting({ client }) {
  const { data, status } = useQuery({
    queryKey: ['greeting', { who: 'Zürich' }],
    queryFn: async () => ({ fetch: ++fetches }),
    staleTime: 60_000,
  })
  useEffect(() => {
    if (data?.fetch === 1) void client.invalidateQueries({ queryKey: ['greeting'] })
  }, [client, data])
  return createElement('p', null, `${status}: fetch ${data?.fetch ?? 0}`)
}

function Status() {
  const [codes, setCodes] = useState([])
  const status = useLive({ url: 'http://127.0.0.1:9/stream', onError: ({ code }) => setCodes((before) => [...before, code]) })
  return createElement('p', null, `${status} ${codes[0] ?? ''}`)
}

it('without fetch, a stream tells that it has no answer, and nothing throws', async () => {
  expect(typeof fetch).toBe('undefined')
  const client = new QueryClient()
  const { unmount } = render(createElement(QueryClientProvider, { client }, createElement(Status)))
  await soon(() => expect(screen.getByText('waiting E_LIVE_NETWORK')).toBeTruthy())
  unmount()
})

it('runs where there is no TextDecoder', async () => {
  expect(typeof TextDecoder).toBe('undefined')
  expect(CoreClient).toBe(QueryClient)
  const client = new QueryClient()
  render(createElement(QueryClientProvider, { client }, createElement(Greeting, { client })))
  await soon(() => expect(screen.getByText('success: fetch 2')).toBeTruthy())
})
