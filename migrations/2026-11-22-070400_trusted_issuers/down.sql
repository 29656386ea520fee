DROP FUNCTION remove_trusted_issuer(uuid, uuid, timestamptz, json);
DROP FUNCTION change_trusted_issuer(uuid, uuid, json, timestamptz, json);
DROP FUNCTION create_trusted_issuer(uuid, uuid, json, json, timestamptz, json);
DROP FUNCTION keep_trusted_issuer(uuid, uuid, json, timestamptz);
DROP TABLE used_assertions;
DROP TABLE trusted_audiences;
DROP TABLE trusted_issuers;
