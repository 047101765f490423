import styles from './Badge.module.css'

export function Badge({ tone, children }: { tone: 'good' | 'warn' | 'bad' | 'none'; children: string }) {
  return <span className={[styles.badge, styles[tone]].join(' ')}>{children}</span>
}
