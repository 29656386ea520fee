DROP FUNCTION ensure_changes_partition, fold_counts, delete_resource, change_group, member_values;
DROP TABLE resource_counts, changes, memberships, resources, credentials, tenants;
