import { useState } from 'react'
import styles from './Ticker.module.css'

/** A figure that lights up for a moment when it has changed. */
export function Ticker({ text }: { text: string }) {
  const [first] = useState(text)
  return (
    // A new element for each text, so that the light begins anew.
    <span key={text} className={text === first ? undefined : styles.changed}>
      {text}
    </span>
  )
}
