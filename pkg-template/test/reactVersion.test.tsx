import { render } from '@testing-library/react'
import { version } from 'react'
import * as dom from 'react-dom'
import { version as onServer } from 'react-dom/server'
import { useIsFetching, QueryClient, QueryClientProvider } from 'samekey/react'
import { expect, it } from 'vitest'

const wanted = process.env['SAMEKEY_REACT'] ?? '19'

it('is the one that was asked for: `make test-react-18` would else say nothing of 18', () => {
  for (const found of [version, dom.version, onServer]) expect(found.split('.')[0]).toBe(wanted)
})

it('is one for the hooks and for who renders them', () => {
  const Fetching = () => <i>{useIsFetching()}</i>
  const page = render(<QueryClientProvider client={new QueryClient()}><Fetching /></QueryClientProvider>)
  expect(page.container.innerHTML).toBe('<i>0</i>')
})
