import * as tanstack from '@tanstack/react-query'
import * as samekey from '../../src/react'

/** What both sides offer, as TanStack types it: the scenarios are written against this. */
export type Library = typeof tanstack

/** Says what is right. */
export const reference: Library = tanstack

/** Is compared with the reference. */
export const subject = samekey as unknown as Library
