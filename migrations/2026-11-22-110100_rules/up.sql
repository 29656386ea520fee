-- What a tenant's users must have, as JSON in the order of evaluation. Names compare without case, so their keys are in lower
-- case. Rules are part of what a tenant has registered: every change moves tenants.catalog_version on, so that nodes which serve
-- a tenant without rules ask for nothing.
CREATE TABLE rules (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    name_key text COLLATE "C" NOT NULL,
    place integer NOT NULL,
    definition json NOT NULL,
    PRIMARY KEY (tenant_id, name_key)
);

-- Replaces a tenant's rules, if what it has registered is still at the version that was read. Answers the new version, or null
-- if somebody else was faster.
CREATE FUNCTION publish_rules(p_tenant uuid, p_version bigint, p_rules json) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    new_version bigint;
BEGIN
    UPDATE tenants t SET catalog_version = t.catalog_version + 1 WHERE t.id = p_tenant AND t.catalog_version = p_version
    RETURNING t.catalog_version INTO new_version;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    DELETE FROM rules r WHERE r.tenant_id = p_tenant;
    INSERT INTO rules (tenant_id, name_key, place, definition)
    SELECT p_tenant, lower(d.value ->> 'name'), d.place, d.value
    FROM json_array_elements(p_rules) WITH ORDINALITY AS d (value, place);
    RETURN new_version;
END
$$;
