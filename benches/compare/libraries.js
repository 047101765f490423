/** Both libraries, and what they call things. */
import * as samekey from 'samekey/react'
import { queryKeys } from 'samekey/shadower'
import * as tanstack from '@tanstack/react-query'
import { useReducer } from 'react'

/** A key factory, as teams write them by hand for TanStack Query. */
const handWritten = { executive: (workspace, timeframe) => ['exec', 'dashboard', workspace, timeframe] }

export const libraries = [
  {
    ...samekey,
    useReducer,
    typedKey: queryKeys.executive,
    pattern: (family, group) => ({ pattern: `${family}:${group}:*:*` }),
  },
  {
    ...tanstack,
    useReducer,
    typedKey: handWritten.executive,
    // It has no patterns; a predicate is how one is written.
    pattern: (family, group) => ({
      predicate: ({ queryKey }) => queryKey.length === 4 && queryKey[0] === family && queryKey[1] === group,
    }),
  },
]
