import type { UseQueryResult } from 'samekey/react'
import { useRef, type ReactNode } from 'react'
import { ErrorState } from './ErrorState'
import { StaleNotice } from './StaleNotice'
import styles from './QueryView.module.css'

interface Props<T> {
  query: UseQueryResult<T>
  /** What is being loaded, as in "the dashboard": for the messages. */
  what: string
  skeleton: ReactNode
  children: (data: T) => ReactNode
}

/**
 * One query's four faces: loading, failed, failed with older data to show, and there. While a failed query tries again
 * the error stays, so that the page does not flicker between skeleton and error for as long as the server is away.
 */
export function QueryView<T>({ query, what, skeleton, children }: Props<T>) {
  const lastError = useRef<unknown>(null)
  // eslint-disable-next-line react-hooks/refs -- only read while the same query tries again; never shown on its own.
  if (query.error) lastError.current = query.error
  const retry = () => void query.refetch()

  if (query.data !== undefined) {
    return (
      <>
        {query.isError && <StaleNotice what={what} error={query.error} since={query.dataUpdatedAt} retrying={query.isFetching} onRetry={retry} />}
        {children(query.data)}
      </>
    )
  }
  if (query.isError || (query.isPending && query.errorUpdateCount > 0)) {
    // eslint-disable-next-line react-hooks/refs -- see above.
    return <ErrorState what={what} error={query.error ?? lastError.current} retrying={query.isFetching} onRetry={retry} />
  }
  return (
    <div aria-busy="true" className={styles.busy}>
      <span className="hidden-visually" role="status">
        {query.isPaused ? `Waiting for the network to load ${what}` : `Loading ${what}`}
      </span>
      {skeleton}
      {query.isPaused && <p className={styles.hint}>Offline: this loads as soon as the network is back.</p>}
      {!query.isPaused && query.failureCount > 0 && <p className={styles.hint}>No answer yet; trying again…</p>}
    </div>
  )
}
