// The server's buckets begin at UTC hours and days, so every date on the screen is UTC: a local rendering would put a
// day's bucket on the day before for half the world.
const LOCALE = 'en-GB'
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const clock = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' })
const dayMonth = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short', timeZone: 'UTC' })
const fullDay = new Intl.DateTimeFormat(LOCALE, { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' })
const longDay = new Intl.DateTimeFormat(LOCALE, { weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' })

/** 14:00 */
export const timeOfDay = (at: number) => clock.format(at)
/** Thursday 12 November */
export const dayInWords = (date: string) => longDay.format(Date.parse(`${date}T00:00:00Z`))
/** A tick on a time axis that spans `spanMs`: hours inside a day and a half, days beyond. */
export const axisTime = (at: number, spanMs: number) => (spanMs <= 1.5 * DAY_MS ? clock.format(at) : dayMonth.format(at))
/** The name of one bucket of `stepMs`: Thu 12 Nov, or Thu 12 Nov, 14:00 for buckets shorter than a day. */
export const bucketName = (at: number, stepMs: number) =>
  stepMs >= DAY_MS ? fullDay.format(at) : `${fullDay.format(at)}, ${clock.format(at)}`

/** 2026-11-12, in UTC. */
export const isoDay = (at: number) => new Date(at).toISOString().slice(0, 10)
/** The date so many days before another; negative days are later. */
export const dayBefore = (date: string, days: number) => isoDay(Date.parse(`${date}T00:00:00Z`) - days * DAY_MS)

/** A length of time in one or two units: 12 s, 4 min, 1 h 20 min, 3 d 4 h */
export function span(ms: number): string {
  if (ms === Infinity) return 'for ever'
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  const days = Math.floor(hours / 24)
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`
}

/** just now, 12 s ago, 4 min ago */
export const ago = (ms: number) => (ms < 5000 ? 'just now' : `${span(ms)} ago`)
