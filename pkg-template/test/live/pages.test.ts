// @vitest-environment node
/** Lists that grow page by page, and are told to have changed meanwhile. */
import { describe, expect, it } from 'vitest'
import { InfiniteQueryObserver } from 'samekey'
import { queryKeys } from 'samekey/shadower'
import { Page, pause, soon } from './page'

const page = new Page()
const KEY = queryKeys.kpis('ws1')

/** A list on the screen, whose pages say in which version of the server's data they were read; each takes 30 ms. */
function list() {
  const server = { version: 1, reads: 0 }
  const observer = new InfiniteQueryObserver(page.client, {
    queryKey: KEY,
    queryFn: async ({ pageParam }: { pageParam: unknown }) => {
      server.reads++
      const read = `${String(pageParam)} of ${server.version}`
      await pause(30)
      return read
    },
    initialPageParam: 0,
    getNextPageParam: (_last: string, _all: string[], param: number) => param + 1,
    staleTime: Infinity,
  } as never)
  page.cleanups.push(observer.subscribe(() => {}))
  const shown = () => (page.client.getQueryData(KEY) as { pages: string[] } | undefined)?.pages
  return { server, observer, shown }
}

describe('a list that changes', () => {
  it('while its next page comes is fetched anew, all of it', async () => {
    await page.connected()
    const { server, observer, shown } = list()
    await soon(() => expect(shown()).toEqual(['0 of 1']))
    void observer.fetchNextPage()
    server.version = 2
    page.server.invalidate(['exec:kpis:ws1'])
    await soon(() => expect(shown()).toEqual(['0 of 2', '1 of 2']))
    await pause(50)
    expect(server.reads).toBe(4)
  })

  it('while all of it is fetched is fetched once more', async () => {
    await page.connected()
    const { server, observer, shown } = list()
    await soon(() => expect(shown()).toEqual(['0 of 1']))
    await observer.fetchNextPage()
    void observer.refetch()
    await pause(40)
    server.version = 2
    page.server.invalidate(['exec:kpis:ws1'])
    await soon(() => expect(shown()).toEqual(['0 of 2', '1 of 2']))
    expect(page.client.getQueryState(KEY)!.isInvalidated).toBe(false)
  })

  it('is fetched anew although the next page was asked for in the place of that', async () => {
    await page.connected()
    const { server, observer, shown } = list()
    await soon(() => expect(shown()).toEqual(['0 of 1']))
    server.version = 2
    page.server.invalidate(['exec:kpis:ws1'])
    await soon(() => expect(server.reads).toBe(2))
    await observer.fetchNextPage()
    await soon(() => expect(shown()).toEqual(['0 of 2', '1 of 2']))
  })
})
