import { isoDay } from '../../format/time'
import { Button } from '../Button'
import { Icon } from '../Icon'
import styles from './DayPicker.module.css'

const DAY_MS = 86_400_000

/** A native date field between two arrows; never into the future. */
export function DayPicker({ date, onDate }: { date: string; onDate: (date: string) => void }) {
  const today = isoDay(Date.now())
  const move = (days: number) => onDate(isoDay(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS))
  return (
    <div className={styles.picker}>
      <Button aria-label="The day before" onClick={() => move(-1)}>
        <Icon name="back" size={16} />
      </Button>
      <input type="date" className={styles.date} aria-label="Day" value={date} max={today} onChange={(event) => event.target.value && onDate(event.target.value)} />
      <Button aria-label="The day after" onClick={() => move(1)} disabled={date >= today} className={styles.next}>
        <Icon name="back" size={16} />
      </Button>
    </div>
  )
}
