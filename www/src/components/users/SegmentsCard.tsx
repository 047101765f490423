import { useQueryClient } from 'samekey/react'
import { queryKeys, type SegmentCount } from 'samekey/shadower'
import { Link } from 'wouter'
import { count, words } from '../../format/number'
import { useScope } from '../../state/scope'
import { Card } from '../Card'
import { BarList } from '../charts/BarList'
import { EmptyState } from '../EmptyState'
import table from '../Table.module.css'
import styles from './SegmentsCard.module.css'

interface Props {
  segments: SegmentCount[]
  /** The one the page is narrowed to. */
  chosen: string | null
}

/** Users by how they use the platform. Each is a link that narrows the page to it, so a segment can be shared. */
export function SegmentsCard({ segments, chosen }: Props) {
  const { workspaceId, timeframe, href } = useScope()
  const client = useQueryClient()
  const bars = segments.map(({ segment, users, runs }) => ({
    id: segment,
    label: (
      <Link
        href={href('/users', chosen === segment ? {} : { segment })}
        className={table.link}
        aria-current={chosen === segment ? 'true' : undefined}
        onPointerEnter={() => void client.prefetchQuery({ queryKey: queryKeys.userAnalytics(workspaceId, timeframe, segment) })}
      >
        {words(segment)}
      </Link>
    ),
    value: users,
    text: count(users),
    note: `· ${count(runs)} runs`,
  }))
  return (
    <Card
      title="Segments"
      note="users, and their runs in the period"
      action={
        chosen === null ? undefined : (
          <Link href={href('/users')} className={styles.all}>
            Show all
          </Link>
        )
      }
    >
      {bars.length === 0 ? <EmptyState title="No segments">No user of this workspace has one.</EmptyState> : <BarList bars={bars} />}
    </Card>
  )
}
