import { useQueryClient } from 'samekey/react'
import { Link } from 'wouter'
import { prefetchPage } from '../../api/prefetch'
import { useScope } from '../../state/scope'
import table from '../Table.module.css'

/** The way to one agent's analytics; they are loaded while the pointer or the focus is still on the link. */
export function AgentLink({ id, name }: { id: string; name: string }) {
  const client = useQueryClient()
  const scope = useScope()
  const path = `/agents/${encodeURIComponent(id)}`
  const prefetch = () => prefetchPage(client, path, scope)
  return (
    <Link href={scope.href(path)} className={table.link} onPointerEnter={prefetch} onFocus={prefetch}>
      {name}
    </Link>
  )
}
