/**
 * The bundled schema: its keys, lifetimes, events and data types, and a hook for each family that has an endpoint.
 *
 * @packageDocumentation
 */
export * from './generated'
export * from './hooks'
