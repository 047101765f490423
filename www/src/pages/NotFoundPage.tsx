import { Link } from 'wouter'
import { EmptyState } from '../components/EmptyState'
import { PageHead } from '../components/PageHead'
import { useScope } from '../state/scope'
import { useTitle } from '../state/use-title'
import styles from './NotFoundPage.module.css'

export function NotFoundPage() {
  useTitle('Not found')
  const { href } = useScope()
  return (
    <>
      <PageHead title="There is no such page" />
      <EmptyState title="The address leads nowhere">
        <Link href={href('/')} className={styles.link}>
          Go to the overview
        </Link>
      </EmptyState>
    </>
  )
}
