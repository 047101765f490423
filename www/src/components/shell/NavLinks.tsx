import { useQueryClient } from 'samekey/react'
import { Link, useLocation } from 'wouter'
import { prefetchPage } from '../../api/prefetch'
import { useScope } from '../../state/scope'
import { Icon, type IconName } from '../Icon'
import styles from './NavLinks.module.css'

const PAGES: readonly { path: string; name: string; icon: IconName }[] = [
  { path: '/', name: 'Overview', icon: 'overview' },
  { path: '/agents', name: 'Agents', icon: 'agents' },
  { path: '/users', name: 'Users', icon: 'users' },
  { path: '/cache', name: 'Cache', icon: 'cache' },
]

/** The pages. Pointing at one, or moving the focus to it, loads what it will show. */
export function NavLinks({ className, label }: { className: string | undefined; label: string }) {
  const client = useQueryClient()
  const scope = useScope()
  const [location] = useLocation()
  return (
    <nav className={className} aria-label={label}>
      <ul className={styles.list}>
        {PAGES.map(({ path, name, icon }) => {
          const current = path === '/' ? location === '/' : location.startsWith(path)
          const prefetch = () => prefetchPage(client, path, scope)
          return (
            <li key={path}>
              <Link
                href={scope.href(path)}
                className={styles.link}
                aria-current={current ? 'page' : undefined}
                onPointerEnter={prefetch}
                onFocus={prefetch}
              >
                <Icon name={icon} />
                {name}
              </Link>
            </li>
          )
        })}
      </ul>
    </nav>
  )
}
