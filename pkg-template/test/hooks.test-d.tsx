import { describe, expectTypeOf, it } from 'vitest'
import {
  mutationOptions,
  QueryClient,
  queryOptions,
  skipToken,
  useMutation,
  useQueries,
  useQuery,
  type UseQueryResult,
} from '../src/react'

interface Kpis {
  mrr: number
}
const fetchKpis = (): Promise<Kpis> => Promise.resolve({ mrr: 1 })

describe('useQuery', () => {
  it('infers data from the query function', () => {
    const { data, error } = useQuery({ queryKey: ['kpis'], queryFn: fetchKpis })
    expectTypeOf(data).toEqualTypeOf<Kpis | undefined>()
    expectTypeOf(error).toEqualTypeOf<Error | null>()
  })

  it('infers data from select', () => {
    const { data } = useQuery({ queryKey: ['kpis'], queryFn: fetchKpis, select: (kpis) => kpis.mrr })
    expectTypeOf(data).toEqualTypeOf<number | undefined>()
  })

  it('surely has data with initial data', () => {
    const { data } = useQuery({ queryKey: ['kpis'], queryFn: fetchKpis, initialData: { mrr: 0 } })
    expectTypeOf(data).toEqualTypeOf<Kpis>()
  })

  it('narrows by its status', () => {
    const result = useQuery({ queryKey: ['kpis'], queryFn: fetchKpis })
    if (result.isSuccess) expectTypeOf(result.data).toEqualTypeOf<Kpis>()
    if (result.isPending) expectTypeOf(result.data).toEqualTypeOf<undefined>()
  })

  it('takes skipToken without losing the type', () => {
    const { data } = useQuery({ queryKey: ['kpis'], queryFn: Math.random() > 0.5 ? skipToken : fetchKpis })
    expectTypeOf(data).toEqualTypeOf<Kpis | undefined>()
  })

  it('gives the query function its key', () => {
    useQuery({
      queryKey: ['kpis', 7] as const,
      queryFn: ({ queryKey }) => {
        expectTypeOf(queryKey).toEqualTypeOf<readonly ['kpis', 7]>()
        return queryKey[1]
      },
    })
  })
})

describe('queryOptions', () => {
  const options = queryOptions({ queryKey: ['kpis'], queryFn: fetchKpis })

  it('carry their types into the hook and the client', () => {
    expectTypeOf(useQuery(options).data).toEqualTypeOf<Kpis | undefined>()
    const client = new QueryClient()
    expectTypeOf(client.getQueryData(options.queryKey)).toEqualTypeOf<Kpis | undefined>()
    expectTypeOf(client.fetchQuery(options)).toEqualTypeOf<Promise<Kpis>>()
  })

  it('refuse what no option is called', () => {
    // @ts-expect-error -- it is staleTime
    queryOptions({ queryKey: ['kpis'], queryFn: fetchKpis, stallTime: 1000 })
  })
})

describe('useQueries', () => {
  it('infers each query of a tuple', () => {
    const [kpis, count] = useQueries({
      queries: [
        { queryKey: ['kpis'], queryFn: fetchKpis },
        { queryKey: ['count'], queryFn: () => Promise.resolve(1), select: (n: number) => String(n) },
      ],
    })
    expectTypeOf(kpis.data).toEqualTypeOf<Kpis | undefined>()
    expectTypeOf(count.data).toEqualTypeOf<string | undefined>()
  })

  it('infers a mapped list, and what combine makes of it', () => {
    const list = useQueries({
      queries: [1, 2].map((id) => ({ queryKey: ['n', id], queryFn: () => Promise.resolve(id) })),
    })
    expectTypeOf(list).toEqualTypeOf<Array<UseQueryResult<number>>>()
    const sum = useQueries({
      queries: [1, 2].map((id) => ({ queryKey: ['n', id], queryFn: () => Promise.resolve(id) })),
      combine: (results) => results.reduce((total, { data }) => total + (data ?? 0), 0),
    })
    expectTypeOf(sum).toEqualTypeOf<number>()
  })
})

describe('useMutation', () => {
  it('infers data, variables and context', () => {
    const mutation = useMutation({
      mutationFn: (id: string) => Promise.resolve(id.length),
      onMutate: () => ({ before: 1 }),
      onError: (_error, id, context) => {
        expectTypeOf(id).toEqualTypeOf<string>()
        expectTypeOf(context).toEqualTypeOf<{ before: number } | undefined>()
      },
    })
    expectTypeOf(mutation.data).toEqualTypeOf<number | undefined>()
    expectTypeOf(mutation.mutateAsync('x')).toEqualTypeOf<Promise<number>>()
    // @ts-expect-error -- the variables are a string
    mutation.mutate(1)
  })

  it('takes mutationOptions', () => {
    const options = mutationOptions({ mutationKey: ['save'], mutationFn: (n: number) => Promise.resolve(String(n)) })
    expectTypeOf(useMutation(options).data).toEqualTypeOf<string | undefined>()
  })
})
