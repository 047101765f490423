import { useQuery } from 'samekey/react'
import { useState } from 'react'
import { USER_LIMIT } from '../../api/limits'
import { usersQuery } from '../../api/lists'
import { useScope } from '../../state/scope'
import { Button } from '../Button'
import { Card } from '../Card'
import { EmptyState } from '../EmptyState'
import { QueryView } from '../QueryView'
import { SearchField } from '../SearchField'
import { Skeleton } from '../Skeleton'
import styles from './UserListCard.module.css'
import { UserTable } from './UserTable'

/** How many people stand there before someone asks for all. */
const FIRST = 12

export function UserListCard({ segment }: { segment: string | null }) {
  const { workspaceId } = useScope()
  const [filter, setFilter] = useState('')
  const [all, setAll] = useState(false)
  const users = useQuery(usersQuery(workspaceId, USER_LIMIT))
  const wanted = filter.trim().toLowerCase()
  return (
    <Card title="People" note={`the ${USER_LIMIT} last active`} action={<SearchField label="Find a user" value={filter} onChange={setFilter} />}>
      <QueryView query={users} what="the users" skeleton={<Skeleton height={26} lines={8} />}>
        {(data) => {
          const rows = data.users.filter(
            (user) => (segment === null || user.segment === segment) && `${user.name} ${user.email}`.toLowerCase().includes(wanted),
          )
          if (rows.length === 0) return <EmptyState title="No user matches">Try a shorter name, or show all segments.</EmptyState>
          const shown = all ? rows : rows.slice(0, FIRST)
          return (
            <>
              <UserTable users={shown} />
              {shown.length < rows.length && (
                <Button className={styles.more} onClick={() => setAll(true)}>
                  Show all {rows.length}
                </Button>
              )}
            </>
          )
        }}
      </QueryView>
    </Card>
  )
}
