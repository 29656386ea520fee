DROP FUNCTION change_group_3;
