-- Who opened a roster session, by its name; null for one that the version before opened.
ALTER TABLE roster_sessions ADD COLUMN opened_by text;

-- As open_roster, and tells by whom.
CREATE FUNCTION open_roster_2(
    p_tenant uuid, p_app text, p_id uuid, p_at timestamptz, p_expires_at timestamptz, p_most integer, p_opened_by text
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    outcome text;
BEGIN
    outcome := open_roster(p_tenant, p_app, p_id, p_at, p_expires_at, p_most);
    IF outcome = 'opened' THEN
        UPDATE roster_sessions s SET opened_by = p_opened_by WHERE s.tenant_id = p_tenant AND s.id = p_id;
    END IF;
    RETURN outcome;
END
$$;

-- As abort_roster, and tells of it if that ended the session.
CREATE FUNCTION abort_roster_2(p_tenant uuid, p_app text, p_roster uuid, p_at timestamptz, p_action json) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    before text;
    outcome text;
BEGIN
    SELECT s.state INTO before FROM roster_sessions s
    WHERE s.tenant_id = p_tenant AND s.id = p_roster AND s.app_id = p_app FOR NO KEY UPDATE;
    outcome := abort_roster(p_tenant, p_app, p_roster, p_at);
    IF before = 'open' THEN
        PERFORM log_admin_action(p_action);
    END IF;
    RETURN outcome;
END
$$;
