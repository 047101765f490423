import { ErrorCode } from '../border/wire'
import type { QueryKey } from './types'

/** What each code means and what to do about it. Codes are stable, and the same in Rust. Production says it briefly. */
const messages = {
  E_WASM_CSP:
    "The page's Content-Security-Policy forbids WebAssembly. Add 'wasm-unsafe-eval' to its script-src.",
  E_WASM_NOT_STARTED:
    "samekey's wasm is not started. With the slim entry, call `startWasm(bytesOrModule)` before the first `new QueryClient()` is used.",
  E_FETCH_NOT_STARTED:
    "The built-in fetch is not started. With the slim entry, call `startFetchWasm(bytesOrModule)` with samekey/fetch.wasm before the first typed key is fetched.",
  E_WASM_UNSUPPORTED: 'This host cannot run WebAssembly with reference types. It needs a browser of 2021 or later, or Node 18.',
  E_NO_MUTATIONS: 'A mutation cache builds mutations once `useMutation` or a `MutationObserver` has been there.',
  E_NO_PAGES: 'Options of an infinite query go through `infiniteQueryOptions` before a client fetches by them.',
  E_KEY_NOT_AN_ARRAY: "A query key is an array, such as ['todos', 1], under `queryKey` in an object of options or filters.",
  E_KEY_MALFORMED: 'A query key holds JSON values only.',
  E_KEY_TOO_DEEP: 'A query key is nested at most 64 levels deep.',
  E_KEY_EMPTY_IDENTIFIER: 'An identifier of a key or pattern is empty.',
  E_KEY_RESERVED_CHARACTER: "A pattern's identifiers are percent-encoded: `encodeURIComponent` them.",
  E_KEY_BAD_ESCAPE: 'A `%` in a pattern begins two hex digits of an escaped character.',
  E_PATTERN_PARTIAL_WILDCARD: 'A `*` in a pattern is a whole segment, such as `exec:*:ws1`.',
} as const

/** What production says: of a page that is deployed wrongly, since only there it shows. */
const brief: Record<string, string> = {
  E_WASM_CSP: "Add 'wasm-unsafe-eval' to the CSP's script-src.",
  E_WASM_NOT_STARTED: 'Call `startWasm` first.',
}

/** What the engine's numbers stand for. */
const codes: Record<ErrorCode, string> = {
  [ErrorCode.KeyNotAnArray]: 'E_KEY_NOT_AN_ARRAY',
  [ErrorCode.KeyMalformed]: 'E_KEY_MALFORMED',
  [ErrorCode.KeyTooDeep]: 'E_KEY_TOO_DEEP',
}

/** A stable code of an error of samekey's own. */
export type SamekeyErrorCode = keyof typeof messages | (string & Record<never, never>)

/** An error of samekey's own: a stable code, the key it concerns, and what to do. */
export class SamekeyError extends Error {
  /** For programs: it never changes. */
  readonly code: SamekeyErrorCode
  /** The key it is about, if it is about one. */
  readonly queryKey: QueryKey | undefined
  /** Whether trying again may help. A query with no `retry` of its own believes a `false`. */
  readonly retryable: boolean = false

  constructor(code: SamekeyErrorCode, options: { queryKey?: QueryKey; cause?: unknown; meaning?: string } = {}) {
    const meanings: Record<string, string> = process.env.NODE_ENV === 'production' ? brief : messages
    const key = options.queryKey ? ` (key: ${JSON.stringify(options.queryKey)})` : ''
    super(`${code}: ${options.meaning ?? meanings[code] ?? ''}${key}`, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'SamekeyError'
    this.code = code
    this.queryKey = options.queryKey
  }
}

/** What the engine answered to a call that read a key; the number of an error is thrown as one. */
export function checked(answer: number, queryKey?: QueryKey): number {
  if (answer < 0) throw new SamekeyError(codes[-answer as ErrorCode], queryKey ? { queryKey } : {})
  return answer
}
