import { useQueryClient } from 'samekey/react'
import { queryKeys } from 'samekey/shadower'
import { Link } from 'wouter'
import { prefetchPage } from '../../api/prefetch'
import { isoDay } from '../../format/time'
import { useScope } from '../../state/scope'
import table from '../Table.module.css'

/** The way to one user's activity, loaded ahead like every link into the data. */
export function UserLink({ id, name }: { id: string; name: string }) {
  const client = useQueryClient()
  const scope = useScope()
  const path = `/users/${encodeURIComponent(id)}`
  const prefetch = () => {
    prefetchPage(client, path, scope)
    void client.prefetchQuery({ queryKey: queryKeys.userActivity(id, isoDay(Date.now())) })
  }
  return (
    <Link href={scope.href(path)} className={table.link} onPointerEnter={prefetch} onFocus={prefetch}>
      {name}
    </Link>
  )
}
