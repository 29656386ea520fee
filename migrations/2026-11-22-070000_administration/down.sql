DROP FUNCTION log_admin_action(json);
DROP TABLE admin_actions;
DROP TABLE credential_uses;
DROP INDEX credentials_of_connection;
ALTER TABLE credentials DROP CONSTRAINT credentials_connection;
ALTER TABLE credentials DROP COLUMN rotated_to, DROP COLUMN allowed_addresses, DROP COLUMN scopes, DROP COLUMN connection_id, DROP COLUMN kind;
DROP TABLE connections;
