DROP TABLE resource_owners;
DROP TABLE credential_warnings;
DROP FUNCTION add_token;
