import { isoDay } from '../format/time'
import { useNow } from './use-now'

const MINUTE_MS = 60_000

/** The UTC date, such as 2026-11-12; a page left open moves on with midnight. */
export const useToday = () => isoDay(useNow(MINUTE_MS))
