\set n random(1, 1000000000000000)
BEGIN;
INSERT INTO resources (tenant_id, resource_type, id, name_key, external_id, active, version, created_at, modified_at, document, search) VALUES (:tenant, 'User', ('00000000-0000-7000-8000-' || lpad(nextval('numbers')::text, 12, '0'))::uuid, :n::text || '@pgbench', 'pgbench-' || :n::text, true, 1, now(), now(), :document, :search);
INSERT INTO changes (tenant_id, resource_id, action, data) VALUES (:tenant, ('00000000-0000-7000-8000-' || lpad(currval('numbers')::text, 12, '0'))::uuid, 'create', :search);
INSERT INTO resource_counts (tenant_id, resource_type, delta) VALUES (:tenant, 'User', 1);
COMMIT;
