import { QueryClient as CoreClient, startWasm } from 'samekey/slim'
import { QueryClient, QueryClientProvider, useQuery } from 'samekey/slim/react'
import { appOn } from '../shared/greeting.js'

const root = document.getElementById('root')
const before = root.appendChild(document.createElement('p'))
before.id = 'before'
try {
  new QueryClient().setQueryData(['greeting'], 1)
} catch (error) {
  before.textContent = `${error.code} names startWasm: ${error.message.includes('startWasm')}`
}

startWasm(await (await fetch('./core.wasm')).arrayBuffer())
const start = appOn({ CoreClient, QueryClient, QueryClientProvider, useQuery })
start(root.appendChild(document.createElement('div')))
