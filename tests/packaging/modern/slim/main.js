import { QueryClient as CoreClient, startWasm } from 'samekey/slim'
import { QueryClient, QueryClientProvider, useQuery } from 'samekey/slim/react'
import { appOn } from '../shared/greeting.js'

const root = document.getElementById('root')
const before = root.appendChild(document.createElement('p'))
before.id = 'before'
try {
  new QueryClient()
} catch (error) {
  before.textContent = `${error.code} names startWasm: ${error.message.includes('startWasm')}`
}

await startWasm(fetch('./core.wasm'))
const start = appOn({ CoreClient, QueryClient, QueryClientProvider, useQuery })
start(root.appendChild(document.createElement('div')))
