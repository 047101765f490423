'use client'
import { createContext, type JSX, type ReactNode, useContext, useState } from 'react'

/** Lets failed queries below the boundary fetch again. */
export type QueryErrorResetFunction = () => void
/** Whether they may. */
export type QueryErrorIsResetFunction = () => boolean
/** Takes that back. */
export type QueryErrorClearResetFunction = () => void

/** Whether failed queries below an error boundary may fetch again. */
export interface QueryErrorResetBoundaryValue {
  clearReset: QueryErrorClearResetFunction
  isReset: QueryErrorIsResetFunction
  reset: QueryErrorResetFunction
}

function createValue(): QueryErrorResetBoundaryValue {
  let isReset = false
  return {
    clearReset: () => {
      isReset = false
    },
    reset: () => {
      isReset = true
    },
    isReset: () => isReset,
  }
}

const QueryErrorResetBoundaryContext = createContext(createValue())

/** The nearest boundary's switch: call `reset` when the user wants to try again. */
export function useQueryErrorResetBoundary(): QueryErrorResetBoundaryValue {
  return useContext(QueryErrorResetBoundaryContext)
}

/** Children that are given the switch. */
export type QueryErrorResetBoundaryFunction = (value: QueryErrorResetBoundaryValue) => ReactNode

/** What `QueryErrorResetBoundary` takes: children, or a function that is given the switch. */
export interface QueryErrorResetBoundaryProps {
  children: QueryErrorResetBoundaryFunction | ReactNode
}

/** Gives the queries below a switch of their own. */
export function QueryErrorResetBoundary({ children }: QueryErrorResetBoundaryProps): JSX.Element {
  const [value] = useState(createValue)
  return (
    <QueryErrorResetBoundaryContext.Provider value={value}>
      {typeof children === 'function' ? children(value) : children}
    </QueryErrorResetBoundaryContext.Provider>
  )
}
