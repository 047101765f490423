import type { InfiniteQueryObserverOptions } from '@tanstack/react-query'
import type { World } from './harness'

/** Pages 0 to 4, each of which says its number, after ten milliseconds. */
export function pages(w: World, options: { fails?: (page: number, call: number) => boolean; listens?: boolean } = {}) {
  let calls = 0
  return async (context: { pageParam: unknown; direction: unknown; queryKey: unknown; meta: unknown; signal: AbortSignal }) => {
    const call = ++calls
    if (options.listens) context.signal.addEventListener('abort', () => w.log(`aborted at call ${call}`))
    const { pageParam, direction, queryKey, meta } = context
    w.show(`call ${call}`, { pageParam, direction, queryKey, meta, names: Object.keys(context).sort() })
    await new Promise((resolve) => setTimeout(resolve, 10))
    if (options.fails?.(pageParam as number, call)) throw new Error(`page ${String(pageParam)}`)
    return `page ${String(pageParam)} #${call}`
  }
}

export const params = {
  initialPageParam: 2,
  getNextPageParam: (_last: string, _all: string[], param: number) => (param < 4 ? param + 1 : undefined),
  getPreviousPageParam: (_first: string, _all: string[], param: number) => (param > 0 ? param - 1 : null),
}

type Options = Partial<InfiniteQueryObserverOptions<string, Error, unknown, readonly unknown[], number>>

/** Watches `['list']`, and logs each result. */
export function watch(w: World, queryFn: unknown, options: Options = {}) {
  const observer = new w.lib.InfiniteQueryObserver(w.client, { queryKey: ['list'], queryFn, ...params, ...options } as never)
  w.defer(observer.subscribe((result) => w.show('result', { ...result })))
  return observer
}
