import { Card } from './Card'
import { Skeleton } from './Skeleton'
import { Split } from './Split'
import styles from './PageSkeleton.module.css'

interface Props {
  /** The names of the wide card and of the one beside it. */
  cards: readonly [string, string]
  /** Whether the figures have a drawing at their foot. */
  tall?: boolean
}

/** The shape of a page of figures and charts while its first data is on the way, so that nothing jumps when it comes. */
export function PageSkeleton({ cards: [wide, side], tall = false }: Props) {
  return (
    <div className={styles.stack}>
      <div className={styles.row}>
        {[1, 2, 3, 4].map((tile) => (
          <div key={tile} className={styles.tile}>
            <Skeleton height={14} width="45%" />
            <Skeleton height={30} width="60%" />
            {tall && <Skeleton height={44} />}
          </div>
        ))}
      </div>
      <Split>
        <Card title={wide}>
          <Skeleton height={272} />
        </Card>
        <Card title={side}>
          <Skeleton height={30} lines={4} />
        </Card>
      </Split>
    </div>
  )
}
