import type { ReactNode } from 'react'
import { LiveStatus } from './LiveStatus'
import { NavLinks } from './NavLinks'
import { OfflineBanner } from './OfflineBanner'
import { ThemeToggle } from './ThemeToggle'
import { TimeframePicker } from './TimeframePicker'
import { TodayPanel } from './TodayPanel'
import { WorkspacePicker } from './WorkspacePicker'
import styles from './Shell.module.css'

/** The frame around every page: navigation at the side (at the foot on a phone), the pickers above. */
export function Shell({ children }: { children: ReactNode }) {
  return (
    <div className={styles.shell}>
      <a href="#content" className={styles.skip}>
        Skip to content
      </a>
      <aside className={styles.side}>
        <p className={styles.brand}>
          <img src="/icon.svg" width={26} height={26} alt="" />
          Shadower
        </p>
        <NavLinks className={styles.sideNav} label="Pages" />
        <div className={styles.foot}>
          <TodayPanel />
          <ThemeToggle />
        </div>
      </aside>
      <div className={styles.column}>
        <OfflineBanner />
        <header className={styles.bar}>
          <WorkspacePicker />
          <LiveStatus />
          <TimeframePicker />
        </header>
        <main id="content" className={styles.main} tabIndex={-1}>
          {children}
        </main>
      </div>
      <NavLinks className={styles.footNav} label="Pages, phone" />
    </div>
  )
}
