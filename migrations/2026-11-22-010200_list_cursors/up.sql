-- The key that seals the cursors of lists. It is made here, so that all nodes have the same one from the start and cursors
-- outlive restarts: 244 random bits from the generator that makes ids. To make all cursors void, update the row and restart.
CREATE TABLE cursor_keys (
    id smallint PRIMARY KEY CONSTRAINT cursor_keys_one CHECK (id = 1),
    secret bytea NOT NULL
);
INSERT INTO cursor_keys (id, secret)
VALUES (1, decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));
