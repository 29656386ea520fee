-- Applications of a tenant, and who has an account in each of them: the rosters that systems of record publish. Every
-- publication is the whole current list, so it is written apart, as a roster of its own, and becomes the application's by one
-- row: whoever reads sees the old list or the new one, however long either is.

-- licenses: an object of names with the number of seats that are paid for. removal_brake: how many percent of the entries one
-- publication may remove unasked. roster_version moves with everything that happens to the current list. resolved_at: when the
-- e-mails of the current list were last looked up.
CREATE TABLE applications (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id text COLLATE "C" NOT NULL CONSTRAINT applications_length CHECK (octet_length(id) <= 63),
    name text NOT NULL,
    licenses jsonb NOT NULL,
    removal_brake integer NOT NULL,
    roster_id uuid,
    roster_version bigint NOT NULL DEFAULT 0,
    published_at timestamptz,
    resolve_after text COLLATE "C",
    resolved_at timestamptz,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- Lists. state: open (a session that is being filled), committed, aborted. A committed one that its application does not name
-- has been replaced; what is neither open nor named is removed in the background.
CREATE TABLE roster_sessions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    app_id text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    based_on bigint NOT NULL,
    opened_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    committed_at timestamptz,
    is_emptied boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX roster_sessions_of_app ON roster_sessions (tenant_id, app_id, state);
CREATE INDEX roster_sessions_expires_at ON roster_sessions (expires_at);

-- Who is on a list. added_at and changed_at are null for what came with the list itself: then it was when that was committed.
-- user_id: the user who has the e-mail address, or whose user name it is, when it was last looked up.
CREATE TABLE roster_entries (
    tenant_id uuid NOT NULL,
    roster_id uuid NOT NULL,
    app_user_id text COLLATE "C" NOT NULL,
    part integer NOT NULL,
    email text NOT NULL,
    email_key text COLLATE "C" NOT NULL,
    username text,
    license text COLLATE "C",
    added_at timestamptz,
    changed_at timestamptz,
    user_id uuid,
    PRIMARY KEY (tenant_id, roster_id, app_user_id)
);

-- The parts that a session was filled with.
CREATE TABLE roster_parts (
    tenant_id uuid NOT NULL,
    roster_id uuid NOT NULL,
    part integer NOT NULL,
    entries integer NOT NULL,
    PRIMARY KEY (tenant_id, roster_id, part)
);

-- What became of each publication. id is made by the program, which so finds out whether one was written whose answer was lost.
CREATE TABLE roster_publications (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    app_id text COLLATE "C" NOT NULL,
    roster_id uuid,
    kind text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    credential_id uuid,
    actor text NOT NULL,
    request_id uuid,
    counts json NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX roster_publications_of_app ON roster_publications (tenant_id, app_id, at, id);
CREATE INDEX roster_publications_of_session ON roster_publications (tenant_id, roster_id) WHERE roster_id IS NOT NULL;

-- The user of an e-mail address, which is folded already. Materialized, so that the index of e-mail addresses leads to it even
-- if the function was planned while the table was empty; and that index knows no collation but the default one.
CREATE FUNCTION roster_user(p_tenant uuid, p_email_key text) RETURNS uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce(
        (WITH holder AS MATERIALIZED (
            SELECT r.tenant_id, r.resource_type, r.id, r.seq FROM resources r
            WHERE r.email_keys @> ARRAY[p_email_key COLLATE "default"]
        ) SELECT (array_agg(h.id ORDER BY h.seq))[1] FROM holder h
            WHERE h.tenant_id = p_tenant AND h.resource_type = 'User'),
        (SELECT r.id FROM resources r
            WHERE r.tenant_id = p_tenant AND r.resource_type = 'User' AND r.name_key = p_email_key)
    );
END
$$;

-- Writes entries into a list that is to follow p_current, which was committed at p_current_at.
CREATE FUNCTION stage_roster_entries(
    p_tenant uuid, p_roster uuid, p_part integer, p_entries json, p_current uuid, p_current_at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO roster_entries (tenant_id, roster_id, app_user_id, part, email, email_key, username, license, added_at,
        changed_at, user_id)
    SELECT p_tenant, p_roster, e."appUserId", p_part, e.email, e."emailKey", e.username, e.license,
        CASE WHEN c.app_user_id IS NOT NULL THEN coalesce(c.added_at, p_current_at) END,
        CASE WHEN c.email = e.email AND c.username IS NOT DISTINCT FROM e.username AND c.license IS NOT DISTINCT FROM e.license
            THEN coalesce(c.changed_at, p_current_at) END,
        roster_user(p_tenant, e."emailKey")
    FROM json_to_recordset(p_entries) AS e ("appUserId" text, email text, "emailKey" text, username text, license text)
    LEFT JOIN roster_entries c ON c.tenant_id = p_tenant AND c.roster_id = p_current AND c.app_user_id = e."appUserId"
    ORDER BY 3;
END
$$;

-- What it takes to come from one list to another: how many are added, changed, removed and stay, and how many of the new list
-- are nobody's e-mail address.
CREATE FUNCTION roster_difference(p_tenant uuid, p_current uuid, p_new uuid) RETURNS json LANGUAGE plpgsql AS $$
BEGIN
    RETURN (
        SELECT json_build_object(
            'added', count(*) FILTER (WHERE c.app_user_id IS NULL),
            'changed', count(*) FILTER (WHERE c.app_user_id = n.app_user_id AND (c.email <> n.email
                OR c.username IS DISTINCT FROM n.username OR c.license IS DISTINCT FROM n.license)),
            'removed', count(*) FILTER (WHERE n.app_user_id IS NULL),
            'total', count(n.app_user_id),
            'before', count(c.app_user_id),
            'unknownEmails', count(*) FILTER (WHERE n.app_user_id IS NOT NULL AND n.user_id IS NULL))
        FROM (SELECT * FROM roster_entries WHERE tenant_id = p_tenant AND roster_id = p_current) AS c
        FULL JOIN (SELECT * FROM roster_entries WHERE tenant_id = p_tenant AND roster_id = p_new) AS n
            ON n.app_user_id = c.app_user_id
    );
END
$$;

-- The first p_limit of each kind of difference, for people.
CREATE FUNCTION roster_difference_sample(p_tenant uuid, p_current uuid, p_new uuid, p_limit integer) RETURNS json
LANGUAGE plpgsql AS $$
BEGIN
    RETURN (
        WITH pair AS (
            SELECT CASE WHEN c.app_user_id IS NULL THEN 'added' WHEN n.app_user_id IS NULL THEN 'removed' ELSE 'changed' END AS kind,
                coalesce(n.app_user_id, c.app_user_id) AS app_user_id,
                CASE WHEN c.app_user_id IS NOT NULL THEN
                    json_build_object('email', c.email, 'username', c.username, 'license', c.license) END AS old,
                CASE WHEN n.app_user_id IS NOT NULL THEN
                    json_build_object('email', n.email, 'username', n.username, 'license', n.license) END AS new
            FROM (SELECT * FROM roster_entries WHERE tenant_id = p_tenant AND roster_id = p_current) AS c
            FULL JOIN (SELECT * FROM roster_entries WHERE tenant_id = p_tenant AND roster_id = p_new) AS n
                ON n.app_user_id = c.app_user_id
            WHERE (c.email, c.username, c.license) IS DISTINCT FROM (n.email, n.username, n.license)
        ), numbered AS (
            SELECT pair.*, row_number() OVER (PARTITION BY pair.kind ORDER BY pair.app_user_id) AS number FROM pair
        )
        SELECT coalesce(json_agg(json_build_object('kind', s.kind, 'appUserId', s.app_user_id, 'old', s.old, 'new', s.new)
            ORDER BY s.kind, s.app_user_id), '[]'::json)
        FROM numbered s WHERE s.number <= p_limit
    );
END
$$;

-- Opens a session, unless so many are open already. outcome: not_found, too_many, opened.
CREATE FUNCTION open_roster(p_tenant uuid, p_app text, p_id uuid, p_at timestamptz, p_expires_at timestamptz, p_most integer)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    app applications;
BEGIN
    SELECT * INTO app FROM applications a WHERE a.tenant_id = p_tenant AND a.id = p_app FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'not_found';
    END IF;
    IF (SELECT count(*) FROM roster_sessions s WHERE s.tenant_id = p_tenant AND s.app_id = p_app AND s.state = 'open'
        AND s.expires_at > p_at) >= p_most THEN
        RETURN 'too_many';
    END IF;
    INSERT INTO roster_sessions (tenant_id, id, app_id, state, based_on, opened_at, expires_at)
    VALUES (p_tenant, p_id, p_app, 'open', app.roster_version, p_at, p_expires_at) ON CONFLICT DO NOTHING;
    RETURN 'opened';
END
$$;

-- Fills a session with one part; the same part again takes the place of the one before. outcome: not_found, committed, aborted,
-- expired, duplicate (those whose ids other parts have already), appended.
CREATE FUNCTION append_roster_part(
    p_tenant uuid, p_app text, p_roster uuid, p_part integer, p_entries json, p_at timestamptz,
    OUT outcome text, OUT duplicates text[]
) LANGUAGE plpgsql AS $$
DECLARE
    session roster_sessions;
    app applications;
BEGIN
    SELECT * INTO session FROM roster_sessions s WHERE s.tenant_id = p_tenant AND s.id = p_roster AND s.app_id = p_app
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    IF session.state <> 'open' OR session.expires_at <= p_at THEN
        outcome := CASE session.state WHEN 'open' THEN 'expired' ELSE session.state END;
        RETURN;
    END IF;
    SELECT * INTO app FROM applications a WHERE a.tenant_id = p_tenant AND a.id = p_app;
    IF NOT FOUND THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    duplicates := ARRAY(
        SELECT e.app_user_id FROM json_to_recordset(p_entries) AS j ("appUserId" text)
        JOIN roster_entries e ON e.tenant_id = p_tenant AND e.roster_id = p_roster AND e.app_user_id = j."appUserId"
        WHERE e.part <> p_part ORDER BY 1
    );
    IF duplicates <> '{}' THEN
        outcome := 'duplicate';
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM roster_parts p WHERE p.tenant_id = p_tenant AND p.roster_id = p_roster AND p.part = p_part) THEN
        DELETE FROM roster_entries e WHERE e.tenant_id = p_tenant AND e.roster_id = p_roster AND e.part = p_part;
    END IF;
    PERFORM stage_roster_entries(p_tenant, p_roster, p_part, p_entries, app.roster_id, app.published_at);
    INSERT INTO roster_parts (tenant_id, roster_id, part, entries)
    VALUES (p_tenant, p_roster, p_part, json_array_length(p_entries))
    ON CONFLICT (tenant_id, roster_id, part) DO UPDATE SET entries = excluded.entries;
    outcome := 'appended';
END
$$;

-- Writes what became of a publication, for the list of them and for the activity log.
CREATE FUNCTION log_roster_publication(
    p_tenant uuid, p_app text, p_roster uuid, p_publication uuid, p_kind text, p_at timestamptz, p_counts json, p_action json
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO roster_publications (tenant_id, id, app_id, roster_id, kind, at, credential_id, actor, request_id, counts)
    VALUES (p_tenant, p_publication, p_app, p_roster, p_kind, p_at, (p_action->>'actorId')::uuid, p_action->>'actor',
        (p_action->>'request')::uuid, p_counts);
    IF (p_counts->>'added')::bigint + (p_counts->>'changed')::bigint + (p_counts->>'removed')::bigint > 0 THEN
        PERFORM log_admin_action((p_action::jsonb || jsonb_build_object('details', p_counts))::json);
    END IF;
END
$$;

-- Makes a list the application's: that of an open session, or p_entries. One at a time for each application, which is what the
-- lock on its row is for. p_id is the session, or what the list of p_entries is to be called.
-- Answers {outcome, ...counts, sample}: not_found (the application), no_session, aborted, expired, braked, tried (p_dry_run),
-- published. A session that was committed before answers what it came to then. But for the last nothing stays written: the block
-- is undone, and so is a list that is the current one already.
CREATE FUNCTION publish_roster(
    p_tenant uuid, p_app text, p_id uuid, p_entries json, p_publication uuid, p_at timestamptz, p_dry_run boolean,
    p_confirmed boolean, p_brake_from integer, p_sample integer, p_action json
) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
    app applications;
    session roster_sessions;
    counts json;
    sample json;
    outcome text;
    is_braked boolean;
    is_same boolean;
BEGIN
    SELECT * INTO app FROM applications a WHERE a.tenant_id = p_tenant AND a.id = p_app FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN json_build_object('outcome', 'not_found');
    END IF;
    IF p_entries IS NULL THEN
        SELECT * INTO session FROM roster_sessions s WHERE s.tenant_id = p_tenant AND s.id = p_id AND s.app_id = p_app
        FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RETURN json_build_object('outcome', 'no_session');
        END IF;
        IF session.state = 'committed' THEN
            RETURN (SELECT (p.counts::jsonb || '{"outcome": "published"}')::json FROM roster_publications p
                WHERE p.tenant_id = p_tenant AND p.roster_id = p_id LIMIT 1);
        END IF;
        IF session.state <> 'open' OR session.expires_at <= p_at THEN
            RETURN json_build_object('outcome', CASE session.state WHEN 'open' THEN 'expired' ELSE session.state END);
        END IF;
    END IF;
    BEGIN
        IF p_entries IS NOT NULL THEN
            INSERT INTO roster_sessions (tenant_id, id, app_id, state, based_on, opened_at, expires_at)
            VALUES (p_tenant, p_id, p_app, 'open', app.roster_version, p_at, p_at);
            PERFORM stage_roster_entries(p_tenant, p_id, 1, p_entries, app.roster_id, app.published_at);
        ELSIF session.based_on <> app.roster_version THEN
            PERFORM rebase_roster(p_tenant, p_id, app.roster_id, app.published_at);
        END IF;
        counts := roster_difference(p_tenant, app.roster_id, p_id);
        is_braked := NOT p_confirmed AND (counts->>'before')::bigint >= p_brake_from
            AND (counts->>'removed')::bigint * 100 > (counts->>'before')::bigint * app.removal_brake;
        is_same := (counts->>'added')::bigint + (counts->>'changed')::bigint + (counts->>'removed')::bigint = 0;
        outcome := CASE WHEN p_dry_run THEN 'tried' WHEN is_braked THEN 'braked' ELSE 'published' END;
        IF p_dry_run THEN
            sample := roster_difference_sample(p_tenant, app.roster_id, p_id, p_sample);
        END IF;
        IF outcome <> 'published' OR (is_same AND p_entries IS NOT NULL AND app.roster_id IS NOT NULL) THEN
            RAISE EXCEPTION 'undo' USING ERRCODE = 'SG001';
        END IF;
        UPDATE roster_sessions s SET state = 'committed', committed_at = p_at, expires_at = p_at
        WHERE s.tenant_id = p_tenant AND s.id = p_id;
        IF NOT is_same OR app.roster_id IS NULL THEN
            UPDATE applications a SET roster_id = p_id, roster_version = a.roster_version + 1, published_at = p_at,
                resolved_at = p_at, resolve_after = NULL
            WHERE a.tenant_id = p_tenant AND a.id = p_app;
        END IF;
    EXCEPTION WHEN SQLSTATE 'SG001' THEN
        NULL;
    END;
    IF outcome = 'published' THEN
        PERFORM log_roster_publication(p_tenant, p_app, p_id, p_publication,
            CASE WHEN p_entries IS NULL THEN 'session' ELSE 'request' END, p_at, counts, p_action);
    END IF;
    RETURN (counts::jsonb || jsonb_build_object('outcome', outcome, 'brake', app.removal_brake, 'isBraked', is_braked,
        'sample', sample::jsonb))::json;
END
$$;

-- The current list has moved since a session's parts were written: since when its entries are there is told anew.
CREATE FUNCTION rebase_roster(p_tenant uuid, p_roster uuid, p_current uuid, p_current_at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE roster_entries e SET added_at = x.added_at, changed_at = x.changed_at
    FROM (
        SELECT n.app_user_id,
            CASE WHEN c.app_user_id IS NOT NULL THEN coalesce(c.added_at, p_current_at) END AS added_at,
            CASE WHEN c.email = n.email AND c.username IS NOT DISTINCT FROM n.username
                AND c.license IS NOT DISTINCT FROM n.license THEN coalesce(c.changed_at, p_current_at) END AS changed_at
        FROM (SELECT * FROM roster_entries WHERE tenant_id = p_tenant AND roster_id = p_roster) AS n
        LEFT JOIN (SELECT * FROM roster_entries WHERE tenant_id = p_tenant AND roster_id = p_current) AS c
            ON c.app_user_id = n.app_user_id
        WHERE (n.added_at, n.changed_at) IS DISTINCT FROM (
            CASE WHEN c.app_user_id IS NOT NULL THEN coalesce(c.added_at, p_current_at) END,
            CASE WHEN c.email = n.email AND c.username IS NOT DISTINCT FROM n.username
                AND c.license IS NOT DISTINCT FROM n.license THEN coalesce(c.changed_at, p_current_at) END)
    ) AS x
    WHERE e.tenant_id = p_tenant AND e.roster_id = p_roster AND e.app_user_id = x.app_user_id;
END
$$;

-- Ends a session without a commit. outcome: not_found, committed, aborted.
CREATE FUNCTION abort_roster(p_tenant uuid, p_app text, p_roster uuid, p_at timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found_state text;
BEGIN
    SELECT s.state INTO found_state FROM roster_sessions s
    WHERE s.tenant_id = p_tenant AND s.id = p_roster AND s.app_id = p_app FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'not_found';
    END IF;
    IF found_state = 'open' THEN
        UPDATE roster_sessions s SET state = 'aborted', expires_at = p_at WHERE s.tenant_id = p_tenant AND s.id = p_roster;
        RETURN 'aborted';
    END IF;
    RETURN found_state;
END
$$;

-- Takes one entry off the current list, or, without p_app_user, all of them. Answers how many went; null if there is no such
-- application.
CREATE FUNCTION remove_from_roster(
    p_tenant uuid, p_app text, p_app_user text, p_publication uuid, p_at timestamptz, p_action json
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    app applications;
    gone bigint;
    kept bigint;
BEGIN
    SELECT * INTO app FROM applications a WHERE a.tenant_id = p_tenant AND a.id = p_app FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF p_app_user IS NULL THEN
        SELECT count(*) INTO gone FROM roster_entries e WHERE e.tenant_id = p_tenant AND e.roster_id = app.roster_id;
        kept := 0;
    ELSE
        DELETE FROM roster_entries e
        WHERE e.tenant_id = p_tenant AND e.roster_id = app.roster_id AND e.app_user_id = p_app_user;
        GET DIAGNOSTICS gone = ROW_COUNT;
        SELECT count(*) INTO kept FROM roster_entries e WHERE e.tenant_id = p_tenant AND e.roster_id = app.roster_id;
    END IF;
    IF gone > 0 THEN
        UPDATE applications a SET roster_version = a.roster_version + 1,
            roster_id = CASE WHEN p_app_user IS NOT NULL THEN a.roster_id END
        WHERE a.tenant_id = p_tenant AND a.id = p_app;
        PERFORM log_roster_publication(p_tenant, p_app, NULL, p_publication, 'removal', p_at,
            json_build_object('added', 0, 'changed', 0, 'removed', gone, 'total', kept), p_action);
    END IF;
    RETURN gone;
END
$$;

-- Removes up to p_limit entries of one list that no application names and nobody fills any more; a day after its end the list
-- itself. Answers whether there may be more. Each call is one short transaction, so nobody waits for it.
CREATE FUNCTION purge_rosters(p_now timestamptz, p_limit integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    list roster_sessions;
    gone bigint;
BEGIN
    SELECT s.* INTO list FROM roster_sessions s
    WHERE s.expires_at <= p_now AND (NOT s.is_emptied OR s.expires_at <= p_now - interval '24 hours')
        AND NOT EXISTS (SELECT FROM applications a WHERE a.tenant_id = s.tenant_id AND a.id = s.app_id AND a.roster_id = s.id)
    ORDER BY s.expires_at LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
    -- A commit that ended just now may have made it somebody's list; none can from here on, since its row is locked.
    IF list.id IS NULL OR EXISTS (SELECT FROM applications a
        WHERE a.tenant_id = list.tenant_id AND a.id = list.app_id AND a.roster_id = list.id) THEN
        RETURN false;
    END IF;
    DELETE FROM roster_entries e WHERE e.tenant_id = list.tenant_id AND e.roster_id = list.id AND e.app_user_id = ANY (ARRAY(
        SELECT o.app_user_id FROM roster_entries o WHERE o.tenant_id = list.tenant_id AND o.roster_id = list.id LIMIT p_limit));
    GET DIAGNOSTICS gone = ROW_COUNT;
    IF gone = 0 AND list.expires_at <= p_now - interval '24 hours' THEN
        DELETE FROM roster_parts p WHERE p.tenant_id = list.tenant_id AND p.roster_id = list.id;
        DELETE FROM roster_sessions s WHERE s.tenant_id = list.tenant_id AND s.id = list.id;
    ELSIF gone = 0 THEN
        UPDATE roster_sessions s SET is_emptied = true WHERE s.tenant_id = list.tenant_id AND s.id = list.id;
    END IF;
    RETURN true;
END
$$;

-- Looks up the users of p_limit e-mails of the one application whose list was looked up longest ago, if that was before p_before;
-- goes on where it ended. Answers whether there may be more.
CREATE FUNCTION resolve_roster(p_before timestamptz, p_now timestamptz, p_limit integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    app applications;
    last text;
BEGIN
    SELECT a.* INTO app FROM applications a WHERE a.roster_id IS NOT NULL AND a.resolved_at < p_before
    ORDER BY a.resolved_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    WITH looked_at AS MATERIALIZED (
        SELECT e.app_user_id, e.user_id, roster_user(app.tenant_id, e.email_key) AS found FROM roster_entries e
        WHERE e.tenant_id = app.tenant_id AND e.roster_id = app.roster_id AND e.app_user_id > coalesce(app.resolve_after, '')
        ORDER BY e.app_user_id LIMIT p_limit
    ), done AS (
        UPDATE roster_entries e SET user_id = l.found FROM looked_at l
        WHERE e.tenant_id = app.tenant_id AND e.roster_id = app.roster_id AND e.app_user_id = l.app_user_id
            AND l.user_id IS DISTINCT FROM l.found
    )
    SELECT max(l.app_user_id) FILTER (WHERE number = p_limit) INTO last
    FROM (SELECT app_user_id, count(*) OVER () AS number FROM looked_at) AS l;
    UPDATE applications a SET resolve_after = last, resolved_at = CASE WHEN last IS NULL THEN p_now ELSE a.resolved_at END
    WHERE a.tenant_id = app.tenant_id AND a.id = app.id;
    RETURN true;
END
$$;
