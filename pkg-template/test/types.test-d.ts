import type * as TanStack from '@tanstack/react-query'
import { assertType, describe, expectTypeOf, it } from 'vitest'
import type {
  CancelOptions,
  DataTag,
  DefaultError,
  FetchStatus,
  InferDataFromTag,
  InferErrorFromTag,
  MutateFunction,
  MutationObserverResult,
  MutationState,
  NetworkMode,
  NotifyOnChangeProps,
  OmitKeyof,
  QueryFilters,
  QueryFunctionContext,
  QueryKey,
  QueryObserverOptions,
  QueryObserverResult,
  QueryOptions,
  QueryState,
  RetryDelayValue,
  RetryValue,
  SetDataOptions,
  StaleTime,
} from '../src/core/types'

describe('the result', () => {
  it('has exactly the fields of TanStack', () => {
    expectTypeOf<keyof QueryObserverResult>().toEqualTypeOf<keyof TanStack.QueryObserverResult>()
    expectTypeOf<keyof MutationObserverResult>().toEqualTypeOf<keyof TanStack.MutationObserverResult>()
    expectTypeOf<keyof QueryState>().toEqualTypeOf<keyof TanStack.QueryState>()
    expectTypeOf<keyof MutationState>().toEqualTypeOf<keyof TanStack.MutationState>()
  })

  it('can stand where a TanStack result is expected, and the other way round', () => {
    expectTypeOf<QueryObserverResult<number, RangeError>>().toExtend<TanStack.QueryObserverResult<number, RangeError>>()
    expectTypeOf<TanStack.QueryObserverResult<number, RangeError>>().toExtend<QueryObserverResult<number, RangeError>>()
    expectTypeOf<QueryState<string>>().toEqualTypeOf<TanStack.QueryState<string>>()
  })

  it('narrows by its status and by the booleans derived from it', () => {
    const result = {} as QueryObserverResult<number, RangeError>
    expectTypeOf(result.data).toEqualTypeOf<number | undefined>()
    if (result.isSuccess) expectTypeOf(result.data).toEqualTypeOf<number>()
    if (result.status === 'pending') expectTypeOf(result.data).toEqualTypeOf<undefined>()
    if (result.isError) expectTypeOf(result.error).toEqualTypeOf<RangeError>()
    if (result.isLoadingError) expectTypeOf(result.data).toEqualTypeOf<undefined>()
    if (result.isRefetchError) expectTypeOf(result.data).toEqualTypeOf<number>()
  })

  it('of a mutation narrows by its status', () => {
    const result = {} as MutationObserverResult<number, RangeError, string>
    if (result.isSuccess) expectTypeOf(result.data).toEqualTypeOf<number>()
    if (result.isIdle) expectTypeOf(result.variables).toEqualTypeOf<undefined>()
    if (result.isPending) expectTypeOf(result.variables).toEqualTypeOf<string>()
    if (result.isError) expectTypeOf(result.error).toEqualTypeOf<RangeError>()
  })
})

describe('options', () => {
  it('have the names of TanStack, infinite queries and inner options apart', () => {
    expectTypeOf<Exclude<keyof QueryOptions, '_fetchPages'>>().toEqualTypeOf<
      Exclude<keyof TanStack.QueryOptions, 'behavior' | '_type' | 'maxPages'>
    >()
    expectTypeOf<Exclude<keyof QueryObserverOptions, '_fetchPages'>>().toEqualTypeOf<
      Exclude<keyof TanStack.QueryObserverOptions, 'behavior' | '_type' | 'maxPages'>
    >()
    // `pattern` is ours.
    expectTypeOf<Exclude<keyof QueryFilters, 'pattern'>>().toEqualTypeOf<keyof TanStack.QueryFilters>()
  })

  it('take the values TanStack takes', () => {
    expectTypeOf<StaleTime>().toEqualTypeOf<TanStack.StaleTime>()
    expectTypeOf<NetworkMode>().toEqualTypeOf<TanStack.NetworkMode>()
    expectTypeOf<FetchStatus>().toEqualTypeOf<TanStack.FetchStatus>()
    expectTypeOf<RetryValue<Error>>().toEqualTypeOf<NonNullable<TanStack.QueryOptions['retry']>>()
    expectTypeOf<RetryDelayValue<Error>>().toEqualTypeOf<NonNullable<TanStack.QueryOptions['retryDelay']>>()
    expectTypeOf<CancelOptions>().toEqualTypeOf<TanStack.CancelOptions>()
    expectTypeOf<SetDataOptions>().toEqualTypeOf<TanStack.SetDataOptions>()
    assertType<NotifyOnChangeProps>(['data', 'error'])
    assertType<NotifyOnChangeProps>(() => 'all')
    // @ts-expect-error -- not a field of the result
    assertType<NotifyOnChangeProps>(['dta'])
  })

  it('give the query function its key, typed', () => {
    expectTypeOf<QueryFunctionContext<readonly ['exec', string]>['queryKey']>().toEqualTypeOf<
      readonly ['exec', string]
    >()
    expectTypeOf<QueryFunctionContext['signal']>().toEqualTypeOf<AbortSignal>()
  })

  it('filter by a typed key or any beginning of it', () => {
    type Key = readonly ['exec', 'kpis', string]
    assertType<QueryFilters<Key>>({ queryKey: ['exec', 'kpis', 'ws1'] })
    assertType<QueryFilters<Key>>({ queryKey: ['exec'] })
    // @ts-expect-error -- no key begins so
    assertType<QueryFilters<Key>>({ queryKey: ['agent'] })
  })
})

describe('keys', () => {
  it('are arrays, and errors are Error, unless the application registers others', () => {
    expectTypeOf<QueryKey>().toEqualTypeOf<ReadonlyArray<unknown>>()
    expectTypeOf<DefaultError>().toEqualTypeOf<Error>()
  })

  it('carry the type of their data and error', () => {
    type Tagged = DataTag<readonly ['kpis', string], { mrr: number }, RangeError>
    expectTypeOf<InferDataFromTag<unknown, Tagged>>().toEqualTypeOf<{ mrr: number }>()
    expectTypeOf<InferErrorFromTag<Error, Tagged>>().toEqualTypeOf<RangeError>()
    expectTypeOf<InferDataFromTag<string, ['plain']>>().toEqualTypeOf<string>()
    expectTypeOf<InferErrorFromTag<Error, DataTag<['k'], number>>>().toEqualTypeOf<Error>()
    expectTypeOf<DataTag<Tagged, string>>().toEqualTypeOf<Tagged>()
  })
})

it('mutate needs its variables unless they may be undefined', () => {
  expectTypeOf<Parameters<MutateFunction<number, Error, string>>[0]>().toEqualTypeOf<string>()
  const withoutVariables = {} as MutateFunction<number>
  assertType<Promise<number>>(withoutVariables())
  const withVariables = {} as MutateFunction<number, Error, string>
  // @ts-expect-error -- a string is needed
  void withVariables()
})

it('OmitKeyof only omits what is there', () => {
  expectTypeOf<OmitKeyof<{ a: 1; b: 2 }, 'a'>>().toEqualTypeOf<{ b: 2 }>()
  // @ts-expect-error -- no such key
  assertType<OmitKeyof<{ a: 1 }, 'c'>>({ a: 1 })
})
