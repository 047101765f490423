import { replaceEqualDeep } from './structuralSharing'

/** How two versions of data become one, as `structuralSharing` says. */
interface SharingOptions {
  structuralSharing?: boolean | ((oldData: unknown, newData: unknown) => unknown)
  queryHash?: string
}

/** `data`, with the references of what did not change since `prevData`. Throws what a sharing function throws. */
export function replaceData<TData>(prevData: TData | undefined, data: TData, options: SharingOptions): TData {
  const { structuralSharing } = options
  if (typeof structuralSharing === 'function') return structuralSharing(prevData, data) as TData
  if (structuralSharing === false) return data
  if (process.env.NODE_ENV === 'production') return replaceEqualDeep(prevData, data)
  try {
    return replaceEqualDeep(prevData, data)
  } catch (error) {
    console.error(
      `Structural sharing requires data to be JSON serializable. To fix this, turn off structuralSharing or return JSON-serializable data from your queryFn. [${options.queryHash}]: ${String(error)}`,
    )
    throw error
  }
}
