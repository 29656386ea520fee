-- What a tenant chose for systems of record that do not speak SCIM; empty for one that has none.
ALTER TABLE tenants ADD COLUMN provisioning jsonb NOT NULL DEFAULT '{}';
