-- A page of 100 users, one of the first ten.
\set n random(0, 9)
SELECT r.id, r.document, r.version, r.created_at, r.modified_at FROM resources r WHERE r.tenant_id = :tenant AND r.resource_type = 'User' AND r.seq > :n * 100 ORDER BY r.seq LIMIT 100;
