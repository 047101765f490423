import { Link } from 'wouter'
import { Icon } from './Icon'
import styles from './BackLink.module.css'

export function BackLink({ href, children }: { href: string; children: string }) {
  return (
    <Link href={href} className={styles.link}>
      <Icon name="back" size={16} />
      {children}
    </Link>
  )
}
