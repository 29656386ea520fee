\set n random(1, :users)
SELECT document, version, modified_at FROM resources WHERE tenant_id = :tenant AND id = ('00000000-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid AND resource_type = 'User';
