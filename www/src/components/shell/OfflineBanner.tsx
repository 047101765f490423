import { useOnline } from '../../state/use-online'
import { Icon } from '../Icon'
import styles from './OfflineBanner.module.css'

/** Says that fetching rests. The region is always there, so that screen readers announce the change. */
export function OfflineBanner() {
  const online = useOnline()
  return (
    <div role="status">
      {!online && (
        <p className={styles.banner}>
          <Icon name="offline" size={18} />
          You are offline. What is in the cache stays readable; fetches wait and resume with the network.
        </p>
      )}
    </div>
  )
}
