/** Import to first query, in a process of its own: `node startup.js BUNDLE`. Prints milliseconds. */
globalThis.window ??= globalThis
const begin = performance.now()
const { QueryClient } = await import(process.argv[2])
const client = new QueryClient()
client.setQueryData(['first'], 1)
if (client.getQueryData(['first']) !== 1) throw new Error('the first query did not work')
console.log(performance.now() - begin)
process.exit(0)
