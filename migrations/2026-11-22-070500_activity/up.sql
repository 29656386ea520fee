-- What the activity log needs beside the change stream: requests that failed, the names that resources gave up, how long a tenant
-- keeps its activity, and the way back of a resource to an earlier version.

-- How many days of changes and administrative actions a tenant keeps; null keeps all.
ALTER TABLE tenants ADD COLUMN keep_activity_days integer;

-- What one credential did, and so one connection or one administrator: without it, somebody who did three things in a year is
-- looked for in all of that year. A create writes 150 bytes more for it, of 5,800. Writers wait while it is built.
CREATE INDEX changes_credential ON changes (tenant_id, credential_id, at, position);

-- Names, external ids and employee numbers that resources no longer have, renamed or removed, as they are compared: whoever looks
-- for the history of somebody knows the old name. Written by triggers on what gives a name up, so a create pays nothing.
CREATE TABLE former_keys (
    tenant_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    resource_id uuid NOT NULL,
    given_up_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, key, resource_id)
);

CREATE FUNCTION keep_former_keys() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept text[] := '{}';
BEGIN
    IF TG_OP = 'UPDATE' THEN
        kept := ARRAY[NEW.name_key, NEW.display_key, NEW.external_id, NEW.employee_key];
    END IF;
    INSERT INTO former_keys AS f (tenant_id, key, resource_id, given_up_at)
    SELECT DISTINCT OLD.tenant_id, k.key, OLD.id, now()
    FROM unnest(ARRAY[OLD.name_key, CASE WHEN OLD.resource_type = 'Group' THEN OLD.display_key END, OLD.external_id,
        OLD.employee_key]) AS k (key)
    WHERE k.key <> ALL (array_remove(kept, NULL)) AND octet_length(k.key) <= 2400
    ON CONFLICT (tenant_id, key, resource_id) DO UPDATE SET given_up_at = excluded.given_up_at;
    RETURN NULL;
END
$$;
CREATE TRIGGER resources_keys_changed AFTER UPDATE OF name_key, external_id, employee_key, display_key ON resources FOR EACH ROW
    WHEN (OLD.name_key IS DISTINCT FROM NEW.name_key OR OLD.external_id IS DISTINCT FROM NEW.external_id
        OR OLD.employee_key IS DISTINCT FROM NEW.employee_key
        OR (NEW.resource_type = 'Group' AND OLD.display_key IS DISTINCT FROM NEW.display_key))
    EXECUTE FUNCTION keep_former_keys();
CREATE TRIGGER resources_keys_removed AFTER DELETE ON resources FOR EACH ROW EXECUTE FUNCTION keep_former_keys();

-- Provisioning requests that failed, and bulk requests of which an operation did. A sample under a flood: left_out tells how
-- many were not written since the one before. body and query hold no password and nothing that is never returned; they do hold
-- personal data, as the changes do. The newest of each tenant are kept, 10,000 and 30 days at most.
CREATE TABLE failed_requests (
    tenant_id uuid NOT NULL,
    at timestamptz NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,
    id uuid NOT NULL,
    credential_id uuid NOT NULL,
    actor text NOT NULL,
    address text,
    action text COLLATE "C" NOT NULL,
    method text COLLATE "C" NOT NULL,
    path text NOT NULL,
    query text,
    resource_type text COLLATE "C",
    target_id uuid,
    target_name text,
    target_keys text[] NOT NULL,
    status integer NOT NULL,
    scim_type text COLLATE "C",
    detail text NOT NULL,
    duration_us bigint NOT NULL,
    body json,
    explanation json NOT NULL,
    left_out bigint NOT NULL,
    PRIMARY KEY (tenant_id, at, position)
);
CREATE INDEX failed_requests_id ON failed_requests (tenant_id, id);

-- Makes the partition of a table of the activity log for the month of p_at; rows of that month which fell into the default
-- partition move. Answers whether there was anything to do.
CREATE FUNCTION ensure_activity_partition(p_table text, p_at timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    first_day timestamp := date_trunc('month', p_at AT TIME ZONE 'UTC');
    partition_name text := p_table || '_' || to_char(first_day, 'YYYY_MM');
    begins timestamptz := first_day AT TIME ZONE 'UTC';
    ends timestamptz := (first_day + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
    IF to_regclass(partition_name) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', p_table || '_default');
    IF to_regclass(partition_name) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS)', partition_name, p_table);
    EXECUTE format(
        'WITH moved AS (DELETE FROM %I WHERE at >= %L AND at < %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
        p_table || '_default', begins, ends, partition_name
    );
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', p_table, partition_name, begins, ends);
    RETURN true;
END
$$;

-- Drops the oldest month of p_table that ends before p_before, if there is one; answers its name. It waits a fifth of a second
-- for writers at most, who wait for it no longer than that.
CREATE FUNCTION drop_activity_partition(p_table text, p_before timestamptz) RETURNS text
LANGUAGE plpgsql SET lock_timeout = '200ms' AS $$
DECLARE
    oldest text;
BEGIN
    SELECT min(c.relname) INTO oldest FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = p_table::regclass AND c.relname ~ ('^' || p_table || '_\d{4}_\d{2}$')
        AND ((to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month') AT TIME ZONE 'UTC') <= p_before;
    IF oldest IS NOT NULL THEN
        EXECUTE format('DROP TABLE %I', oldest);
    END IF;
    RETURN oldest;
END
$$;

-- Brings a removed resource back under its own id, with those of its members and groups that still exist. Its versions go on
-- where they ended. outcome: exists, restored. The order of locks is that of the other mutations.
CREATE FUNCTION restore_resource(
    p_tenant uuid, p_id uuid, p_resource_type text, p_version bigint, p_created_at timestamptz, p_active boolean,
    p_name_key text, p_external_id text, p_display text, p_display_key text, p_employee_key text, p_email_keys text[],
    p_document text, p_search jsonb, p_members uuid[], p_groups uuid[],
    p_change uuid, p_at timestamptz, p_action text, p_resource_name text, p_credential uuid, p_actor text, p_request uuid,
    p_address text, p_attributes json
) RETURNS text LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    members uuid[];
    inner_groups uuid[];
    groups uuid[];
    outer_group uuid;
    new_seq bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('restore ' || p_tenant || p_id, 0));
    IF EXISTS (SELECT FROM resources r WHERE r.tenant_id = p_tenant AND r.id = p_id) THEN
        RETURN 'exists';
    END IF;
    members := ARRAY(
        SELECT r.id FROM resources r WHERE r.tenant_id = p_tenant AND r.id = ANY (p_members)
            AND r.resource_type IN ('User', 'Group')
        ORDER BY r.id FOR KEY SHARE
    );
    groups := ARRAY(
        SELECT r.id FROM resources r WHERE r.tenant_id = p_tenant AND r.id = ANY (p_groups) AND r.resource_type = 'Group'
        ORDER BY r.id FOR NO KEY UPDATE
    );
    IF members <> '{}' THEN
        p_attributes := (p_attributes::jsonb
            || jsonb_build_array(jsonb_build_object('path', 'members', 'new', member_values(members))))::json;
    END IF;
    IF groups <> '{}' THEN
        p_attributes := (p_attributes::jsonb
            || jsonb_build_array(jsonb_build_object('path', 'groups', 'new', member_values(groups))))::json;
    END IF;

    -- First, since what follows from the resource's roles is told as a part of this change.
    INSERT INTO changes (tenant_id, at, id, resource_id, version, credential_id, request_id, action, resource_type,
        resource_name, actor, address, attributes)
    VALUES (p_tenant, p_at, p_change, p_id, p_version, p_credential, p_request, p_action, p_resource_type, p_resource_name,
        p_actor, p_address, p_attributes);
    INSERT INTO resources (tenant_id, id, resource_type, version, created_at, modified_at, active, name_key, external_id, display,
        display_key, employee_key, email_keys, document, search, nested)
    VALUES (p_tenant, p_id, p_resource_type, p_version, p_created_at, p_at, p_active, p_name_key, p_external_id, p_display,
        p_display_key, p_employee_key, p_email_keys, p_document, p_search, p_resource_type = 'Group' AND groups <> '{}')
    RETURNING seq INTO new_seq;
    INSERT INTO resource_counts (tenant_id, resource_type, seq, folded, n)
    VALUES (p_tenant, p_resource_type, new_seq, false, 1);

    inner_groups := ARRAY(
        SELECT r.id FROM resources r WHERE r.tenant_id = p_tenant AND r.id = ANY (members) AND r.resource_type = 'Group'
            AND NOT r.nested
        ORDER BY r.id FOR NO KEY UPDATE
    );
    PERFORM mark_nested(p_tenant, inner_groups);
    INSERT INTO memberships AS m (tenant_id, group_id, member_id, origin)
    SELECT p_tenant, p_id, a.id, 'group' FROM unnest(members) AS a (id)
    ON CONFLICT (tenant_id, group_id, member_id) DO UPDATE SET origin = 'both' WHERE m.origin = 'role';
    FOREACH outer_group IN ARRAY groups LOOP
        INSERT INTO memberships (tenant_id, group_id, member_id, origin) VALUES (p_tenant, outer_group, p_id, 'group')
        ON CONFLICT DO NOTHING;
        IF FOUND THEN
            UPDATE resources r SET version = r.version + 1, modified_at = greatest(r.modified_at, p_at)
            WHERE r.tenant_id = p_tenant AND r.id = outer_group;
            PERFORM log_derived(p_tenant, outer_group, ARRAY[p_id], NULL, p_id, p_version, p_at);
        END IF;
    END LOOP;
    RETURN 'restored';
END
$$;
