-- A read by id. The id is computed from the number, as pgbench knows no uuid.
\set n random(1, :users)
SELECT r.id, r.document, r.version, r.created_at, r.modified_at FROM resources r WHERE r.tenant_id = :tenant AND r.id = ('00000000-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid AND r.resource_type = 'User';
