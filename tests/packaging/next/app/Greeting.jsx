'use client'
import { useEffect, useState } from 'react'
import { defineFamily, QueryClient as CoreClient } from 'samekey'
import { useLive } from 'samekey/live/react'
import { QueryClient, useQuery, useQueryClient } from 'samekey/react'

let fetches = 0

function Shown() {
  const client = useQueryClient()
  const queryFn = async () => ({ fetch: ++fetches })
  const { data, status } = useQuery({ queryKey: ['greeting', { who: 'Zürich' }], queryFn, staleTime: 60_000 })
  useEffect(() => {
    if (data?.fetch === 1) void client.invalidateQueries({ queryKey: ['greeting'] })
  }, [client, data])
  return <p id="out">{`${status}: fetch ${data?.fetch ?? 0}, ${CoreClient === QueryClient ? 'one instance' : 'two instances'}`}</p>
}

const version = defineFamily('version:{of}', { ttl: 60_000 })

/** A version that the server changes once: nothing but its stream tells. */
function Live() {
  const [told, setTold] = useState(0)
  const status = useLive({ url: '/stream', onInvalidate: () => setTold((count) => count + 1) })
  const queryFn = async () => (await (await fetch('/version')).json()).version
  const { data = 'nothing' } = useQuery({ queryKey: version('Zürich'), queryFn })
  return <p id="live">{`${status}: ${data}, told ${told}`}</p>
}

export function Greeting() {
  return (
    <>
      <Shown />
      <Live />
    </>
  )
}
