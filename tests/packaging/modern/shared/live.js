// A version that the server changes once: nothing but its stream tells.
import { createElement, useState } from 'react'
import { defineFamily } from 'samekey'
import { useLive } from 'samekey/live/react'
import { useQuery } from 'samekey/react'

/** What `#live` says in the end, if all is well. */
export const EXPECTED_LIVE = 'open: new, told 1'

const version = defineFamily('version:{of}', { ttl: 60_000 })

export function Live({ origin = '' }) {
  const [told, setTold] = useState(0)
  const status = useLive({ url: `${origin}/stream`, onInvalidate: () => setTold((count) => count + 1) })
  const queryFn = async () => (await (await fetch(`${origin}/version`)).json()).version
  const { data = 'nothing' } = useQuery({ queryKey: version('Zürich'), queryFn })
  return createElement('p', { id: 'live' }, `${status}: ${data}, told ${told}`)
}
