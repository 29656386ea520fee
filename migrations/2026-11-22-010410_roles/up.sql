-- Roles are groups: a value of a user's `roles` (and of `entitlements`, if the tenant says so) makes the user a member of the
-- group that carries the role. The memberships are derived by triggers on `resources`, and so in the transaction of whatever
-- statement writes a user or a group, on nodes of any version. A row without roles pays for a look at its search document.
--
-- Memberships have an origin: see change_group_2. The order of locks: the user or group that is written; the tenant's roles
-- (an advisory lock: shared by users, alone for groups, so that a role given while it changes hands is not lost); then groups.

-- Which group carries which role. The key is the folded roleId.
CREATE TABLE roles (
    tenant_id uuid NOT NULL,
    role_key text COLLATE "C" NOT NULL,
    group_id uuid NOT NULL,
    CONSTRAINT roles_role_key PRIMARY KEY (tenant_id, role_key),
    CONSTRAINT roles_group UNIQUE (tenant_id, group_id)
);

-- Which user has which value in `roles` or `entitlements`, whether a group carries it or not.
CREATE TABLE role_holders (
    tenant_id uuid NOT NULL,
    role_key text COLLATE "C" NOT NULL,
    user_id uuid NOT NULL,
    attribute text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, role_key, user_id, attribute)
);
CREATE INDEX role_holders_user ON role_holders (tenant_id, user_id);

-- The attributes whose values are roles in this tenant.
CREATE FUNCTION role_attributes(p_tenant uuid) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN (SELECT (t.dialect ->> 'entitlementsAreRoles')::boolean FROM tenants t WHERE t.id = p_tenant)
        THEN ARRAY['roles', 'entitlements'] ELSE ARRAY['roles'] END;
END
$$;

CREATE FUNCTION lock_roles(p_tenant uuid, p_alone boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF p_alone THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('roles ' || p_tenant, 0));
    ELSE
        PERFORM pg_advisory_xact_lock_shared(hashtextextended('roles ' || p_tenant, 0));
    END IF;
END
$$;

-- Tells of members that came and went by roles: one change of the group, made by whoever made the change of `p_cause` at
-- `p_cause_version`, which the same statement wrote.
CREATE FUNCTION log_derived(
    p_tenant uuid, p_group uuid, p_came uuid[], p_went uuid[], p_cause uuid, p_cause_version bigint, p_at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (tenant_id, at, id, resource_id, version, credential_id, request_id, action, resource_type,
        resource_name, actor, address, attributes)
    SELECT p_tenant, coalesce(c.at, p_at), coalesce(c.id, gen_random_uuid()), p_group, r.version,
        coalesce(c.credential_id, '00000000-0000-0000-0000-000000000000'),
        coalesce(c.request_id, '00000000-0000-0000-0000-000000000000'), 'update', 'Group', coalesce(r.display, ''),
        coalesce(c.actor, 'scimgate'), c.address,
        json_build_array(json_strip_nulls(json_build_object(
            'path', 'members', 'old', member_values(p_went), 'new', member_values(p_came))))
    FROM resources r LEFT JOIN LATERAL (
        SELECT * FROM changes c WHERE c.tenant_id = p_tenant AND c.resource_id = p_cause AND c.version = p_cause_version
        ORDER BY c.id DESC LIMIT 1
    ) AS c ON true
    WHERE r.tenant_id = p_tenant AND r.id = p_group;
END
$$;

-- Makes the memberships of one user by roles what its roles say. Groups whose members change move on by a version.
CREATE FUNCTION derive_groups(p_tenant uuid, p_user uuid, p_version bigint, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    wanted uuid[];
    present uuid[];
    shown uuid;
    came boolean;
BEGIN
    wanted := ARRAY(
        SELECT DISTINCT o.group_id FROM role_holders h
        JOIN roles o ON o.tenant_id = p_tenant AND o.role_key = h.role_key
        WHERE h.tenant_id = p_tenant AND h.user_id = p_user AND h.attribute = ANY (role_attributes(p_tenant))
    );
    present := ARRAY(
        SELECT m.group_id FROM memberships m WHERE m.tenant_id = p_tenant AND m.member_id = p_user AND m.origin <> 'group'
    );
    IF wanted <@ present AND present <@ wanted THEN
        RETURN;
    END IF;
    PERFORM 1 FROM resources r WHERE r.tenant_id = p_tenant AND r.id = ANY (wanted || present) ORDER BY r.id FOR NO KEY UPDATE;
    UPDATE memberships m SET origin = 'group'
    WHERE m.tenant_id = p_tenant AND m.member_id = p_user AND m.origin = 'both' AND m.group_id <> ALL (wanted);
    FOR shown, came IN
        WITH gone AS (
            DELETE FROM memberships m
            WHERE m.tenant_id = p_tenant AND m.member_id = p_user AND m.origin = 'role' AND m.group_id <> ALL (wanted)
            RETURNING m.group_id
        ), new AS (
            INSERT INTO memberships AS m (tenant_id, group_id, member_id, origin)
            SELECT p_tenant, w.id, p_user, 'role' FROM unnest(wanted) AS w (id)
            ON CONFLICT (tenant_id, group_id, member_id) DO UPDATE SET origin = 'both' WHERE m.origin = 'group'
            RETURNING m.group_id, m.origin
        )
        SELECT g.group_id, false FROM gone g UNION ALL SELECT n.group_id, true FROM new n WHERE n.origin = 'role' ORDER BY 1
    LOOP
        UPDATE resources r SET version = r.version + 1, modified_at = greatest(r.modified_at, p_at)
        WHERE r.tenant_id = p_tenant AND r.id = shown;
        PERFORM log_derived(p_tenant, shown, CASE WHEN came THEN ARRAY[p_user] END, CASE WHEN NOT came THEN ARRAY[p_user] END,
            p_user, p_version, p_at);
    END LOOP;
END
$$;

-- Makes the members of one group by its role those who hold the role. The change belongs to the version that was just written.
CREATE FUNCTION derive_members(p_tenant uuid, p_group uuid, p_version bigint, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    wanted uuid[];
    came uuid[];
    went uuid[];
BEGIN
    wanted := ARRAY(
        SELECT DISTINCT h.user_id FROM roles o
        JOIN role_holders h ON h.tenant_id = p_tenant AND h.role_key = o.role_key
        WHERE o.tenant_id = p_tenant AND o.group_id = p_group AND h.attribute = ANY (role_attributes(p_tenant))
    );
    UPDATE memberships m SET origin = 'group' WHERE m.tenant_id = p_tenant AND m.group_id = p_group AND m.origin = 'both'
        AND NOT EXISTS (SELECT FROM unnest(wanted) AS w (id) WHERE w.id = m.member_id);
    WITH gone AS (
        DELETE FROM memberships m WHERE m.tenant_id = p_tenant AND m.group_id = p_group AND m.origin = 'role'
            AND NOT EXISTS (SELECT FROM unnest(wanted) AS w (id) WHERE w.id = m.member_id)
        RETURNING m.member_id
    ) SELECT array_agg(g.member_id ORDER BY g.member_id) INTO went FROM gone g;
    WITH new AS (
        INSERT INTO memberships AS m (tenant_id, group_id, member_id, origin)
        SELECT p_tenant, p_group, w.id, 'role' FROM unnest(wanted) AS w (id) ORDER BY w.id
        ON CONFLICT (tenant_id, group_id, member_id) DO UPDATE SET origin = 'both' WHERE m.origin = 'group'
        RETURNING m.member_id, m.origin
    ) SELECT array_agg(n.member_id ORDER BY n.member_id) INTO came FROM new n WHERE n.origin = 'role';
    IF came IS NOT NULL OR went IS NOT NULL THEN
        PERFORM log_derived(p_tenant, p_group, came, went, p_group, p_version, p_at);
    END IF;
END
$$;

-- A user was written: its roles are kept apart, and its memberships derived.
CREATE FUNCTION keep_roles_of_user(p_user resources) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_roles(p_user.tenant_id, false);
    WITH held AS (
        SELECT DISTINCT a.name, v.value #>> '{}' AS key FROM unnest(ARRAY['roles', 'entitlements']) AS a (name)
        CROSS JOIN LATERAL jsonb_path_query(p_user.search -> a.name, '$[*].value') AS v (value)
        WHERE octet_length(v.value #>> '{}') <= 2400
    ), gone AS (
        DELETE FROM role_holders h WHERE h.tenant_id = p_user.tenant_id AND h.user_id = p_user.id
            AND NOT EXISTS (SELECT FROM held WHERE held.name = h.attribute AND held.key = h.role_key)
    )
    INSERT INTO role_holders (tenant_id, role_key, user_id, attribute)
    SELECT p_user.tenant_id, held.key, p_user.id, held.name FROM held ON CONFLICT DO NOTHING;
    PERFORM derive_groups(p_user.tenant_id, p_user.id, p_user.version, p_user.modified_at);
END
$$;

-- A group was written whose role came, went or became another one.
CREATE FUNCTION keep_role_of_group(p_group resources, p_role text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_roles(p_group.tenant_id, true);
    DELETE FROM roles o WHERE o.tenant_id = p_group.tenant_id AND o.group_id = p_group.id;
    IF p_role IS NOT NULL THEN
        INSERT INTO roles (tenant_id, role_key, group_id) VALUES (p_group.tenant_id, p_role, p_group.id);
    END IF;
    PERFORM derive_members(p_group.tenant_id, p_group.id, p_group.version, p_group.modified_at);
END
$$;

-- The trigger: what a resource has to do with roles changed, or perhaps not. Groups that are made with groups in them are seen
-- here as well.
CREATE FUNCTION keep_roles() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    carries text := 'urn:ietf:params:scim:schemas:extension:scimgate:2.0:role';
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM role_holders h WHERE h.tenant_id = OLD.tenant_id AND h.user_id = OLD.id;
        DELETE FROM roles o WHERE o.tenant_id = OLD.tenant_id AND o.group_id = OLD.id;
    ELSIF NEW.resource_type = 'User' THEN
        IF TG_OP = 'INSERT' OR OLD.search -> 'roles' IS DISTINCT FROM NEW.search -> 'roles'
            OR OLD.search -> 'entitlements' IS DISTINCT FROM NEW.search -> 'entitlements' THEN
            PERFORM keep_roles_of_user(NEW);
        END IF;
    ELSIF NEW.resource_type = 'Group' THEN
        IF TG_OP = 'INSERT' THEN
            PERFORM mark_nested(NEW.tenant_id, ARRAY(
                SELECT r.id FROM memberships m JOIN resources r ON r.tenant_id = m.tenant_id AND r.id = m.member_id
                WHERE m.tenant_id = NEW.tenant_id AND m.group_id = NEW.id AND r.resource_type = 'Group' AND NOT r.nested
                ORDER BY r.id FOR NO KEY UPDATE OF r
            ));
        END IF;
        IF (TG_OP = 'INSERT' AND NEW.search ? carries)
            OR (TG_OP = 'UPDATE' AND OLD.search -> carries ->> 'roleid' IS DISTINCT FROM NEW.search -> carries ->> 'roleid') THEN
            PERFORM keep_role_of_group(NEW, NEW.search -> carries ->> 'roleid');
        END IF;
    END IF;
    RETURN NULL;
END
$$;

-- A condition is read and prepared anew by each statement, so there is one trigger an event. That on changes has none: the
-- look that the function takes at both rows is cheaper. A row without roles pays about 2 microseconds.
CREATE TRIGGER resources_roles_created AFTER INSERT ON resources FOR EACH ROW
    WHEN (NEW.search ?| '{roles,entitlements}' OR NEW.resource_type = 'Group') EXECUTE FUNCTION keep_roles();
CREATE TRIGGER resources_roles_changed AFTER UPDATE OF search ON resources FOR EACH ROW EXECUTE FUNCTION keep_roles();
CREATE TRIGGER resources_roles_removed AFTER DELETE ON resources FOR EACH ROW
    WHEN (OLD.search ?| '{roles,entitlements,urn:ietf:params:scim:schemas:extension:scimgate:2.0:role}')
    EXECUTE FUNCTION keep_roles();

-- The tenant chose whether entitlements are roles.
CREATE FUNCTION derive_tenant() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    carrier record;
BEGIN
    PERFORM lock_roles(NEW.id, true);
    FOR carrier IN
        UPDATE resources r SET version = r.version + 1, modified_at = greatest(r.modified_at, now())
        FROM roles o WHERE o.tenant_id = NEW.id AND r.tenant_id = NEW.id AND r.id = o.group_id
            AND EXISTS (SELECT FROM role_holders h WHERE h.tenant_id = NEW.id AND h.role_key = o.role_key
                AND h.attribute = 'entitlements')
        RETURNING r.id, r.version, r.modified_at
    LOOP
        PERFORM derive_members(NEW.id, carrier.id, carrier.version, carrier.modified_at);
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER tenants_changed AFTER UPDATE OF dialect ON tenants FOR EACH ROW
    WHEN (coalesce(OLD.dialect ->> 'entitlementsAreRoles', 'false') <> coalesce(NEW.dialect ->> 'entitlementsAreRoles', 'false'))
    EXECUTE FUNCTION derive_tenant();

-- A removal looks up memberships by their index whatever the statistics say, as change_group_2 does.
ALTER FUNCTION delete_resource SET enable_seqscan = off;
