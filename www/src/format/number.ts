const LOCALE = 'en-US'

const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 })
const short = new Intl.NumberFormat(LOCALE, { notation: 'compact', maximumFractionDigits: 1 })
// The least is said too: WebKit fills up to the currency's cents, and its older versions refuse a most below them.
const dollarsWith = { style: 'currency', currency: 'USD', minimumFractionDigits: 0 } as const
const money = new Intl.NumberFormat(LOCALE, { ...dollarsWith, maximumFractionDigits: 0 })
const shortMoney = new Intl.NumberFormat(LOCALE, { ...dollarsWith, notation: 'compact', maximumFractionDigits: 1 })
const share = new Intl.NumberFormat(LOCALE, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 })

/** 88,214 */
export const count = (value: number) => whole.format(value)
/** 88.2K, for axes and places without room */
export const compact = (value: number) => short.format(value)
/** $18,450 */
export const dollars = (value: number) => money.format(value)
/** $18.5K */
export const compactDollars = (value: number) => shortMoney.format(value)
/** 96.3% of a share between 0 and 1 */
export const percent = (value: number) => share.format(value)

/** 480 ms, 2.8 s, 1 min 5 s */
export function duration(ms: number): string {
  if (ms < 1000) return `${whole.format(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** 512 B, 47.1 kB, 3.2 MB */
export function bytes(value: number): string {
  if (value < 1000) return `${value} B`
  if (value < 1_000_000) return `${(value / 1000).toFixed(1)} kB`
  return `${(value / 1_000_000).toFixed(1)} MB`
}

/** snake_case and kebab words for people: rate_limited -> Rate limited */
export function words(identifier: string): string {
  const text = identifier.replaceAll(/[_-]/g, ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}
