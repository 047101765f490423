import { describe, expectTypeOf, it } from 'vitest'
import {
  infiniteQueryOptions,
  QueryClient,
  skipToken,
  useInfiniteQuery,
  useSuspenseInfiniteQuery,
  type InfiniteData,
} from 'samekey/react'

interface Page {
  items: string[]
  next?: number | null
}
const load = (page: number): Promise<Page> => Promise.resolve({ items: [String(page)] })

describe('an infinite query', () => {
  it('infers its pages, and what they are asked for with', () => {
    const list = useInfiniteQuery({
      queryKey: ['list'],
      queryFn: ({ pageParam, direction }) => {
        expectTypeOf(pageParam).toEqualTypeOf<number>()
        expectTypeOf(direction).toEqualTypeOf<'forward' | 'backward'>()
        return load(pageParam)
      },
      initialPageParam: 0,
      getNextPageParam: (last) => {
        expectTypeOf(last).toEqualTypeOf<Page>()
        return last.next
      },
    })
    expectTypeOf(list.data?.pages).toEqualTypeOf<Page[] | undefined>()
    expectTypeOf(list.hasNextPage).toEqualTypeOf<boolean>()
    if (list.isSuccess) expectTypeOf(list.data.pages).toEqualTypeOf<Page[]>()
    void list.fetchNextPage({ cancelRefetch: false })
  })

  it('selects', () => {
    const { data } = useInfiniteQuery({
      queryKey: ['list'],
      queryFn: ({ pageParam }) => load(pageParam),
      initialPageParam: 0,
      getNextPageParam: ({ next }) => next,
      select: ({ pages, pageParams }) => {
        expectTypeOf(pageParams).toEqualTypeOf<number[]>()
        return pages.flatMap(({ items }) => items)
      },
    })
    expectTypeOf(data).toEqualTypeOf<string[] | undefined>()
  })

  it('tells its data to a client by its options', async () => {
    const options = infiniteQueryOptions({
      queryKey: ['list'],
      queryFn: ({ pageParam }) => load(pageParam),
      initialPageParam: 0,
      getNextPageParam: ({ next }) => next,
    })
    const client = new QueryClient()
    expectTypeOf(client.getQueryData(options.queryKey)).toEqualTypeOf<InfiniteData<Page, number> | undefined>()
    const { pages } = await client.fetchInfiniteQuery({ ...options, pages: 2 })
    expectTypeOf(pages).toEqualTypeOf<Page[]>()
    expectTypeOf(await client.ensureInfiniteQueryData({ ...options, revalidateIfStale: true })).toEqualTypeOf<InfiniteData<Page, number>>()
    expectTypeOf(await client.infiniteQuery(options)).toEqualTypeOf<InfiniteData<Page, number>>()
    const select = ({ pages }: InfiniteData<Page>) => pages.length
    expectTypeOf(await client.infiniteQuery({ ...options, select })).toEqualTypeOf<number>()
    expectTypeOf(useInfiniteQuery(options).data).toEqualTypeOf<InfiniteData<Page> | undefined>()
    expectTypeOf(useSuspenseInfiniteQuery(options).data).toEqualTypeOf<InfiniteData<Page>>()
  })

  it('wants to know how pages follow one another', () => {
    // @ts-expect-error -- without `getNextPageParam`
    useInfiniteQuery({ queryKey: ['list'], queryFn: () => load(0), initialPageParam: 0 })
    // @ts-expect-error -- without `initialPageParam`
    useInfiniteQuery({ queryKey: ['list'], queryFn: () => load(0), getNextPageParam: () => 1 })
    useInfiniteQuery({ queryKey: ['list'], queryFn: skipToken, initialPageParam: 0, getNextPageParam: () => 1 })
    // @ts-expect-error -- it would suspend for ever
    useSuspenseInfiniteQuery({ queryKey: ['list'], queryFn: skipToken, initialPageParam: 0, getNextPageParam: () => 1 })
  })
})
