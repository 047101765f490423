/** What a group of tests has left running. Each group is a session of its own and has a mark in its environment. */
import { readdirSync, readFileSync } from 'node:fs'

/**
 * The processes of this group that still run, each `pid command line`; none where there is no /proc. One of the two
 * says whose it is: Playwright gives a browser a session of its own, Redis writes over its environment.
 */
export function leftovers(session, mark) {
  const isOfGroup = (pid) => sessionOf(pid) === session || (isAlive(pid) && read(`/proc/${pid}/environ`).split('\0').includes(mark))
  return processes().filter(isOfGroup).map((pid) => `${pid} ${commandLine(pid)}`)
}

function processes() {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number)
  } catch {
    return []
  }
}

/** Behind the command's name, which may hold anything: state, parent, group, session. */
function status(pid) {
  const stat = read(`/proc/${pid}/stat`)
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** A dead one waits for its parent and does nothing. */
const isAlive = (pid) => !['Z', 'X', ''].includes(status(pid)[0])
const sessionOf = (pid) => (isAlive(pid) ? Number(status(pid)[3]) : undefined)
const commandLine = (pid) => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim().slice(0, 200)

/** Empty for a process that has ended meanwhile, or is another user's. */
function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
