import { useEffect } from 'react'

/** Names the browser tab after the page. */
export function useTitle(page: string) {
  useEffect(() => {
    document.title = `${page} · Shadower`
  }, [page])
}
