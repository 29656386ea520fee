DROP FUNCTION purge_tenant;
ALTER TABLE tenants DROP COLUMN suspended_at, DROP COLUMN deleted_at, DROP COLUMN purge_at;
