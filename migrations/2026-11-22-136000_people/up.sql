-- The users who have one of these keys. A function for its plan: made for a tenant that came or grew since statistics were
-- taken last, it would take the tenant for empty and read all of its users for each call; made for any tenant, it looks up each
-- key in its index.
CREATE FUNCTION find_people(
    p_tenant uuid, p_external_ids text[], p_employee_keys text[], p_email_keys text[], p_ids uuid[]
) RETURNS TABLE (
    id uuid, document text, version bigint, created_at timestamptz, modified_at timestamptz, external_id text, employee_key text,
    email_keys text[]
) LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY WITH found AS (
        SELECT r.id FROM unnest(p_external_ids) AS k (key) CROSS JOIN LATERAL (
            SELECT r.id FROM resources r
            WHERE r.tenant_id = p_tenant AND r.resource_type = 'User' AND r.external_id = k.key LIMIT 1) AS r
        UNION
        SELECT r.id FROM unnest(p_employee_keys) AS k (key) CROSS JOIN LATERAL (
            SELECT r.id FROM resources r
            WHERE r.tenant_id = p_tenant AND r.resource_type = 'User' AND r.employee_key = k.key OFFSET 0) AS r
        UNION
        -- The index of addresses knows no tenants.
        SELECT r.id FROM (
            SELECT r.tenant_id, r.resource_type, r.id FROM resources r WHERE r.email_keys && p_email_keys OFFSET 0) AS r
        WHERE r.tenant_id = p_tenant AND r.resource_type = 'User'
        UNION
        SELECT r.id FROM unnest(p_ids) AS k (id) CROSS JOIN LATERAL (
            SELECT r.id FROM resources r WHERE r.tenant_id = p_tenant AND r.id = k.id AND r.resource_type = 'User' LIMIT 1) AS r
    ) SELECT r.id, r.document, r.version, r.created_at, r.modified_at, r.external_id, r.employee_key, r.email_keys
    FROM found f CROSS JOIN LATERAL (
        SELECT * FROM resources r WHERE r.tenant_id = p_tenant AND r.id = f.id LIMIT 1) AS r;
END
$$;

-- A tenant that is filled in one go is known to the planner after a hundredth of all resources, and not after a tenth.
ALTER TABLE resources SET (autovacuum_analyze_scale_factor = 0.01, autovacuum_analyze_threshold = 1000);
