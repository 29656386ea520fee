DROP FUNCTION begin_idempotent;
DROP TABLE idempotency_keys;
