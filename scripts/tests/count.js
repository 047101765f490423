/** How many tests a log says passed and failed: the closing lines of the runners we use, summed. */

const RUNNERS = [
  // cargo test, wasm-bindgen-test: "test result: ok. 12 passed; 0 failed; …"
  (log) => sum(log.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed/gm), 1, 2),
  // Vitest: "      Tests  1 failed | 23 passed (24)"
  (log) => [...log.matchAll(/^ +Tests +(.+)$/gm)].reduce((count, [, line]) => add(count, number(line, /(\d+) passed/), number(line, /(\d+) failed/)), none()),
  // Playwright: "  23 passed (1.2m)", and above it "  2 failed"
  (log) => add(none(), total(log, /^ {2}(\d+) passed \(/gm), total(log, /^ {2}(\d+) failed$/gm)),
  // unittest: "Ran 12 tests in 0.1s", then "OK" or "FAILED (failures=1, errors=2)"
  (log) => {
    const ran = total(log, /^Ran (\d+) tests? in /gm)
    const failed = total(log, /^FAILED \(.*?failures=(\d+)/gm) + total(log, /^FAILED \(.*?errors=(\d+)/gm)
    return add(none(), ran - failed, failed)
  },
  // Our own runners (tests/packaging): "14 passed, 0 failed"
  (log) => sum(log.matchAll(/^(\d+) passed, (\d+) failed$/gm), 1, 2),
]

export function countTests(log) {
  // eslint-disable-next-line no-control-regex
  const plain = log.replace(/\u001b\[[0-9;]*m/g, '')
  return RUNNERS.map((runner) => runner(plain)).reduce((count, { passed, failed }) => add(count, passed, failed), none())
}

const none = () => ({ passed: 0, failed: 0 })
const add = (count, passed, failed) => ({ passed: count.passed + passed, failed: count.failed + failed })
const number = (text, pattern) => Number(pattern.exec(text)?.[1] ?? 0)
const total = (log, pattern) => [...log.matchAll(pattern)].reduce((count, found) => count + Number(found[1]), 0)
const sum = (matches, passed, failed) => [...matches].reduce((count, found) => add(count, Number(found[passed]), Number(found[failed])), none())
