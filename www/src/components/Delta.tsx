import { percent } from '../format/number'
import { Icon } from './Icon'
import styles from './Delta.module.css'

interface Props {
  now: number
  before: number
  /** Shares change in percentage points, amounts in percent. */
  unit?: 'percent' | 'points'
  /** For amounts that are better when they fall, such as cost. `none` colours neither way. */
  better?: 'up' | 'down' | 'none'
}

/** The change against the period before, with a sign, an arrow and a colour that agree. */
export function Delta({ now, before, unit = 'percent', better = 'up' }: Props) {
  if (unit === 'percent' && before === 0) return <span className={styles.flat}>no earlier data</span>
  const change = unit === 'points' ? now - before : (now - before) / before
  const flat = Math.abs(change) < 0.0005
  const rises = change > 0
  const look = flat || better === 'none' ? styles.flat : rises === (better === 'up') ? styles.good : styles.bad
  const amount = unit === 'points' ? `${Math.abs(change * 100).toFixed(1)} pts` : percent(Math.abs(change))
  return (
    <span className={look}>
      {!flat && <Icon name={rises ? 'up' : 'down'} size={14} />}
      <span className="hidden-visually">{flat ? 'unchanged' : rises ? 'up' : 'down'} </span>
      {flat ? 'unchanged' : amount}
    </span>
  )
}
