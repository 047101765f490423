import { describe, expectTypeOf, it } from 'vitest'
import { QueryClient, queryOptions, useQueries, useQuery } from '../src/react'
import {
  queryKeys,
  useExecutiveDashboard,
  useRevenue,
  type ExecutiveDashboard,
  type ExecutiveKpis,
  type RevenueReport,
} from '../src/shadower'

describe('a typed key alone', () => {
  it('tells useQuery the type of the data', () => {
    const result = useQuery({ queryKey: queryKeys.executive('ws1', '7d') })
    expectTypeOf(result.data).toEqualTypeOf<ExecutiveDashboard | undefined>()
    if (result.isSuccess) expectTypeOf(result.data).toEqualTypeOf<ExecutiveDashboard>()
    expectTypeOf(result.error).toEqualTypeOf<Error | null>()
  })

  it('tells `select` what it is given', () => {
    const { data } = useQuery({
      queryKey: queryKeys.kpis('ws1'),
      select: (kpis) => {
        expectTypeOf(kpis).toEqualTypeOf<ExecutiveKpis>()
        return kpis.mrr
      },
    })
    expectTypeOf(data).toEqualTypeOf<number | undefined>()
  })

  it('gives way to a query function of the user', () => {
    const { data } = useQuery({ queryKey: queryKeys.kpis('ws1'), queryFn: () => 'text' })
    expectTypeOf(data).toEqualTypeOf<string | undefined>()
  })

  it('does not take a timeframe that is none', () => {
    // @ts-expect-error -- no such timeframe
    queryKeys.executive('ws1', '8d')
  })
})

describe('a typed key alone, by hand', () => {
  const client = new QueryClient()
  const queryKey = queryKeys.kpis('ws1')

  it('tells fetchQuery and ensureQueryData the type of the data', () => {
    expectTypeOf(client.fetchQuery({ queryKey })).toEqualTypeOf<Promise<ExecutiveKpis>>()
    expectTypeOf(client.fetchQuery({ queryKey, staleTime: 1000, retry: 2 })).toEqualTypeOf<Promise<ExecutiveKpis>>()
    expectTypeOf(client.ensureQueryData({ queryKey, revalidateIfStale: true })).toEqualTypeOf<Promise<ExecutiveKpis>>()
    expectTypeOf(client.prefetchQuery({ queryKey, staleTime: 1000 })).toEqualTypeOf<Promise<void>>()
  })

  it('tells `query` what `select` is given, and gives what it makes of it', () => {
    expectTypeOf(client.query({ queryKey })).toEqualTypeOf<Promise<ExecutiveKpis>>()
    const mrr = client.query({
      queryKey,
      select: (kpis) => {
        expectTypeOf(kpis).toEqualTypeOf<ExecutiveKpis>()
        return kpis.mrr
      },
    })
    expectTypeOf(mrr).toEqualTypeOf<Promise<number>>()
  })

  it('gives an updater the old data, and takes no other', () => {
    client.setQueryData(queryKey, (old) => {
      expectTypeOf(old).toEqualTypeOf<ExecutiveKpis | undefined>()
      return old && { ...old, mrr: 1 }
    })
    // @ts-expect-error -- no text
    client.setQueryData(queryKey, 'text')
    // @ts-expect-error -- no such field alone
    client.setQueryData(queryKey, () => ({ mrr: 1 }))
  })

  it('gives way to a query function of the user', () => {
    expectTypeOf(client.fetchQuery({ queryKey, queryFn: () => 'text' })).toEqualTypeOf<Promise<string>>()
    expectTypeOf(client.ensureQueryData({ queryKey, queryFn: () => 1 })).toEqualTypeOf<Promise<number>>()
    expectTypeOf(client.query({ queryKey, queryFn: () => 1, select: String })).toEqualTypeOf<Promise<string>>()
  })

  it('leaves keys that know nothing as they are', () => {
    expectTypeOf(client.fetchQuery({ queryKey: ['todos'], queryFn: () => [1] })).toEqualTypeOf<Promise<number[]>>()
    expectTypeOf(client.fetchQuery<string>({ queryKey: ['todos'] })).toEqualTypeOf<Promise<string>>()
    expectTypeOf(client.fetchQuery({ queryKey: ['todos'] })).toEqualTypeOf<Promise<unknown>>()
  })

  it('does not take options that are none', () => {
    // @ts-expect-error -- it is staleTime
    void client.fetchQuery({ queryKey, stallTime: 1 })
  })
})

describe('typed keys in useQueries', () => {
  it('tell each result its data', () => {
    const [kpis, mrr, text, plain] = useQueries({
      queries: [
        { queryKey: queryKeys.kpis('ws1') },
        { queryKey: queryKeys.kpis('ws1'), select: (data: ExecutiveKpis) => data.mrr },
        { queryKey: queryKeys.kpis('ws1'), queryFn: () => 'text' },
        { queryKey: ['todos'], queryFn: () => 1 },
      ],
    })
    expectTypeOf(kpis.data).toEqualTypeOf<ExecutiveKpis | undefined>()
    expectTypeOf(mrr.data).toEqualTypeOf<number | undefined>()
    expectTypeOf(text.data).toEqualTypeOf<string | undefined>()
    expectTypeOf(plain.data).toEqualTypeOf<number | undefined>()
  })

  it('tell a mapped list, and what combine is given', () => {
    const list = useQueries({ queries: ['ws1', 'ws2'].map((id) => ({ queryKey: queryKeys.kpis(id) })) })
    expectTypeOf(list[0]!.data).toEqualTypeOf<ExecutiveKpis | undefined>()
    const total = useQueries({
      queries: ['ws1', 'ws2'].map((id) => ({ queryKey: queryKeys.kpis(id) })),
      combine: (results) => results.reduce((sum, { data }) => sum + (data?.mrr ?? 0), 0),
    })
    expectTypeOf(total).toEqualTypeOf<number>()
  })
})

describe('queryOptions of a typed key', () => {
  it('carry the type of its data on', () => {
    const options = queryOptions({ queryKey: queryKeys.kpis('ws1'), staleTime: 1000 })
    expectTypeOf(useQuery(options).data).toEqualTypeOf<ExecutiveKpis | undefined>()
    expectTypeOf(new QueryClient().fetchQuery(options)).toEqualTypeOf<Promise<ExecutiveKpis>>()
    expectTypeOf(new QueryClient().getQueryData(options.queryKey)).toEqualTypeOf<ExecutiveKpis | undefined>()
  })
})

describe('the hooks of the bundled schema', () => {
  it('know their data', () => {
    expectTypeOf(useExecutiveDashboard({ workspaceId: 'ws1', timeframe: '7d' }).data).toEqualTypeOf<
      ExecutiveDashboard | undefined
    >()
    const { data } = useRevenue({ workspaceId: 'ws1', timeframe: '7d' }, { skipCache: true, refetchInterval: 1000, enabled: false })
    expectTypeOf(data).toEqualTypeOf<RevenueReport | undefined>()
  })
})
