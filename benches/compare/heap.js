/**
 * Heap per entry, in a process of its own per library: `node --expose-gc heap.js BUNDLE INDEX`. Counts JavaScript's
 * heap and the wasm's memory; prints bytes per entry without and with an observer.
 */
globalThis.window ??= globalThis // else both libraries take this for a server
const memories = []
const { Instance } = WebAssembly
WebAssembly.Instance = class extends Instance {
  constructor(...args) {
    super(...args)
    if (this.exports.memory) memories.push(this.exports.memory)
  }
}
const { libraries } = await import(process.argv[2])
const { QueryClient, QueryObserver } = libraries[Number(process.argv[3])]
const COUNT = 20_000

function used() {
  gc()
  gc()
  return process.memoryUsage().heapUsed + memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0)
}

// Global, so that nothing is collected before it is counted.
const client = (globalThis.client = new QueryClient({ defaultOptions: { queries: { gcTime: Infinity, staleTime: Infinity } } }))
// The data is the user's: one object for all, so that only the cache's own bytes count.
const data = { runs: 1 }
const noop = () => {}
const key = (i) => ['exec', 'dashboard', `ws-${i}`, '7d']
client.setQueryData(['warm'], data)
new QueryObserver(client, { queryKey: ['warm'], queryFn: noop }).subscribe(noop)()
const empty = used()
for (let i = 0; i < COUNT; i++) client.setQueryData(key(i), data)
const filled = used()
const stops = (globalThis.stops = [])
for (let i = 0; i < COUNT; i++) stops.push(new QueryObserver(client, { queryKey: key(i), queryFn: noop }).subscribe(noop))
const observed = used()
console.log(JSON.stringify([(filled - empty) / COUNT, (observed - empty) / COUNT]))
process.exit(0)
