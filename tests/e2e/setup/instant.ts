/** The instant at which the server's clock stands and the browser's begins, so that answers can be named in advance. */
export const NOW = '2026-11-18T14:20:00Z'
