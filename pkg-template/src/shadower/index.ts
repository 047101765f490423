/**
 * The bundled schema: its keys, lifetimes, events and data types.
 *
 * @packageDocumentation
 */
export * from './generated'
