'use client'
import { useState } from 'react'
import { fetchTyped } from '../core/familyDefaults'
import { typedKeyFacts, type TypedQueryKey } from '../core/typedKey'
import type { QueryFunctionContext } from '../core/types'
import type { UseQueryResult } from './types'
import { useQuery } from './useQuery'

/** What the hook of a family takes besides its key. */
export interface FamilyHookOptions {
  /**
   * Neither our cache nor the server's may answer: until the fetch of this mount is done there is no data, and the
   * server is asked to compute it (`skip_cache=true`). What comes goes into the cache, for all who do not skip it.
   */
  skipCache?: boolean | undefined
  /** Milliseconds between polls; `false` for none. @default what the family says */
  refetchInterval?: number | false | undefined
  /** `false` fetches nothing. @default true */
  enabled?: boolean | undefined
}

/** Tells mounts that skip the cache apart. */
let mounts = 0

/**
 * `useQuery` with a typed key, and what the hooks of the bundled schema can: those of your own schema are made of it. The
 * key brings its endpoint and its lifetime.
 */
export function useFamilyQuery<TData>(
  queryKey: TypedQueryKey<TData>,
  { skipCache, enabled, refetchInterval }: FamilyHookOptions = {},
): UseQueryResult<TData> {
  const [mount] = useState(() => ++mounts)
  return useQuery<TData, Error, TData, TypedQueryKey<TData>>({
    queryKey,
    // Said only where they are, because an option that is there, `undefined` even, goes before a default.
    ...(enabled === undefined ? {} : { enabled }),
    ...(refetchInterval === undefined ? {} : { refetchInterval }),
    ...(skipCache ? skippingCache(queryKey, mount) : {}),
  })
}

/**
 * An entry of the mount's own beside the shared one, under the same key: it begins empty, its errors have no old data
 * beside them, and patterns and prefixes find it when they find the other.
 */
function skippingCache<TData>(queryKey: TypedQueryKey<TData>, mount: number) {
  return {
    queryHash: `skip_cache ${mount} ${typedKeyFacts(queryKey)!.hash}`,
    queryFn: async ({ client, signal }: QueryFunctionContext<TypedQueryKey<TData>>): Promise<TData> => {
      const data = await fetchTyped(queryKey, { client, signal }, { skipCache: true })
      // Newer than what the others see: two numbers for one thing on one screen would be worse than either.
      if (!signal.aborted) client.setQueryData<TData, TypedQueryKey<TData>, TData>(queryKey, data)
      return data
    },
    gcTime: 0,
  }
}
