/** Does nothing: as in `promise.catch(noop)`, where nobody wants to hear of an error. */
export function noop(): void {}
