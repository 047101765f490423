-- The agent platform's tables. Times are milliseconds since the epoch, UTC;
-- money is in cents; credits are whole. Public identifiers are text and live
-- only in the three tables of names; everything that grows refers to row ids.

CREATE TABLE meta (
  seed    INTEGER NOT NULL,
  origin  INTEGER NOT NULL,   -- where the first history ended
  runs    INTEGER NOT NULL,   -- the size that was asked for
  reached INTEGER NOT NULL    -- the history is complete up to here
) STRICT;

CREATE TABLE workspaces (
  id        INTEGER PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  name      TEXT NOT NULL,
  plan      TEXT NOT NULL
) STRICT;

CREATE TABLE subscriptions (
  workspace     INTEGER NOT NULL REFERENCES workspaces (id),
  plan          TEXT NOT NULL,
  seats         INTEGER NOT NULL,
  monthly_cents INTEGER NOT NULL,
  started_at    INTEGER NOT NULL,
  ended_at      INTEGER            -- NULL while it lasts
) STRICT;

CREATE TABLE agents (
  id         INTEGER PRIMARY KEY,
  public_id  TEXT NOT NULL UNIQUE,
  workspace  INTEGER NOT NULL REFERENCES workspaces (id),
  name       TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
  id         INTEGER PRIMARY KEY,
  public_id  TEXT NOT NULL UNIQUE,
  workspace  INTEGER NOT NULL REFERENCES workspaces (id),
  name       TEXT NOT NULL,
  email      TEXT NOT NULL,
  segment    TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE runs (
  id          INTEGER PRIMARY KEY,
  workspace   INTEGER NOT NULL,
  agent       INTEGER NOT NULL,
  user        INTEGER NOT NULL,
  started_at  INTEGER NOT NULL,
  status      TEXT NOT NULL,       -- running, succeeded, failed
  duration_ms INTEGER NOT NULL,    -- 0 while running
  credits     INTEGER NOT NULL,    -- 0 while running
  error       TEXT                 -- why it failed
) STRICT;

CREATE TABLE activity (
  id        INTEGER PRIMARY KEY,
  workspace INTEGER NOT NULL,
  user      INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  kind      TEXT NOT NULL,
  detail    TEXT NOT NULL
) STRICT;

-- Credits that came in; what went out is in the runs.
CREATE TABLE credit_transactions (
  id           INTEGER PRIMARY KEY,
  workspace    INTEGER NOT NULL,
  at           INTEGER NOT NULL,
  kind         TEXT NOT NULL,      -- opening, grant, purchase
  credits      INTEGER NOT NULL,
  amount_cents INTEGER NOT NULL    -- 0 unless bought
) STRICT;

-- Day tables: what whole-day windows read instead of the runs.
CREATE TABLE agent_days (
  workspace   INTEGER NOT NULL,
  day         INTEGER NOT NULL,    -- midnight UTC
  agent       INTEGER NOT NULL,
  runs        INTEGER NOT NULL,
  succeeded   INTEGER NOT NULL,
  failed      INTEGER NOT NULL,
  credits     INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,    -- of the finished runs together
  PRIMARY KEY (workspace, day, agent)
) STRICT, WITHOUT ROWID;

-- A user was active on a day when they have a row here.
CREATE TABLE user_days (
  workspace INTEGER NOT NULL,
  day       INTEGER NOT NULL,
  user      INTEGER NOT NULL,
  runs      INTEGER NOT NULL,
  credits   INTEGER NOT NULL,
  events    INTEGER NOT NULL,      -- activity beside runs
  PRIMARY KEY (workspace, day, user)
) STRICT, WITHOUT ROWID;
