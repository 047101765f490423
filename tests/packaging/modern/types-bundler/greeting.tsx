// The library's own declarations are checked too (`skipLibCheck` is off), and without Node's types.
import { QueryClient } from 'samekey'
import { useLive } from 'samekey/live/react'
import { QueryClientProvider, useQuery } from 'samekey/react'

const client = new QueryClient()

function Greeting() {
  const { data } = useQuery({ queryKey: ['greeting'], queryFn: async () => ({ fetch: 1 }) })
  const fetch: number | undefined = data?.fetch
  // @ts-expect-error: what the query function returns is what there is to read.
  const missing = data?.nothing
  const status = useLive({ url: '/stream', onInvalidate: ({ patterns }) => console.log(patterns) })
  return <p>{status === 'open' ? fetch : missing}</p>
}

export const app = (
  <QueryClientProvider client={client}>
    <Greeting />
  </QueryClientProvider>
)
