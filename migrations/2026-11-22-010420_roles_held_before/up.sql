-- The roles that users had before there were triggers to keep them. Rows are locked, so that none can lose a role meanwhile.
INSERT INTO role_holders (tenant_id, role_key, user_id, attribute)
SELECT DISTINCT u.tenant_id, v.value #>> '{}', u.id, a.name FROM (
    SELECT r.tenant_id, r.id, r.search FROM resources r
    WHERE r.resource_type = 'User' AND r.search ?| '{roles,entitlements}' FOR SHARE
) AS u
CROSS JOIN unnest(ARRAY['roles', 'entitlements']) AS a (name)
CROSS JOIN LATERAL jsonb_path_query(u.search -> a.name, '$[*].value') AS v (value)
WHERE octet_length(v.value #>> '{}') <= 2400
ON CONFLICT DO NOTHING;
