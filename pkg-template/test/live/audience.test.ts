// @vitest-environment node
import { describe, expect, it, vi } from 'vitest'
import { Browser, names, statuses } from './browser'
import { pause, soon } from './page'

const browser = new Browser()

/** A JSON Web Token with these claims. */
const jwt = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`

describe('who is not of the same mind', () => {
  it('hears for himself: another token, another address, other headers', async () => {
    await browser.openedAndLive(1)
    await browser.openedAndLive(1, { token: 'one' })
    await browser.openedAndLive(1, { token: 'two' })
    await browser.openedAndLive(1, { url: `${browser.url}?other` })
    await browser.openedAndLive(1, { headers: { 'X-Tenant': 'a' } })
    expect(browser.server.open).toHaveLength(5)
  })

  it('is whose token claims something else, not who got a newer one', async () => {
    await browser.openedAndLive(1, { token: jwt({ sub: 'ada', workspace: 'ws1', exp: 1, jti: 'a' }) })
    await browser.openedAndLive(1, { token: jwt({ sub: 'ada', workspace: 'ws1', exp: 2, iat: 1, jti: 'b' }) })
    expect(browser.server.open).toHaveLength(1)
    await browser.openedAndLive(1, { token: jwt({ sub: 'ada', workspace: 'ws2', exp: 1, jti: 'a' }) })
    expect(browser.server.open).toHaveLength(2)
    for (const claims of [{ exp: 1 }, { exp: 2 }]) await browser.openedAndLive(1, { token: jwt(claims) })
    expect(browser.server.open).toHaveLength(4)
  })

  it('is not told by the name of the lock who he is', async () => {
    await browser.openedAndLive(1, { token: 'secret' })
    await browser.openedAndLive(1, { shareAcrossTabs: 'ada' })
    for (const name of await names()) expect(name).toMatch(/^samekey\.live\.1:[0-9a-f-]+$/)
  })

  it('may be named, where tokens are always new or cookies say who calls', async () => {
    let count = 0
    const token = () => `opaque ${++count}`
    await browser.openedAndLive(2, { token, shareAcrossTabs: 'ada' })
    expect(browser.server.open).toHaveLength(1)
    await browser.openedAndLive(1, { token, shareAcrossTabs: 'grace' })
    expect(browser.server.open).toHaveLength(2)
    await browser.openedAndLive(2, { includeCredentials: true })
    expect(browser.server.open).toHaveLength(4)
    await browser.openedAndLive(2, { includeCredentials: true, shareAcrossTabs: 'ada' })
    expect(browser.server.open).toHaveLength(5)
  })

  it('leaves when a new token is another caller’s', async () => {
    let caller = 'ada'
    const token = () => jwt({ sub: caller })
    const [first, second] = await browser.openedAndLive(2, { token })
    const before = await names()
    browser.server.last.write('retry: 10\n\n')
    await pause(20)
    caller = 'grace'
    browser.server.last.break()
    const grace = `Bearer ${jwt({ sub: 'grace' })}`
    await soon(() => expect(browser.server.open.map(({ headers }) => headers.authorization)).toEqual([grace]))
    await soon(() => expect(statuses([first!, second!])).toEqual(['open', 'open']))
    expect(browser.server.open).toHaveLength(1)
    const after = await names()
    expect([after.length, after[0] === before[0]]).toEqual([1, false])
  })
})

describe('who becomes another caller', () => {
  it('does not answer for what was heard as the former one', async () => {
    let caller = 'ada'
    const [changing] = await browser.openedAndLive(1, { token: () => jwt({ sub: caller }) })
    const [grace] = await browser.openedAndLive(1, { token: jwt({ sub: 'grace' }) })
    const heard = browser.server.visits[0]!
    heard.write('retry: 10\n\n')
    browser.server.invalidate(['other:*'])
    await soon(() => expect(browser.tabs.map(({ stream }) => stream.lastEventId)).toEqual(['101-0', '101-0']))
    grace!.page.dispatchEvent(new Event('freeze'))
    // 102 was for Grace alone, and nobody of hers was there; then one that Ada hears.
    heard.write('id: 103-0\nevent: invalidate\ndata: {"patterns":["other:*"]}\n\n')
    await soon(() => expect(changing!.stream.lastEventId).toBe('103-0'))
    caller = 'grace'
    heard.break()
    await soon(() => expect(browser.server.visits).toHaveLength(3))
    await soon(() => expect(changing!.stream.status).toBe('open'))
    grace!.page.dispatchEvent(new Event('resume'))
    await soon(() => expect(grace!.fetches).toBe(2))
  })
})

describe('who signs in without a reload', () => {
  it('hears as himself once the stream was stopped and started, and sees nothing of the former one', async () => {
    let caller = 'ada'
    const [tab] = await browser.openedAndLive(1, { token: () => jwt({ sub: caller }) })
    const [before] = await names()
    caller = 'grace'
    tab!.stream.stop()
    tab!.client.clear()
    expect(tab!.client.getQueryCache().getAll()).toEqual([])
    tab!.stream.start()
    await soon(() => expect(tab!.stream.status).toBe('open'))
    expect(browser.server.open.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${jwt({ sub: 'grace' })}`])
    expect(await names()).not.toContain(before)
  })
})

describe('each tab has its own connection', () => {
  it('if that is wished', async () => {
    await browser.openedAndLive(2, { shareAcrossTabs: false })
    expect(browser.server.open).toHaveLength(2)
  })

  it('where there are no locks: old browsers, insecure pages', async () => {
    vi.stubGlobal('navigator', {})
    await browser.openedAndLive(2)
    expect(browser.server.open).toHaveLength(2)
  })

  it('where there is no channel', async () => {
    vi.stubGlobal('BroadcastChannel', undefined)
    await browser.openedAndLive(2)
    expect(browser.server.open).toHaveLength(2)
  })

  it('where locks are refused: a frame in a sandbox', async () => {
    const request = () => Promise.reject(new DOMException('no', 'SecurityError'))
    vi.stubGlobal('navigator', { locks: { request } })
    let caller = 'ada'
    await browser.openedAndLive(2, { token: () => jwt({ sub: caller }) })
    expect(browser.server.open).toHaveLength(2)
    caller = 'grace'
    for (const visit of browser.server.open) visit.break()
    await soon(() => expect(browser.server.open.map(({ headers }) => headers.authorization)).toEqual(Array(2).fill(`Bearer ${jwt({ sub: 'grace' })}`)))
  })
})
