-- What a task needs besides its records is known from its kind; nothing reads or writes this any more.
ALTER TABLE tasks ALTER COLUMN settings SET DEFAULT 'null';

-- As settle_task_records, and told since when records may have been tried that have no outcome still: who takes a task over may go
-- on in smaller steps than who had it before, and whoever comes next has to look as far back.
CREATE FUNCTION settle_task_records_2(
    p_tenant uuid, p_task bigint, p_holder uuid, p_seconds double precision, p_at timestamptz, p_next_place bigint,
    p_tried_from timestamptz, p_places bigint[], p_outcomes text[], p_resources uuid[], p_details text[]
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
        tried_from = p_tried_from, last_checked_in_at = greatest(t.last_checked_in_at, p_at),
        lease_until = clock_timestamp() + make_interval(secs => p_seconds)
    FROM counted c WHERE t.tenant_id = p_tenant AND t.id = p_task;
    RETURN CASE WHEN asked IS NULL THEN 'held' ELSE 'cancel' END;
END
$$;
