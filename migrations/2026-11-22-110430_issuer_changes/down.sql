DROP FUNCTION change_issuer(uuid, uuid, timestamptz, json, json, timestamptz, json);
