import { describe, expectTypeOf, it } from 'vitest'
import { useQuery } from '../src/react'
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

describe('the hooks of the bundled schema', () => {
  it('know their data', () => {
    expectTypeOf(useExecutiveDashboard({ workspaceId: 'ws1', timeframe: '7d' }).data).toEqualTypeOf<
      ExecutiveDashboard | undefined
    >()
    const { data } = useRevenue({ workspaceId: 'ws1', timeframe: '7d' }, { skipCache: true, refetchInterval: 1000, enabled: false })
    expectTypeOf(data).toEqualTypeOf<RevenueReport | undefined>()
  })
})
