-- A change of one attribute as a textbook transaction: read and lock, write the new content, and its change.
\set n random(1, :users)
BEGIN;
SELECT document, version, created_at, modified_at FROM resources WHERE tenant_id = :tenant AND id = ('00000000-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid AND resource_type = 'User' FOR UPDATE;
UPDATE resources SET document = :document, search = :search, display = :display, display_key = :display_key, version = version + 1, modified_at = now() WHERE tenant_id = :tenant AND id = ('00000000-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid;
INSERT INTO changes (tenant_id, at, id, resource_id, version, credential_id, request_id, action, resource_type, resource_name, actor, address, attributes) VALUES (:tenant, now(), ('00000000-0000-7000-9000-' || lpad(nextval('numbers')::text, 12, '0'))::uuid, ('00000000-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid, 2, :tenant, :tenant, 'update', 'User', :display, 'bench', '127.0.0.1', '[{"path":"displayName","old":"Amara Carvalho","new":"Changed 123456789"}]');
COMMIT;
