DROP FUNCTION add_signing_key;
DROP TABLE signing_keys;
