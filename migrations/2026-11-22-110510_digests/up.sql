-- The weekly digest: what became of a tenant's users, mailed to the administrators who want it.

-- weekday: 1 is Monday, as in ISO 8601. A tenant without a row has the defaults.
CREATE TABLE digest_settings (
    tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
    is_enabled boolean NOT NULL,
    weekday smallint NOT NULL,
    hour smallint NOT NULL,
    time_zone text NOT NULL,
    skips_empty boolean NOT NULL,
    modified_at timestamptz NOT NULL
);

-- The digests that were made: one for each tenant and week, whichever node makes it and however often it tries. week is ISO 8601
-- in the tenant's time zone, 2026-W47.
CREATE TABLE digests (
    tenant_id uuid NOT NULL,
    week text COLLATE "C" NOT NULL,
    due_at timestamptz NOT NULL,
    from_at timestamptz NOT NULL,
    to_at timestamptz NOT NULL,
    made_at timestamptz NOT NULL,
    mails integer NOT NULL,
    counts json NOT NULL,
    PRIMARY KEY (tenant_id, week)
);

ALTER TABLE admins ADD COLUMN wants_digest boolean NOT NULL DEFAULT true;

-- Queues the mails of a digest and tells of it, unless that of the week was made before. p_digest: week (null for one that is
-- sent besides), dueAt, from, to, at, counts. Answers whether it was made.
CREATE FUNCTION make_digest(p_tenant uuid, p_digest json, p_mails json, p_action json) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF p_digest->>'week' IS NOT NULL THEN
        INSERT INTO digests (tenant_id, week, due_at, from_at, to_at, made_at, mails, counts)
        VALUES (p_tenant, p_digest->>'week', (p_digest->>'dueAt')::timestamptz, (p_digest->>'from')::timestamptz,
            (p_digest->>'to')::timestamptz, (p_digest->>'at')::timestamptz, json_array_length(p_mails), p_digest->'counts')
        ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            RETURN false;
        END IF;
    END IF;
    PERFORM queue_mail(mail) FROM json_array_elements(p_mails) AS m (mail);
    PERFORM log_admin_action(p_action);
    RETURN true;
END
$$;
