import { onlineManager } from 'samekey/react'
import { useSyncExternalStore } from 'react'

/** Whether the cache believes there is a network: the same answer that pauses and resumes its fetches. */
export function useOnline(): boolean {
  return useSyncExternalStore(
    (changed) => onlineManager.subscribe(changed),
    () => onlineManager.isOnline(),
  )
}
