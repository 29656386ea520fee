DROP FUNCTION create_trusted_issuer_2;
DROP FUNCTION create_client_2;
DROP FUNCTION add_token_2;
DROP FUNCTION limit_role_weight;
DROP TRIGGER credentials_role_weight ON credentials;
DROP FUNCTION keep_role_weight;
ALTER TABLE credentials DROP COLUMN max_role_weight;
