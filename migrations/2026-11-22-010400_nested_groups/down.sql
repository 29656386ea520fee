DROP FUNCTION change_group_2, nested_groups, groups_above, mark_nested;
ALTER TABLE resources DROP COLUMN nested;
