import { QueryClient as CoreClient } from 'samekey'
import { QueryClient, QueryClientProvider, useQuery } from 'samekey/react'
import { appOn } from './greeting.js'
import { Live } from './live.js'

export const start = appOn({ CoreClient, QueryClient, QueryClientProvider, useQuery, Live })
