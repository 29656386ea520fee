DROP FUNCTION make_digest;
ALTER TABLE admins DROP COLUMN wants_digest;
DROP TABLE digests, digest_settings;
