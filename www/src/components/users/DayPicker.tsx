import { dayBefore } from '../../format/time'
import { useToday } from '../../state/use-today'
import { Button } from '../Button'
import { Icon } from '../Icon'
import styles from './DayPicker.module.css'

/** A native date field between two arrows; never into the future. */
export function DayPicker({ date, onDate }: { date: string; onDate: (date: string) => void }) {
  const today = useToday()
  return (
    <div className={styles.picker}>
      <Button aria-label="The day before" onClick={() => onDate(dayBefore(date, 1))}>
        <Icon name="back" size={16} />
      </Button>
      <input type="date" className={styles.date} aria-label="Day" value={date} max={today} onChange={(event) => event.target.value && onDate(event.target.value)} />
      <Button aria-label="The day after" onClick={() => onDate(dayBefore(date, -1))} disabled={date >= today} className={styles.next}>
        <Icon name="back" size={16} />
      </Button>
    </div>
  )
}
