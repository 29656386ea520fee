ALTER FUNCTION delete_resource RESET enable_seqscan;
DROP TRIGGER tenants_changed ON tenants;
DROP TRIGGER resources_roles_created ON resources;
DROP TRIGGER resources_roles_changed ON resources;
DROP TRIGGER resources_roles_removed ON resources;
DROP FUNCTION derive_tenant, keep_roles, keep_role_of_group, keep_roles_of_user, derive_members, derive_groups, log_derived, lock_roles,
    role_attributes;
DROP TABLE role_holders, roles;
