/** The browsers that the suite knows. Chromium is the one that every other test runs in: here it is the control. */
export const BROWSERS = ['firefox', 'webkit', 'chromium'] as const

export type BrowserName = (typeof BROWSERS)[number]

/** Those that `SAMEKEY_BROWSERS` names (`firefox webkit`), else all. */
export function chosen(): BrowserName[] {
  const names = (process.env.SAMEKEY_BROWSERS ?? BROWSERS.join(' ')).split(/[ ,]+/).filter(Boolean)
  const unknown = names.filter((name) => !BROWSERS.includes(name as BrowserName))
  if (unknown.length > 0) throw new Error(`SAMEKEY_BROWSERS: there is no ${unknown.join(', ')}; there is ${BROWSERS.join(', ')}`)
  return names as BrowserName[]
}

declare module 'vitest' {
  interface ProvidedContext {
    browser: BrowserName
  }
}
