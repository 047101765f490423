// How much the long lists ask for. In one place because a prefetch must ask for exactly what the page will.

/** Rows of the agents page that carry numbers. */
export const AGENT_LIMIT = 50
/** Rows of the users page. */
export const USER_LIMIT = 50
/** Agents in the overview's short table. */
export const TOP_AGENTS = 10
/** Days of the retention curve, and so the age of its cohort. */
export const RETENTION_DAYS = 30
