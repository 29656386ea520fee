DROP FUNCTION publish_rules;
DROP TABLE rules;
