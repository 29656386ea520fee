-- Tasks: work on many records that is done in the background. A record is written once and never changed; what it came to is a row
-- of its own, so that a million records leave no dead rows behind. Records are worked on in the order of their places, and
-- next_place is where the work goes on: every record before it has an outcome.

CREATE SEQUENCE task_turns;

CREATE TABLE tasks (
    tenant_id uuid NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT tasks_id UNIQUE,
    kind text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    mode text COLLATE "C",
    dry_run boolean NOT NULL,
    txn uuid NOT NULL,
    asked_by json NOT NULL,
    settings json NOT NULL,
    retry_of bigint,
    total bigint NOT NULL DEFAULT 0,
    inserted bigint NOT NULL DEFAULT 0,
    updated bigint NOT NULL DEFAULT 0,
    unchanged bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    next_place bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    last_checked_in_at timestamptz,
    completed_at timestamptz,
    cancel_asked_at timestamptz,
    error text,
    turn bigint,
    rested_at timestamptz,
    tried_from timestamptz,
    lease_holder uuid,
    lease_until timestamptz,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
-- A tenant's tasks run one after the other, whatever nodes there are.
CREATE UNIQUE INDEX tasks_leased ON tasks (tenant_id) WHERE lease_holder IS NOT NULL;
CREATE INDEX tasks_open ON tasks (tenant_id, turn) WHERE state IN ('queued', 'running');
CREATE INDEX tasks_expires_at ON tasks (expires_at);
CREATE INDEX tasks_txn ON tasks (tenant_id, txn);

-- A record that is refused already says why in `refused`; it is not tried.
CREATE TABLE task_records (
    tenant_id uuid NOT NULL,
    task_id bigint NOT NULL,
    place bigint NOT NULL,
    record json NOT NULL,
    refused json,
    PRIMARY KEY (tenant_id, task_id, place)
);

CREATE TABLE task_outcomes (
    tenant_id uuid NOT NULL,
    task_id bigint NOT NULL,
    place bigint NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    resource_id uuid,
    detail json,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, task_id, place)
);
CREATE INDEX task_outcomes_failed ON task_outcomes (tenant_id, task_id, place) WHERE outcome = 'failed';

-- Puts records into a task that was not started yet; those that are there already stay. Answers how many came, or null if there is
-- no such task.
CREATE FUNCTION append_task_records(
    p_tenant uuid, p_task bigint, p_places bigint[], p_records text[], p_refused text[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    came bigint;
BEGIN
    PERFORM 1 FROM tasks t WHERE t.tenant_id = p_tenant AND t.id = p_task AND t.state = 'draft' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    INSERT INTO task_records (tenant_id, task_id, place, record, refused)
    SELECT p_tenant, p_task, r.place, r.record::json, r.refused::json FROM unnest(p_places, p_records, p_refused) AS r (place, record, refused)
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS came = ROW_COUNT;
    UPDATE tasks t SET total = t.total + came WHERE t.tenant_id = p_tenant AND t.id = p_task;
    RETURN came;
END
$$;

-- Takes the task whose turn it is for p_seconds: of each tenant the one that was begun, else the one that was started first, and
-- among the tenants the one that has waited longest. The database's clock counts, so that nodes need not agree on the time.
CREATE FUNCTION claim_task(p_holder uuid, p_seconds double precision, p_now timestamptz) RETURNS SETOF tasks LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    UPDATE tasks t SET state = 'running', lease_holder = p_holder,
        lease_until = clock_timestamp() + make_interval(secs => p_seconds), started_at = coalesce(t.started_at, p_now),
        last_checked_in_at = greatest(t.last_checked_in_at, p_now), tried_from = least(t.tried_from, p_now)
    FROM (
        SELECT c.tenant_id, c.id FROM tasks c
        WHERE c.state IN ('queued', 'running') AND (c.lease_holder IS NULL OR c.lease_until <= clock_timestamp())
            AND NOT EXISTS (
                SELECT FROM tasks o WHERE o.tenant_id = c.tenant_id AND o.state IN ('queued', 'running') AND o.id <> c.id
                    AND (o.lease_holder IS NOT NULL OR (c.lease_holder IS NULL AND o.turn < c.turn))
            )
        ORDER BY c.rested_at NULLS FIRST, c.turn LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
    ) AS next
    WHERE t.tenant_id = next.tenant_id AND t.id = next.id
    RETURNING t.*;
EXCEPTION WHEN unique_violation THEN
    -- Another node took another task of that tenant at the same moment.
    RETURN;
END
$$;

-- Writes what records came to, each once, and where the work goes on: at p_next_place, if that is further. Until it is, what was
-- tried since tried_from may have been written without its outcome. Nothing is written by who does not hold the task any more.
-- Answers held, cancel (the task is to end now) or lost.
CREATE FUNCTION settle_task_records(
    p_tenant uuid, p_task bigint, p_holder uuid, p_seconds double precision, p_at timestamptz, p_next_place bigint,
    p_places bigint[], p_outcomes text[], p_resources uuid[], p_details text[]
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    asked timestamptz;
BEGIN
    SELECT t.cancel_asked_at INTO asked FROM tasks t
    WHERE t.tenant_id = p_tenant AND t.id = p_task AND t.lease_holder = p_holder FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'lost';
    END IF;
    WITH came AS (
        INSERT INTO task_outcomes (tenant_id, task_id, place, outcome, resource_id, detail, at)
        SELECT p_tenant, p_task, r.place, r.outcome, r.resource, r.detail::json, p_at
        FROM unnest(p_places, p_outcomes, p_resources, p_details) AS r (place, outcome, resource, detail)
        ON CONFLICT DO NOTHING RETURNING outcome
    ), counted AS (
        SELECT count(*) FILTER (WHERE outcome = 'inserted') AS inserted, count(*) FILTER (WHERE outcome = 'updated') AS updated,
            count(*) FILTER (WHERE outcome = 'unchanged') AS unchanged, count(*) FILTER (WHERE outcome = 'failed') AS failed
        FROM came
    )
    UPDATE tasks t SET inserted = t.inserted + c.inserted, updated = t.updated + c.updated,
        unchanged = t.unchanged + c.unchanged, failed = t.failed + c.failed, next_place = greatest(t.next_place, p_next_place),
        tried_from = CASE WHEN p_next_place > t.next_place THEN p_at ELSE t.tried_from END, last_checked_in_at = greatest(t.last_checked_in_at, p_at),
        lease_until = clock_timestamp() + make_interval(secs => p_seconds)
    FROM counted c WHERE t.tenant_id = p_tenant AND t.id = p_task;
    RETURN CASE WHEN asked IS NULL THEN 'held' ELSE 'cancel' END;
END
$$;
