'use client'
import { useEffect, useState } from 'react'
import { useSuspenseQuery } from 'samekey/react'
import { figures } from './figures'

/** Shows what the server has fetched. Here, nothing could: there is no such function in a browser. */
export function Prefetched() {
  const [where, setWhere] = useState('in the HTML')
  useEffect(() => setWhere('in the browser'), [])
  const { data, isFetchedAfterMount } = useSuspenseQuery({ queryKey: figures('Zürich') })
  return <p id="prefetched">{`${data.users} users ${where}${isFetchedAfterMount ? ', fetched again' : ''}`}</p>
}
