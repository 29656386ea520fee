-- What of a request was read otherwise than it was sent, or left out, so that requests that succeeded can be explained as those
-- are that failed. Null where there is nothing to tell, and in the changes of the version before. Otherwise JSON of one line and
-- 1 KiB at most, of which the database knows nothing: the program's documentation of scim::explain::Readings has its form.
ALTER TABLE changes ADD COLUMN readings text;

-- As change_group_2 with its plans, and keeps what was read otherwise with the change.
CREATE FUNCTION change_group_3(
    p_tenant uuid, p_id uuid, p_version bigint, p_reset boolean, p_add uuid[], p_remove uuid[],
    p_rewrite boolean, p_name_key text, p_external_id text, p_display text, p_display_key text, p_document text, p_search jsonb,
    p_change uuid, p_at timestamptz, p_action text, p_resource_name text, p_credential uuid, p_actor text, p_request uuid,
    p_address text, p_attributes json, p_readings text,
    OUT outcome text, OUT unknown uuid[], OUT document text, OUT version bigint, OUT created_at timestamptz,
    OUT modified_at timestamptz
) LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
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
    -- One member, as identity providers send them, is spared what sets of them need.
    IF cardinality(p_add) = 1 THEN
        SELECT 1, CASE WHEN r.resource_type = 'Group' THEN p_add END INTO known, groups
        FROM resources r WHERE r.tenant_id = p_tenant AND r.id = p_add[1] FOR KEY SHARE;
        known := coalesce(known, 0);
    ELSIF cardinality(p_add) > 0 THEN
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
    IF change_group_3.version <> p_version THEN
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
    IF cardinality(p_add) = 1 THEN
        INSERT INTO memberships (tenant_id, group_id, member_id, origin) VALUES (p_tenant, p_id, p_add[1], 'group')
        ON CONFLICT DO NOTHING;
        IF FOUND THEN
            came := p_add;
        ELSE
            UPDATE memberships m SET origin = 'both'
            WHERE m.tenant_id = p_tenant AND m.group_id = p_id AND m.member_id = p_add[1] AND m.origin = 'role';
        END IF;
    ELSIF cardinality(p_add) > 0 THEN
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

    IF cardinality(came) = 1 AND went = '{}' AND p_attributes::text = '[]' THEN
        p_attributes := '[{"path": "members", "new": [{"value": "' || came[1] || '"}]}]';
    ELSIF came IS NOT NULL OR went <> '{}' THEN
        members := json_strip_nulls(json_build_object(
            'path', 'members', 'old', member_values(nullif(went, '{}')), 'new', member_values(came)));
        p_attributes := (p_attributes::jsonb || jsonb_build_array(members))::json;
    END IF;
    -- Before the group, whose triggers look for it.
    INSERT INTO changes (tenant_id, at, id, resource_id, version, credential_id, request_id, action, resource_type,
        resource_name, actor, address, attributes, readings)
    VALUES (p_tenant, p_at, p_change, p_id, change_group_3.version + 1, p_credential, p_request, p_action, 'Group',
        coalesce(nullif(p_resource_name, ''), group_name, ''), p_actor, p_address, p_attributes,
        p_readings);
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
