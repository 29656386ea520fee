DROP FUNCTION change_client;
DROP FUNCTION change_issuer_2;
ALTER TABLE credentials DROP COLUMN disabled_at;
