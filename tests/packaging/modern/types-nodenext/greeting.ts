// Compiled to ESM and then run by Node.
import { QueryClient } from 'samekey'
import { live, type LiveStatus } from 'samekey/live'
import { useLive } from 'samekey/live/react'
import { useQuery } from 'samekey/react'

const client = new QueryClient()
const answer: { fetch: number } = await client.fetchQuery({ queryKey: ['greeting'], queryFn: async () => ({ fetch: 1 }) })
if (answer.fetch !== 1 || typeof useQuery !== 'function') throw new Error(`got ${JSON.stringify(answer)}`)
const status: LiveStatus = live(client, { url: 'https://localhost', token: ({ renew }) => (renew ? 'new' : 'old') }).status
if (status !== 'stopped' || typeof useLive !== 'function') throw new Error(`got ${status}`)
client.clear()
