/** The results as Markdown. */

export function report({ machine, node, chromium, hosts, heap, startup, bytes }) {
  const lines = [
    '# Side by side with TanStack Query',
    '',
    'Written by `make bench`; do not edit. `@tanstack/react-query` 5.102.0 and the packed `samekey` in one run, in turn,',
    `medians. ${machine}, Node ${node.slice(1)}, Chromium ${chromium}. Trust the ratios: the times are this machine's.`,
    '`ratio` is how many times faster samekey is; below 1 it is slower.',
    '',
  ]
  for (const [host, rows] of Object.entries(hosts)) {
    lines.push(`## ${host}`, '', '| operation | samekey | TanStack | ratio |', '|---|--:|--:|--:|')
    for (const row of rows) {
      lines.push(`| ${row.name} | ${time(row.samekey)} | ${time(row.tanstack)} | ${ratio(row.tanstack / row.samekey)} |`)
    }
    lines.push('')
  }
  lines.push(
    '## Memory, start-up, bytes',
    '',
    '| what | samekey | TanStack | ratio |',
    '|---|--:|--:|--:|',
    ...['heap per entry, no observer (Node)', 'heap per entry, one observer (Node)'].map(
      (name, i) => `| ${name} | ${Math.round(heap[0][i])} B | ${Math.round(heap[1][i])} B | ${ratio(heap[1][i] / heap[0][i])} |`,
    ),
    ...Object.entries(startup).map(
      ([host, [samekey, tanstack]]) =>
        `| import to first query (${host}) | ${samekey.toFixed(1)} ms | ${tanstack.toFixed(1)} ms | ${ratio(tanstack / samekey)} |`,
    ),
    ...bytes.map(
      ({ name, samekey, tanstack }) =>
        `| min + brotli, ${name} | ${(samekey / 1000).toFixed(1)} kB | ${(tanstack / 1000).toFixed(1)} kB | ${ratio(tanstack / samekey)} |`,
    ),
    '',
  )
  return lines.join('\n')
}

function time(nanoseconds) {
  if (nanoseconds < 1000) return `${nanoseconds.toFixed(0)} ns`
  if (nanoseconds < 1e6) return `${(nanoseconds / 1000).toFixed(1)} µs`
  return `${(nanoseconds / 1e6).toFixed(1)} ms`
}

function ratio(value) {
  return `${value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1)}×`
}
