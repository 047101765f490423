import type { FetchDirection, InfiniteData, InfiniteQueryPageParamsOptions, QueryFunction, QueryFunctionContext } from './types'

type Data = InfiniteData<unknown>
type PageOptions = InfiniteQueryPageParamsOptions & { pages?: number }

/** One fetch of an infinite query; called again, it goes on where the last attempt failed. */
export type PagesFetch = (queryFn: QueryFunction, context: QueryFunctionContext) => Promise<Data>

/**
 * Fetches the pages of an infinite query one after the other, since each says what the next is asked for with: the next
 * or the previous one alone, or anew all that are there.
 */
export function fetchPages(options: object, old: unknown, direction: FetchDirection | undefined): PagesFetch {
  const pageOptions = options as PageOptions
  const { maxPages } = pageOptions
  const known: Data = { pages: (old as Data | undefined)?.pages ?? [], pageParams: (old as Data | undefined)?.pageParams ?? [] }
  let fetched: Data = { pages: [], pageParams: [] }
  let count = 0

  return async (queryFn, context) => {
    // Who does not listen is not interrupted.
    let heard: AbortSignal | undefined
    const withPage = async (data: Data, pageParam: unknown, to: FetchDirection): Promise<Data> => {
      if (heard?.aborted) throw heard.reason
      if (!isParam(pageParam) && data.pages.length > 0) return data
      const pageContext = Object.defineProperties({ ...withoutSignal(context), pageParam, direction: to }, {
        signal: { enumerable: true, get: () => (heard = context.signal) },
      })
      const page = await queryFn(pageContext as QueryFunctionContext)
      const add = to === 'backward' ? addToStart : addToEnd
      return { pages: add(data.pages, page, maxPages), pageParams: add(data.pageParams, pageParam, maxPages) }
    }
    if (direction && known.pages.length > 0) {
      const param = direction === 'backward' ? previousParam(pageOptions, known) : nextParam(pageOptions, known)
      return withPage(known, param, direction)
    }
    const wanted = pageOptions.pages ?? known.pages.length
    do {
      const param = count === 0 ? (known.pageParams[0] ?? pageOptions.initialPageParam) : nextParam(pageOptions, fetched)
      if (count > 0 && !isParam(param)) break
      fetched = await withPage(fetched, param, 'forward')
      count++
    } while (count < wanted)
    return fetched
  }
}

/** Whether there is a page to be asked for with it. */
export const isParam = (param: unknown): boolean => param !== undefined && param !== null

/** What the page behind the last one is asked for with. */
export function nextParam({ getNextPageParam }: PageOptions, { pages, pageParams }: Data): unknown {
  const last = pages.length - 1
  return last < 0 ? undefined : getNextPageParam(pages[last], pages, pageParams[last], pageParams)
}

/** What the page before the first one is asked for with. */
export function previousParam({ getPreviousPageParam }: PageOptions, { pages, pageParams }: Data): unknown {
  return pages.length === 0 ? undefined : getPreviousPageParam?.(pages[0], pages, pageParams[0], pageParams)
}

/** Reading the signal says that it is heard, so it is not read to be copied. */
const withoutSignal = ({ client, queryKey, meta }: QueryFunctionContext) => ({ client, queryKey, meta })

function addToEnd<T>(items: T[], item: T, most = 0): T[] {
  const all = [...items, item]
  return most && all.length > most ? all.slice(1) : all
}

function addToStart<T>(items: T[], item: T, most = 0): T[] {
  const all = [item, ...items]
  return most && all.length > most ? all.slice(0, -1) : all
}
