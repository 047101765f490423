// The same from CommonJS, with the `.d.cts` types.
import samekey = require('samekey')

const client = new samekey.QueryClient()
client.fetchQuery({ queryKey: ['greeting'], queryFn: async () => ({ fetch: 1 }) }).then((answer: { fetch: number }) => {
  if (answer.fetch !== 1) throw new Error(`got ${JSON.stringify(answer)}`)
  client.clear()
})
