import { Card } from '../Card'
import { Skeleton } from '../Skeleton'
import { Split } from '../Split'
import styles from './ExecutiveSkeleton.module.css'

/** The shape of the dashboard while its first data is on the way, so that nothing jumps when it arrives. */
export function ExecutiveSkeleton() {
  return (
    <div className={styles.stack}>
      <div className={styles.row}>
        {[1, 2, 3, 4].map((tile) => (
          <div key={tile} className={styles.tile}>
            <Skeleton height={14} width="45%" />
            <Skeleton height={30} width="60%" />
            <Skeleton height={28} />
          </div>
        ))}
      </div>
      <Split>
        <Card title="Trend">
          <Skeleton height={272} />
        </Card>
        <Card title="Active users">
          <Skeleton height={30} lines={4} />
        </Card>
      </Split>
    </div>
  )
}
