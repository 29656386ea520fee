-- Groups in groups. Reads walk upwards with UNION, which keeps each group once, so that a circle ends
-- all the same.

-- Whether a group is a member of a group, or was: set when it first becomes one, and never taken back. A read of a user's groups
-- sees by it, in rows that it reads anyway, that there is nothing above them.
ALTER TABLE resources ADD COLUMN nested boolean NOT NULL DEFAULT false;
UPDATE resources r SET nested = true WHERE r.resource_type = 'Group'
    AND EXISTS (SELECT FROM memberships m WHERE m.tenant_id = r.tenant_id AND m.member_id = r.id);

-- Marks those of these groups that are not marked yet.
CREATE FUNCTION mark_nested(p_tenant uuid, p_groups uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE resources r SET nested = true WHERE r.tenant_id = p_tenant AND r.id = ANY (p_groups) AND NOT r.nested;
END
$$;

-- The groups that the groups `p_groups` are in, at any depth and without themselves, as [[id, display], ...]; null if there are
-- none. A function, so that a read pays for the walk only where one of a user's groups is in another.
CREATE FUNCTION groups_above(p_tenant uuid, p_groups uuid[]) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        WITH RECURSIVE above AS (
            SELECT m.group_id FROM unnest(p_groups) AS g (id)
            JOIN memberships m ON m.tenant_id = p_tenant AND m.member_id = g.id
            UNION
            SELECT m.group_id FROM above a JOIN memberships m ON m.tenant_id = p_tenant AND m.member_id = a.group_id
        )
        SELECT json_agg(json_build_array(a.group_id, o.display)) FROM above a
        JOIN resources o ON o.tenant_id = p_tenant AND o.id = a.group_id WHERE a.group_id <> ALL (p_groups)
    );
END
$$;

-- Every pair of groups of a tenant of which the one is inside the other, at any depth: for filters on groups that are indirect.
-- Costs a look at each group, and nothing more where no group is in another.
CREATE FUNCTION nested_groups(p_tenant uuid) RETURNS TABLE (outer_id uuid, inner_id uuid) LANGUAGE plpgsql STABLE ROWS 10 AS $$
BEGIN
    RETURN QUERY
        WITH RECURSIVE pair AS MATERIALIZED (
            SELECT m.group_id, m.member_id FROM resources r JOIN memberships m ON m.tenant_id = p_tenant AND m.member_id = r.id
            WHERE r.tenant_id = p_tenant AND r.resource_type = 'Group'
        ), inside AS (
            SELECT p.group_id, p.member_id FROM pair p
            UNION
            SELECT p.group_id, i.member_id FROM inside i JOIN pair p ON p.member_id = i.group_id
        )
        SELECT i.group_id, i.member_id FROM inside i WHERE i.group_id <> i.member_id;
END
$$;

-- As change_group, and:
--  * groups may be members of each other, as those in the example of RFC 7644, section 3.7.1 are: a circle does no harm, since
--    every walk keeps each group once. Only a group that would be a member of itself is refused: outcome member_of_itself;
--  * a membership has an origin: `group` came by a change of the group, `role` by a role of the user, `both` by both ways. Each
--    way takes away what it gave and nothing else. Only what then comes or goes as a whole counts as a change;
--  * members that go are looked up one by one with the whole key, and never by reading the whole table. So no plan goes through
--    a large group for them: neither one made without statistics, nor one that was made and kept when the table was small.
CREATE FUNCTION change_group_2(
    p_tenant uuid, p_id uuid, p_version bigint, p_reset boolean, p_add uuid[], p_remove uuid[],
    p_rewrite boolean, p_name_key text, p_external_id text, p_display text, p_display_key text, p_document text, p_search jsonb,
    p_change uuid, p_at timestamptz, p_action text, p_resource_name text, p_credential uuid, p_actor text, p_request uuid,
    p_address text, p_attributes json,
    OUT outcome text, OUT unknown uuid[], OUT document text, OUT version bigint, OUT created_at timestamptz,
    OUT modified_at timestamptz
) LANGUAGE plpgsql SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    known bigint;
    groups uuid[];
    came uuid[];
    went uuid[] := '{}';
    leaving uuid;
    members json;
    group_name text;
BEGIN
    IF cardinality(p_add) > 0 THEN
        SELECT count(*), array_agg(a.id) FILTER (WHERE a.resource_type = 'Group') INTO known, groups FROM (
            SELECT r.id, r.resource_type FROM resources r WHERE r.tenant_id = p_tenant AND r.id = ANY (p_add)
            ORDER BY r.id FOR KEY SHARE
        ) AS a;
    END IF;

    IF groups IS NOT NULL THEN
        PERFORM 1 FROM resources r WHERE r.tenant_id = p_tenant AND (r.id = p_id OR r.id = ANY (groups) AND NOT r.nested)
        ORDER BY r.id FOR NO KEY UPDATE;
    END IF;
    SELECT r.document, r.version, r.created_at, r.modified_at, r.display
    INTO document, version, created_at, modified_at, group_name
    FROM resources r WHERE r.tenant_id = p_tenant AND r.id = p_id AND r.resource_type = 'Group' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    IF change_group_2.version <> p_version THEN
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
    IF p_id = ANY (groups) THEN
        outcome := 'member_of_itself';
        RETURN;
    END IF;
    IF groups IS NOT NULL THEN
        PERFORM mark_nested(p_tenant, groups);
    END IF;

    IF p_reset THEN
        UPDATE memberships m SET origin = 'role' WHERE m.tenant_id = p_tenant AND m.group_id = p_id AND m.origin = 'both'
            AND NOT EXISTS (SELECT FROM unnest(p_add) AS a (id) WHERE a.id = m.member_id);
        WITH gone AS (
            DELETE FROM memberships m WHERE m.tenant_id = p_tenant AND m.group_id = p_id AND m.origin = 'group'
                AND NOT EXISTS (SELECT FROM unnest(p_add) AS a (id) WHERE a.id = m.member_id)
            RETURNING m.member_id
        ) SELECT coalesce(array_agg(g.member_id ORDER BY g.member_id), '{}') INTO went FROM gone g;
    ELSE
        FOREACH leaving IN ARRAY p_remove LOOP
            DELETE FROM memberships m
            WHERE m.tenant_id = p_tenant AND m.group_id = p_id AND m.member_id = leaving AND m.origin = 'group';
            IF FOUND THEN
                went := went || leaving;
            ELSE
                UPDATE memberships m SET origin = 'role'
                WHERE m.tenant_id = p_tenant AND m.group_id = p_id AND m.member_id = leaving AND m.origin = 'both';
            END IF;
        END LOOP;
    END IF;
    IF cardinality(p_add) > 0 THEN
        WITH new AS (
            INSERT INTO memberships (tenant_id, group_id, member_id, origin)
            SELECT p_tenant, p_id, a.id, 'group' FROM unnest(p_add) AS a (id)
            ON CONFLICT DO NOTHING RETURNING member_id
        ) SELECT array_agg(n.member_id ORDER BY n.member_id) INTO came FROM new n;
        IF coalesce(cardinality(came), 0) < cardinality(p_add) THEN
            UPDATE memberships m SET origin = 'both' FROM unnest(p_add) AS a (id)
            WHERE m.tenant_id = p_tenant AND m.group_id = p_id AND m.member_id = a.id AND m.origin = 'role';
        END IF;
    END IF;
    IF NOT p_rewrite AND came IS NULL AND went = '{}' THEN
        outcome := 'unchanged';
        RETURN;
    END IF;

    IF came IS NOT NULL OR went <> '{}' THEN
        members := json_strip_nulls(json_build_object(
            'path', 'members', 'old', member_values(nullif(went, '{}')), 'new', member_values(came)));
        p_attributes := (p_attributes::jsonb || jsonb_build_array(members))::json;
    END IF;
    -- Before the group, whose triggers look for it.
    INSERT INTO changes (tenant_id, at, id, resource_id, version, credential_id, request_id, action, resource_type,
        resource_name, actor, address, attributes)
    VALUES (p_tenant, p_at, p_change, p_id, change_group_2.version + 1, p_credential, p_request, p_action, 'Group',
        coalesce(nullif(p_resource_name, ''), group_name, ''), p_actor, p_address, p_attributes);
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
    outcome := 'changed';
END
$$;
