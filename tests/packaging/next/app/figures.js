import { defineFamily } from 'samekey'

/** A family whose endpoint answers nothing: whoever asks it has lost what the server component fetched. */
export const figures = defineFamily('figures:{of}', { ttl: 60_000, endpoint: '/no-such-route' })
