import { describe, expectTypeOf, it } from 'vitest'
import { queryOptions, skipToken, usePrefetchQuery, useSuspenseQueries, useSuspenseQuery } from 'samekey/react'
import { queryKeys, type ExecutiveDashboard, type ExecutiveKpis } from 'samekey/shadower'

describe('a query that suspends', () => {
  it('always has data', () => {
    const { data, error } = useSuspenseQuery({ queryKey: ['a'], queryFn: () => 1 })
    expectTypeOf(data).toEqualTypeOf<number>()
    expectTypeOf(error).toEqualTypeOf<Error | null>()
    const selected = useSuspenseQuery({ queryKey: ['a'], queryFn: () => 1, select: String })
    expectTypeOf(selected.data).toEqualTypeOf<string>()
  })

  it('knows the data of a typed key', () => {
    const { data } = useSuspenseQuery({ queryKey: queryKeys.executive('ws1', '7d') })
    expectTypeOf(data).toEqualTypeOf<ExecutiveDashboard>()
    const mrr = useSuspenseQuery({ queryKey: queryKeys.kpis('ws1'), select: (kpis) => kpis.mrr })
    expectTypeOf(mrr.data).toEqualTypeOf<number>()
  })

  it('takes what `queryOptions` returns', () => {
    const plain = useSuspenseQuery(queryOptions({ queryKey: ['a'], queryFn: () => 1 }))
    expectTypeOf(plain.data).toEqualTypeOf<number>()
    const typed = useSuspenseQuery(queryOptions({ queryKey: queryKeys.kpis('ws1') }))
    expectTypeOf(typed.data).toEqualTypeOf<ExecutiveKpis>()
  })

  it('takes neither `enabled` nor a placeholder, and no skipToken', () => {
    // @ts-expect-error -- a disabled query would suspend for ever
    useSuspenseQuery({ queryKey: ['a'], queryFn: () => 1, enabled: false })
    // @ts-expect-error -- nor may a typed key be disabled
    useSuspenseQuery({ queryKey: queryKeys.kpis('ws1'), enabled: false })
    // @ts-expect-error -- it shows no placeholder
    useSuspenseQuery({ queryKey: ['a'], queryFn: () => 1, placeholderData: 2 })
    // @ts-expect-error -- it would suspend for ever
    useSuspenseQuery({ queryKey: ['a'], queryFn: skipToken })
    // @ts-expect-error -- what is shown is no placeholder
    void useSuspenseQuery({ queryKey: ['a'], queryFn: () => 1 }).isPlaceholderData
  })

  it('among several has data of its own type', () => {
    const [typed, plain] = useSuspenseQueries({
      queries: [{ queryKey: queryKeys.kpis('ws1') }, { queryKey: ['a'], queryFn: () => 1, select: (n: number) => (n ? 'x' : undefined) }],
    })
    expectTypeOf(typed.data).toEqualTypeOf<ExecutiveKpis>()
    expectTypeOf(plain.data).toEqualTypeOf<string | undefined>()
    const combined = useSuspenseQueries({
      queries: [{ queryKey: queryKeys.kpis('ws1') }],
      combine: ([kpis]) => kpis.data.mau,
    })
    expectTypeOf(combined).toEqualTypeOf<number>()
  })

  it('can be fetched ahead', () => {
    usePrefetchQuery({ queryKey: queryKeys.kpis('ws1') })
    usePrefetchQuery(queryOptions({ queryKey: ['a'], queryFn: () => 1 }))
  })
})
