-- What tenants register, in the representation of RFC 7643, sections 6 and 7, in the order of registration. Names and URNs
-- compare without case, so their keys are in lower case. Every change moves catalog_version on, in the same statement; 0 is
-- a tenant that never registered anything.
ALTER TABLE tenants ADD COLUMN catalog_version bigint NOT NULL DEFAULT 0;

CREATE TABLE tenant_schemas (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    uri_key text COLLATE "C" NOT NULL,
    place integer NOT NULL,
    definition json NOT NULL,
    PRIMARY KEY (tenant_id, uri_key)
);

CREATE TABLE tenant_resource_types (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    name_key text COLLATE "C" NOT NULL,
    place integer NOT NULL,
    definition json NOT NULL,
    PRIMARY KEY (tenant_id, name_key)
);

-- Replaces everything that a tenant has registered, if it is still at the version that was read. Answers the new version, or
-- null if somebody else was faster.
CREATE FUNCTION publish_catalog(p_tenant uuid, p_version bigint, p_schemas json, p_resource_types json)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    new_version bigint;
BEGIN
    UPDATE tenants t SET catalog_version = t.catalog_version + 1 WHERE t.id = p_tenant AND t.catalog_version = p_version
    RETURNING t.catalog_version INTO new_version;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    DELETE FROM tenant_schemas s WHERE s.tenant_id = p_tenant;
    DELETE FROM tenant_resource_types k WHERE k.tenant_id = p_tenant;
    INSERT INTO tenant_schemas (tenant_id, uri_key, place, definition)
    SELECT p_tenant, lower(d.value ->> 'id'), d.place, d.value
    FROM json_array_elements(p_schemas) WITH ORDINALITY AS d (value, place);
    INSERT INTO tenant_resource_types (tenant_id, name_key, place, definition)
    SELECT p_tenant, lower(d.value ->> 'name'), d.place, d.value
    FROM json_array_elements(p_resource_types) WITH ORDINALITY AS d (value, place);
    RETURN new_version;
END
$$;

-- The values of tenants' own attributes that are unique: among the resources of one type, whose name is then the scope, or
-- among all of the tenant. The key is the SHA-256 of the value, so that any length fits and no secret stands here.
CREATE TABLE resource_unique_values (
    tenant_id uuid NOT NULL,
    scope text COLLATE "C" NOT NULL,
    attribute text COLLATE "C" NOT NULL,
    key bytea NOT NULL,
    resource_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, scope, attribute, key),
    CONSTRAINT resource_unique_values_resource FOREIGN KEY (tenant_id, resource_id) REFERENCES resources (tenant_id, id)
        ON DELETE CASCADE
);
CREATE INDEX resource_unique_values_resource_id ON resource_unique_values (tenant_id, resource_id);

-- Keeps the table above equal to what stands under #unique in a resource's search document, whichever statement writes it.
-- A value that another resource has is refused by an error that names the attribute as its column; a writer who holds the
-- value and has not ended yet is waited for.
CREATE FUNCTION keep_unique_values() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    taken text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.search -> '#unique' IS NOT DISTINCT FROM OLD.search -> '#unique' THEN
            RETURN NULL;
        END IF;
        DELETE FROM resource_unique_values u
        WHERE u.tenant_id = NEW.tenant_id AND u.resource_id = NEW.id AND NOT EXISTS (
            SELECT FROM jsonb_array_elements(NEW.search -> '#unique') AS n (v)
            WHERE n.v ->> 0 = u.scope AND n.v ->> 1 = u.attribute AND sha256(convert_to(n.v ->> 2, 'UTF8')) = u.key
        );
    END IF;
    INSERT INTO resource_unique_values (tenant_id, scope, attribute, key, resource_id)
    SELECT NEW.tenant_id, n.v ->> 0, n.v ->> 1, sha256(convert_to(n.v ->> 2, 'UTF8')), NEW.id
    FROM jsonb_array_elements(NEW.search -> '#unique') WITH ORDINALITY AS n (v, place) ORDER BY n.place
    ON CONFLICT DO NOTHING;
    SELECT n.v ->> 1 INTO taken
    FROM jsonb_array_elements(NEW.search -> '#unique') WITH ORDINALITY AS n (v, place)
    WHERE NOT EXISTS (
        SELECT FROM resource_unique_values u
        WHERE u.tenant_id = NEW.tenant_id AND u.scope = n.v ->> 0 AND u.attribute = n.v ->> 1
            AND u.key = sha256(convert_to(n.v ->> 2, 'UTF8')) AND u.resource_id = NEW.id
    ) ORDER BY n.place LIMIT 1;
    IF taken IS NOT NULL THEN
        RAISE unique_violation USING MESSAGE = 'another resource has this value', CONSTRAINT = 'resource_unique_values_pkey',
            COLUMN = taken;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER resources_unique_values_inserted AFTER INSERT ON resources FOR EACH ROW
    WHEN (NEW.search ? '#unique') EXECUTE FUNCTION keep_unique_values();
CREATE TRIGGER resources_unique_values_updated AFTER UPDATE OF search ON resources FOR EACH ROW
    WHEN (NEW.search ? '#unique' OR OLD.search ? '#unique') EXECUTE FUNCTION keep_unique_values();
