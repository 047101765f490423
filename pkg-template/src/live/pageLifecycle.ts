/** What says that a page stands still (it is kept for the way back, or frozen), and that it goes on. */
const EVENTS: Array<[type: string, standsStill: boolean]> = [
  ['pagehide', true],
  ['freeze', true],
  ['pageshow', false],
  ['resume', false],
]

/** Tells when the page stands still and when it goes on; gives the function that ends it. */
export function watchPage(onChange: (standsStill: boolean) => void): () => void {
  // Node and React Native have no such events.
  if (typeof globalThis.addEventListener !== 'function') return () => {}
  const ends = EVENTS.map(([type, standsStill]) => {
    const listener = () => onChange(standsStill)
    // Caught on its way down: two are the document's, and do not bubble.
    addEventListener(type, listener, true)
    return () => removeEventListener(type, listener, true)
  })
  return () => ends.forEach((end) => end())
}
