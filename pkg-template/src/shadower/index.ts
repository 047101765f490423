/**
 * The bundled schema: its keys, lifetimes, events and data types, and a hook for each family that has an endpoint. The hooks
 * are React's; the rest alone is `samekey/shadower/keys`.
 *
 * @packageDocumentation
 */
export * from './keys'
export * from './hooks'
