-- What would slow the load down: the day tables' first filling, the indices,
-- and the triggers that keep the day tables right from then on.

INSERT INTO agent_days
SELECT workspace, started_at - started_at % 86400000, agent, COUNT(*),
       SUM(status = 'succeeded'), SUM(status = 'failed'), SUM(credits), SUM(duration_ms)
FROM runs GROUP BY 1, 2, 3;

INSERT INTO user_days
SELECT workspace, day, user, SUM(runs), SUM(credits), SUM(events) FROM (
  SELECT workspace, started_at - started_at % 86400000 AS day, user, COUNT(*) AS runs, SUM(credits) AS credits, 0 AS events
  FROM runs GROUP BY 1, 2, 3
  UNION ALL
  SELECT workspace, at - at % 86400000, user, 0, 0, COUNT(*) FROM activity GROUP BY 1, 2, 3
) GROUP BY 1, 2, 3;

-- Neither do the sums and the active users of a workspace.
CREATE INDEX runs_of_workspace ON runs (workspace, started_at, user, agent, status, credits, duration_ms);
-- One agent's or one user's analytics never leave their index.
CREATE INDEX runs_of_agent ON runs (agent, started_at, status, duration_ms, credits, user, error);
CREATE INDEX runs_of_user ON runs (user, started_at, status, credits);
CREATE INDEX activity_of_workspace ON activity (workspace, at, user);
CREATE INDEX activity_of_user ON activity (user, at);
CREATE INDEX credits_of_workspace ON credit_transactions (workspace, at, credits, amount_cents);
CREATE INDEX agents_of_workspace ON agents (workspace);
CREATE INDEX users_of_workspace ON users (workspace, created_at, segment);
CREATE INDEX subscriptions_of_workspace ON subscriptions (workspace, started_at);

CREATE TRIGGER run_appended AFTER INSERT ON runs BEGIN
  INSERT INTO agent_days VALUES (
    NEW.workspace, NEW.started_at - NEW.started_at % 86400000, NEW.agent, 1,
    NEW.status = 'succeeded', NEW.status = 'failed', NEW.credits, NEW.duration_ms)
  ON CONFLICT DO UPDATE SET
    runs = runs + 1, succeeded = succeeded + excluded.succeeded, failed = failed + excluded.failed,
    credits = credits + excluded.credits, duration_ms = duration_ms + excluded.duration_ms;
  INSERT INTO user_days VALUES (
    NEW.workspace, NEW.started_at - NEW.started_at % 86400000, NEW.user, 1, NEW.credits, 0)
  ON CONFLICT DO UPDATE SET runs = runs + 1, credits = credits + excluded.credits;
END;

CREATE TRIGGER run_finished AFTER UPDATE OF status ON runs BEGIN
  UPDATE agent_days SET
    succeeded = succeeded + (NEW.status = 'succeeded') - (OLD.status = 'succeeded'),
    failed = failed + (NEW.status = 'failed') - (OLD.status = 'failed'),
    credits = credits + NEW.credits - OLD.credits,
    duration_ms = duration_ms + NEW.duration_ms - OLD.duration_ms
  WHERE workspace = NEW.workspace AND day = NEW.started_at - NEW.started_at % 86400000 AND agent = NEW.agent;
  UPDATE user_days SET credits = credits + NEW.credits - OLD.credits
  WHERE workspace = NEW.workspace AND day = NEW.started_at - NEW.started_at % 86400000 AND user = NEW.user;
END;

CREATE TRIGGER activity_appended AFTER INSERT ON activity BEGIN
  INSERT INTO user_days VALUES (NEW.workspace, NEW.at - NEW.at % 86400000, NEW.user, 0, 0, 1)
  ON CONFLICT DO UPDATE SET events = events + 1;
END;

ANALYZE;
