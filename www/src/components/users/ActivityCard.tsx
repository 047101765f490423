import { useUserActivity } from 'samekey/shadower'
import { count } from '../../format/number'
import { dayInWords } from '../../format/time'
import { Card } from '../Card'
import { EmptyState } from '../EmptyState'
import { QueryView } from '../QueryView'
import { Skeleton } from '../Skeleton'
import { ActivityList } from './ActivityList'
import { DayPicker } from './DayPicker'

interface Props {
  userId: string
  date: string
  onDate: (date: string) => void
}

/** What one user did on one day, hour by hour. */
export function ActivityCard({ userId, date, onDate }: Props) {
  const activity = useUserActivity({ userId, date })
  const note = activity.data ? `${count(activity.data.runs)} runs, ${count(activity.data.credits)} credits` : 'times in UTC'
  return (
    <Card title={dayInWords(date)} note={note} action={<DayPicker date={date} onDate={onDate} />}>
      <QueryView query={activity} what="the activity" skeleton={<Skeleton height={22} lines={8} />}>
        {(data) =>
          data.events.length === 0 ? (
            <EmptyState title="No activity on this day">Go back a day, or choose another above.</EmptyState>
          ) : (
            <ActivityList events={data.events} />
          )
        }
      </QueryView>
    </Card>
  )
}
