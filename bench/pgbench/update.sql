\set n random(1, :users)
BEGIN;
SELECT document, version FROM resources WHERE tenant_id = :tenant AND id = ('00000000-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid AND resource_type = 'User' FOR UPDATE;
UPDATE resources SET document = :document, search = :search, version = version + 1, modified_at = now() WHERE tenant_id = :tenant AND id = ('00000000-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid;
INSERT INTO changes (tenant_id, resource_id, action, data) VALUES (:tenant, ('00000000-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid, 'update', :search);
INSERT INTO resource_counts (tenant_id, resource_type, delta) VALUES (:tenant, 'User', 0);
COMMIT;
