\set n random(0, 9)
SELECT document FROM resources WHERE tenant_id = :tenant AND resource_type = 'User' AND seq > :n * 100 ORDER BY seq LIMIT 100;
