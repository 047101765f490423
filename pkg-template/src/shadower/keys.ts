/**
 * The bundled schema without its hooks: keys, lifetimes, events and data types, for servers, workers and whoever has no React.
 *
 * @packageDocumentation
 */
export * from './generated'
