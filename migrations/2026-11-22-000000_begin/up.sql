-- Every key that is compared or sorted is text in the C collation: it was folded by the program, and its order is that of
-- its code points on every machine. Every primary, unique and foreign key of a tenant's data begins with the tenant.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE tenants (
    id uuid PRIMARY KEY,
    slug text COLLATE "C" NOT NULL CONSTRAINT tenants_slug UNIQUE,
    name text NOT NULL,
    profile text NOT NULL,
    dialect jsonb NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE credentials (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL CONSTRAINT credentials_id UNIQUE,
    label text NOT NULL,
    secret_hash bytea NOT NULL,
    scope text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);

-- No foreign key to tenants: each create would lock the one row of its tenant.
-- toast_tuple_target keeps a user's row of two to four kilobytes in one piece and uncompressed, so that a read by id touches
-- one heap page and unpacks nothing.
CREATE TABLE resources (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL,
    active boolean,
    resource_type text COLLATE "C" NOT NULL,
    name_key text COLLATE "C",
    external_id text COLLATE "C",
    display text,
    display_key text COLLATE "C",
    employee_key text COLLATE "C",
    email_keys text[] NOT NULL,
    password_hash text,
    document text NOT NULL,
    search jsonb NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITH (toast_tuple_target = 8160, fillfactor = 90);

-- The names of the unique indexes tell which attribute a violation is about. `seq` rides along, so that counting and paging
-- by such a key reads the index alone.
CREATE UNIQUE INDEX resources_name_key ON resources (tenant_id, resource_type, name_key) INCLUDE (seq);
CREATE UNIQUE INDEX resources_external_id ON resources (tenant_id, resource_type, external_id) INCLUDE (seq)
    WHERE external_id IS NOT NULL;
CREATE UNIQUE INDEX resources_seq ON resources (tenant_id, resource_type, seq);
CREATE INDEX resources_modified_at ON resources (tenant_id, resource_type, modified_at, seq);
CREATE INDEX resources_employee_key ON resources (tenant_id, employee_key) WHERE employee_key IS NOT NULL;
CREATE INDEX resources_group_display ON resources (tenant_id, display_key) INCLUDE (seq)
    WHERE resource_type = 'Group' AND octet_length(display_key) <= 2000;
CREATE INDEX resources_email_keys ON resources USING gin (email_keys) WITH (gin_pending_list_limit = 256);
CREATE INDEX resources_name_trigrams ON resources USING gin (name_key gin_trgm_ops) WITH (gin_pending_list_limit = 256);

CREATE TABLE memberships (
    tenant_id uuid NOT NULL,
    group_id uuid NOT NULL,
    member_id uuid NOT NULL,
    origin text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, group_id, member_id),
    CONSTRAINT memberships_group FOREIGN KEY (tenant_id, group_id) REFERENCES resources (tenant_id, id),
    CONSTRAINT memberships_member FOREIGN KEY (tenant_id, member_id) REFERENCES resources (tenant_id, id)
);
CREATE INDEX memberships_member_id ON memberships (tenant_id, member_id, group_id);

-- A row for each create (+1) and delete (-1), at the place of the resource in the order of creation; folded rows are buckets:
-- n resources from seq up to the next bucket. The sum is the exact total, the running sum finds the page at an offset.
CREATE TABLE resource_counts (
    tenant_id uuid NOT NULL,
    resource_type text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    folded boolean NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    n bigint NOT NULL,
    PRIMARY KEY (tenant_id, resource_type, seq, folded, id) INCLUDE (n)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE INDEX resource_counts_unfolded ON resource_counts (tenant_id, resource_type) WHERE NOT folded;

-- One row a mutation, written by the statement that makes it. Whoever follows the stream reads in the order of (xid,
-- position) and stops before pg_snapshot_xmin(pg_current_snapshot()): below it nothing can appear any more.
CREATE SEQUENCE changes_position;
CREATE TABLE changes (
    tenant_id uuid NOT NULL,
    at timestamptz NOT NULL,
    position bigint NOT NULL DEFAULT nextval('changes_position'),
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    id uuid NOT NULL,
    resource_id uuid NOT NULL,
    version bigint NOT NULL,
    credential_id uuid NOT NULL,
    request_id uuid NOT NULL,
    action text COLLATE "C" NOT NULL,
    resource_type text COLLATE "C" NOT NULL,
    resource_name text NOT NULL,
    actor text NOT NULL,
    address text,
    attributes json NOT NULL,
    PRIMARY KEY (tenant_id, at, position)
) PARTITION BY RANGE (at);
CREATE INDEX changes_resource ON changes (tenant_id, resource_id, id);
CREATE TABLE changes_default PARTITION OF changes DEFAULT;
ALTER SEQUENCE changes_position OWNED BY changes.position;

-- The functions below are the mutations that need several statements. Each is called by one statement, so it is one round trip
-- and one transaction; and each statement inside sees what was committed before it ran (READ COMMITTED), so that a lock taken
-- first is followed by fresh reads. One statement with many CTEs would read with one snapshot, taken before its locks.
--
-- The order of locks is the same everywhere: resources as members, in the order of their ids; then their groups, in the order
-- of their ids.

-- What a change tells of memberships: at most 10,000 ids, which is what one request may name. Not in the language SQL, whose
-- functions are planned at each call.
CREATE FUNCTION member_values(p_ids uuid[]) RETURNS json LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (SELECT json_agg(json_build_object('value', id) ORDER BY id) FROM unnest(p_ids[1:10000]) AS ids (id));
END
$$;

-- Changes a group's members, and rewrites the group if p_rewrite says so. outcome: not_found, version_moved, member_unknown
-- (with the unknown ids), unchanged, changed. The change row has the group's name from p_resource_name, or, if the caller did
-- not read the group and so leaves that empty, from the group's row.
CREATE FUNCTION change_group(
    p_tenant uuid, p_id uuid, p_version bigint, p_reset boolean, p_add uuid[], p_remove uuid[],
    p_rewrite boolean, p_name_key text, p_external_id text, p_display text, p_display_key text, p_document text, p_search jsonb,
    p_change uuid, p_at timestamptz, p_action text, p_resource_name text, p_credential uuid, p_actor text, p_request uuid,
    p_address text, p_attributes json,
    OUT outcome text, OUT unknown uuid[], OUT document text, OUT version bigint, OUT created_at timestamptz,
    OUT modified_at timestamptz
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    known bigint;
    came uuid[];
    went uuid[];
    members json;
    group_name text;
BEGIN
    PERFORM 1 FROM resources r WHERE r.tenant_id = p_tenant AND r.id = ANY (p_add) ORDER BY r.id FOR KEY SHARE;
    GET DIAGNOSTICS known = ROW_COUNT;

    SELECT r.document, r.version, r.created_at, r.modified_at, r.display
    INTO document, version, created_at, modified_at, group_name
    FROM resources r WHERE r.tenant_id = p_tenant AND r.id = p_id AND r.resource_type = 'Group' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    IF change_group.version <> p_version THEN
        outcome := 'version_moved';
        RETURN;
    END IF;
    IF known < cardinality(p_add) THEN
        outcome := 'member_unknown';
        unknown := ARRAY(
            SELECT a.id FROM unnest(p_add) AS a (id)
            WHERE NOT EXISTS (SELECT FROM resources r WHERE r.tenant_id = p_tenant AND r.id = a.id) ORDER BY a.id
        );
        RETURN;
    END IF;

    IF p_reset THEN
        WITH gone AS (
            DELETE FROM memberships m WHERE m.tenant_id = p_tenant AND m.group_id = p_id
                AND NOT EXISTS (SELECT FROM unnest(p_add) AS a (id) WHERE a.id = m.member_id)
            RETURNING m.member_id
        ) SELECT array_agg(g.member_id ORDER BY g.member_id) INTO went FROM gone g;
    ELSIF cardinality(p_remove) > 0 THEN
        WITH gone AS (
            DELETE FROM memberships m WHERE m.tenant_id = p_tenant AND m.group_id = p_id AND m.member_id = ANY (p_remove)
            RETURNING m.member_id
        ) SELECT array_agg(g.member_id ORDER BY g.member_id) INTO went FROM gone g;
    END IF;
    IF cardinality(p_add) > 0 THEN
        WITH new AS (
            INSERT INTO memberships (tenant_id, group_id, member_id, origin)
            SELECT p_tenant, p_id, a.id, 'group' FROM unnest(p_add) AS a (id)
            ON CONFLICT DO NOTHING RETURNING member_id
        ) SELECT array_agg(n.member_id ORDER BY n.member_id) INTO came FROM new n;
    END IF;
    IF NOT p_rewrite AND came IS NULL AND went IS NULL THEN
        outcome := 'unchanged';
        RETURN;
    END IF;

    IF p_rewrite THEN
        UPDATE resources r SET version = r.version + 1, modified_at = greatest(r.modified_at, p_at), name_key = p_name_key,
            external_id = p_external_id, display = p_display, display_key = p_display_key, document = p_document, search = p_search
        WHERE r.tenant_id = p_tenant AND r.id = p_id
        RETURNING r.document, r.version, r.modified_at INTO document, version, modified_at;
    ELSE
        UPDATE resources r SET version = r.version + 1, modified_at = greatest(r.modified_at, p_at)
        WHERE r.tenant_id = p_tenant AND r.id = p_id
        RETURNING r.version, r.modified_at INTO version, modified_at;
    END IF;
    IF came IS NOT NULL OR went IS NOT NULL THEN
        members := json_strip_nulls(json_build_object('path', 'members', 'old', member_values(went), 'new', member_values(came)));
        p_attributes := (p_attributes::jsonb || jsonb_build_array(members))::json;
    END IF;
    INSERT INTO changes (tenant_id, at, id, resource_id, version, credential_id, request_id, action, resource_type,
        resource_name, actor, address, attributes)
    VALUES (p_tenant, p_at, p_change, p_id, change_group.version, p_credential, p_request, p_action, 'Group',
        coalesce(nullif(p_resource_name, ''), group_name, ''), p_actor, p_address, p_attributes);
    outcome := 'changed';
END
$$;

-- Removes a resource with its memberships on both sides; the groups that it leaves move on by a version. Answers not_found,
-- version_moved or deleted.
CREATE FUNCTION delete_resource(
    p_tenant uuid, p_resource_type text, p_id uuid, p_version bigint,
    p_change uuid, p_at timestamptz, p_action text, p_resource_name text, p_credential uuid, p_actor text, p_request uuid,
    p_address text, p_attributes json
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found_seq bigint;
    found_version bigint;
    left_groups uuid[];
    lost_members uuid[];
BEGIN
    SELECT r.seq, r.version INTO found_seq, found_version FROM resources r
    WHERE r.tenant_id = p_tenant AND r.id = p_id AND r.resource_type = p_resource_type FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'not_found';
    END IF;
    IF found_version <> p_version THEN
        RETURN 'version_moved';
    END IF;

    PERFORM 1 FROM resources r WHERE r.tenant_id = p_tenant AND r.id IN (
        SELECT m.group_id FROM memberships m WHERE m.tenant_id = p_tenant AND m.member_id = p_id
    ) ORDER BY r.id FOR NO KEY UPDATE;
    WITH gone AS (
        DELETE FROM memberships m WHERE m.tenant_id = p_tenant AND m.member_id = p_id RETURNING m.group_id
    ) SELECT array_agg(g.group_id ORDER BY g.group_id) INTO left_groups FROM gone g;
    IF left_groups IS NOT NULL THEN
        UPDATE resources r SET version = r.version + 1, modified_at = greatest(r.modified_at, p_at)
        WHERE r.tenant_id = p_tenant AND r.id = ANY (left_groups);
        p_attributes := (p_attributes::jsonb
            || jsonb_build_array(jsonb_build_object('path', 'groups', 'old', member_values(left_groups))))::json;
    END IF;
    WITH gone AS (
        DELETE FROM memberships m WHERE m.tenant_id = p_tenant AND m.group_id = p_id RETURNING m.member_id
    ) SELECT array_agg(g.member_id ORDER BY g.member_id) INTO lost_members FROM gone g;
    IF lost_members IS NOT NULL THEN
        p_attributes := (p_attributes::jsonb
            || jsonb_build_array(jsonb_build_object('path', 'members', 'old', member_values(lost_members))))::json;
    END IF;

    DELETE FROM resources r WHERE r.tenant_id = p_tenant AND r.id = p_id;
    INSERT INTO resource_counts (tenant_id, resource_type, seq, folded, n)
    VALUES (p_tenant, p_resource_type, found_seq, false, -1);
    INSERT INTO changes (tenant_id, at, id, resource_id, version, credential_id, request_id, action, resource_type,
        resource_name, actor, address, attributes)
    VALUES (p_tenant, p_at, p_change, p_id, found_version, p_credential, p_request, p_action, p_resource_type,
        p_resource_name, p_actor, p_address, p_attributes);
    RETURN 'deleted';
END
$$;

-- Folds the single rows of resource_counts into buckets of about 1,000 resources: rows go to the bucket whose range they fall
-- into, neighbours that together begin within 500 resources become one, and what has grown over 2,000 is cut. The cutting
-- counts resources in the snapshot in which the single rows are taken, so the sums stay exact whatever else goes on. Answers
-- whether it was its turn; another node may be at it.
CREATE FUNCTION fold_counts(p_tenant uuid, p_resource_type text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('fold_counts ' || p_tenant || p_resource_type, 0)) THEN
        RETURN false;
    END IF;
    WITH single AS (
        DELETE FROM resource_counts c WHERE c.tenant_id = p_tenant AND c.resource_type = p_resource_type AND NOT c.folded
        RETURNING c.seq, c.n
    ), old AS MATERIALIZED (
        SELECT c.seq, c.id, c.n FROM resource_counts c
        WHERE c.tenant_id = p_tenant AND c.resource_type = p_resource_type AND c.folded
    ), placed AS (
        SELECT rows.n,
            coalesce(
                max(rows.bucket) OVER (ORDER BY rows.seq, rows.bucket NULLS LAST ROWS UNBOUNDED PRECEDING),
                min(rows.seq) OVER ()
            ) AS seq
        FROM (SELECT seq, n, seq AS bucket FROM old UNION ALL SELECT seq, n, NULL FROM single) AS rows
    ), bucket AS (
        SELECT placed.seq, sum(placed.n) AS n FROM placed GROUP BY placed.seq
    ), begun AS (
        SELECT bucket.seq, bucket.n,
            coalesce(sum(bucket.n) OVER (ORDER BY bucket.seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
        FROM bucket
    ), merged AS (
        SELECT min(begun.seq) AS seq, sum(begun.n) AS n, lead(min(begun.seq)) OVER (ORDER BY min(begun.seq)) AS next
        FROM begun GROUP BY div(begun.before, 500)
    ), final AS MATERIALIZED (
        SELECT merged.seq, merged.n::bigint AS n FROM merged WHERE merged.n BETWEEN 1 AND 2000
        UNION ALL
        SELECT cut.seq, cut.n FROM merged CROSS JOIN LATERAL (
            SELECT min(part.seq) AS seq, count(*) AS n FROM (
                SELECT r.seq, (row_number() OVER (ORDER BY r.seq) - 1) / 1000 AS number FROM resources r
                WHERE r.tenant_id = p_tenant AND r.resource_type = p_resource_type
                    AND r.seq >= merged.seq AND r.seq < coalesce(merged.next, 9223372036854775807)
            ) AS part GROUP BY part.number
        ) AS cut WHERE merged.n > 2000
    ), gone AS (
        DELETE FROM resource_counts c USING old
        WHERE c.tenant_id = p_tenant AND c.resource_type = p_resource_type AND c.folded AND c.seq = old.seq AND c.id = old.id
            AND NOT EXISTS (SELECT FROM final WHERE final.seq = old.seq AND final.n = old.n)
    )
    INSERT INTO resource_counts (tenant_id, resource_type, seq, folded, n)
    SELECT p_tenant, p_resource_type, final.seq, true, final.n FROM final
    WHERE NOT EXISTS (SELECT FROM old WHERE old.seq = final.seq AND old.n = final.n);
    RETURN true;
END
$$;

-- Makes the partition of changes for the month of p_at; changes of that month which fell into the default partition move.
-- Answers whether there was anything to do.
CREATE FUNCTION ensure_changes_partition(p_at timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    first_day timestamp := date_trunc('month', p_at AT TIME ZONE 'UTC');
    partition_name text := 'changes_' || to_char(first_day, 'YYYY_MM');
    begins timestamptz := first_day AT TIME ZONE 'UTC';
    ends timestamptz := (first_day + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
    IF to_regclass(partition_name) IS NOT NULL THEN
        RETURN false;
    END IF;
    LOCK TABLE changes_default IN ACCESS EXCLUSIVE MODE;
    IF to_regclass(partition_name) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE changes INCLUDING DEFAULTS)', partition_name);
    EXECUTE format(
        'WITH moved AS (DELETE FROM changes_default WHERE at >= %L AND at < %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
        begins, ends, partition_name
    );
    EXECUTE format('ALTER TABLE changes ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', partition_name, begins, ends);
    RETURN true;
END
$$;
