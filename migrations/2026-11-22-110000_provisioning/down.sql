ALTER TABLE tenants DROP COLUMN provisioning;
