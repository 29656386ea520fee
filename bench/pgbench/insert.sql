-- A create as a textbook transaction: the user, its change, its count. Ids ascend, as the gateway's do; keys are as long and
-- as scattered as those of the loaded users, so that the indexes have the same work.
\set n random(1, 1000000000000)
BEGIN;
INSERT INTO resources (tenant_id, id, version, created_at, modified_at, active, resource_type, name_key, external_id, display, display_key, employee_key, email_keys, document, search) VALUES (:tenant, ('00000000-0000-7000-8000-' || lpad(nextval('numbers')::text, 12, '0'))::uuid, 1, now(), now(), true, 'User', :n::text || :name_key, :n::text || :external_id, :display, :display_key, :n::text || :employee_key, ARRAY[:n::text || :email_key], :document, :search);
INSERT INTO changes (tenant_id, at, id, resource_id, version, credential_id, request_id, action, resource_type, resource_name, actor, address, attributes) VALUES (:tenant, now(), ('00000000-0000-7000-9000-' || lpad(currval('numbers')::text, 12, '0'))::uuid, ('00000000-0000-7000-8000-' || lpad(currval('numbers')::text, 12, '0'))::uuid, 1, :tenant, :tenant, 'create', 'User', :n::text || :name_key, 'bench', '127.0.0.1', :attributes);
INSERT INTO resource_counts (tenant_id, resource_type, seq, folded, n) VALUES (:tenant, 'User', currval('resources_seq_seq'), false, 1);
COMMIT;
