// Compiled to ESM and then run by Node.
import { QueryClient } from 'samekey'
import { useQuery } from 'samekey/react'

const client = new QueryClient()
const answer: { fetch: number } = await client.fetchQuery({ queryKey: ['greeting'], queryFn: async () => ({ fetch: 1 }) })
if (answer.fetch !== 1 || typeof useQuery !== 'function') throw new Error(`got ${JSON.stringify(answer)}`)
client.clear()
