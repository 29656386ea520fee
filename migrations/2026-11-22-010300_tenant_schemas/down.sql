DROP TRIGGER resources_unique_values_inserted ON resources;
DROP TRIGGER resources_unique_values_updated ON resources;
DROP FUNCTION keep_unique_values();
DROP TABLE resource_unique_values;
DROP FUNCTION publish_catalog(uuid, bigint, json, json);
DROP TABLE tenant_resource_types;
DROP TABLE tenant_schemas;
ALTER TABLE tenants DROP COLUMN catalog_version;
