import type { UseQueryResult } from 'samekey/react'
import { EmptyState } from '../EmptyState'
import { QueryView } from '../QueryView'
import { Skeleton } from '../Skeleton'
import styles from './Splash.module.css'
import type { Workspace } from '../../api/lists'

/** Before any workspace is known: loading, the reason why not, or an empty database. */
export function Splash({ query }: { query: UseQueryResult<{ workspaces: Workspace[] }> }) {
  return (
    <main className={styles.splash}>
      <h1 className={styles.brand}>Shadower</h1>
      <QueryView query={query} what="the workspaces" skeleton={<Skeleton height={44} lines={3} />}>
        {() => <EmptyState title="There is no workspace yet">Start the server once to let it write its demo data, then reload this page.</EmptyState>}
      </QueryView>
    </main>
  )
}
