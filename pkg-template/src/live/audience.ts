import type { LiveOptions } from './options'

/** Part of each name: tabs of an older version of the page do not understand the messages of a newer one. */
const PROTOCOL = 'samekey.live.1'

/**
 * The name of those who may share a stream: who would hear the same, because they ask for the same addresses with the same
 * headers as the same caller. It can be seen by every script of the origin, so that it is a digest.
 */
export async function audienceOf({ url, headers, includeCredentials, shareAcrossTabs }: LiveOptions, token: string | undefined): Promise<string> {
  const addresses = [url].flat().map((each) => new URL(each, globalThis.location?.href).href)
  const caller = typeof shareAcrossTabs === 'string' ? { named: shareAcrossTabs } : callerOf(token)
  const text = JSON.stringify([addresses, [...new Headers(headers)], includeCredentials, caller])
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return `${PROTOCOL}:${Array.from(new Uint8Array(digest), (byte) => byte.toString(16)).join('-')}`
}

/**
 * Whom a token is for: all that a JSON Web Token claims, but for what is new with each that is issued; else the token. Not its
 * subject alone, since what may be heard depends on other claims too.
 */
function callerOf(token = ''): unknown {
  try {
    const base64 = token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/')
    const { exp: _exp, iat: _iat, nbf: _nbf, jti: _jti, ...lasting } = JSON.parse(atob(base64)) as Record<string, unknown>
    return Object.keys(lasting).length ? lasting : token
  } catch {
    return token
  }
}
