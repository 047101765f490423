import type { ButtonHTMLAttributes } from 'react'
import styles from './Button.module.css'

type Props = ButtonHTMLAttributes<HTMLButtonElement> & {
  /** `quiet` has no frame until it is pointed at. */
  look?: 'plain' | 'quiet' | 'primary'
}

export function Button({ look = 'plain', className, ...rest }: Props) {
  return <button type="button" className={[styles.button, styles[look], className].filter(Boolean).join(' ')} {...rest} />
}
